/**
 * Networks that are trained on images of hand-written digits: so few are shown, and some with a wrong label, that a network
 * without regularization learns them by heart.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { classes, type Digits } from '../../src/digits.ts';
import type { NetworkAnswer, Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { finest } from './masks.ts';

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

export type Regularization = 'none' | 'dropout' | 'l2';

/** What a training came to. */
export interface Trained {
  /** The loss on the tests minus that on the examples, in nats, by the full network, without the penalty. */
  readonly gap: number;
  /** Σ w² of both layers. */
  readonly squares: number;
  /** The mean over the output nodes of the share that a node's largest weight has in its Σ w². */
  readonly largestShare: number;
  /** softmax y of the tests, [tested, classes]. */
  readonly predictions: Float64Array;
}

/** Images with their labels, as a network is given them. */
interface Sample {
  readonly images: readonly Float64Array[];
  readonly labels: readonly number[];
}

/** Where a training begins, and what it is shown: the same for all that are compared. */
interface Start {
  readonly examples: Sample;
  readonly tests: Sample;
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** Of the order of the examples. */
  readonly seed: number;
}

type Random = () => number;

const randomFrom = (seed: number): Random => {
  // The generator begins alike for neighbouring seeds.
  const generator = xoroshiro128plus(Math.imul(seed + 1, 0x9e3779b1));
  for (let i = 0; i < 64; i++) generator.next();
  return () => uniformFloat64(generator);
};

/** Fisher and Yates. */
function shuffled(count: number, random: Random): readonly number[] {
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
function startsOf(digits: Digits, dtype: Dtype, seed: number, of: Study): readonly [Start, Start] {
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

/** Trains a network, and looks at it. */
async function train(
  subject: Subject,
  start: Start,
  { of, regularization }: { readonly of: Study; readonly regularization: Regularization },
): Promise<Trained> {
  const dtype = finest(subject.capabilities);
  const { examples, tests } = start;
  const random = randomFrom(start.seed + 1);
  const lambda = regularization === 'l2' ? lambdaFor(subject, of) : 0;
  const keepProb = regularization === 'dropout' ? of.keepProb : 1;
  let parameters = start.parameters;
  let order: readonly number[] = [];
  for (let step = 0; step < of.steps; step++) {
    if (order.length < of.batch) order = shuffled(of.examples, random);
    const chosen = order.slice(0, of.batch);
    order = order.slice(of.batch);
    const batch = { images: chosen.map((i) => examples.images[i]), labels: chosen.map((i) => examples.labels[i]) };
    const asked = { of, parameters, keepProb, lambda, training: true, sample: batch };
    const { gradients } = await ask(subject, dtype, asked);
    parameters = Object.fromEntries(
      Object.entries(parameters).map(([name, w]) => [name, descended(w, gradients[name], of.lr)]),
    );
  }
  const evaluated = (sample: Sample) =>
    ask(subject, dtype, { of, parameters, keepProb, lambda: 0, training: false, sample });
  const [seen, unseen] = [await evaluated(examples), await evaluated(tests)];
  return {
    gap: unseen.loss - seen.loss,
    squares: squares(valuesOf(parameters['W1'])) + squares(valuesOf(parameters['W2'])),
    largestShare: largestShareOf(parameters['W2']),
    predictions: softmax(unseen.y),
  };
}

/** c λ Σ w² has the gradient 2 c λ w, divided by the examples where that is the convention. */
function lambdaFor({ capabilities }: Subject, { decay, batch }: Study): number {
  const { coefficient = 0.5, per_example: perExample = false } = capabilities.penalty ?? {};
  return (decay * (perExample ? batch : 1)) / (2 * coefficient);
}

interface Asked {
  readonly of: Study;
  readonly parameters: Start['parameters'];
  readonly keepProb: number;
  readonly lambda: number;
  readonly training: boolean;
  readonly sample: Sample;
}

function ask(subject: Subject, dtype: Dtype, asked: Asked): Promise<NetworkAnswer> {
  const { of, parameters, keepProb, lambda, training, sample } = asked;
  const { images, labels } = sample;
  const inputs = images[0].length;
  return subject.network({
    layers: [inputs, of.hidden, classes],
    activation: 'relu',
    loss: 'softmax_cross_entropy',
    keepProbs: [keepProb],
    lambda,
    training,
    parameters,
    x: tensor(
      dtype,
      [images.length, inputs],
      images.flatMap((image) => [...image]),
    ),
    t: tensor(
      dtype,
      [images.length, classes],
      labels.flatMap((label) => Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0))),
    ),
  });
}

const descended = (w: Tensor, gradient: Tensor, lr: number): Tensor => {
  const slope = valuesOf(gradient);
  return tensor(
    w.dtype,
    w.shape,
    Array.from(valuesOf(w), (value, i) => value - lr * slope[i]),
  );
};

const squares = (values: Iterable<number>): number => Array.from(values).reduce((sum, value) => sum + value * value, 0);

/** Row by row: a node's weights. */
function rowsOf(matrix: Tensor): readonly (readonly number[])[] {
  const values = Array.from(valuesOf(matrix));
  const [rows, columns] = matrix.shape;
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

function largestShareOf(W: Tensor): number {
  const shares = rowsOf(W).map((row) => Math.max(...row.map((w) => w * w)) / squares(row));
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function softmax(y: Tensor): Float64Array {
  return Float64Array.from(
    rowsOf(y).flatMap((row) => {
      const largest = Math.max(...row);
      const powers = row.map((value) => Math.exp(value - largest));
      const sum = powers.reduce((total, power) => total + power, 0);
      return powers.map((power) => power / sum);
    }),
  );
}

/** The mean over the tests of Σ (p − q)² over the classes. */
export const distanceOf = (one: Trained, other: Trained): number =>
  squares(one.predictions.map((p, i) => p - other.predictions[i])) / (one.predictions.length / classes);

/** The trainings of a pair, each done when it is first asked for: one bears on several trends. */
export type Trainings = (regularization: Regularization, set?: 0 | 1) => Promise<Trained>;

export function trainings(subject: Subject, digits: Digits, seed: number, of = study): Trainings {
  const starts = startsOf(digits, finest(subject.capabilities), seed, of);
  const done = new Map<string, Promise<Trained>>();
  return (regularization, set = 0) => {
    const key = `${regularization} ${set}`;
    const known = done.get(key) ?? train(subject, starts[set], { of, regularization });
    done.set(key, known);
    return known;
  };
}
