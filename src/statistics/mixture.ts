/**
 * The beta mixture: how much likelier the counts are under a rate that is spread around m than under m itself; and the
 * Dirichlet mixture, the same for outcomes of more than two kinds. They are computed without subtracting log-gammas,
 * which would lose 7e-3 nats at 1e12 draws.
 */

/**
 * A number of draws, and how many of them were what is counted.
 *
 * A draw may also be any number between 0 and 1 of a claimed mean; `successes` is then their sum. All the evidence here
 * is a mixture of products of (θ/m)^x ((1−θ)/(1−m))^(1−x), convex in the draw x, so that among the draws of a mean the
 * certain ones, 0 and 1, give the most on average (Hoeffding 1963, proof of Theorem 1): what holds for them holds for all.
 */
export interface Counts {
  readonly trials: number;
  readonly successes: number;
}

/**
 * r(x) = ln Γ(x) − (x − ½) ln x + x − ½ ln 2π, the remainder of Stirling's formula, for x > 0. Its absolute error is
 * below 1e-13: the first term that the series leaves out is 1/(1188 x⁹) < 3e-14 at x = 15, and a smaller x is moved up
 * by Γ(x + 1) = x Γ(x). Source: Abramowitz and Stegun 1964, 6.1.41.
 */
export function stirlingRemainder(x: number): number {
  if (x >= 15) return seriesOf(x);
  let product = 1;
  let y = x;
  for (; y < 15; y++) product *= y;
  return seriesOf(y) + (y - 0.5) * Math.log(y) - y - Math.log(product) - (x - 0.5) * Math.log(x) + x;
}

function seriesOf(x: number): number {
  const s = 1 / (x * x);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680)))) / x;
}

/**
 * ln M_c(n, k; m), the log of the beta-binomial likelihood ratio against the rate m,
 *
 *     M_c = B(cm + k, c(1−m) + n−k) / B(cm, c(1−m)) / (m^k (1−m)^(n−k)),
 *
 * B the beta function. While the rate is m, M_c is a martingale in n that starts at 1 (Robbins 1970), so by Ville's
 * inequality (1939) it ever reaches 1/α with probability at most α. The prior has mean m and the weight of c draws.
 *
 * With a = cm, b = c(1−m), A = a + k, B = b + n−k, N = c + n, Stirling's formula turns it into
 *
 *     A ln(A/(Nm)) + B ln(B/(N(1−m))) + ½ ln(ab N/(AB c)) + r(A) + r(B) − r(N) − r(a) − r(b) + r(c),
 *
 * where A − Nm = k − nm, so that the first two logarithms are log1p. That difference is taken of the rarer outcome, of
 * which nothing cancels: of m near 1 the roundings of n m would be larger than n(1−m) itself. The absolute error is below 6e-8 up to n = 1e12
 * wherever the evidence is below 1 000 nats, and the relative error below 1e-12 beyond (`mixture.test.ts`).
 *
 * @param m the rate, in [0, 1]; against a rate of exactly 0 or 1 a single contradiction is infinite evidence
 * @param c the prior's weight in draws, > 0
 * @returns nats
 */
export const logMixture = (counts: Counts, m: number, c: number): number => mixtureAgainst(m, c)(counts);

/** `logMixture` for many counts: what does not depend on them is computed once. */
export function mixtureAgainst(m: number, c: number): (counts: Counts) => number {
  if (m === 0 || m === 1) {
    return ({ trials, successes }) => ((m === 0 ? successes : trials - successes) === 0 ? 0 : Infinity);
  }
  const a = c * m;
  const rest = 1 - m;
  const b = c * rest;
  const isRare = m <= 0.5;
  const constant = stirlingRemainder(c) - stirlingRemainder(a) - stirlingRemainder(b);
  return ({ trials, successes }) => {
    const failures = trials - successes;
    const excess = isRare ? successes - trials * m : trials * rest - failures;
    const A = a + successes;
    const B = b + failures;
    const N = c + trials;
    return (
      A * Math.log1p(excess / (N * m)) +
      B * Math.log1p(-excess / (N * rest)) +
      0.5 * Math.log((a / A) * (b / B) * (N / c)) +
      stirlingRemainder(A) +
      stirlingRemainder(B) -
      stirlingRemainder(N) +
      constant
    );
  };
}

/**
 * ln of the Dirichlet-multinomial likelihood ratio against the probabilities q, with a prior of mean q and the weight of
 * c draws:
 *
 *     Γ(c)/Γ(c + n) · Π Γ(c q_i + k_i)/Γ(c q_i) / Π q_i^k_i
 *
 * `logMixture` for more than two outcomes, with the same martingale and the same expansion; of two it is the same. Here
 * the roundings of n q_i do not cancel: they add an error of n 2^-52 nats at most, 2e-6 at 1e10 draws.
 *
 * @param counts k_i, with n = Σ k_i
 * @param probabilities q_i > 0, of sum 1
 * @param c the prior's weight in draws, > 0
 * @returns nats
 */
export function logDirichletMixture(counts: readonly number[], probabilities: readonly number[], c: number): number {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const N = c + n;
  let log = 0.5 * Math.log(N / c) - stirlingRemainder(N) + stirlingRemainder(c);
  for (let i = 0; i < counts.length; i++) {
    const [k, q] = [counts[i], probabilities[i]];
    const a = c * q;
    const A = a + k;
    log += A * Math.log1p((k - n * q) / (N * q));
    if (k > 0) log += 0.5 * Math.log(a / A) + stirlingRemainder(A) - stirlingRemainder(a);
  }
  return log;
}
