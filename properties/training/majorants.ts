/**
 * How curved the loss can be along one parameter: bounds on its second and third derivative, from which a central
 * difference knows how far it is from the derivative. A number is followed by bounds on its magnitude and on those of
 * its first three derivatives by the parameter, over the whole interval of the difference; sums and products of bounds
 * bound sums and products (Leibniz), and composition follows Faà di Bruno.
 */
import type { Activation } from '../../src/subject.ts';
import { type Tensor, valuesOf } from '../../src/tensor.ts';
import type { Setting } from './thinned.ts';

/** Bounds on |f|, |f′|, |f″| and |f‴|. */
type Majorant = readonly [number, number, number, number];

const constant = (value: number): Majorant => [Math.abs(value), 0, 0, 0];

const sum = (terms: readonly Majorant[]): Majorant =>
  terms.reduce((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]], constant(0));

const product = (a: Majorant, b: Majorant): Majorant => [
  a[0] * b[0],
  a[0] * b[1] + a[1] * b[0],
  a[0] * b[2] + 2 * a[1] * b[1] + a[2] * b[0],
  a[0] * b[3] + 3 * a[1] * b[2] + 3 * a[2] * b[1] + a[3] * b[0],
];

const scaled = (a: Majorant, by: number): Majorant => [a[0] * by, a[1] * by, a[2] * by, a[3] * by];

/** The largest |activation|, and the largest magnitudes of its derivatives; relu's away from its kink. */
const largest: Readonly<Record<Activation, Majorant>> = {
  identity: [Infinity, 1, 0, 0],
  relu: [Infinity, 1, 0, 0],
  tanh: [1, 1, 4 / (3 * Math.sqrt(3)), 2],
  sigmoid: [1, 1 / 4, 1 / (6 * Math.sqrt(3)), 1 / 8],
};

function activated(activation: Activation, z: Majorant): Majorant {
  const [most, first, second, third] = largest[activation];
  // From activation(0) it rises by the steepest slope at most; only the logistic function is not 0 there.
  const atZero = activation === 'sigmoid' ? 1 / 2 : 0;
  return [
    Math.min(atZero + first * z[0], most),
    first * z[1],
    first * z[2] + second * z[1] ** 2,
    first * z[3] + 3 * second * z[1] * z[2] + third * z[1] ** 3,
  ];
}

/** Which element of which parameter is varied, by at most `reach` to either side. */
export interface Varied {
  readonly name: string;
  readonly index: number;
  readonly reach: number;
}

/** Bounds on the second and third derivative of the loss by the varied parameter, at fixed masks. */
export function curvature(setting: Setting, masks: readonly Tensor[], { name, index, reach }: Varied) {
  const { layers, activation, keepProbs, x, parameters } = setting;
  const batch = x.shape[0];
  const bounds = (parameter: string): Majorant[] =>
    Array.from(valuesOf(parameters[parameter]), (value, i) =>
      parameter === name && i === index ? [Math.abs(value) + reach, 1, 0, 0] : constant(value),
    );
  let a = Array.from(valuesOf(x), constant);
  for (let l = 1; l < layers.length; l++) {
    const [inputs, outputs] = [layers[l - 1], layers[l]];
    const [W, b, before] = [bounds(`W${l}`), bounds(`b${l}`), a];
    a = Array.from({ length: batch * outputs }, (_, element) => {
      const [i, k] = [Math.floor(element / outputs), element % outputs];
      const terms = Array.from({ length: inputs }, (_, j) => product(before[i * inputs + j], W[k * inputs + j]));
      const z = sum([b[k], ...terms]);
      if (l === layers.length - 1) return z;
      return scaled(activated(activation, z), valuesOf(masks[l - 1])[element] / keepProbs[l - 1]);
    });
  }
  return curvatureOfLoss(setting, a);
}

function curvatureOfLoss({ loss, t }: Setting, y: readonly Majorant[]): { second: number; third: number } {
  const [batch, width] = t.shape;
  if (loss === 'mse') {
    const errors = y.map((value, i) => sum([value, constant(valuesOf(t)[i])]));
    const [, , second, third] = scaled(sum(errors.map((error) => product(error, error))), 1 / (2 * batch));
    return { second, third };
  }
  // The derivatives of ln Σ exp y are moments of y′, y″ and y‴ under softmax y: E y″ + var y′, and E y‴ + 3 cov(y′, y″) +
  // the third central moment of y′, which is at most 2 max|y′| · var y′. The target's own −y adds its derivative again.
  let [second, third] = [0, 0];
  for (let i = 0; i < batch; i++) {
    const row = y.slice(i * width, (i + 1) * width);
    const [first1, second1, third1] = [1, 2, 3].map((order) => Math.max(...row.map((value) => value[order])));
    second += (2 * second1 + first1 ** 2) / batch;
    third += (2 * third1 + 3 * first1 * second1 + 2 * first1 ** 3) / batch;
  }
  return { second, third };
}
