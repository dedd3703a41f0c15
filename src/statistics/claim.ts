/**
 * A claim about masks and what was counted for it: sequential, so that one may look after every draw, stop whenever one
 * likes, and go on later. Whatever the law, the counts are numbers that add.
 */

import { type HistogramClaim, logEvidenceAgainstHistogram, probabilityOf } from './histogram.ts';
import {
  correlationOf,
  logEvidenceAgainstCorrelation,
  logEvidenceAgainstIndependence,
  type PairClaim,
  type PairCounts,
} from './pairs.ts';
import {
  type Counts,
  demandRate,
  logEvidenceAgainstDeviation,
  logEvidenceAgainstRate,
  type RateClaim,
} from './rate.ts';

export type Claim =
  | ({ readonly law: 'rate' } & RateClaim)
  | ({ readonly law: 'pairs' } & PairClaim)
  | ({ readonly law: 'histogram' } & HistogramClaim);

/**
 * What was counted for a claim: of a rate `[trials, successes]`, of pairs `[pairs, contexts, elements, both]`, of a
 * histogram how often each cell came. Two stretches of draws add number by number.
 */
export type Tally = readonly number[];

export const ratesOf = (tally: Tally): Counts => ({ trials: tally[0], successes: tally[1] });

export const pairsOf = ([pairs, contexts, elements, both]: Tally): PairCounts => ({ pairs, contexts, elements, both });

/** How many numbers the tally of a claim has. */
export const sizeOfTally = (claim: Claim): number =>
  claim.law === 'rate' ? 2 : claim.law === 'pairs' ? 4 : claim.cells.length;

/** The tally before any draw. */
export function nothing(claim: Claim): Tally {
  if (claim.law === 'rate') return noTrials;
  return claim.law === 'pairs' ? noPairs : claim.cells.map(() => 0);
}

const noTrials: Tally = [0, 0];
const noPairs: Tally = [0, 0, 0, 0];

export const add = (one: Tally, other: Tally): Tally =>
  one.length === 2 ? [one[0] + other[0], one[1] + other[1]] : one.map((count, i) => count + other[i]);

/** Claim by claim. */
export const addAll = (some: readonly Tally[], others: readonly Tally[]): readonly Tally[] =>
  some.map((tally, i) => add(tally, others[i]));

/** How many trials, pairs or patterns were counted. */
export const trialsOf = (claim: Claim, tally: Tally): number =>
  claim.law === 'histogram' ? tally.reduce((sum, count) => sum + count, 0) : tally[0];

/** `undecided` is not an end: the counts stay valid, and draws may be added. */
export type Judgement = 'holds' | 'refuted' | 'undecided';

/**
 * All that is remembered of the draws: plain data that survives JSON, to be resumed at any time. Evidence is in nats;
 * evidence beyond all bounds (a single miss where the rate is 1) is held as the largest number, since JSON has no ∞.
 */
export interface ClaimState {
  readonly tally: Tally;
  /** ln of the evidence against the claim, of these counts. */
  readonly logAgainst: number;
  /** The largest of any look so far; 0, the start of every evidence, at least. */
  readonly maxLogAgainst: number;
  /** The largest evidence of any look against a deviation of ε or more upwards, and downwards. */
  readonly maxLogAbove: number;
  readonly maxLogBelow: number;
}

/**
 * The state before any draw.
 *
 * @throws RangeError if the claim is none
 */
export const undrawn = (claim: Claim): ClaimState => {
  demandClaim(claim);
  const isWatched = epsilonOf(claim) === undefined;
  const start = isWatched ? Number.MAX_VALUE : 0;
  return { tally: nothing(claim), logAgainst: 0, maxLogAgainst: 0, maxLogAbove: start, maxLogBelow: start };
};

/** The deviation from which on a claim must not be said to hold; undefined where it is watched only. */
export const epsilonOf = (claim: Claim): number | undefined => (claim.law === 'histogram' ? undefined : claim.epsilon);

/**
 * The state after more draws, looked at once, at their end. Looking more often finds a verdict sooner and costs nothing
 * in errors.
 *
 * @param draws the new draws alone
 * @throws RangeError if the draws are none
 */
export function observe(claim: Claim, state: ClaimState, draws: Tally): ClaimState {
  demandTally(claim, draws);
  if (trialsOf(claim, draws) === 0) return state;
  const tally = add(state.tally, draws);
  const logAgainst = bounded(logEvidence(claim, tally));
  const deviation = logEvidenceAgainstMore(claim, tally);
  return {
    tally,
    logAgainst,
    maxLogAgainst: Math.max(state.maxLogAgainst, logAgainst),
    maxLogAbove: Math.max(state.maxLogAbove, bounded(deviation.above)),
    maxLogBelow: Math.max(state.maxLogBelow, bounded(deviation.below)),
  };
}

const bounded = (log: number): number => Math.min(log, Number.MAX_VALUE);

/** ln of the evidence against a claim, in nats. */
export function logEvidence(claim: Claim, tally: Tally): number {
  switch (claim.law) {
    case 'rate':
      return logEvidenceAgainstRate(claim, ratesOf(tally));
    case 'pairs':
      return logEvidenceAgainstIndependence(claim, pairsOf(tally));
    default:
      return logEvidenceAgainstHistogram(claim, tally);
  }
}

function logEvidenceAgainstMore(claim: Claim, tally: Tally): { above: number; below: number } {
  switch (claim.law) {
    case 'rate':
      return logEvidenceAgainstDeviation(claim, ratesOf(tally));
    case 'pairs':
      return logEvidenceAgainstCorrelation(claim, pairsOf(tally));
    default:
      return { above: Infinity, below: Infinity };
  }
}

function demandClaim(claim: Claim): void {
  if (claim.law === 'rate') {
    demandRate(claim);
    return;
  }
  if (!(claim.rate > 0 && claim.rate < 1)) throw new RangeError(`a rate lies in (0, 1), got ${claim.rate}`);
  const epsilon = epsilonOf(claim);
  if (epsilon !== undefined && !(epsilon > 0 && epsilon < 1))
    throw new RangeError(`a correlation lies in (0, 1), got ${epsilon}`);
}

function demandTally(claim: Claim, tally: Tally): void {
  if (tally.length !== sizeOfTally(claim) || !isConsistent(claim, tally))
    throw new RangeError(`[${tally}] is no count of a ${claim.law} claim`);
}

/** Whether numbers can be counts: trials are whole; successes are sums of numbers between 0 and 1, which need not be. */
function isConsistent({ law }: Claim, tally: Tally): boolean {
  if (law === 'histogram') return tally.every((count) => Number.isSafeInteger(count) && count >= 0);
  const all = tally[0];
  if (!Number.isSafeInteger(all) || !isPart(tally[1], all)) return false;
  if (law === 'rate') return true;
  const [, contexts, elements, both] = tally;
  const isTable = isPart(elements, all) && both >= 0 && both <= Math.min(contexts, elements);
  return isTable && contexts + elements - both <= all;
}

const isPart = (count: number, all: number): boolean => count >= 0 && count <= all;

/**
 * `refuted` when the evidence has once reached 1/α; else `holds` when both kinds of deviation are excluded, so that the
 * claim is certified to be right within ε. The probability of refuting what is right but for the resolution is at most
 * α, and so is that of a `holds` where it is off by ε or more, however often one looks. What is off by less than ε may
 * be found to hold, and be refuted by further draws: then both are true.
 *
 * @param alpha the claim's share of the false-alarm probability
 */
export function verdictOf(state: ClaimState, alpha: number): Judgement {
  if (state.maxLogAgainst >= logThreshold(alpha)) return 'refuted';
  return isCertified(state, alpha) ? 'holds' : 'undecided';
}

/** Whether the claim is known to be right within its ε, but for an error probability of alpha; a watched one always. */
export const isCertified = (state: ClaimState, alpha: number): boolean =>
  Math.min(state.maxLogAbove, state.maxLogBelow) >= logThreshold(alpha);

/** ln(1/α): the nats of evidence that suffice. */
export const logThreshold = (alpha: number): number => -Math.log(alpha);

/** What is claimed in one number, and what was found. */
export interface Found {
  readonly measure: 'rate' | 'correlation';
  readonly wanted: number;
  readonly found: number;
  /** What of a histogram this is about: the cell that stands out most. */
  readonly cell?: string;
}

export function foundIn(claim: Claim, tally: Tally): Found {
  switch (claim.law) {
    case 'rate':
      return { measure: 'rate', wanted: claim.rate, found: tally[1] / Math.max(tally[0], 1) };
    case 'pairs':
      return { measure: 'correlation', wanted: 0, found: correlationOf(claim.rate, pairsOf(tally)) };
    default:
      return mostDeviating(claim, tally);
  }
}

/** The cell whose count is the most standard deviations off. */
function mostDeviating(claim: HistogramClaim, tally: Tally): Found {
  const all = Math.max(
    1,
    tally.reduce((sum, count) => sum + count, 0),
  );
  const cells = claim.cells.map((cell, i) => {
    const wanted = probabilityOf(claim, cell);
    return { measure: 'rate' as const, wanted, found: tally[i] / all, cell: cell.name };
  });
  const deviation = ({ wanted, found }: Found) => Math.abs(found - wanted) / Math.sqrt(wanted * (1 - wanted));
  return cells.reduce((most, cell) => (deviation(cell) > deviation(most) ? cell : most));
}
