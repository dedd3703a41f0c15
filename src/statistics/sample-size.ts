/**
 * How many draws a verdict needs, and what a number of draws can show. Formulas, not simulations; the simulations that
 * check them are in `simulation.test.ts`.
 */
import { type Claim, epsilonOf, logEvidence, logThreshold, type Tally } from './claim.ts';
import { leastCorrelation } from './pairs.ts';
import { resolutionOf } from './rate.ts';
import { crossing } from './root.ts';

/** The probability that a verdict is still missing at the budget, and that a detectable deviation is not detected. */
const missProbability = 0.001;

/** KL(q ‖ p), the nats of evidence that one draw of rate q gives against the rate p, on average. */
export function divergence(q: number, p: number): number {
  return weighed(q, (q - p) / p) + weighed(1 - q, (p - q) / (1 - p));
}

const weighed = (probability: number, excess: number): number =>
  probability === 0 ? 0 : probability * Math.log1p(excess);

/** A family of truths, by how far they deviate from what is claimed: a rate's p + d, or a correlation's d. */
interface Model {
  readonly least: number;
  readonly most: number;
  /** KL(d ‖ e): the nats of evidence that one trial of deviation d gives against the deviation e, on average. */
  readonly divergence: (d: number, e: number) => number;
  /** What trials count on average. */
  readonly expected: (trials: number, d: number) => Tally;
}

/** @throws RangeError of a histogram, whose truths deviate in more ways than one */
function modelOf(claim: Claim): Model {
  if (claim.law === 'histogram') throw new RangeError('a histogram deviates in more ways than a number tells');
  const p = claim.rate;
  if (claim.law === 'rate') {
    return {
      least: -p,
      most: 1 - p,
      divergence: (d, e) => divergence(p + d, p + e),
      expected: (trials, d) => [trials, trials * (p + d)],
    };
  }
  // At the least correlation one of them is 0 or 1, and a rounding must not take it beyond.
  const after = (rho: number) => ({ kept: Math.max(0, p + (1 - p) * rho), dropped: Math.min(1, p - p * rho) });
  return {
    least: leastCorrelation(p),
    most: 1,
    divergence: (d, e) =>
      p * divergence(after(d).kept, after(e).kept) + (1 - p) * divergence(after(d).dropped, after(e).dropped),
    expected: (pairs, rho) => [pairs, pairs * p, pairs * p, pairs * p * after(rho).kept],
  };
}

/**
 * Wald's (1945) bound: a test that errs with probability α at most cannot tell a claim and what is ±ε off it apart with
 * fewer trials, on average, than ln(1/α)/KL. Of the four cases (±ε true and the claim refuted; the claim true and ±ε
 * excluded) the largest; they differ only near the edges.
 *
 * @param alpha the claim's share of the false-alarm probability
 * @returns trials, not rounded; 0 where nothing is to be certified
 */
export function waldSampleSize(claim: Claim, alpha: number): number {
  const epsilon = epsilonOf(claim);
  if (epsilon === undefined) return 0;
  const { least, most, divergence: kl } = modelOf(claim);
  const rivals = [-epsilon, epsilon].filter((rival) => rival >= least && rival <= most);
  return logThreshold(alpha) / Math.min(...rivals.flatMap((rival) => [kl(rival, 0), kl(0, rival)]));
}

/**
 * The trials after which a verdict is still missing with probability 0.001 at most, both where the claims are right and
 * where one is off by ε: (√λ + √(λ + L))²/L times Wald's bound, with L = ln(1/α) and λ = ln(members/0.001), for what is
 * left of ε when both may be off by the resolution.
 *
 * Why: after n trials the log-likelihood ratio has drifted by x = n KL with variance 2x, so it falls short of L with
 * probability e^-λ at most when x − L = 2√(λx) (Chernoff 1952). The factor is 3.0 at α = 1e-9, and larger where α is
 * larger, since then it is chance rather than the threshold that takes the draws. Most verdicts come at half of it.
 *
 * @param alpha the family's share of the false-alarm probability
 * @param members the size of the family: `holds` waits for the slowest of them
 * @returns trials of each member, rounded up; 0 where nothing is to be certified
 */
export function budgetOf(claim: Claim, alpha: number, members = 1): number {
  if (claim.law === 'histogram' || claim.epsilon === undefined) return 0;
  const { epsilon } = claim;
  const patience = Math.log(members / missProbability);
  const factor = (Math.sqrt(patience) + Math.sqrt(patience + logThreshold(alpha))) ** 2 / logThreshold(alpha);
  const left = claim.law === 'rate' ? epsilon - resolutionOf(claim) : epsilon;
  return Math.ceil(factor * waldSampleSize({ ...claim, epsilon: left }, alpha));
}

/**
 * The smallest deviations above and below the claim that this many trials refute with probability 0.999 or more: those
 * for which even unlucky counts are enough evidence. Unlucky are the counts between the deviation's and the claim's
 * which Chernoff's bound (1952), P(beyond x) ≤ exp(−n KL(x ‖ deviation)), gives a probability of 0.001; a single look,
 * at the end, is counted on. Like its bound the answer is on the safe side, by some 5 %.
 *
 * @param alpha the share of the false-alarm probability; of one member of a family of K, that share divided by K
 * @returns deviations in (0, 1]; Infinity where no deviation to that side would be noticed, or none has a size
 */
export function detectable(claim: Claim, trials: number, alpha: number): { above: number; below: number } {
  if (claim.law === 'histogram') return { above: Infinity, below: Infinity };
  const model = modelOf(claim);
  const excess = (deviation: number): number =>
    logEvidence(claim, model.expected(trials, unlucky(model, trials, deviation))) - logThreshold(alpha);
  return {
    above: smallest(model.most, excess),
    below: smallest(-model.least, (deviation) => excess(-deviation)),
  };
}

/** The least accusing deviation that trials of one show, but for a probability of 0.001: as near to 0 as that. */
function unlucky(model: Model, trials: number, deviation: number): number {
  const patience = -Math.log(missProbability);
  const side = Math.sign(deviation);
  const excess = (distance: number): number =>
    trials * model.divergence(deviation - side * distance, deviation) - patience;
  const beyond = smallest(Math.abs(deviation), excess);
  return beyond === Infinity ? 0 : deviation - side * beyond;
}

/** The smallest number in (0, limit] where a function that rises is not below zero; Infinity if none. */
function smallest(limit: number, f: (value: number) => number): number {
  const atEnd = f(limit);
  return limit > 0 && atEnd >= 0 ? crossing(f, 0, limit, atEnd) : Infinity;
}

/**
 * The trials that a test of a fixed size takes to tell a rate p and one that is ±ε off it apart, if it objects falsely with
 * probability `falseAlarm` (to either side together) and overlooks a deviation of ε with probability `miss`:
 *
 *     n = ((z(falseAlarm/2) √(p(1−p)) + z(miss) √(p′(1−p′))) / ε)²,
 *
 * z(a) the point that a standard normal variable exceeds with probability a, and p′ the one of p ± ε that varies more: the
 * normal approximation, good to a few percent where the trials are many. A test of a fixed size takes them all, whatever
 * comes; a sequential one stops when it knows.
 *
 * @returns trials, rounded up
 */
export function fixedSampleSize(
  { rate, epsilon }: { readonly rate: number; readonly epsilon: number },
  { falseAlarm, miss }: { readonly falseAlarm: number; readonly miss: number },
): number {
  const spread = (q: number) => Math.sqrt(Math.max(0, q * (1 - q)));
  const rivals = [rate - epsilon, rate + epsilon].map(spread);
  const distance = exceededWith(falseAlarm / 2) * spread(rate) + exceededWith(miss) * Math.max(...rivals);
  return Math.ceil((distance / epsilon) ** 2);
}

/** The point above the mean that a standard normal variable exceeds with that probability, in (0, 0.5). */
function exceededWith(probability: number): number {
  return smallest(mostDeviations, (z) => probability - normalTail(z));
}

/** No double is as small as the probability of more standard deviations than that. */
const mostDeviations = 39;

/** The probability that a standard normal variable exceeds z > 0: Laplace's continued fraction, φ(z)/(z + 1/(z + 2/(z + …))). */
function normalTail(z: number): number {
  let below = z;
  for (let k = fractionTerms; k > 0; k--) below = z + k / below;
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / below;
}

/** Enough from half a standard deviation on, to one in 10^8. */
const fractionTerms = 400;
