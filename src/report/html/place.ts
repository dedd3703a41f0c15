/** Where a report stands in its page, and how its parts are named there. */
import type { Finding } from '../../judge/verify.ts';
import type { ChartDocument } from '../charts.ts';
import { type Html, html } from './template.ts';

export interface Place {
  /** How the command line names the implementation. */
  readonly typed: string;
  /** Before all ids, so that those of several reports in one page differ. */
  readonly prefix: string;
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
  return { id, title, body: html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>` };
}

const pathOf = ({ id }: Pick<Finding, 'id'>): string => id.replace('/', '-');

/** The id of a clause's row. */
export const clauseId = (prefix: string, finding: Pick<Finding, 'id'>): string => `${prefix}${pathOf(finding)}`;

/** The id of a clause among the failures. */
export const failureId = (prefix: string, finding: Pick<Finding, 'id'>): string =>
  `${prefix}failure-${pathOf(finding)}`;
