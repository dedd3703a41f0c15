/**
 * The verdict on one rate: sequential, so that one may look after every draw and stop whenever one likes.
 *
 * Three nonnegative supermartingales are watched. Each starts at 1, so each ever reaches 1/α with probability at most α
 * where what it speaks against is true (Ville 1939):
 * - R against "the rate is p", a mixture over alternatives near and far (Robbins 1970; Howard, Ramdas et al. 2021);
 * - A+ against "the rate is p + ε or more" and A− against "it is p − ε or less", Wald's likelihood ratios (1945).
 */
import { logMean } from './log-mean.ts';
import { type Counts, logMixture } from './mixture.ts';

export type { Counts } from './mixture.ts';

/** The claim that something happens with a known probability. */
export interface RateClaim {
  /** p, in [0, 1]. */
  readonly rate: number;
  /** ε: a rate off by this much or more must not be said to hold. In (0, max(p, 1 − p)], so that some rate is off by it. */
  readonly epsilon: number;
}

/** `undecided` is not an end: the counts stay valid, and draws may be added. */
export type Judgement = 'holds' | 'refuted' | 'undecided';

/**
 * All that is remembered of the draws: plain data that survives JSON, to be resumed at any time. Evidence is in nats;
 * evidence beyond all bounds (a single miss where the rate is 1) is held as the largest number, since JSON has no ∞.
 */
export interface RateState {
  readonly counts: Counts;
  /** ln R of these counts. */
  readonly logAgainst: number;
  /** The largest ln R of any look so far; 0, the start of every evidence, at least. */
  readonly maxLogAgainst: number;
  /** The largest ln A+ of any look so far: against a rate of p + ε or more. */
  readonly maxLogAbove: number;
  /** The largest ln A− of any look so far: against a rate of p − ε or less. */
  readonly maxLogBelow: number;
}

/** c of the mixture: alternatives from anywhere in [0, 1] to within 1e-5 of the rate, each cost at most ln 8 nats. */
const priorWeights = [0, 1, 2, 3, 4, 5, 6, 7].map((j) => 16 ** j);

/**
 * ε0, how far from p a correct implementation's rate may lie because its uniform numbers are that coarse: 2^-16, but
 * never more than ε/16. Rates of exactly 0 and 1 need no rounding and are allowed none.
 */
export const resolutionOf = ({ rate, epsilon }: RateClaim): number =>
  rate === 0 || rate === 1 ? 0 : Math.min(2 ** -16, epsilon / 16);

/**
 * ln R(n, k; m), the evidence against "the rate is m": R is the mean of the beta mixtures M_c over c = 16^0 … 16^7.
 *
 * @returns nats; +∞ where the counts are impossible at that rate
 */
export const logEvidenceAgainst = (m: number, counts: Counts): number =>
  logMean(priorWeights.map((c) => logMixture(counts, m, c)));

/**
 * ln R, the evidence against the claim that the rate is p, up to the resolution ε0: R(n, k; m*), m* the point of
 * [p − ε0, p + ε0] nearest k/n. No other point of that interval has less evidence against it, once there is any (that
 * is tested), so whichever of them is the true rate, R is below its martingale.
 *
 * @returns nats; 0 without draws
 */
export function logEvidenceAgainstRate(claim: RateClaim, counts: Counts): number {
  if (counts.trials === 0) return 0;
  const resolution = resolutionOf(claim);
  const lowest = Math.max(0, claim.rate - resolution);
  const highest = Math.min(1, claim.rate + resolution);
  const nearest = Math.min(highest, Math.max(lowest, counts.successes / counts.trials));
  return logEvidenceAgainst(nearest, counts);
}

/**
 * ln A+ and ln A−, the evidence against "the rate is p + ε or more" and against "the rate is p − ε or less":
 *
 *     A± = (p/(p±ε))^k · ((1−p)/(1−p∓ε))^(n−k),
 *
 * Wald's (1945) likelihood ratio of p to p ± ε; it is a supermartingale at every rate that lies further off as well.
 * Where p + ε is 1, a single failure is infinite evidence. Where it is above 1, no rate is that high and the evidence
 * is infinite from the start: nothing is left to be certified on that side. Likewise p − ε at and below 0.
 *
 * @returns nats
 */
export function logEvidenceAgainstDeviation(claim: RateClaim, counts: Counts): { above: number; below: number } {
  const { rate, epsilon } = claim;
  const { trials, successes } = counts;
  const failures = trials - successes;
  return {
    above: logRatio({ expected: failures, other: successes }, 1 - rate, rate, epsilon),
    below: logRatio({ expected: successes, other: failures }, rate, 1 - rate, epsilon),
  };
}

/** ln of (p/(p−ε))^expected · (q/(q+ε))^other, where p and q are the claimed probabilities of the two outcomes. */
function logRatio(outcomes: { expected: number; other: number }, p: number, q: number, epsilon: number): number {
  if (p < epsilon) return Infinity;
  return -times(outcomes.expected, Math.log1p(-epsilon / p)) - times(outcomes.other, Math.log1p(epsilon / q));
}

/** The log of a power. What never happened has no weight, even where its ratio is 0 or infinite. */
const times = (count: number, log: number): number => (count === 0 ? 0 : count * log);

/** The state before any draw. */
export const undrawn: RateState = {
  counts: { trials: 0, successes: 0 },
  logAgainst: 0,
  maxLogAgainst: 0,
  maxLogAbove: 0,
  maxLogBelow: 0,
};

/**
 * The state after more draws, looked at once, at their end. Looking more often finds a verdict sooner and costs nothing
 * in errors.
 *
 * @param draws the new draws alone
 * @throws RangeError if the claim or the draws are none
 */
export function observe(claim: RateClaim, state: RateState, draws: Counts): RateState {
  demandClaim(claim);
  demandCounts(draws);
  if (draws.trials === 0) return state;
  const counts = {
    trials: state.counts.trials + draws.trials,
    successes: state.counts.successes + draws.successes,
  };
  const logAgainst = bounded(logEvidenceAgainstRate(claim, counts));
  const deviation = logEvidenceAgainstDeviation(claim, counts);
  return {
    counts,
    logAgainst,
    maxLogAgainst: Math.max(state.maxLogAgainst, logAgainst),
    maxLogAbove: Math.max(state.maxLogAbove, bounded(deviation.above)),
    maxLogBelow: Math.max(state.maxLogBelow, bounded(deviation.below)),
  };
}

const bounded = (log: number): number => Math.min(log, Number.MAX_VALUE);

function demandClaim({ rate, epsilon }: RateClaim): void {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`a rate lies in [0, 1], got ${rate}`);
  if (!(epsilon > 0 && epsilon <= Math.max(rate, 1 - rate))) {
    throw new RangeError(`no rate is off ${rate} by ${epsilon}: the claim could not fail`);
  }
}

function demandCounts({ trials, successes }: Counts): void {
  const counted = Number.isSafeInteger(trials) && 0 <= successes && successes <= trials;
  if (!counted) throw new RangeError(`${successes} of ${trials} is no count`);
}

/**
 * `refuted` when R has once reached 1/α; else `holds` when both A+ and A− have, so that the rate is certified to be
 * within ε. The probability of refuting a rate within ε0 of p is at most α, and so is that of a `holds` where the rate
 * is off by ε or more, however often one looks. A rate that is off by less than ε may be found to hold, and be refuted
 * by further draws: then both are true.
 *
 * @param alpha the claim's share of the false-alarm probability
 */
export function verdictOf(state: RateState, alpha: number): Judgement {
  if (state.maxLogAgainst >= logThreshold(alpha)) return 'refuted';
  return isCertified(state, alpha) ? 'holds' : 'undecided';
}

/** Whether the rate is known to be less than ε off p, but for an error probability of alpha. */
export const isCertified = (state: RateState, alpha: number): boolean =>
  Math.min(state.maxLogAbove, state.maxLogBelow) >= logThreshold(alpha);

/** ln(1/α): the nats of evidence that suffice. */
export const logThreshold = (alpha: number): number => -Math.log(alpha);
