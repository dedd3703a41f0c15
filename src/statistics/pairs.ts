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
import { endOf } from './root.ts';

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
interface Table {
  readonly c11: number;
  readonly c10: number;
  readonly c01: number;
  readonly c00: number;
}

const tableOf = ({ pairs, contexts, elements, both }: PairCounts): Table => ({
  c11: both,
  c10: contexts - both,
  c01: elements - both,
  c00: pairs - contexts - elements + both,
});

/** The least correlation at the rate p: of two elements of which never both are kept, or never both dropped. */
export const leastCorrelation = (p: number): number => -Math.min(p / (1 - p), (1 - p) / p);

/** ±2^-j, j = 0 … 13: for any correlation from 1 down to 1e-4 one of them is worth 83 % of the best bet. */
const correlations = Array.from({ length: 14 }, (_, j) => 2 ** -j).flatMap((size) => [size, -size]);

/**
 * ln of the likelihood ratio of a correlation ρ to none,
 *
 *     (θ1/p)^c11 ((1−θ1)/(1−p))^c10 (θ0/p)^c01 ((1−θ0)/(1−p))^c00.
 *
 * @returns nats; −∞ where what came is impossible with that correlation
 */
export const logCorrelationRatio = (p: number, rho: number, counts: PairCounts): number =>
  gainOf(betOn(p, rho), tableOf(counts));

/** A bet on ρ: the logs of what it is multiplied by, where both are kept, one of them, and none. */
interface Bet {
  readonly both: number;
  readonly one: number;
  readonly none: number;
}

const betOn = (p: number, rho: number): Bet => ({
  both: Math.log1p((rho * (1 - p)) / p),
  one: Math.log1p(-rho),
  none: Math.log1p((rho * p) / (1 - p)),
});

const gainOf = ({ both, one, none }: Bet, { c11, c10, c01, c00 }: Table): number =>
  times(c11, both) + times(c10 + c01, one) + times(c00, none);

/** What a kept and a dropped context multiply a capital by, as logs, that is staked on a rate of p + shift. */
interface Stake {
  readonly kept: number;
  readonly dropped: number;
}

const stakeOn = (p: number, shift: number): Stake => ({
  kept: Math.log1p(shift / p),
  dropped: Math.log1p(-shift / (1 - p)),
});

/** A bet on a rival, and the stakes on the rates that are nearest to p + 2^-16 ρ and to p − 2^-16 ρ. */
interface Rival {
  readonly bet: Bet;
  /** 2^-16 |ρ|. */
  readonly shift: number;
  readonly above: Stake;
  readonly below: Stake;
}

/**
 * ln of the mean of the bets on all rivals. What a bet on ρ may gain by a rate of p + δ alone, without any correlation,
 * |δ| ≤ 2^-16, is taken off, so that a rate within the resolution makes no evidence: each pair then multiplies the capital
 * on average by 1 + δρ/p after a kept context and by 1 − δρ/(1−p) after a dropped one, and the largest product is that for
 * p + δρ nearest to the share of kept contexts.
 *
 * @returns nats; 0 without pairs
 */
export function logEvidenceAgainstIndependence({ rate: p }: PairClaim, counts: PairCounts): number {
  const { pairs, contexts } = counts;
  if (pairs === 0) return 0;
  const table = tableOf(counts);
  const excess = contexts / pairs - p;
  const atExcess = stakeOn(p, excess);
  return logMean(
    rivalsAt(p).map(({ bet, shift, above, below }) => {
      const beyond = excess > 0 ? above : below;
      const stake = shift < Math.abs(excess) ? beyond : atExcess;
      return gainOf(bet, table) - times(contexts, stake.kept) - times(pairs - contexts, stake.dropped);
    }),
  );
}

/** The rivals that are possible at a rate. A family asks of hundreds of lags at one rate. */
function rivalsAt(p: number): readonly Rival[] {
  if (lately?.p !== p) {
    const possible = correlations.filter((rho) => rho >= leastCorrelation(p));
    const rivals = possible.map((rho) => {
      const shift = coarsest * Math.abs(rho);
      return { bet: betOn(p, rho), shift, above: stakeOn(p, shift), below: stakeOn(p, -shift) };
    });
    lately = { p, rivals };
  }
  return lately.rivals;
}

let lately: { readonly p: number; readonly rivals: readonly Rival[] } | undefined;

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
  const slope = (rho: number) => (c10 + c01) / (1 - rho) - c11 / (odds + rho) - c00 / (1 / odds + rho);
  return endOf(slope, leastCorrelation(p), 1);
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
  const excess = (rho: number) => evidence - logCorrelationRatio(claim.rate, rho, counts) + Math.log(alpha);
  // The ratio is concave in ρ: what is possible is an interval around the likeliest correlation, or nothing.
  const found = correlationOf(claim.rate, counts);
  return { low: endOf(excess, found, least), high: endOf(excess, found, 1) };
}
