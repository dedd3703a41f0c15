/** A run as text for a terminal: a line a clause as it comes, failures in full, and a summary. Plain unless styled. */
import cliTruncate from 'cli-truncate';
import { decodeCase, isTensor } from '../case.ts';
import type { Case, CaseValue, Level } from '../clause.ts';
import type { Finding, KnownDeviation, Verdict } from '../judge/verify.ts';
import { printable, show, showTensor } from '../show.ts';
import type { Diagnosis } from './diagnosis.ts';
import { failuresOf, type Report, recordedOf } from './report.ts';

/** How text is coloured; the identity each where colour is not wanted. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly weak: (text: string) => string;
  readonly strong: (text: string) => string;
}

const signs: Record<Verdict, string> = { holds: '✓', refuted: '✗', undecided: '?', unsupported: '–', broken: '!' };

/** One clause on one line: its verdict, its id, and why in short. */
export function clauseLine({ verdict, id, level, message, known }: Finding, style: Style): string {
  const paint = {
    holds: style.good,
    refuted: style.bad,
    undecided: style.bad,
    unsupported: style.weak,
    broken: style.bad,
  }[verdict];
  const why = known ? knownText(known) : verdict === 'refuted' || verdict === 'broken' ? verdict : message;
  return `${paint(`${signs[verdict]} ${id}`)}${level === 'MUST' ? '' : ` (${level})`}  ${style.weak(why)}`;
}

/** What has become of a deviation that was expected. */
export function knownText({ status, reason, link, expires }: KnownDeviation): string {
  const source = link === undefined ? '' : ` (${link})`;
  switch (status) {
    case 'as recorded':
      return `deviates as recorded, expected until ${expires}: ${reason}${source}`;
    case 'for another reason':
      return `refuted for another reason than the recorded one: ${reason}${source}`;
    case 'expired':
      return `deviates as recorded, but was expected until ${expires} only: ${reason}${source}`;
    case 'gone':
      return `holds, though a deviation is recorded, which is to be taken out: ${reason}${source}`;
  }
}

/** How a failure is asked for again. */
export type Again = (finding: Finding) => string;

/** A refuted or broken clause in full. */
export function failureText(finding: Finding, again: Again, style: Style): string {
  const { id, level, statement, counterexample, verdict, message, known } = finding;
  const asked = counterexample === undefined ? '' : caseText(decodeCase(counterexample.case));
  const rows = [
    ['asked', asked],
    [verdict === 'broken' ? 'broke' : 'found', message],
    ['known', known === undefined ? '' : knownText(known)],
    ['again', again(finding)],
  ].filter(([, text]) => text !== '');
  return [
    `${style.bad(`${signs[verdict]} ${id}`)}  ${levelText(level)}`,
    `  ${statement}`,
    ...rows.map(([label, text]) => `  ${style.weak(label.padEnd(7))}${text}`),
  ].join('\n');
}

const levelText = (level: Level): string => (level === 'MUST' ? 'MUST' : `${level} (counts with --strict alone)`);

/** As much of one deviation as says why a fault is likely; all of it stands with its clause. */
const mostOfBecause = 120;

/** The likely faults of a run: the likeliest with what is to be done and what speaks for it, the others by name. */
export function diagnosisText([likeliest, ...others]: readonly Diagnosis[], style: Style): string {
  if (likeliest === undefined) return '';
  const { fault, agreement, advice, because, clauses } = likeliest;
  return [
    `${style.strong('likely')}  ${fault}  ${style.weak(`agrees by ${percent(agreement)}, explains ${clauses.length} of the refuted clauses`)}`,
    `  ${advice}`,
    `  ${style.weak('because '.padEnd(8))}${cliTruncate(because, mostOfBecause)}`,
    ...others.map((other) => `${style.strong('also')}    ${other.fault}  ${style.weak(percent(other.agreement))}`),
  ].join('\n');
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** A case as a person writes it: `x = [1] (float64), keepProb = 0.25`. */
export function caseText(example: Case): string {
  return Object.entries(example)
    .map(([name, value]) => `${name} = ${valueText(value)}`)
    .join(', ');
}

function valueText(value: CaseValue): string {
  if (typeof value === 'number') return show(value);
  if (isTensor(value)) return showTensor(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return `{${caseText(value as Case)}}`;
}

/** With more failures than this, the first have left the screen when the last is told. */
const mostOnScreen = 4;

/**
 * How a run ends on the terminal, after its failures in full: what the adapter wrote last where that broke the run, the likely
 * faults, the summary, and how to see more. However much has failed, all but the first of these fit 80 columns by 24 rows.
 */
export function closingText(report: Report, style: Style): string {
  const { diagnosis, error } = report;
  const failed = failuresOf(report);
  const more =
    failed.length <= mostOnScreen
      ? []
      : [
          ...failed.slice(0, mostOnScreen).map((finding) => style.bad(`${signs[finding.verdict]} ${finding.id}`)),
          `and ${failed.length - mostOnScreen} more: each is told above, with the line that asks it alone;`,
          'keepprob explain CLAUSE says what it is about, --report json=FILE keeps it all',
        ];
  return [
    error?.includes('\n') ? error : '',
    diagnosisText(diagnosis, style),
    [summaryText(report, style), ...more].join('\n'),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** The summary: what was judged, what it came to, and what was not applicable. */
export function summaryText(report: Report, style: Style): string {
  const { clauses, verdict, implementation, seed, profile, budget, complete, error } = report;
  const expected = recordedOf(report);
  const gone = clauses.filter(({ known }) => known?.status === 'gone');
  const of = (wanted: Verdict) =>
    clauses.filter((finding) => finding.verdict === wanted && !expected.includes(finding));
  const counts = (['holds', 'refuted', 'undecided', 'broken', 'unsupported'] as const)
    .map((kind): readonly [number, string] => [
      of(kind).length,
      kind === 'unsupported' ? 'not applicable' : kind === 'holds' ? 'hold' : kind,
    ])
    .concat([[expected.length, 'deviate as recorded']])
    .filter(([number]) => number > 0)
    .map(([number, words]) => `${number} ${words}`);
  const paint = verdict === 'conforms' ? style.good : style.bad;
  const name = printable(`${implementation.name} ${implementation.version}`.trim());
  const isBound = clauses.some(({ level, verdict: judged }) => level === 'MUST' && judged !== 'unsupported');
  const remark =
    error !== undefined || (complete && isBound)
      ? ''
      : complete
        ? ' (no MUST was judged)'
        : ' (not every clause was judged)';
  return [
    paint(
      style.strong(
        `${name}: ${verdict}${remark}${expected.length > 0 && verdict === 'conforms' ? ', but for what is known to deviate' : ''}`,
      ),
    ),
    ...(error === undefined ? [] : [error.split('\n', 1)[0]]),
    ...gone.map(({ id }) =>
      style.bad(`${id} holds: take it out of the known deviations, or write them anew with --update`),
    ),
    `${counts.join(', ') || 'nothing was judged'}; seed ${seed}, profile ${profile}, false-alarm probability at most ${budget.falseAlarm} a run`,
  ].join('\n');
}
