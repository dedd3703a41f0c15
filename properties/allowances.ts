/** The tolerances of the properties, each derived from the roundings that a correct implementation makes. */
import type { Allowance } from '../src/must.ts';
import { type Dtype, smallestSubnormal, unitRoundoff } from '../src/tensor.ts';

/**
 * For values / keep_prob. A correct implementation may round keep_prob to its dtype, take the reciprocal, and round the
 * product: three roundings of relative error u. If it is told the drop probability it may round 1 − keep_prob and 1 −
 * that once more: an absolute error of u, so a relative one of u / keep_prob. What underflows may be flushed to zero.
 */
export function scaling(dtype: Dtype, keepProb: number, wanted: ArrayLike<number>): Allowance {
  const relative = (3 + 1 / keepProb) * unitRoundoff(dtype);
  const underflow = smallestNormal(dtype);
  return {
    within: (i) => relative * Math.abs(wanted[i]) + underflow,
    because: `keep_prob, 1 − keep_prob, its reciprocal and the product rounded to ${dtype}`,
  };
}

/**
 * For sums of products: `roundings` roundings, each of relative error u, of terms whose magnitudes sum to `magnitude`.
 * Holds for every order of summation (Higham 2002, Accuracy and Stability of Numerical Algorithms, §3.1), with γ_n =
 * n·u / (1 − n·u).
 */
export function sum(dtype: Dtype, roundings: number, magnitude: number | ArrayLike<number>): Allowance {
  const u = unitRoundoff(dtype);
  const gamma = (roundings * u) / (1 - roundings * u);
  const underflow = roundings * smallestSubnormal(dtype);
  return {
    within: typeof magnitude === 'number' ? gamma * magnitude + underflow : (i) => gamma * magnitude[i] + underflow,
    because: `${roundings} roundings of ${dtype}`,
  };
}

/** The smallest number that is not subnormal: what underflows below it may be flushed to zero. */
export const smallestNormal = (dtype: Dtype): number => smallestSubnormal(dtype) / (2 * unitRoundoff(dtype));
