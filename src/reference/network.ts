/**
 * A network of dense layers with dropout on its hidden layers and an L2 penalty on its weights: loss, gradients by
 * backpropagation through the thinned network. Matrices are row-major: an example is a row.
 *
 *     a0 = x,   z = a · Wᵀ + b,   h = activation(z),   a = h · mask / keepProb,   y = the last z
 *
 * The output layer is linear and not dropped; a softmax belongs to the loss. Every example has its own masks.
 */
import type { Activation, Loss, Role } from '../subject.ts';
import { drawMask, dropout, dropoutGradient } from './dropout.ts';
import { type Floats, map, mapValues, type NamedFloats, sum, zerosLike } from './floats.ts';
import { type PenaltyConvention, penalty, penaltyGradient } from './l2.ts';

export interface Network {
  /** Sizes, e.g. [4, 8, 3]. */
  readonly layers: readonly number[];
  /** On hidden layers. */
  readonly activation: Activation;
  readonly loss: Loss;
  /** One a hidden layer. */
  readonly keepProbs: readonly number[];
  readonly lambda: number;
  /** Of the penalty; its examples are the batch. */
  readonly convention: PenaltyConvention;
}

/** One a hidden layer, [batch, layers[l]]: each example has its own row. */
export type Masks = readonly Uint8Array[];

export interface Examples {
  readonly network: Network;
  /** W1 [layers[1], layers[0]], b1 [layers[1]], W2, b2, … */
  readonly parameters: NamedFloats;
  /** [batch, layers[0]] */
  readonly x: Floats;
  /** Of the training; without them the full network is evaluated. */
  readonly masks?: Masks | undefined;
}

interface Curve {
  readonly value: (z: number) => number;
  /** dh/dz in terms of h; that of relu at 0 is 0. */
  readonly slope: (h: number) => number;
}

export const activations: Readonly<Record<Activation, Curve>> = {
  relu: { value: (z) => Math.max(0, z), slope: (h) => (h > 0 ? 1 : 0) },
  tanh: { value: Math.tanh, slope: (h) => 1 - h * h },
  sigmoid: { value: (z) => 1 / (1 + Math.exp(-z)), slope: (h) => h * (1 - h) },
  identity: { value: (z) => z, slope: () => 1 },
};

/** A mean over the examples, and its gradient at y. */
type Objective = (at: { y: Floats; t: Floats; batch: number }) => { value: number; dy: Floats };

export const losses: Readonly<Record<Loss, Objective>> = {
  /** 1/(2 batch) · Σ (y − t)² */
  mse({ y, t, batch }) {
    const error = map(y, (value, i) => value - t[i]);
    return { value: sum(error, (e) => e * e) / (2 * batch), dy: map(error, (e) => e / batch) };
  },
  /** −1/batch · Σ t · log softmax(y), where log softmax(y) = y − log Σ exp(y), with the largest y taken out first. */
  softmax_cross_entropy({ y, t, batch }) {
    const dy = zerosLike(y);
    const classes = y.length / batch;
    let value = 0;
    for (let from = 0; from < y.length; from += classes) {
      const logits = y.subarray(from, from + classes);
      const targets = t.subarray(from, from + classes);
      const largest = Math.max(...logits);
      const logSum = largest + Math.log(sum(logits, (z) => Math.exp(z - largest)));
      const total = sum(targets);
      for (let j = 0; j < classes; j++) {
        value += (targets[j] * (logSum - logits[j])) / batch;
        dy[from + j] = (total * Math.exp(logits[j] - logSum) - targets[j]) / batch;
      }
    }
    return { value, dy };
  },
};

/** Masks for each hidden layer, drawn layer by layer, example by example. */
export function drawMasks({
  network,
  batch,
  random,
}: {
  network: Network;
  batch: number;
  random: () => number;
}): Masks {
  const { keepProbs, layers } = network;
  return keepProbs.map((keepProb, l) => drawMask({ size: batch * layers[l + 1], keepProb, random }));
}

export interface Pass {
  /** [batch, layers.at(-1)] */
  readonly y: Floats;
  /** What each layer is given: x, and each hidden layer thinned. */
  readonly inputs: readonly Floats[];
  /** Each hidden layer before it is thinned. */
  readonly hidden: readonly Floats[];
}

export function forward({ network, parameters, x, masks }: Examples): Pass {
  const inputs = [x];
  const hidden: Floats[] = [];
  for (const [l, keepProb] of network.keepProbs.entries()) {
    const h = map(dense(layer(parameters, l + 1, inputs[l])), activations[network.activation].value);
    hidden.push(h);
    inputs.push(masks === undefined ? h : dropout({ x: h, mask: masks[l], keepProb }));
  }
  const last = inputs.length;
  return { y: dense(layer(parameters, last, inputs[last - 1])), inputs, hidden };
}

export interface Gradients {
  /** The penalty included. */
  readonly loss: number;
  readonly y: Floats;
  /** d loss / d parameter, by the parameter's name. */
  readonly gradients: NamedFloats;
}

/** Forward and backward, through the same thinned network; t is [batch, layers.at(-1)]. */
export function lossAndGradients({ network, parameters, x, t, masks }: Examples & { readonly t: Floats }): Gradients {
  const { lambda, convention, keepProbs } = network;
  const batch = x.length / network.layers[0];
  const regularized = { parameters, roles: rolesOf(parameters), lambda, examples: batch, convention };
  const { y, inputs, hidden } = forward({ network, parameters, x, masks });
  const { value, dy } = losses[network.loss]({ y, t, batch });

  const gradients = penaltyGradient(regularized);
  const add = (name: string, gradient: Floats): void => {
    gradients[name] = map(gradient, (d, i) => d + gradients[name][i]);
  };
  let dz = dy;
  for (let l = inputs.length; l >= 1; l--) {
    const at = { ...layer(parameters, l, inputs[l - 1]), dz };
    const { dW, db } = denseGradient(at);
    add(`W${l}`, dW);
    add(`b${l}`, db);
    if (l === 1) break; // Nothing asks for d loss / d x.
    const da = inputGradient(at);
    const dh = masks === undefined ? da : dropoutGradient({ dy: da, mask: masks[l - 2], keepProb: keepProbs[l - 2] });
    dz = map(dh, (d, i) => d * activations[network.activation].slope(hidden[l - 2][i]));
  }
  return { loss: value + penalty(regularized), y, gradients };
}

/** A W is a weight, a b is a bias. */
export const rolesOf = (parameters: NamedFloats): Record<string, Role> =>
  mapValues(parameters, (_, name) => (name.startsWith('W') ? 'weight' : 'bias'));

/** z = a · Wᵀ + b: a is [batch, inputs], W [outputs, inputs], b [outputs]. */
function dense({ a, W, b }: Layer): Floats {
  const { batch, inputs, outputs } = sizesOf({ a, W, b });
  const z = sums(a, [batch, outputs, inputs], (n, j, i) => a[n * inputs + i] * W[j * inputs + i]);
  return map(z, (value, at) => value + b[at % outputs]);
}

/** What dz = d loss / d z means for W and b: dW = dzᵀ · a, db = Σ dz over the examples. */
function denseGradient({ a, W, b, dz }: Layer & { dz: Floats }): { dW: Floats; db: Floats } {
  const { batch, inputs, outputs } = sizesOf({ a, W, b });
  return {
    dW: sums(W, [outputs, inputs, batch], (j, i, n) => dz[n * outputs + j] * a[n * inputs + i]),
    db: sums(b, [outputs, 1, batch], (j, _, n) => dz[n * outputs + j]),
  };
}

/** And for a: da = dz · W. */
function inputGradient({ a, W, b, dz }: Layer & { dz: Floats }): Floats {
  const { batch, inputs, outputs } = sizesOf({ a, W, b });
  return sums(a, [batch, inputs, outputs], (n, i, j) => dz[n * outputs + j] * W[j * inputs + i]);
}

const layer = (parameters: NamedFloats, l: number, a: Floats): Layer => ({
  a,
  W: parameters[`W${l}`],
  b: parameters[`b${l}`],
});

interface Layer {
  readonly a: Floats;
  readonly W: Floats;
  readonly b: Floats;
}

function sizesOf({ a, W, b }: Layer): { batch: number; inputs: number; outputs: number } {
  const inputs = W.length / b.length;
  return { batch: a.length / inputs, inputs, outputs: b.length };
}

/** The matrix [rows, columns] of the sums of `terms` terms, each summed in float64 and rounded once. */
function sums(
  model: Floats,
  [rows, columns, terms]: readonly [number, number, number],
  term: (row: number, column: number, k: number) => number,
): Floats {
  const result = zerosLike(model, rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let total = 0;
      for (let k = 0; k < terms; k++) total += term(row, column, k);
      result[row * columns + column] = total;
    }
  }
  return result;
}
