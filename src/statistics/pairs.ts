/**
 * The law of pairs: an element is kept with probability p whether or not another one, its context, was kept.
 *
 * The rivals are correlations: with ρ, an element is kept with probability θ1 = p + (1 − p)ρ after a kept context and
 * θ0 = p − pρ after a dropped one, which leaves it p in all. A bet on an element, given a context that came before it,
 * is fair whatever the context's own law, so the product of the bets is a martingale (Ville 1939), however the pairs
 * overlap; and the mean of several is one too. One correlation for both contexts takes up to half the draws that two
 * rates would.
 */
import { logMean } from './log-mean.ts';
import { coarsest, times } from './rate.ts';

/** The claim that elements do not depend on their contexts. */
export interface PairClaim {
  /** p, in (0, 1). */
  readonly rate: number;
  /** ε: a correlation of ±ε or more must not be said to hold. In (0, 1). Absent where it is watched only. */
  readonly epsilon?: number;
}

/** Of pairs of a context and an element: how many there are, in how many each is kept, and in how many both are. */
export interface PairCounts {
  readonly pairs: number;
  readonly contexts: number;
  readonly elements: number;
  readonly both: number;
}

/** The cells of the table, c_ab: a the context, b the element, 1 = kept. */
const tableOf = ({ pairs, contexts, elements, both }: PairCounts) => ({
  c11: both,
  c10: contexts - both,
  c01: elements - both,
  c00: pairs - contexts - elements + both,
});

/** The least correlation at the rate p: of two elements of which never both are kept, or never both dropped. */
export const leastCorrelation = (p: number): number => -Math.min(p / (1 - p), (1 - p) / p);

/** ±2^-j, j = 0 … 13: for any correlation from 1 down to 1e-4 one of them is worth 83 % of the best bet. */
const rivals = Array.from({ length: 14 }, (_, j) => 2 ** -j).flatMap((size) => [size, -size]);

/**
 * ln of the likelihood ratio of a correlation ρ to none,
 *
 *     (θ1/p)^c11 ((1−θ1)/(1−p))^c10 (θ0/p)^c01 ((1−θ0)/(1−p))^c00.
 *
 * @returns nats; −∞ where what came is impossible with that correlation
 */
export const logCorrelationRatio = (p: number, rho: number, counts: PairCounts): number => betOn(p, rho)(counts);

/** `logCorrelationRatio` for many counts: what does not depend on them is computed once. */
function betOn(p: number, rho: number): (counts: PairCounts) => number {
  const both = Math.log1p((rho * (1 - p)) / p);
  const one = Math.log1p(-rho);
  const none = Math.log1p((rho * p) / (1 - p));
  return (counts) => {
    const { c11, c10, c01, c00 } = tableOf(counts);
    return times(c11, both) + times(c10 + c01, one) + times(c00, none);
  };
}

/**
 * What a bet on ρ may gain by a rate of p + δ alone, without any correlation, |δ| ≤ 2^-16, at most: each pair then
 * multiplies the capital on average by 1 + δρ/p after a kept context and by 1 − δρ/(1−p) after a dropped one. The
 * largest product is that for p + δρ nearest to the share of kept contexts. It is taken off, so that a rate within the
 * resolution makes no evidence.
 */
function logGainByRate(p: number, rho: number, { pairs, contexts }: PairCounts): number {
  const shift = Math.min(coarsest * Math.abs(rho), Math.abs(contexts / pairs - p)) * Math.sign(contexts / pairs - p);
  return times(contexts, Math.log1p(shift / p)) + times(pairs - contexts, Math.log1p(-shift / (1 - p)));
}

/** ln of the mean of the bets on all rivals. @returns nats; 0 without pairs */
export function logEvidenceAgainstIndependence({ rate: p }: PairClaim, counts: PairCounts): number {
  if (counts.pairs === 0) return 0;
  return logMean(betsAt(p).map(({ rho, bet }) => bet(counts) - logGainByRate(p, rho, counts)));
}

interface Bet {
  readonly rho: number;
  readonly bet: (counts: PairCounts) => number;
}

/** The bets on all rivals that are possible at a rate. A family asks of hundreds of lags at one rate. */
function betsAt(p: number): readonly Bet[] {
  if (lately?.p !== p) {
    const possible = rivals.filter((rho) => rho >= leastCorrelation(p));
    lately = { p, bets: possible.map((rho) => ({ rho, bet: betOn(p, rho) })) };
  }
  return lately.bets;
}

let lately: { readonly p: number; readonly bets: readonly Bet[] } | undefined;

/**
 * ln of the evidence against "the correlation is ε or more" and against "it is −ε or less": Wald's (1945) likelihood
 * ratio of none to ±ε, a supermartingale at every correlation further off as well, since what a pair multiplies it by
 * is on average linear in θ1 and θ0, and 1 at ±ε. Infinite where no correlation is so low, and where it is watched only.
 *
 * @returns nats
 */
export function logEvidenceAgainstCorrelation(
  { rate: p, epsilon }: PairClaim,
  counts: PairCounts,
): { above: number; below: number } {
  if (epsilon === undefined) return { above: Infinity, below: Infinity };
  return {
    above: -logCorrelationRatio(p, epsilon, counts),
    below: -epsilon < leastCorrelation(p) ? Infinity : -logCorrelationRatio(p, -epsilon, counts),
  };
}

/**
 * The likeliest correlation of elements of rate p: that of the greatest likelihood, where its logarithm, which is
 * concave, has no slope,
 *
 *     c11/(p/q + ρ) + c00/(q/p + ρ) = (c10 + c01)/(1 − ρ),  q = 1 − p.
 *
 * It is a possible one even where the rate is not p at all. 0 without pairs.
 */
export function correlationOf(p: number, counts: PairCounts): number {
  if (counts.pairs === 0) return 0;
  const { c11, c10, c01, c00 } = tableOf(counts);
  const odds = p / (1 - p);
  let [low, high] = [leastCorrelation(p), 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (c11 / (odds + middle) + c00 / (1 / odds + middle) > (c10 + c01) / (1 - middle)) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * The correlations that the counts leave possible: those ρ0 against which the mean of the bets, now at the odds of ρ0,
 * has not reached 1/α. The true one is ever left out with probability at most α.
 */
export function correlationBand(
  claim: PairClaim,
  counts: PairCounts,
  alpha: number,
): { readonly low: number; readonly high: number } {
  const least = leastCorrelation(claim.rate);
  if (counts.pairs === 0) return { low: least, high: 1 };
  const evidence = logEvidenceAgainstIndependence(claim, counts);
  const isPossible = (rho: number) => evidence - logCorrelationRatio(claim.rate, rho, counts) < -Math.log(alpha);
  // The ratio is concave in ρ: what is possible is an interval around the likeliest correlation, or nothing.
  const found = correlationOf(claim.rate, counts);
  return { low: lastPossible(isPossible, found, least), high: lastPossible(isPossible, found, 1) };
}

/** The last point on the way from `inside` to `limit` where a condition holds that fails from some point on. */
function lastPossible(holds: (value: number) => boolean, inside: number, limit: number): number {
  if (holds(limit)) return limit;
  let [near, far] = [inside, limit];
  for (let step = 0; step < 52; step++) {
    const middle = (near + far) / 2;
    if (holds(middle)) near = middle;
    else far = middle;
  }
  return near;
}
