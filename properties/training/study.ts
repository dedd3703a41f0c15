/**
 * A study of training on images of hand-written digits: so few are shown, and some with a wrong label, that a network
 * without regularization learns them by heart.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { classes, type Digits } from '../../src/digits.ts';
import { type Dtype, type Tensor, tensor } from '../../src/tensor.ts';

/** How the networks are trained. */
export interface Study {
  /** Hidden nodes, relu. The input is 64 pixels; the output ten logits, with the cross-entropy of their softmax. */
  readonly hidden: number;
  /** Images to learn from, and others to be tested on. */
  readonly examples: number;
  readonly tested: number;
  /** The share of the labels, of the examples and the tests alike, that are drawn at random. */
  readonly mislabelled: number;
  /** Steps of stochastic gradient descent, each on so many examples, at a constant rate. */
  readonly steps: number;
  readonly batch: number;
  readonly lr: number;
  /** Where dropout regularizes: of the hidden nodes. */
  readonly keepProb: number;
  /** Where the penalty does: what its gradient multiplies a weight by, lambda but for the convention. */
  readonly decay: number;
}

export const study: Study = {
  hidden: 32,
  examples: 100,
  tested: 500,
  mislabelled: 0.2,
  steps: 200,
  batch: 20,
  lr: 0.5,
  keepProb: 0.5,
  decay: 0.01,
};

/** Images with their labels, as a network is given them. */
export interface Sample {
  readonly images: readonly Float64Array[];
  readonly labels: readonly number[];
}

/** Where a training begins, and what it is shown: the same for all that are compared. */
export interface Start {
  readonly examples: Sample;
  readonly tests: Sample;
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** Of the order of the examples. */
  readonly seed: number;
}

export type Random = () => number;

export const randomFrom = (seed: number): Random => {
  // The generator begins alike for neighbouring seeds.
  const generator = xoroshiro128plus(Math.imul(seed + 1, 0x9e3779b1));
  for (let i = 0; i < 64; i++) generator.next();
  return () => uniformFloat64(generator);
};

/** Fisher and Yates. */
export function shuffled(count: number, random: Random): readonly number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Box and Muller (1958). */
const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/**
 * Two training sets of different images, one set of tests, and first weights, normal with variance 2 / inputs (He et al.
 * 2015), all by the seed.
 */
export function startsOf(digits: Digits, dtype: Dtype, seed: number, of: Study): readonly [Start, Start] {
  const random = randomFrom(seed);
  const order = shuffled(digits.images.length, random);
  const sample = (from: number, count: number): Sample => {
    const chosen = order.slice(from, from + count);
    return {
      images: chosen.map((i) => digits.images[i]),
      labels: chosen.map((i) => (random() < of.mislabelled ? Math.floor(random() * classes) : digits.labels[i])),
    };
  };
  const samples = [sample(0, of.examples), sample(of.examples, of.examples)];
  const tests = sample(2 * of.examples, of.tested);
  const weights = (outputs: number, inputs: number): Tensor =>
    tensor(
      dtype,
      [outputs, inputs],
      Array.from({ length: outputs * inputs }, () => Math.sqrt(2 / inputs) * normal(random)),
    );
  const zeros = (length: number): Tensor => tensor(dtype, [length], Array(length).fill(0));
  const parameters = {
    W1: weights(of.hidden, digits.images[0].length),
    b1: zeros(of.hidden),
    W2: weights(classes, of.hidden),
    b2: zeros(classes),
  };
  const start = (examples: Sample): Start => ({ examples, tests, parameters, seed });
  return [start(samples[0]), start(samples[1])];
}
