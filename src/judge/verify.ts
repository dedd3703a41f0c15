/** The one runner: clause × subject × budget → finding. vitest and the command line are thin bindings on it. */

import { encodeCase } from '../case.ts';
import type { Case, Clause, Level, Statistical, Trend, Vector } from '../clause.ts';
import type { Digits } from '../digits.ts';
import { Breakage, type BreakageKind, type Deviation } from '../errors.ts';
import { printable } from '../show.ts';
import { shareOf } from '../statistics/budget.ts';
import type { Capabilities, Subject } from '../subject.ts';
import { asDeviation, judgeGolden, judgeUniversal, type Outcome } from './cases.ts';
import type { RecordedChunk } from './chunks.ts';
import { type DrawOutcome, drawShard, judgeStatistical } from './draws.ts';
import { type ClaimEvidence, count, subjectOfClaim } from './evidence.ts';
import type { Profile } from './profiles.ts';
import { seedFor } from './seeds.ts';
import { type Shard, turnOf } from './shard.ts';
import { judgeTrend, shareText, type TrendOutcome } from './trend.ts';

/** What is said of a clause: `undecided` is an answer of its own, and `unsupported` what does not apply and so is not judged. */
export type Verdict = 'holds' | 'refuted' | 'undecided' | 'unsupported' | 'broken';

/** What a run may spend, fixed before it starts. */
export interface Budget {
  readonly profile: Profile;
  readonly seed: number;
  /** The false-alarm probability of the whole run. */
  readonly falseAlarm: number;
  /** Σ of the weights of all statistical clauses, also of those that this run leaves out. */
  readonly totalWeight: number;
  /** The recorded vectors of a stem. */
  readonly golden: (stem: string) => Promise<readonly Vector[]>;
  /** What trends are measured on. */
  readonly digits: () => Promise<Digits>;
  /** The part of the run that is done here; all of it unless given. */
  readonly shard?: Shard;
  /** Awaited, so that whoever shows it can let signals and timers have their turn. */
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
}

/** How far a clause that draws or trains has come. */
export interface Progress {
  readonly clause: string;
  readonly experiment: string;
  /** Mask elements drawn. */
  readonly elements?: number;
  readonly logEvidence: number;
}

/** The smallest case that contradicts a clause, and how: plain data, as the report holds it. */
export interface FoundCounterexample {
  /** What was asked; a statistical clause's is `{experiment, event}`. */
  readonly case: unknown;
  readonly where: string;
  readonly got: string;
  readonly wanted: string;
  readonly distance?: string;
  readonly allowed?: string;
}

/** What was found of one clause: its verdict with the evidence, plain data as the report holds it. */
export interface Finding {
  readonly id: string;
  readonly level: Level;
  readonly statement: string;
  readonly verdict: Verdict;
  readonly kind: Clause['evidence']['kind'];
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly counterexample?: FoundCounterexample;
  /** One sentence on why this is the verdict. */
  readonly message: string;
  readonly milliseconds: number;
  /** What has become of the deviation that was expected, where one was. */
  readonly known?: KnownDeviation;
}

/** A deviation that was expected of an implementation. */
export interface KnownDeviation {
  /**
   * It is there, for the reason that is recorded; it is there for another; it is there no more; or it was to be there up
   * to a day that has passed.
   */
  readonly status: 'as recorded' | 'for another reason' | 'gone' | 'expired';
  readonly reason: string;
  readonly link?: string;
  /** The last day on which it is expected, YYYY-MM-DD. */
  readonly expires: string;
}

/** What a finding says of its verdict, besides the clause. */
export type Judged = Pick<Finding, 'verdict' | 'evidence' | 'counterexample' | 'message'>;

/** Judges one clause. Never throws for what the subject does: a breakage is a finding too. */
export async function verify(clause: Clause, subject: Subject, budget: Budget): Promise<Finding> {
  const { id, level, statement, evidence } = clause;
  const start = performance.now();
  const judged = await judge(clause, subject, budget);
  return { id, level, statement, kind: evidence.kind, ...judged, milliseconds: performance.now() - start };
}

/** The finding of a clause that was not put to the subject, with the reason. */
export const unjudged = ({ id, level, statement, evidence }: Clause, verdict: Verdict, message: string): Finding => ({
  id,
  level,
  statement,
  verdict,
  kind: evidence.kind,
  evidence: {},
  message,
  milliseconds: 0,
});

/** Why a clause does not apply, by the first of its needs that is not met; undefined where it does. */
export function whyInapplicable({ needs }: Clause, subject: Judgeable): string | undefined {
  const missing = needs.find((need) => need.split(' or ').every((either) => !isMet(either, subject)));
  return missing
    ?.split(' or ')
    .map((either) => (either === 'memory' ? 'its memory is out of sight' : `${either} is not declared`))
    .join(', and ');
}

type Judgeable = Pick<Subject, 'capabilities' | 'sharesMemory'>;

function isMet(need: string, { capabilities, sharesMemory = false }: Judgeable): boolean {
  if (need === 'memory') return sharesMemory;
  const [operation, key] = need.split('.') as [keyof Capabilities, string | undefined];
  const declared = capabilities[operation] as Readonly<Record<string, unknown>> | undefined;
  if (declared === undefined || key === undefined) return declared !== undefined;
  const values = operation === 'step' ? (declared['optimizers'] as Readonly<Record<string, unknown>>) : declared;
  return values[key] !== undefined && values[key] !== false;
}

async function judge(clause: Clause, subject: Subject, budget: Budget): Promise<Judged> {
  const reason = whyInapplicable(clause, subject);
  if (reason !== undefined) return { verdict: 'unsupported', evidence: {}, message: `not applicable: ${reason}` };
  const seed = seedFor(budget.seed, clause.id);
  const { evidence } = clause;
  const { shard } = budget;
  if (shard !== undefined && evidence.kind !== 'statistical') {
    const turn = turnOf(clause.id, 0, shard.of);
    if (turn !== shard.index) return leftTo(turn, shard.of);
  }
  switch (evidence.kind) {
    case 'golden':
      return ofCases(await judgeGolden(evidence, subject, await budget.golden(evidence.stem)), 'vector');
    case 'statistical':
      return judgeDraws(clause.id, evidence, subject, budget);
    case 'trend':
      return judgePairs(clause.id, evidence, subject, budget);
    default:
      return ofCases(await judgeUniversal(evidence, subject, { runs: budget.profile.cases, seed }), 'case');
  }
}

function ofCases(outcome: Outcome, noun: 'case' | 'vector'): Judged {
  const evidence = { cases: outcome.cases, facts: outcome.facts };
  const looked = `${count(outcome.cases)} ${noun}${outcome.cases === 1 ? '' : 's'}, ${count(outcome.facts)} facts`;
  switch (outcome.kind) {
    case 'broke':
      return ofBreakage(outcome.breakage, evidence);
    case 'refuted':
      return { evidence, ...ofDeviation(outcome.counterexample.deviation, outcome.counterexample.case) };
    default:
      if (outcome.facts > 0) return { verdict: 'holds', evidence, message: looked };
      return noun === 'vector'
        ? { verdict: 'unsupported', evidence, message: 'not applicable: no vector was recorded for what is declared' }
        : { verdict: 'undecided', evidence, message: `nothing could be seen in ${looked}` };
  }
}

/** What a case says that deviates. */
export const ofDeviation = (
  deviation: Deviation,
  example: Case,
): Omit<Judged, 'evidence'> & { readonly verdict: 'refuted' } => ({
  verdict: 'refuted',
  counterexample: counterexampleOf(deviation, example),
  message: deviation.message,
});

/** What is said of a clause that another shard judges. */
const leftTo = (turn: number, of: number): Judged => ({
  verdict: 'undecided',
  evidence: { shard: turn },
  message: `not judged here: shard ${turn} of ${of} judges it`,
});

/** The shard that a clause was left to, if it was. */
export const shardLeftTo = ({ evidence }: Pick<Finding, 'evidence'>): number | undefined =>
  typeof evidence['shard'] === 'number' ? evidence['shard'] : undefined;

async function judgeDraws(id: string, evidence: Statistical, subject: Subject, budget: Budget): Promise<Judged> {
  const { profile, seed, totalWeight, shard } = budget;
  const falseAlarm = shareOf({ falseAlarm: budget.falseAlarm, weight: evidence.weight, totalWeight });
  const chunks: RecordedChunk[] = [];
  let elements = 0;
  const options = {
    profile,
    falseAlarm,
    seed,
    name: id,
    onDraw: async (progress: {
      readonly elements: number;
      readonly experiment: string;
      readonly logEvidence: number;
    }) => {
      elements = progress.elements;
      await budget.onProgress?.({ clause: id, ...progress });
    },
  };
  const drawn = () => ({ elements, ...(shard === undefined ? {} : { chunks }) });
  try {
    if (shard === undefined) return ofDraws(await judgeStatistical(evidence, subject, options));
    await drawShard(evidence, subject, { ...options, shard, onChunk: (chunk) => chunks.push(chunk) });
    const message = `${count(chunks.length)} chunks drawn for shard ${shard.index} of ${shard.of}: a merge decides`;
    return { verdict: 'undecided', evidence: { ...drawn(), falseAlarm }, message };
  } catch (error) {
    if (error instanceof Breakage) return ofBreakage(error, drawn());
    const deviation = asDeviation(error);
    return { evidence: { ...drawn(), falseAlarm }, ...ofDeviation(deviation, {}) };
  }
}

async function judgePairs(id: string, evidence: Trend, subject: Subject, budget: Budget): Promise<Judged> {
  const { seed, totalWeight } = budget;
  const falseAlarm = shareOf({ falseAlarm: budget.falseAlarm, weight: evidence.weight, totalWeight });
  try {
    return ofPairs(
      evidence,
      await judgeTrend(evidence, subject, {
        falseAlarm,
        // The same pairs for every trend: a training bears on several.
        seed: (pair) => seedFor(seed, `trends/${pair}`),
        digits: await budget.digits(),
        onPair: ({ pairs, logEvidence }) =>
          budget.onProgress?.({ clause: id, experiment: `${pairs} pairs of trainings`, logEvidence }),
      }),
    );
  } catch (error) {
    if (error instanceof Breakage) return ofBreakage(error, {});
    return { evidence: { falseAlarm }, ...ofDeviation(asDeviation(error), {}) };
  }
}

/** What follows from pairs of trainings. */
function ofPairs({ measure }: Trend, outcome: TrendOutcome): Judged {
  const { kind, deviation, ...evidence } = outcome;
  if (deviation !== undefined) return { evidence, ...ofDeviation(deviation, {}) };
  const few = kind === 'holds' ? '' : ': too near to one half to tell after so many';
  return { verdict: kind, evidence, message: `${measure} is smaller in ${shareText(outcome)}${few}` };
}

/** What follows from the draws of a clause. */
export function ofDraws({ kind, strongest, deviation, missing: _, ...facts }: DrawOutcome): Judged {
  if (strongest === undefined)
    return { verdict: 'undecided', evidence: { ...facts }, message: 'nothing could be counted' };
  const evidence = { ...facts, strongest };
  const { experiment, event, measure, wanted, found, trials } = strongest;
  if (deviation) {
    const { experiment, event } = facts.simplest ?? strongest;
    const counterexample = counterexampleOf(deviation, { experiment, event });
    return { verdict: 'refuted', evidence, counterexample, message: deviation.message };
  }
  const drawn = `${found.toPrecision(measure === 'rate' ? 5 : 2)} of ${count(trials)}`;
  if (kind === 'holds') {
    const what = facts.claims === 1 ? `'${event}'` : `${count(facts.claims)} claims; furthest off '${event}'`;
    return {
      verdict: 'holds',
      evidence,
      message: `${what}: ${measure === 'rate' ? '' : 'correlation '}${drawn}, ${claimedText(strongest)} (${experiment})`,
    };
  }
  const { band } = strongest;
  const between = band === null ? '' : ` is between ${band.low.toPrecision(4)} and ${band.high.toPrecision(4)}`;
  const message = `${subjectOfClaim(strongest)}${between} after ${count(trials)} draws (${experiment}): too few to certify ${numberText(wanted)} ± ${strongest.epsilon?.toPrecision(2)}, about ${count(facts.moreDraws ?? 0)} more would decide`;
  return { verdict: 'undecided', evidence, message };
}

/** `within ±0.001 of 0.8`, where that is certified. */
const claimedText = ({ epsilon, wanted }: ClaimEvidence): string =>
  epsilon === null ? `expected ${numberText(wanted)}` : `within ±${epsilon.toPrecision(2)} of ${numberText(wanted)}`;

const numberText = (value: number): string => String(Number(value.toPrecision(6)));

function counterexampleOf({ where, got, wanted, distance, allowed }: Deviation, example: Case): FoundCounterexample {
  const margin = { ...(distance === undefined ? {} : { distance }), ...(allowed === undefined ? {} : { allowed }) };
  return { case: encodeCase(example), where, got, wanted, ...margin };
}

const beforeStderr = '; its stderr ended: ';

/** What is said of a clause at which the implementation broke, with the evidence so far. */
const ofBreakage = ({ message, stderr, kind }: Breakage, evidence: Finding['evidence']): Judged => ({
  verdict: 'broken',
  evidence: { ...evidence, breakage: kind },
  message: stderr ? `${message}${beforeStderr}${lastLines(stderr)}` : message,
});

/** How the implementation broke at a clause; unknown where it broke before, and the clause was not put to it. */
export const breakageAt = ({ evidence }: Pick<Finding, 'evidence'>): BreakageKind | undefined =>
  evidence['breakage'] as BreakageKind | undefined;

/** A finding's message without the stderr in it, which holds paths of the machine it was written on. */
export const withoutStderr = ({ message }: Pick<Finding, 'message'>): string => message.split(beforeStderr, 1)[0];

const lastLines = (text: string): string => printable(text.trimEnd().split('\n').slice(-3).join(' | '));
