/** HTML in which all that is put in is text, unless it is HTML itself: so escaping is the rule, and cannot be forgotten. */
import { escaped } from '../markup.ts';

/** No JSON has a symbol: what a report holds can never pass for markup. */
const markup = Symbol('markup');

export interface Html {
  readonly [markup]: string;
}

/** What can be put into HTML: text and numbers as they read, HTML as it is, lists one after the other, and else nothing. */
export type Part = Html | string | number | undefined | null | false | readonly Part[];

/** A template of HTML. Attributes are to be quoted. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  trusted(strings.map((string, i) => string + (i < parts.length ? textOf(parts[i]) : '')).join(''));

/** Markup that this project itself has made, such as a drawing: never what came from elsewhere. */
export const trusted = (text: string): Html => ({ [markup]: text });

/** The markup, to be written to a file. */
export const textOf = (part: Part): string => {
  if (part === undefined || part === null || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  if (isList(part)) return part.map(textOf).join('');
  return part[markup] ?? escaped(JSON.stringify(part));
};

const isList = (part: Html | readonly Part[]): part is readonly Part[] => Array.isArray(part);
