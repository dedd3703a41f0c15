/** Where a report stands in its page, and how its parts are headed and named there. */
import type { Finding } from '../../judge/verify.ts';
import type { ChartDocument } from '../charts.ts';
import { type Html, html, trusted } from './template.ts';

export interface Place {
  /** How the command line names the implementation. */
  readonly typed: string;
  /** Before all ids, so that those of several reports in one page differ. */
  readonly prefix: string;
  /** Of the report's own heading; its sections are one below. */
  readonly level: 1 | 2;
  readonly document: ChartDocument;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** A section, where there is anything to say. */
export function section(place: Place, name: string, title: string, content: Html | undefined): Section | undefined {
  if (content === undefined) return undefined;
  const id = `${place.prefix}${name}`;
  const head = heading(place.level + 1, title, html` id="${id}"`);
  return { id, title, body: html`<section aria-labelledby="${id}">${head}${content}</section>` };
}

export function heading(level: number, content: Html | string, attributes: Html = html``): Html {
  const tag = trusted(`h${level}`);
  return html`<${tag}${attributes}>${content}</${tag}>`;
}

const pathOf = ({ id }: Pick<Finding, 'id'>): string => id.replace('/', '-');

/** The id of a clause's row. */
export const clauseId = (prefix: string, finding: Pick<Finding, 'id'>): string => `${prefix}${pathOf(finding)}`;

/** The id of a clause among the failures. */
export const failureId = (prefix: string, finding: Pick<Finding, 'id'>): string =>
  `${prefix}failure-${pathOf(finding)}`;
