/**
 * How many draws a verdict needs, and what a number of draws can show. Formulas, not simulations; the simulations that
 * check them are in `simulation.test.ts`.
 */
import type { Counts } from './mixture.ts';
import { logEvidenceAgainstRate, logThreshold, type RateClaim, resolutionOf } from './rate.ts';

/** The probability that a verdict is still missing at the budget, and that a detectable deviation is not detected. */
const missProbability = 0.001;

/** KL(q ‖ p), the nats of evidence that one draw of rate q gives against the rate p, on average. */
export function divergence(q: number, p: number): number {
  return weighed(q, (q - p) / p) + weighed(1 - q, (p - q) / (1 - p));
}

const weighed = (probability: number, excess: number): number =>
  probability === 0 ? 0 : probability * Math.log1p(excess);

/**
 * Wald's (1945) bound: a test that errs with probability α at most cannot tell p and p ± ε apart with fewer draws, on
 * average, than ln(1/α)/KL. Of the four cases (p ± ε true and p refuted; p true and p ± ε excluded) the largest; they
 * differ only near the rates 0 and 1.
 *
 * @param alpha the claim's share of the false-alarm probability
 * @returns draws, not rounded
 */
export function waldSampleSize(claim: RateClaim, alpha: number): number {
  const { rate, epsilon } = claim;
  const rivals = [rate - epsilon, rate + epsilon].filter((rival) => rival >= 0 && rival <= 1);
  const nats = rivals.flatMap((rival) => [divergence(rival, rate), divergence(rate, rival)]);
  return logThreshold(alpha) / Math.min(...nats);
}

/**
 * The draws after which a verdict is still missing with probability 0.001 at most, both where the rates are right and
 * where one is off by ε: (√λ + √(λ + L))²/L times Wald's bound, with L = ln(1/α) and λ = ln(members/0.001), for what is
 * left of ε when both may be off by the resolution.
 *
 * Why: after n draws the log-likelihood ratio has drifted by x = n KL with variance 2x, so it falls short of L with
 * probability e^-λ at most when x − L = 2√(λx) (Chernoff 1952). The factor is 3.0 at α = 1e-9, and larger where α is
 * larger, since then it is chance rather than the threshold that takes the draws. Most verdicts come at half of it.
 *
 * @param alpha the family's share of the false-alarm probability
 * @param members the size of the family: `holds` waits for the slowest of them
 * @returns draws of each member, rounded up
 */
export function budgetOf(claim: RateClaim, alpha: number, members = 1): number {
  const patience = Math.log(members / missProbability);
  const factor = (Math.sqrt(patience) + Math.sqrt(patience + logThreshold(alpha))) ** 2 / logThreshold(alpha);
  const epsilon = claim.epsilon - resolutionOf(claim);
  return Math.ceil(factor * waldSampleSize({ rate: claim.rate, epsilon }, alpha));
}

/**
 * The smallest deviations above and below p that this many draws refute with probability 0.999 or more: those δ for
 * which even an unlucky count under p ± δ is enough evidence. Unlucky is the count between that and np which Chernoff's
 * bound (1952), P(k/n beyond x) ≤ exp(−n KL(x ‖ p ± δ)), gives a probability of 0.001; a single look, at the end, is
 * counted on. Like its bound the answer is on the safe side, by some 5 %.
 *
 * @param alpha the share of the false-alarm probability; of one member of a family of K, that share divided by K
 * @returns deviations of the rate, in (0, 1]; Infinity where no deviation to that side would be noticed
 */
export function detectable(claim: RateClaim, trials: number, alpha: number): { above: number; below: number } {
  const isSeen = (rate: number): boolean =>
    logEvidenceAgainstRate(claim, unluckyCounts(trials, rate, claim.rate)) >= logThreshold(alpha);
  return {
    above: smallest(1 - claim.rate, (deviation) => isSeen(claim.rate + deviation)),
    below: smallest(claim.rate, (deviation) => isSeen(claim.rate - deviation)),
  };
}

/** The least accusing counts that draws at `rate` give, but for a probability of 0.001: as near to `claimed` as that. */
function unluckyCounts(trials: number, rate: number, claimed: number): Counts {
  const patience = -Math.log(missProbability);
  const isLikely = (distance: number): boolean =>
    trials * divergence(rate + Math.sign(claimed - rate) * distance, rate) <= patience;
  const beyond = smallest(Math.abs(claimed - rate), (distance) => !isLikely(distance));
  const found = beyond === Infinity ? claimed : rate + Math.sign(claimed - rate) * beyond;
  return { trials, successes: trials * found };
}

/** The smallest number in (0, limit] for which a condition holds that holds from some number on; Infinity if none. */
function smallest(limit: number, holds: (value: number) => boolean): number {
  if (!(limit > 0 && holds(limit))) return Infinity;
  let [low, high] = [0, limit];
  for (let step = 0; step < 52; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
