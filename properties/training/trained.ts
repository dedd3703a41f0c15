/** Trains the networks of a study, and measures what came of it. */
import { classes, type Digits } from '../../src/digits.ts';
import type { NetworkAnswer, Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { finest } from './legible.ts';
import { randomFrom, type Sample, type Start, type Study, shuffled, startsOf, study } from './study.ts';

export type Regularization = 'none' | 'dropout' | 'l2';

/** What a training came to. */
export interface Trained {
  /** The loss on the tests minus that on the examples. Losses are in nats, of the full network, without the penalty. */
  readonly gap: number;
  /** The loss on the tests. */
  readonly loss: number;
  /** Σ w² of both layers. */
  readonly squares: number;
  /** The mean over the output nodes of the share that a node's largest weight has in its Σ w². */
  readonly largestShare: number;
  /** softmax y of the tests, [tested, classes]. */
  readonly predictions: Float64Array;
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
    loss: unseen.loss,
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
