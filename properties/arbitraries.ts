/**
 * What properties are asked about. Every arbitrary tries numbers first that a person can check by hand (1, 2, 0.5,
 * 0.25) and shrinks to them, and puts zeros, negatives, −0, subnormals, odd lengths, empty and long tensors in the way.
 */
import fc, { type Arbitrary } from 'fast-check';
import {
  type Dtype,
  largestFinite,
  round,
  sizeOf,
  smallestSubnormal,
  type Tensor,
  tensor,
  unitRoundoff,
} from '../src/tensor.ts';

/** 0.25 first, since keep_prob, 1 − keep_prob and their inverses all differ there: at 0.5 half of all real bugs are invisible. */
const wellKnownKeepProbs = [0.25, 0.8, 0.5, 0.1, 0.9, 1 / 3, 511 / 512] as const;

/** A keep_prob in (0, 1) at which elements are both kept and dropped; now and then one that keeps hardly any. */
export const keepProb = (): Arbitrary<number> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: fc.constantFrom(...wellKnownKeepProbs) },
    { weight: 4, arbitrary: fc.double({ min: 0.05, max: 0.95, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(0.01) },
  );

/** A non-negative strength, such as lambda or weight_decay: simple fractions first. */
export const strength = (): Arbitrary<number> =>
  oneOf(fc.constantFrom(0.5, 0.1, 1, 0.01, 0.25), fc.double({ min: 2 ** -10, max: 1, noNaN: true }));

/** Shapes from a single element to many axes; none is empty. */
export const shape = (): Arbitrary<readonly number[]> =>
  oneOf(
    fc.integer({ min: 1, max: 67 }).map((length) => [length]),
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 17 })).map((axes) => [...axes]),
    fc.constantFrom<readonly number[]>([], [1, 1], [2, 3, 4], [1, 3, 1, 5], [2, 1, 2, 1, 3], [257], [64, 64], [4099]),
  );

/** The length of an input that a kernel may divide among blocks, and that 16 bits cannot count; a prime. */
export const long = 131_101;

/** Shapes with nothing in them. */
export const emptyShape = (): Arbitrary<readonly number[]> =>
  fc.constantFrom<readonly number[]>([0], [0, 3], [2, 0], [1, 0, 4]);

export const dtypeOf = (dtypes: readonly Dtype[]): Arbitrary<Dtype> => fc.constantFrom(...dtypes);

/** Finite numbers: small and simple ones, then any within `magnitude`; zeros, −0 and subnormals unless `nonZero`. */
export interface Numbers {
  readonly nonZero?: boolean;
  readonly specials?: boolean;
  readonly magnitude?: number;
}

const simple = [1, 2, -1, 3, 0.5, -2, 4, 0.25, 10, -0.75];

function number(dtype: Dtype, { nonZero = false, specials = false, ...given }: Numbers): Arbitrary<number> {
  // Room for a division by the smallest keep_prob, so that no wanted number overflows.
  const magnitude = Math.min(given.magnitude ?? 1e4, largestFinite(dtype) / 2 ** 8);
  const tiny = smallestSubnormal(dtype);
  const zeros = nonZero ? [] : [0, -0];
  const ends = specials ? [tiny, -tiny, 3 * tiny, Infinity, -Infinity, NaN, largestFinite(dtype)] : [];
  const choices = [
    { weight: 5, arbitrary: fc.constantFrom(...simple.filter((value) => Math.abs(value) <= magnitude)) },
    { weight: 5, arbitrary: fc.double({ min: -magnitude, max: magnitude, noNaN: true }) },
    ...[zeros, ends]
      .filter((list) => list.length > 0)
      .map((list) => ({ weight: 1, arbitrary: fc.constantFrom(...list) })),
  ];
  return fc.oneof({ withCrossShrink: true }, ...choices).map((value) => {
    const rounded = round(dtype, value);
    return nonZero && Math.abs(rounded) < 2 ** -10 * Math.min(1, magnitude) ? 1 : rounded;
  });
}

/** A tensor of one of `dtypes`: a short pattern of numbers, repeated to fill the shape, so that it shrinks well. */
export const tensorOf = (
  dtypes: readonly Dtype[],
  { shapes = shape(), ...numbers }: Numbers & { readonly shapes?: Arbitrary<readonly number[]> } = {},
): Arbitrary<Tensor> =>
  dtypeOf(dtypes).chain((dtype) =>
    fc
      .tuple(shapes, fc.array(number(dtype, numbers), { minLength: 1, maxLength: 37 }))
      .map(([axes, pattern]) => fill(dtype, axes, pattern)),
  );

/**
 * Numbers in [min, max] as a person would write them: simple ones first, then multiples of 1/1000, spread evenly. In the
 * formats of 16 bits multiples of 1/4, whose sums and squares neither vanish nor lose more than the allowances say.
 */
export function decimal(dtype: Dtype, { min, max }: { readonly min: number; readonly max: number }): Arbitrary<number> {
  const parts = isCoarse(dtype) ? 4 : 1000;
  const even = fc.integer({ min: Math.ceil(min * parts), max: Math.floor(max * parts) }).map((count) => count / parts);
  const known = simple.filter((value) => value >= min && value <= max);
  return known.length === 0 ? even : oneOf(fc.constantFrom(...known), even);
}

/** Whether a format is too coarse for the strengths that are usual in float32: float16 and bfloat16. */
export const isCoarse = (dtype: Dtype): boolean => unitRoundoff(dtype) > 2 ** -20;

/** A tensor that repeats a short pattern of `numbers`. */
export const patterned = (dtype: Dtype, axes: readonly number[], numbers: Arbitrary<number>): Arbitrary<Tensor> =>
  fc
    .array(numbers, { minLength: 1, maxLength: Math.min(37, Math.max(1, sizeOf(axes))) })
    .map((pattern) => fill(dtype, axes, pattern));

/** The tensor whose elements repeat `pattern`. */
export const fill = (dtype: Dtype, axes: readonly number[], pattern: readonly number[]): Tensor =>
  tensor(
    dtype,
    axes,
    new Float64Array(sizeOf(axes)).map((_, i) => pattern[i % pattern.length]),
  );

const oneOf = <T>(...choices: Arbitrary<T>[]): Arbitrary<T> => fc.oneof({ withCrossShrink: true }, ...choices);
