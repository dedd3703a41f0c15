/** What the properties of decay are asked about. */
import fc, { type Arbitrary } from 'fast-check';
import type { Capabilities, Optimizer } from '../../src/subject.ts';
import type { Dtype, Tensor } from '../../src/tensor.ts';
import { decimal, dtypeOf, isCoarse, patterned } from '../arbitraries.ts';

/** What the tensors of one question share. */
interface Shared {
  readonly dtype: Dtype;
  /** The length of a short vector and of the gradients that belong to it. */
  readonly length: number;
  /** The leading axis of those gradients. */
  readonly steps: number;
}

/** Cases of one of the declared dtypes. */
export const casesOf =
  <C>(fields: (shared: Shared) => { [Name in keyof C]: Arbitrary<C[Name]> }) =>
  (can: Capabilities): Arbitrary<C> =>
    fc
      .record({
        dtype: dtypeOf(can.step?.dtypes ?? []),
        length: fc.integer({ min: 1, max: 3 }),
        steps: fc.integer({ min: 2, max: 4 }),
      })
      .chain((shared) => fc.record<C>(fields(shared)));

/** Such cases, each for one of the declared optimizers. */
export const casesOfEach =
  <C>(fields: (shared: Shared) => { [Name in keyof C]: Arbitrary<C[Name]> }) =>
  (can: Capabilities): Arbitrary<C & { readonly optimizer: Optimizer }> =>
    fc.tuple(optimizerOf(can), casesOf(fields)(can)).map(([optimizer, drawn]) => ({ optimizer, ...drawn }));

const optimizerOf = (can: Capabilities): Arbitrary<Optimizer> =>
  fc.constantFrom(...known.filter((optimizer) => can.step?.optimizers[optimizer] !== undefined));

/** Others may be declared, and are not asked about. */
const known: readonly Optimizer[] = ['sgd', 'adam', 'adamw'];

/**
 * Rates at which a step's decay, lr · weight_decay of the weight, is 2^-12 of it at least: 500 times what float32
 * rounds. In the formats of 16 bits it is 1/16 at least, twice what bfloat16 rounds.
 */
export const rates = (dtype: Dtype): { lr: Arbitrary<number>; weightDecay: Arbitrary<number> } => ({
  lr: rate(dtype, 0.999),
  weightDecay: rate(dtype, 0.5),
});

/**
 * The same, and ones that a cap would change. The factor 1 − f, which may then be as low as −19, is still what is said of
 * one step; but not every decay shrinks any more.
 */
export const ratesBeyondOne = (dtype: Dtype): { lr: Arbitrary<number>; weightDecay: Arbitrary<number> } => {
  const { lr, weightDecay } = rates(dtype);
  const beyond = (usual: Arbitrary<number>, ...strong: readonly number[]): Arbitrary<number> =>
    fc.oneof(
      { withCrossShrink: true },
      { weight: 2, arbitrary: usual },
      { weight: 1, arbitrary: fc.constantFrom(...strong) },
    );
  return { lr: beyond(lr, 1.5, 2), weightDecay: beyond(weightDecay, 2, 10) };
};

export const rate = (dtype: Dtype, max: number): Arbitrary<number> =>
  isCoarse(dtype)
    ? fc.constantFrom(0.5, 0.25)
    : fc.oneof(
        { withCrossShrink: true },
        fc.constantFrom(0.5, 0.25, 0.1),
        fc.integer({ min: 16, max: 1000 * max }).map((n) => n / 1000),
      );

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Numbers of either sign with a magnitude from min to max. */
const signed = (dtype: Dtype, range: Range): Arbitrary<number> =>
  fc.tuple(decimal(dtype, range), fc.constantFrom(1, 1, -1)).map(([magnitude, sign]) => sign * magnitude);

/** Weights of magnitude 1 to 16: more than any usual lr, so that not even a normalized decay takes one past zero. */
export const weights = (dtype: Dtype, ofShapes = shapes()): Arbitrary<Tensor> =>
  ofShapes.chain((axes) => patterned(dtype, axes, signed(dtype, { min: 1, max: 16 })));

/** The same, and long vectors of them, for which a kernel needs more than one block. */
export const shortAndLongWeights = (dtype: Dtype): Arbitrary<Tensor> => {
  const long = fc.constantFrom<readonly number[]>([257], [4099]);
  return weights(
    dtype,
    fc.oneof({ withCrossShrink: true }, { weight: 3, arbitrary: shapes() }, { weight: 1, arbitrary: long }),
  );
};

/** A short vector of weights of magnitude 1/2 to 2, so small that what gradients do to them is not lost in rounding. */
export const small = ({ dtype, length }: Shared): Arbitrary<Tensor> =>
  patterned(dtype, [length], signed(dtype, { min: 0.5, max: 2 }));

/** Gradients for a short vector. Of magnitude 2 to 8 no decay, of a half of 2 at most, turns one around. */
export const gradients = ({ dtype, length, steps }: Shared, range: Range = { min: 2, max: 8 }): Arbitrary<Tensor> =>
  patterned(dtype, [steps, length], signed(dtype, range));

const shapes = (): Arbitrary<readonly number[]> =>
  fc.oneof(
    { withCrossShrink: true },
    fc.integer({ min: 1, max: 67 }).map((length) => [length]),
    fc.constantFrom<readonly number[]>([], [1, 1], [3, 5], [2, 1, 3]),
  );
