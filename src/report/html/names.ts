/** What implementations are called and point to: text from outside, as short as it can be read. */
import type { Report } from '../report.ts';
import { type Html, html } from './template.ts';

/** A name is read at a glance, or not at all. */
const longest = 80;

export const shortened = (name: string): string => (name.length > longest ? `${name.slice(0, longest)}…` : name);

/** Text from outside, which must not turn the direction of what stands around it. */
export const apart = (name: string): Html => html`<bdi>${shortened(name)}</bdi>`;

export const nameOf = ({ implementation: { name, version } }: Pick<Report, 'implementation'>): string =>
  `${shortened(name)} ${shortened(version)}`.trim();

/** A link, where it is one that may be followed; else the text. */
export const linkHtml = (url: string): Html =>
  /^https?:\/\//.test(url)
    ? html`<a href="${url}" rel="noreferrer">${apart(url.replace(/^https?:\/\/(www\.)?|\/$/g, ''))}</a>`
    : apart(url);
