/** Which networks the properties of training ask about, and how they ask. Small ones: a person can check them by hand. */
import fc, { type Arbitrary } from 'fast-check';
import type { Activation, Capabilities, Loss, NetworkAnswer, Subject } from '../../src/subject.ts';
import { type Dtype, sizeOf, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { dtypeOf, fill } from '../arbitraries.ts';
import type { Setting } from './thinned.ts';

/** A setting, and one mask for each of its hidden layers, [batch, width]. */
export type Masked = Setting & { readonly masks: readonly Tensor[] };

/** Bounds on what is drawn, where they are not the usual ones: up to 3 hidden layers of 1 to 4 nodes and 4 examples. */
export interface Scope {
  readonly mostLayers?: number;
  readonly leastWidth?: number;
  readonly mostExamples?: number;
  readonly activations?: readonly Activation[];
  readonly losses?: readonly Loss[];
}

const everyActivation: readonly Activation[] = ['identity', 'relu', 'sigmoid', 'tanh'];
const everyLoss: readonly Loss[] = ['mse', 'softmax_cross_entropy'];

/** The dtypes that networks are declared for. */
export const dtypesOf = ({ network }: Capabilities): readonly Dtype[] => network?.dtypes ?? [];

/**
 * A keep_prob at which nodes are kept and dropped often, and at which a few layers' scales do not pile up; or 1, at which
 * none is dropped. At ¼, the first to be tried, no two of p, 1 − p, 1/p and their like are the same.
 */
export const rate = (): Arbitrary<number> =>
  fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(0.25, 0.8, 0.5, 0.9, 1),
    fc.double({ min: 0.25, max: 0.95, noNaN: true }),
  );

const simple = [1, 2, -1, 0.5, -2, 0.25, -0.75, 1.5] as const;

/**
 * Numbers of a size at which everything shows: simple ones, and 64ths up to 2, which every dtype holds. (Drawn bit by
 * bit, as `arbitraries` does, most numbers are so small that their products vanish.) Each element is drawn by itself.
 */
export const matrix = (dtype: Dtype, shape: readonly number[], { nonZero = false } = {}): Arbitrary<Tensor> => {
  const number = fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(...simple),
    fc.integer({ min: -128, max: 128 }).map((n) => (nonZero && n === 0 ? 1 : n / 64)),
  );
  const size = sizeOf(shape);
  return fc.array(number, { minLength: size, maxLength: size }).map((numbers) => tensor(dtype, shape, numbers));
};

/** Networks with masks for their hidden layers. */
export const network = (can: Capabilities, scope: Scope = {}): Arbitrary<Masked> => {
  const { activations = everyActivation, losses = everyLoss } = scope;
  const upTo = (max: number, min = 1) => fc.integer({ min, max });
  const hidden = fc.array(upTo(4, scope.leastWidth), {
    minLength: 1,
    maxLength: scope.mostLayers ?? 3,
  });
  return fc
    .record({
      dtype: dtypeOf(dtypesOf(can)),
      inputs: upTo(3),
      hidden,
      outputs: upTo(3),
      batch: upTo(scope.mostExamples ?? 4),
      activation: fc.constantFrom(...activations),
      loss: fc.constantFrom(...losses),
    })
    .chain(({ dtype, inputs, hidden, batch, activation, loss, ...drawn }) => {
      // The cross-entropy of a single class is always 0.
      const outputs = loss === 'softmax_cross_entropy' ? Math.max(2, drawn.outputs) : drawn.outputs;
      const layers = [inputs, ...hidden, outputs];
      return fc
        .record({
          layers: fc.constant(layers),
          activation: fc.constant(activation),
          loss: fc.constant(loss),
          keepProbs: fc.tuple(...hidden.map(rate)),
          x: matrix(dtype, [batch, inputs]),
          t: targets(dtype, loss, batch, outputs),
          parameters: parametersOf(dtype, layers),
          masks: fc.tuple(...hidden.map((width) => mask(batch, width))),
        })
        .map(withPossibleMasks);
    })
    .filter(isModest);
};

/** With a keep_prob of 1 every node is kept: no other mask is ever asked about. */
const withPossibleMasks = (masked: Masked): Masked => ({
  ...masked,
  masks: masked.masks.map((mask, l) => (masked.keepProbs[l] === 1 ? fill('uint8', mask.shape, [1]) : mask)),
});

function parametersOf(dtype: Dtype, layers: readonly number[]): Arbitrary<Readonly<Record<string, Tensor>>> {
  const arbitraries: Record<string, Arbitrary<Tensor>> = {};
  for (let l = 1; l < layers.length; l++) {
    arbitraries[`W${l}`] = matrix(dtype, [layers[l], layers[l - 1]]);
    arbitraries[`b${l}`] = matrix(dtype, [layers[l]]);
  }
  return fc.record(arbitraries);
}

/** Numbers for mse, and for softmax_cross_entropy a class for each example, as a row of 0 and a single 1. */
function targets(dtype: Dtype, loss: Loss, batch: number, outputs: number): Arbitrary<Tensor> {
  if (loss === 'mse') return matrix(dtype, [batch, outputs]);
  return fc.array(fc.nat(outputs - 1), { minLength: batch, maxLength: batch }).map((classes) =>
    tensor(
      dtype,
      [batch, outputs],
      classes.flatMap((one) => Array.from({ length: outputs }, (_, k) => (k === one ? 1 : 0))),
    ),
  );
}

const mask = (batch: number, width: number): Arbitrary<Tensor> =>
  fc
    .array(fc.constantFrom(1, 0), { minLength: batch * width, maxLength: batch * width })
    .map((bits) => tensor('uint8', [batch, width], bits));

/** No output of any thinned network is beyond this: its exponential is a normal number of float32 and its inverse too. */
const largestOutput = 64;

function isModest({ layers, activation, keepProbs, x, parameters }: Setting): boolean {
  let most = largest(x);
  for (let l = 1; l < layers.length; l++) {
    most = layers[l - 1] * largest(parameters[`W${l}`]) * most + largest(parameters[`b${l}`]);
    const isHidden = l < layers.length - 1;
    if (isHidden && (activation === 'tanh' || activation === 'sigmoid')) most = Math.min(most, 1);
    if (isHidden) most /= keepProbs[l - 1];
  }
  return most <= largestOutput;
}

const largest = (of: Tensor): number =>
  Array.from(valuesOf(of)).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** How the network is run: in evaluation, or in training with masks that the subject draws unless they are given. */
export interface Mode {
  readonly training: boolean;
  readonly masks?: readonly Tensor[];
  readonly lambda?: number;
}

export const evaluation: Mode = { training: false };
export const training: Mode = { training: true };

export function ask(subject: Subject, setting: Setting, mode: Mode): Promise<NetworkAnswer> {
  const { layers, activation, loss, keepProbs, x, t, parameters } = setting;
  return subject.network({ layers, activation, loss, keepProbs, x, t, parameters, lambda: 0, ...mode });
}

/** The widths of the hidden layers. */
export const hiddenOf = ({ layers }: Setting): readonly number[] => layers.slice(1, -1);

/** How many nodes may be dropped. */
export const nodesOf = (setting: Setting): number => hiddenOf(setting).reduce((sum, width) => sum + width, 0);

/** The masks of examples, one row of bits an example, its hidden nodes layer by layer: one tensor a layer. */
export function masksOf(rows: readonly (readonly number[])[], setting: Setting): readonly Tensor[] {
  let start = 0;
  return hiddenOf(setting).map((width) => {
    const [from, to] = [start, start + width];
    start = to;
    return tensor(
      'uint8',
      [rows.length, width],
      rows.flatMap((bits) => bits.slice(from, to)),
    );
  });
}

/** All 2^n rows of n bits, such as those of one example's masks. */
export const allBits = (n: number): readonly (readonly number[])[] =>
  Array.from({ length: 2 ** n }, (_, row) => Array.from({ length: n }, (_, bit) => (row >> bit) & 1));

/** The rows of one example's masks that are ever drawn: where keep_prob is 1, every node is kept. */
export const possibleBits = (setting: Setting): readonly (readonly number[])[] =>
  allBits(nodesOf(setting)).filter((bits) => probabilityOf(bits, setting) > 0);

/** The probability of one example's masks, as bits layer by layer. */
export function probabilityOf(bits: readonly number[], setting: Setting): number {
  const rates = hiddenOf(setting).flatMap((width, l) => Array<number>(width).fill(setting.keepProbs[l]));
  return bits.reduce((product, bit, i) => product * (bit === 1 ? rates[i] : 1 - rates[i]), 1);
}
