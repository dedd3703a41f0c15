/**
 * Arithmetic that carries along how far a correct subject's number may be from the exact one: a running error analysis
 * (Higham 2002, Accuracy and Stability of Numerical Algorithms, §3.3). Sums are bounded for every order of summation
 * (§4.2). A network's tolerances are thus those of its own numbers, not of a constant that fits all.
 */
import type { Allowance } from '../../src/must.ts';
import { type Dtype, smallestSubnormal, type Tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';

/** A number, and the largest absolute error that rounding may have given a correct subject's. */
export interface Rounded {
  readonly value: number;
  readonly error: number;
}

export const exact = (value: number): Rounded => ({ value, error: 0 });

/** The elements of a tensor that was given, so that nothing was rounded yet. */
export const given = (tensor: Tensor): Rounded[] => Array.from(valuesOf(tensor), exact);

export const negative = ({ value, error }: Rounded): Rounded => ({ value: -value, error });

/**
 * The error of exp, log and tanh in unit roundoffs: 6 units in the last place, the worst that is known of a library
 * (`golden/README.md`), are at most 12. It covers the logistic function, whose slope passes on a quarter of exp's error.
 */
export const transcendental = 12;

export interface Arithmetic {
  /** `value`, off by `error` already, after so many roundings more. */
  readonly rounded: (value: number, error: number, roundings: number) => Rounded;
  /** In any order, fused with the products before it or not. */
  readonly sum: (terms: readonly Rounded[]) => Rounded;
  readonly product: (a: Rounded, b: Rounded) => Rounded;
  /** value / divisor, the divisor being exact. */
  readonly quotient: (a: Rounded, divisor: number) => Rounded;
  /**
   * a · mask / keepProb. keepProb may be rounded, be known as 1 − keepProb only, and be multiplied by as a reciprocal:
   * 3 + 1 / keepProb roundings, as in `scaling`.
   */
  readonly dropped: (a: Rounded, mask: number, keepProb: number) => Rounded;
}

/** The arithmetic of a dtype. The suite's own is float64 and rounds too: its unit roundoff is added to the dtype's. */
export function arithmeticOf(dtype: Dtype): Arithmetic {
  const unit = unitRoundoff(dtype) + unitRoundoff('float64');
  const tiny = smallestSubnormal(dtype);
  // γ_n = n·u / (1 − n·u) bounds the relative error of n roundings; each may underflow besides.
  const errorOf = (magnitude: number, roundings: number): number =>
    ((roundings * unit) / (1 - roundings * unit)) * magnitude + roundings * tiny;
  const rounded = (value: number, error: number, roundings: number): Rounded => ({
    value,
    error: error + errorOf(Math.abs(value) + error, roundings),
  });
  return {
    rounded,
    sum: (terms) => {
      const error = terms.reduce((total, term) => total + term.error, 0);
      const magnitude = terms.reduce((total, term) => total + Math.abs(term.value), error);
      return {
        value: terms.reduce((total, term) => total + term.value, 0),
        error: error + errorOf(magnitude, terms.length),
      };
    },
    product: (a, b) =>
      rounded(a.value * b.value, Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error, 1),
    quotient: (a, divisor) => rounded(a.value / divisor, a.error / Math.abs(divisor), 1),
    dropped: (a, mask, keepProb) =>
      mask === 0 ? exact(0) : rounded(a.value / keepProb, a.error / keepProb, 3 + 1 / keepProb),
  };
}

export const values = (numbers: readonly Rounded[]): number[] => numbers.map(({ value }) => value);

/** The allowance of one number, or element by element, for a subject's answer in `dtype`. */
export const withinRounding = (dtype: Dtype, wanted: Rounded | readonly Rounded[]): Allowance => ({
  within: 'value' in wanted ? wanted.error : (i) => wanted[i].error,
  because: `the roundings of ${dtype} carried through the formula`,
});

/** The allowance between two answers, each off by its own roundings. */
export const withinBothRoundings = (dtype: Dtype, a: readonly Rounded[], b: readonly Rounded[]): Allowance => ({
  within: (i) => a[i].error + b[i].error,
  because: `the roundings of ${dtype} carried through the formula, in either answer`,
});
