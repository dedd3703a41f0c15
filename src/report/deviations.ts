/** The deviations that are known of an implementation, `keepprob-deviations/1`: each expected, and for its own reason. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ProfileName } from '../judge/profiles.ts';
import { breakageAt, type Finding, type KnownDeviation, withoutStderr } from '../judge/verify.ts';
import { natureOf } from './symptoms.ts';

/** A clause that an implementation is known to break. */
export interface Deviation extends Omit<KnownDeviation, 'status'> {
  readonly clause: string;
  readonly found: {
    readonly seed: number;
    readonly profile: ProfileName;
    readonly message: string;
    /** The case that contradicts the clause, as a report holds it. */
    readonly case?: unknown;
    readonly symptoms: readonly string[];
  };
}

export interface Deviations {
  readonly format: 'keepprob-deviations/1';
  readonly deviations: readonly Deviation[];
}

/**
 * What a file says.
 * @param schema that of `spec/schema/deviations.json`
 * @throws Error that says what is wrong with it
 */
export function deviationsFrom(text: string, schema: object): readonly Deviation[] {
  const ajv = new Ajv2020();
  const content: unknown = JSON.parse(text);
  if (!ajv.validate<Deviations>(schema, content)) throw new Error(ajv.errorsText(ajv.errors, { dataVar: 'it' }));
  const clauses = content.deviations.map(({ clause }) => clause);
  const twice = clauses.find((clause, i) => clauses.indexOf(clause) < i);
  if (twice !== undefined) throw new Error(`it names ${twice} twice`);
  return content.deviations;
}

/**
 * What a failure looks like, in words that hold of every run. Of a statistical clause that is that it was refuted: which of
 * its many claims shows it first, and how, differs from run to run.
 */
function reasonsOf(finding: Finding): readonly string[] {
  if (finding.verdict === 'broken') return brokenReasons(finding);
  if (finding.kind === 'statistical') return [`${finding.id}: refuted by its draws`];
  return finding.verdict === 'refuted' ? natureOf(finding) : [];
}

/** How the implementation broke; no reason where it broke before, and this clause was not put to it. */
function brokenReasons(finding: Finding): readonly string[] {
  const kind = breakageAt(finding);
  return kind === undefined ? [] : [`${unspecific(finding)}: it ${kind}`];
}

/** What was written down of every breakage before their kinds were told apart: such a record still expects any. */
const unspecific = ({ id }: Finding): string => `${id}: the implementation broke`;

/** Whether a clause was refuted, or the implementation broke at it, for the reason that is recorded. */
export function isAsRecorded({ found }: Deviation, finding: Finding): boolean {
  const reasons = reasonsOf(finding);
  const isSame = (recorded: string) =>
    reasons.includes(recorded) || (finding.verdict === 'broken' && recorded === unspecific(finding));
  return reasons.length > 0 && reasons.length === found.symptoms.length && found.symptoms.every(isSame);
}

/** A day, YYYY-MM-DD, so many days after another. */
export const daysAfter = (date: Date, days: number): string =>
  new Date(date.getTime() + days * 86_400_000).toISOString().slice(0, 10);

/** How long a deviation is expected unless somebody says otherwise. */
const usualDays = 180;

/** Whether a clause was decided: one that is undecided, or came after the implementation had broken, may deviate still. */
const isDecided = (finding: Finding): boolean =>
  finding.verdict === 'broken' ? breakageAt(finding) !== undefined : finding.verdict !== 'undecided';

/**
 * The file for what failed now: what was expected and is as recorded stays as it is, what is new waits for its
 * reason, what is gone is left out, and of what this run did not decide nothing is changed.
 */
export function updated({
  findings,
  known,
  seed,
  profile,
  today,
}: {
  readonly findings: readonly Finding[];
  readonly known: readonly Deviation[];
  readonly seed: number;
  readonly profile: ProfileName;
  readonly today: Date;
}): Deviations {
  const decided = findings.filter(isDecided);
  const failed = decided.filter(({ verdict }) => verdict === 'refuted' || verdict === 'broken');
  return {
    format: 'keepprob-deviations/1',
    deviations: [
      ...failed.map((finding) => {
        const own = known.find(({ clause }) => clause === finding.id);
        if (own !== undefined && finding.known?.status === 'as recorded') return own;
        return {
          clause: finding.id,
          reason: own?.reason ?? 'Not explained yet.',
          ...(own?.link === undefined ? {} : { link: own.link }),
          expires: daysAfter(today, usualDays),
          found: {
            seed,
            profile,
            message: withoutStderr(finding),
            ...(finding.counterexample === undefined ? {} : { case: finding.counterexample.case }),
            symptoms: reasonsOf(finding),
          },
        };
      }),
      ...known.filter(({ clause }) => decided.every(({ id }) => id !== clause)),
    ],
  };
}
