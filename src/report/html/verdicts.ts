/** Verdicts as they are shown: always a sign and a word, never a colour alone. */
import type { Finding } from '../../judge/verify.ts';
import { type Report, recordedOf } from '../report.ts';
import { type Html, html } from './template.ts';

/** How a clause came out: as judged, or known to deviate. */
export type Shown = Finding['verdict'] | 'known';

export const shownOf = ({ verdict, known }: Finding): Shown => (known?.status === 'as recorded' ? 'known' : verdict);

export interface Look {
  readonly sign: string;
  readonly words: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'none';
}

export const looks: Readonly<Record<Shown, Look>> = {
  holds: { sign: '✓', words: 'holds', tone: 'good' },
  refuted: { sign: '✗', words: 'refuted', tone: 'bad' },
  broken: { sign: '!', words: 'broken', tone: 'bad' },
  undecided: { sign: '?', words: 'undecided', tone: 'warn' },
  known: { sign: '≠', words: 'known to deviate', tone: 'warn' },
  unsupported: { sign: '·', words: 'not applicable', tone: 'none' },
};

/** How a run came out: one that conforms but for what is known to deviate is not shown as one that conforms. */
export type RunShown = Report['verdict'] | 'known';

export const runShownOf = (report: Report): RunShown =>
  report.verdict === 'conforms' && recordedOf(report).length > 0 ? 'known' : report.verdict;

export const runLooks: Readonly<Record<RunShown, Look>> = {
  conforms: { sign: '✓', words: 'conforms', tone: 'good' },
  known: { sign: '≠', words: 'deviates as known', tone: 'warn' },
  violates: { sign: '✗', words: 'violates', tone: 'bad' },
  undecided: { sign: '?', words: 'undecided', tone: 'warn' },
  broken: { sign: '!', words: 'broken', tone: 'bad' },
};

export const verdictHtml = ({ sign, words, tone }: Look): Html =>
  html`<span class="verdict ${tone}"><i aria-hidden="true">${sign}</i> <span class="words">${words}</span></span>`;

/** How many clauses came out in which way, in the order in which they matter. */
export function countsOf({ clauses }: Report): readonly { readonly shown: Shown; readonly count: number }[] {
  const order: readonly Shown[] = ['refuted', 'broken', 'undecided', 'known', 'holds', 'unsupported'];
  return order
    .map((shown) => ({ shown, count: clauses.filter((finding) => shownOf(finding) === shown).length }))
    .filter(({ count }) => count > 0);
}
