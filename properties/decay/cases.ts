/** What the properties of decay are asked about. */
import fc, { type Arbitrary } from 'fast-check';
import type { Capabilities, Optimizer } from '../../src/subject.ts';
import type { Dtype, Tensor } from '../../src/tensor.ts';
import { decimal, dtypeOf, isCoarse, patterned } from '../arbitraries.ts';

/** Arbitraries by name, for numbers of one dtype: all tensors of a question share it. */
type Fields<C> = (dtype: Dtype) => { [Name in keyof C]: Arbitrary<C[Name]> };

/** Cases of one of the declared dtypes, with one of the declared optimizers. */
export const casesOf =
  <C>(fields: Fields<C>) =>
  (can: Capabilities): Arbitrary<C & { optimizer: Optimizer }> =>
    fc
      .tuple(dtypeOf(can.step?.dtypes ?? []), optimizerOf(can))
      .chain(([dtype, optimizer]) => fc.record<C>(fields(dtype)).map((drawn) => ({ optimizer, ...drawn })));

const optimizerOf = (can: Capabilities): Arbitrary<Optimizer> =>
  fc.constantFrom(...(Object.keys(can.step?.optimizers ?? {}) as Optimizer[]));

/**
 * Rates at which a step's decay, lr · weight_decay of the weight, is 2^-12 of it at least: 500 times what float32
 * rounds. In the formats of 16 bits it is 1/16 at least, twice what bfloat16 rounds.
 */
export const rates = (dtype: Dtype): { lr: Arbitrary<number>; weightDecay: Arbitrary<number> } => ({
  lr: rate(dtype, 0.999),
  weightDecay: rate(dtype, 0.5),
});

const rate = (dtype: Dtype, max: number): Arbitrary<number> =>
  isCoarse(dtype)
    ? fc.constantFrom(0.5, 0.25)
    : fc.oneof(
        { withCrossShrink: true },
        fc.constantFrom(0.5, 0.25, 0.1),
        fc.integer({ min: 16, max: 1000 * max }).map((n) => n / 1000),
      );

/** Numbers of either sign whose magnitude is from min to max. */
export const signed = (dtype: Dtype, range: { min: number; max: number }): Arbitrary<number> =>
  fc
    .tuple(decimal(dtype, range), fc.constantFrom(1, 1, -1))
    .map(([magnitude, sign]) => sign * magnitude);

/** Weights of magnitude 1 to 16: above any lr, so that not even a normalized decay takes one past zero. */
export const weights = (dtype: Dtype): Arbitrary<Tensor> =>
  shapes().chain((axes) => patterned(dtype, axes, signed(dtype, { min: 1, max: 16 })));

/** A few weights, or gradients of the same shape for `steps` steps, of magnitudes in a range. */
export const few = (dtype: Dtype, range: { min: number; max: number }, length = 3): Arbitrary<Tensor> =>
  patterned(dtype, [length], signed(dtype, range));

export const gradientsFor = (dtype: Dtype, steps: number, length = 3): Arbitrary<Tensor> =>
  patterned(dtype, [steps, length], signed(dtype, { min: 2, max: 8 }));

const shapes = (): Arbitrary<readonly number[]> =>
  fc.oneof(
    { withCrossShrink: true },
    fc.integer({ min: 1, max: 67 }).map((length) => [length]),
    fc.constantFrom<readonly number[]>([], [1, 1], [3, 5], [2, 1, 3]),
  );
