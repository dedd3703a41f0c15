/**
 * How correct programs compute alike and not the same: in the dtype or in a wider format, and sums in any order. Support
 * for tests: no property imports it.
 */
import { type Dtype, round, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';

export interface ArithmeticStyle {
  /** Whether every operation is rounded to the dtype, or only what is answered. */
  readonly rounds: 'operations' | 'answers';
  readonly summation: keyof typeof summations;
}

export interface Arithmetic {
  /** What an operation leaves of its exact result. */
  readonly of: (exact: number) => number;
  /** Σ terms, each addition rounded. */
  readonly sum: (terms: readonly number[]) => number;
}

export const arithmeticOf = ({ rounds, summation }: ArithmeticStyle, dtype: Dtype): Arithmetic => {
  const of = rounds === 'operations' ? roundingTo[dtype] : (exact: number) => exact;
  return { of, sum: (terms) => summations[summation](terms, of) };
};

/** Remembers what it has rounded: the numbers of a network's examples are few, and 16 bits take their time. */
function remembering(dtype: Dtype): (exact: number) => number {
  const known = new Map<number, number>();
  return (exact) => {
    // A Map takes −0 for 0.
    if (exact === 0) return exact;
    const before = known.get(exact);
    if (before !== undefined) return before;
    if (known.size > 2 ** 16) known.clear();
    const rounded = round(dtype, exact);
    known.set(exact, rounded);
    return rounded;
  };
}

const roundingTo: Readonly<Record<Dtype, (exact: number) => number>> = {
  float64: (exact) => exact,
  float32: Math.fround,
  float16: remembering('float16'),
  bfloat16: remembering('bfloat16'),
  uint8: (exact) => exact,
};

type Sum = (terms: readonly number[], of: Arithmetic['of']) => number;

const inOrder: Sum = (terms, of) => terms.reduce((total, term) => of(total + term), 0);

/** Halves, and halves of halves. */
const pairwise: Sum = (terms, of) => {
  if (terms.length <= 2) return inOrder(terms, of);
  const middle = terms.length >> 1;
  return of(pairwise(terms.slice(0, middle), of) + pairwise(terms.slice(middle), of));
};

/** With the rounding error carried along (Kahan 1965), unless the sum is infinite: then the error would be NaN. */
const compensated: Sum = (terms, of) => {
  let [total, error] = [0, 0];
  for (const term of terms) {
    const corrected = of(term - error);
    const next = of(total + corrected);
    error = Number.isFinite(next) ? of(of(next - total) - corrected) : 0;
    total = next;
  }
  return total;
};

/** Every eighth term into the same lane, as in a vector register; the lanes at the end. */
const inLanes: Sum = (terms, of) => {
  const lanes = new Array<number>(8).fill(0);
  for (const [i, term] of terms.entries()) lanes[i % 8] = of(lanes[i % 8] + term);
  return inOrder(lanes, of);
};

const summations = {
  'in order': inOrder,
  reversed: (terms: readonly number[], of: Arithmetic['of']) => inOrder([...terms].reverse(), of),
  pairwise,
  compensated,
  'in lanes': inLanes,
};

/** The numbers of a tensor, by their place. */
export const numbersOf = (of: Tensor): readonly number[] => Array.from(valuesOf(of));

/** A tensor like another one, of other numbers. */
export const like = ({ dtype, shape }: Tensor, numbers: readonly number[]): Tensor => tensor(dtype, shape, numbers);

/** Refuses what has no meaning. */
export function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw Object.assign(new RangeError(message), { code: 'invalid_argument' });
}

/** A strength or a rate. */
export const refuseUnlessStrength = (name: string, value: number): void =>
  refuseUnless(value >= 0 && value < Infinity, `${name} must be finite and not negative, got ${value}`);
