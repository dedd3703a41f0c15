/** Text that comes from an implementation, made harmless in markup: names and messages are not to be trusted. */
import { printable } from '../show.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is known to be harmless, such as the specification's, so that it stands for itself in an element or an attribute. */
export const literal = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

/** Text as XML and HTML hold it, in an element or an attribute. What XML 1.0 has no way to say is shown otherwise. */
export const escaped = (text: string): string =>
  literal(printable(text, { lines: true, most: 65_536 }).replaceAll(/[\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD'));

/** Text on one line of Markdown, in which nothing is markup. */
export const plain = (text: string): string =>
  escaped(text.replaceAll(/\s+/g, ' ')).replaceAll(/[\\`*_{}[\]()#+\-.!|~:@]/g, (character) => `\\${character}`);
