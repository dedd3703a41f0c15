/**
 * The law of one rate: something happens with a known probability, whatever happened before.
 *
 * Three nonnegative supermartingales are watched. Each starts at 1, so each ever reaches 1/α with probability at most α
 * where what it speaks against is true (Ville 1939):
 * - R against "the rate is p", a mixture over alternatives near and far (Robbins 1970; Howard, Ramdas et al. 2021);
 * - A+ against "the rate is p + ε or more" and A− against "it is p − ε or less", Wald's likelihood ratios (1945).
 */
import { logMean } from './log-mean.ts';
import { type Counts, mixtureAgainst } from './mixture.ts';

export type { Counts } from './mixture.ts';

/** The claim that something happens with a known probability. */
export interface RateClaim {
  /** p, in [0, 1]. */
  readonly rate: number;
  /**
   * ε: a rate off by this much or more must not be said to hold. In (0, max(p, 1 − p)], so that some rate is off by it.
   * Absent where the rate is watched only: it may be refuted, and no verdict waits for it.
   */
  readonly epsilon?: number;
}

/** 2^-16: how far off its claim a correct implementation's rate may lie, because its uniform numbers are that coarse. */
export const coarsest = 2 ** -16;

/** c of the mixture: alternatives from anywhere in [0, 1] to within 1e-5 of the rate, each cost at most ln 8 nats. */
const priorWeights = [0, 1, 2, 3, 4, 5, 6, 7].map((j) => 16 ** j);

/** ε0, what is allowed of it: never more than ε/16. Rates of exactly 0 and 1 need no rounding and are allowed none. */
export const resolutionOf = ({ rate, epsilon = Infinity }: RateClaim): number =>
  rate === 0 || rate === 1 ? 0 : Math.min(coarsest, epsilon / 16);

/**
 * ln R(n, k; m), the evidence against "the rate is m": R is the mean of the beta mixtures M_c over c = 16^0 … 16^7.
 *
 * @returns nats; +∞ where the counts are impossible at that rate
 */
export const logEvidenceAgainst = (m: number, counts: Counts): number => evidenceOf(mixturesAt(m), counts);

type Mixture = (counts: Counts) => number;

const mixturesAt = (m: number): readonly Mixture[] => priorWeights.map((c) => mixtureAgainst(m, c));

const evidenceOf = (mixtures: readonly Mixture[], counts: Counts): number =>
  logMean(mixtures.map((mixture) => mixture(counts)));

/** Likewise, remembered. */
function recall(m: number, counts: Counts): number {
  const { trials, successes } = counts;
  const { mixtures, answers } = asked(m);
  let known = answers.get(trials);
  if (known === undefined) {
    if (answers.size >= mostRemembered) answers.clear();
    known = new Map();
    answers.set(trials, known);
  }
  let answer = known.get(successes);
  if (answer === undefined) {
    answer = evidenceOf(mixtures, counts);
    known.set(successes, answer);
  }
  return answer;
}

/** What was asked about one rate: a family asks of thousands of positions, which show few different counts. */
interface Asked {
  readonly mixtures: readonly Mixture[];
  /** By the trials, and by the successes among them. */
  readonly answers: Map<number, Map<number, number>>;
}

const lately = new Map<number, Asked>();
const mostRemembered = 16;

function asked(m: number): Asked {
  const known = lately.get(m);
  if (known !== undefined) return known;
  if (lately.size >= mostRemembered) lately.clear();
  const fresh: Asked = { mixtures: mixturesAt(m), answers: new Map() };
  lately.set(m, fresh);
  return fresh;
}

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
  return recall(nearest, counts);
}

/**
 * ln A+ and ln A−, the evidence against "the rate is p + ε or more" and against "the rate is p − ε or less":
 *
 *     A± = (p/(p±ε))^k · ((1−p)/(1−p∓ε))^(n−k),
 *
 * Wald's (1945) likelihood ratio of p to p ± ε; it is a supermartingale at every rate that lies further off as well.
 * Where p + ε is 1, a single failure is infinite evidence. Where it is above 1, no rate is that high and the evidence
 * is infinite from the start: nothing is left to be certified on that side. Likewise p − ε at and below 0, and where
 * the rate is watched only.
 *
 * @returns nats
 */
export function logEvidenceAgainstDeviation(claim: RateClaim, counts: Counts): { above: number; below: number } {
  const { rate, epsilon } = claim;
  if (epsilon === undefined) return watched;
  const { trials, successes } = counts;
  const failures = trials - successes;
  return {
    above: logRatio(failures, successes, 1 - rate, rate, epsilon),
    below: logRatio(successes, failures, rate, 1 - rate, epsilon),
  };
}

/** Of a claim that is watched only: nothing is left to be certified. */
const watched = { above: Infinity, below: Infinity };

/** ln of (p/(p−ε))^expected · (q/(q+ε))^other, where p and q are the claimed probabilities of the two outcomes. */
function logRatio(expected: number, other: number, p: number, q: number, epsilon: number): number {
  if (p < epsilon) return Infinity;
  return -times(expected, Math.log1p(-epsilon / p)) - times(other, Math.log1p(epsilon / q));
}

/** The log of a power. What never happened has no weight, even where its ratio is 0 or infinite. */
export const times = (count: number, log: number): number => (count === 0 ? 0 : count * log);

/** @throws RangeError if the claim could not fail */
export function demandRate({ rate, epsilon }: RateClaim): void {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`a rate lies in [0, 1], got ${rate}`);
  if (epsilon !== undefined && !(epsilon > 0 && epsilon <= Math.max(rate, 1 - rate))) {
    throw new RangeError(`no rate is off ${rate} by ${epsilon}: the claim could not fail`);
  }
}
