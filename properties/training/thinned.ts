/**
 * The network of the specification in float64, with the roundings of each number: what the clauses want where they say
 * more than that two answers are the same. Independent of the reference, and written for reading, not for speed.
 */
import type { Activation, Loss } from '../../src/subject.ts';
import { type Tensor, valuesOf } from '../../src/tensor.ts';
import { type Arithmetic, arithmeticOf, exact, given, negative, type Rounded, transcendental } from './rounding.ts';

/** A network, its parameters and its examples. A type and not an interface, since a case is plain data. */
export type Setting = {
  readonly layers: readonly number[];
  readonly activation: Activation;
  readonly loss: Loss;
  readonly keepProbs: readonly number[];
  /** [batch, layers[0]] */
  readonly x: Tensor;
  /** [batch, layers.at(-1)]; rows of 0 and a single 1 for softmax_cross_entropy. */
  readonly t: Tensor;
  /** W1 [layers[1], layers[0]], b1, W2, b2, … */
  readonly parameters: Readonly<Record<string, Tensor>>;
};

export interface Thinned {
  readonly y: readonly Rounded[];
  readonly loss: Rounded;
  /** By the parameter's name. */
  readonly gradients: Readonly<Record<string, readonly Rounded[]>>;
  /** z of each hidden layer. */
  readonly preactivations: readonly (readonly Rounded[])[];
}

/** The network that the masks leave, or without masks the full one: z = a·Wᵀ + b, a = activation(z)·mask / keep_prob. */
export function thinned(setting: Setting, masks?: readonly Tensor[]): Thinned {
  const { layers, activation, keepProbs, x, t, parameters } = setting;
  const arithmetic = arithmeticOf(x.dtype);
  const { sum, product, dropped } = arithmetic;
  const batch = x.shape[0];
  const last = layers.length - 1;
  const W = range(last).map((l) => given(parameters[`W${l + 1}`]));
  const b = range(last).map((l) => given(parameters[`b${l + 1}`]));
  const drop = (l: number, a: Rounded, i: number): Rounded =>
    masks === undefined ? a : dropped(a, valuesOf(masks[l])[i], keepProbs[l]);

  const a = [given(x)];
  const z: Rounded[][] = [];
  for (let l = 0; l < last; l++) {
    const [inputs, outputs] = [layers[l], layers[l + 1]];
    z[l] = grid(batch, outputs, (i, k) =>
      sum([b[l][k], ...range(inputs).map((j) => product(a[l][i * inputs + j], W[l][k * inputs + j]))]),
    );
    if (l + 1 < last) a[l + 1] = z[l].map((value, i) => drop(l, activate(activation, value, arithmetic), i));
  }
  const y = z[last - 1];

  const gradients: Record<string, readonly Rounded[]> = {};
  let delta = lossGradient(setting.loss, y, t);
  for (let l = last - 1; l >= 0; l--) {
    const [inputs, outputs] = [layers[l], layers[l + 1]];
    const arriving = delta;
    gradients[`W${l + 1}`] = grid(outputs, inputs, (k, j) =>
      sum(range(batch).map((i) => product(arriving[i * outputs + k], a[l][i * inputs + j]))),
    );
    gradients[`b${l + 1}`] = range(outputs).map((k) => sum(range(batch).map((i) => arriving[i * outputs + k])));
    if (l === 0) break;
    delta = grid(batch, inputs, (i, j) => {
      const arrived = sum(range(outputs).map((k) => product(arriving[i * outputs + k], W[l][k * inputs + j])));
      const node = i * inputs + j;
      return product(drop(l - 1, arrived, node), slope(activation, z[l - 1][node], arithmetic));
    });
  }
  return { y, loss: lossOf(setting.loss, y, t), gradients, preactivations: z.slice(0, -1) };
}

/** The loss of an output, without a penalty. */
export function lossOf(loss: Loss, y: readonly Rounded[], t: Tensor): Rounded {
  const { rounded, sum, product, quotient } = arithmeticOf(t.dtype);
  const targets = given(t);
  const [batch, width] = t.shape;
  if (loss === 'mse') {
    const errors = y.map((value, i) => sum([value, negative(targets[i])]));
    return quotient(sum(errors.map((error) => product(error, error))), 2 * batch);
  }
  // −Σ t·(y − ln Σ exp y): the shift by the largest y, if there is one, rounds numbers of the largest |y|'s size.
  const perExample = range(batch).map((i) => {
    const row = y.slice(i * width, (i + 1) * width);
    const { logSum, size } = logSumOfExponentials(row);
    const off = row.reduce((most, { error }) => Math.max(most, error), 0);
    const one = targets.slice(i * width, (i + 1) * width).findIndex(({ value }) => value === 1);
    const roundings = rounded(size, 0, 2 * transcendental + width + 4).error;
    return { value: logSum - row[one].value, error: 2 * off + roundings };
  });
  return quotient(sum(perExample), batch);
}

/** d loss / d y. */
function lossGradient(loss: Loss, y: readonly Rounded[], t: Tensor): Rounded[] {
  const { rounded, sum, quotient } = arithmeticOf(t.dtype);
  const targets = given(t);
  const [batch, width] = t.shape;
  if (loss === 'mse') return y.map((value, i) => quotient(sum([value, negative(targets[i])]), batch));
  return grid(batch, width, (i, k) => {
    const row = y.slice(i * width, (i + 1) * width);
    const { logSum, size } = logSumOfExponentials(row);
    const off = row.reduce((most, { error }) => Math.max(most, error), 0);
    // An absolute error of y is a relative one of exp y; so is the rounding of a shifted y, or of y − ln Σ exp y.
    const share = Math.exp(row[k].value - logSum);
    const probability = rounded(share, share * Math.expm1(2 * off), 2 * transcendental + width + 4 * size);
    return quotient(sum([probability, negative(targets[i * width + k])]), batch);
  });
}

/** ln Σ exp y, and the size of the numbers that its computation rounds. */
function logSumOfExponentials(row: readonly Rounded[]): { readonly logSum: number; readonly size: number } {
  const largest = row.reduce((most, { value }) => Math.max(most, value), -Infinity);
  const logSum = largest + Math.log(row.reduce((total, { value }) => total + Math.exp(value - largest), 0));
  return { logSum, size: row.reduce((most, { value }) => Math.max(most, Math.abs(value)), 1) + Math.log(row.length) };
}

/** tanh and the logistic function may err by roundings of 1, not of their value: they may be computed from exp. */
function activate(activation: Activation, z: Rounded, { rounded }: Arithmetic): Rounded {
  const offByRoundings = (value: number, steepest: number): Rounded => ({
    value,
    error: steepest * z.error + rounded(1, 0, transcendental).error,
  });
  if (activation === 'identity') return z;
  if (activation === 'relu') return { value: Math.max(0, z.value), error: z.error };
  return activation === 'tanh' ? offByRoundings(Math.tanh(z.value), 1) : offByRoundings(logistic(z.value), 1 / 4);
}

/** activation′(z), computed from activation(z): 1 − a², a·(1 − a). Where z may be on either side of a kink, both slopes. */
function slope(activation: Activation, z: Rounded, arithmetic: Arithmetic): Rounded {
  if (activation === 'identity') return exact(1);
  if (activation === 'relu') {
    if (Math.abs(z.value) <= z.error) return { value: 0.5, error: 0.5 };
    return exact(z.value > 0 ? 1 : 0);
  }
  const a = activate(activation, z, arithmetic);
  const value = activation === 'tanh' ? 1 - a.value ** 2 : a.value * (1 - a.value);
  return { value, error: 2 * a.error + a.error ** 2 + arithmetic.rounded(1, 0, 3).error };
}

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** A matrix, row-major. */
const grid = (rows: number, columns: number, element: (row: number, column: number) => Rounded): Rounded[] =>
  range(rows * columns).map((i) => element(Math.floor(i / columns), i % columns));
