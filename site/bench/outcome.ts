/** A finding in the words of the terminal, as elements. */
import { decodeCase } from '../../src/case.ts';
import type { Verdict } from '../../src/judge/verify.ts';
import { caseText } from '../../src/report/terminal.ts';
import { element } from '../dom.ts';
import { type Diagnosed, type Found, reference } from '../worker/messages.ts';

export const signs: Readonly<Record<Verdict, string>> = {
  holds: '✓',
  refuted: '✗',
  undecided: '?',
  unsupported: '–',
  broken: '!',
};

/** What was judged, besides what was found. */
export interface Judged {
  readonly subject: string;
  readonly seed: number;
  readonly profile: string;
}

export function outcome({ finding, lookalikes }: Found, judged: Judged): DocumentFragment {
  const { verdict, message, counterexample, id } = finding;
  const asked = counterexample === undefined ? '' : caseText(decodeCase(counterexample.case));
  const failed = verdict === 'refuted' || verdict === 'broken';
  const rows: readonly (readonly [string, string])[] = [
    ['asked', asked],
    [failed ? (verdict === 'broken' ? 'broke' : 'found') : 'looked at', message],
    ['spent', spentText(finding)],
    ['again', judged.subject === reference ? againText(id, judged) : ''],
  ];
  const fragment = document.createDocumentFragment();
  fragment.append(
    element(
      'p',
      { class: `verdict ${verdict}` },
      element('span', { 'aria-hidden': 'true' }, signs[verdict]),
      ` ${verdict}`,
    ),
    element(
      'dl',
      {},
      ...rows
        .filter(([, text]) => text !== '')
        .flatMap(([label, text]) => [element('dt', {}, label), element('dd', {}, text)]),
    ),
  );
  if (lookalikes.length > 0) fragment.append(lookalikesText(lookalikes, judged.subject));
  return fragment;
}

/** So many names anybody reads. */
const mostNames = 4;

/** What it looks like; one clause alone can rarely tell. */
function lookalikesText(lookalikes: readonly string[], subject: string): HTMLElement {
  // They look the same: the one that was judged, if it is among them, is named first.
  const ordered = [
    ...lookalikes.filter((fault) => fault === subject),
    ...lookalikes.filter((fault) => fault !== subject),
  ];
  const names = ordered.slice(0, mostNames).map((fault) => element('code', {}, fault));
  const rest = lookalikes.length - names.length;
  return element(
    'p',
    { class: 'likely' },
    'By this clause alone it looks like ',
    ...names.flatMap((name, i) => (i === 0 ? [name] : [', ', name])),
    rest > 0 ? ` and ${rest} more known faults.` : '.',
  );
}

/** The likely faults by the clauses of a page, each with what to change. */
export function diagnosisText(diagnosis: Diagnosed['diagnosis']): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const { fault, agreement, advice, clauses } of diagnosis) {
    const explains = ` agrees by ${Math.round(100 * agreement)} %, explains ${clauses.length} of the refuted clauses`;
    fragment.append(
      element('p', { class: 'likely' }, element('strong', {}, 'likely '), element('code', {}, fault), explains),
      element('p', { class: 'advice' }, advice),
    );
  }
  return fragment;
}

/** How long it took, and how much was drawn. */
function spentText({ milliseconds, evidence }: Found['finding']): string {
  const seconds = `${(milliseconds / 1000).toPrecision(2)} s`;
  const { elements } = evidence as { readonly elements?: unknown };
  return typeof elements === 'number' ? `${seconds}, ${thousands(elements)} elements drawn` : seconds;
}

/** How the same is asked on the command line. */
const againText = (id: string, { seed, profile }: Judged): string =>
  `npx keepprob check --only ${id} --seed ${seed} --profile ${profile} implementations/typescript-reference`;

/** An integer with its thousands apart. */
export const thousands = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
