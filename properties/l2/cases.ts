/** What the properties of the penalty are asked about. */
import fc, { type Arbitrary } from 'fast-check';
import type { Capabilities } from '../../src/subject.ts';
import { type Dtype, largestFinite, sizeOf, type Tensor } from '../../src/tensor.ts';
import { decimal, dtypeOf, isCoarse, patterned, strength } from '../arbitraries.ts';

/** Arbitraries by name, for numbers of one dtype: all tensors of a question share it. */
type Fields<C> = (dtype: Dtype) => { [Name in keyof C]: Arbitrary<C[Name]> };

/** Cases of one of the declared dtypes. */
export const casesOf =
  <C>(fields: Fields<C>) =>
  (can: Capabilities): Arbitrary<C> =>
    dtypeOf(can.penalty?.dtypes ?? []).chain((dtype) => fc.record<C>(fields(dtype)));

/** How strongly a penalty weighs: c · lambda / examples with the declared c. */
export interface Strength {
  readonly lambda: number;
  /** Always given, so that an implementation which declares not to divide by it is seen not to. */
  readonly examples: number;
}

/** Strengths that even a float16 holds beside the squares of the weights, where the dtype is one of 16 bits. */
export const strengths = (dtype: Dtype): { lambda: Arbitrary<number>; examples: Arbitrary<number> } =>
  isCoarse(dtype)
    ? { lambda: fc.constantFrom(0.5, 0.25, 1), examples: fc.constantFrom(1, 2, 4) }
    : { lambda: strength(), examples: fc.oneof(fc.constantFrom(1, 2, 10), fc.integer({ min: 1, max: 1000 })) };

/** Vectors, matrices and more axes. In 16 bits 16 elements at most: their roundings leave the sum a meaning there. */
export const shapes = (dtype: Dtype): Arbitrary<readonly number[]> => {
  const most = isCoarse(dtype) ? 16 : 67;
  const vector = fc.integer({ min: 1, max: most }).map((length) => [length]);
  const matrix = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 17 }))
    .map(([rows, columns]) => [rows, columns])
    .filter((axes) => sizeOf(axes) <= most);
  const odd = fc.constantFrom<readonly number[]>([], [1, 1], [2, 1, 3], [2, 2, 1, 2]);
  return fc.oneof({ withCrossShrink: true }, vector, matrix, odd);
};

/** Vectors that are summed in blocks, where there are blocks. In 16 bits none is long: see `shapes`. */
export const longLengths = (dtype: Dtype): readonly number[] => (isCoarse(dtype) ? [] : [257, 4099]);

const numbersUpToTen = (dtype: Dtype): Arbitrary<number> => decimal(dtype, { min: -10, max: 10 });

/** Weights from −10 to 10, zeros among them. */
export const weights = (dtype: Dtype): Arbitrary<Tensor> =>
  shapes(dtype).chain((axes) => patterned(dtype, axes, numbersUpToTen(dtype)));

/** The same, and long vectors of them. */
export const shortAndLongWeights = (dtype: Dtype): Arbitrary<Tensor> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: weights(dtype) },
    ...longLengths(dtype).map((length) => ({
      weight: 1,
      arbitrary: patterned(dtype, [length], numbersUpToTen(dtype)),
    })),
  );

/** A few parameters' elements from 1 to 4: beside one another, none of them drowns in the others' roundings. */
export const few = (dtype: Dtype, most = 3): Arbitrary<Tensor> =>
  fc.integer({ min: 1, max: most }).chain((length) => patterned(dtype, [length], decimal(dtype, { min: 1, max: 4 })));

/** Powers of two: scaling by one rounds nothing, so that only the roundings of the penalty itself are to be allowed. */
export const exponents = (dtype: Dtype): Arbitrary<number> =>
  isCoarse(dtype)
    ? fc.constantFrom(1, -1, 2, -2)
    : fc.oneof({ withCrossShrink: true }, fc.constantFrom(1, -1), fc.integer({ min: -20, max: 20 }));

/** The largest e with 2^e finite. */
export const largestExponent = (dtype: Dtype): number => Math.round(Math.log2(largestFinite(dtype))) - 1;
