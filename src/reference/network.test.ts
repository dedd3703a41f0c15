import { describe, expect, it } from 'vitest';
import type { Activation, Loss } from '../subject.ts';
import type { NamedFloats } from './floats.ts';
import { activations, drawMasks, forward, lossAndGradients, losses, type Network } from './network.ts';
import { randomState } from './numpy-random.ts';

const convention = { coefficient: 0.5, per_example: false, bias: false };

/** One input, two hidden nodes, one output: small enough to follow. */
const small: Network = { layers: [1, 2, 1], activation: 'relu', loss: 'mse', keepProbs: [0.5], lambda: 0, convention };
const weights: NamedFloats = {
  W1: Float64Array.of(1, -1),
  b1: Float64Array.of(0.5, 3),
  W2: Float64Array.of(2, 4),
  b2: Float64Array.of(1),
};

describe('forward', () => {
  it('evaluates the full network without masks', () => {
    const { y, hidden } = forward({ network: small, parameters: weights, x: Float64Array.of(2, -1) });
    expect(hidden).toEqual([Float64Array.of(2.5, 1, 0, 4)]);
    expect(y).toEqual(Float64Array.of(2 * 2.5 + 4 * 1 + 1, 4 * 4 + 1));
  });

  it('thins the hidden layer, each example by its own row, and not the output', () => {
    const masks = [Uint8Array.of(1, 0, 0, 1)];
    const { y } = forward({ network: small, parameters: weights, x: Float64Array.of(2, -1), masks });
    expect(y).toEqual(Float64Array.of(2 * 5 + 1, 4 * 8 + 1));
  });

  it('has no hidden layer to thin in a linear model', () => {
    const network: Network = { ...small, layers: [2, 1], keepProbs: [] };
    const parameters = { W1: Float64Array.of(1, 2), b1: Float64Array.of(3) };
    expect(forward({ network, parameters, x: Float64Array.of(10, 100), masks: [] }).y).toEqual(Float64Array.of(213));
  });
});

describe('drawMasks', () => {
  it('draws layer by layer with the keep probability of each, example by example', () => {
    const network: Network = { ...small, layers: [1, 2, 1, 1], keepProbs: [0.75, 0.25] };
    const draws = [0.5, 0.8, 0.7, 0.9, 0.5, 0.2].values();
    const masks = drawMasks({ network, batch: 2, random: () => draws.next().value ?? NaN });
    expect(masks).toEqual([Uint8Array.of(1, 0, 1, 0), Uint8Array.of(0, 1)]);
  });
});

describe('lossAndGradients', () => {
  it('is backpropagation through the thinned network', () => {
    // Node 2 is dropped: y = 2 · 2.5 / 0.5 + 1 = 11, the error 10, the loss 50.
    const { loss, y, gradients } = lossAndGradients({
      network: small,
      parameters: weights,
      x: Float64Array.of(2),
      t: Float64Array.of(1),
      masks: [Uint8Array.of(1, 0)],
    });
    expect(loss).toBe(50);
    expect(y).toEqual(Float64Array.of(11));
    expect(gradients).toEqual({
      W1: Float64Array.of(80, 0), // 10 · 2 / 0.5 · x
      b1: Float64Array.of(40, 0),
      W2: Float64Array.of(50, 0), // 10 · 2.5 / 0.5
      b2: Float64Array.of(10),
    });
  });

  it('adds the penalty to the loss and to the gradients of the weights', () => {
    const plain = { network: small, parameters: weights, x: Float64Array.of(2, -1), t: Float64Array.of(10, 17) };
    const network: Network = { ...small, lambda: 4, convention: { coefficient: 1, per_example: true, bias: false } };
    const { loss, gradients } = lossAndGradients({ ...plain, network });
    const without = lossAndGradients(plain);
    expect(loss).toBe(without.loss + (4 * (1 + 1 + 4 + 16)) / 2);
    for (const name of ['W1', 'W2'])
      expect(gradients[name]).toEqual(without.gradients[name].map((d, i) => d + 4 * weights[name][i]));
    for (const name of ['b1', 'b2']) expect(gradients[name]).toEqual(without.gradients[name]);
  });

  it('penalises the biases where the convention says so', () => {
    const plain = { network: small, parameters: weights, x: Float64Array.of(2, -1), t: Float64Array.of(10, 17) };
    const network: Network = { ...small, lambda: 4, convention: { ...convention, bias: true } };
    const { loss, gradients } = lossAndGradients({ ...plain, network });
    const without = lossAndGradients(plain);
    expect(loss).toBe(without.loss + 2 * (1 + 1 + 0.25 + 9 + 4 + 16 + 1));
    for (const [name, values] of Object.entries(weights))
      expect(gradients[name]).toEqual(without.gradients[name].map((d, i) => d + 4 * values[i]));
  });

  // A central difference of step h errs by h²/6 of the third derivative and by u/h of the loss: h = 2^-17 makes both
  // about 1e-10 for functions and derivatives of the order of 1, and a wrong term shows at 1e-2 and above.
  const h = 2 ** -17;
  const activationNames = Object.keys(activations) as Activation[];
  const lossNames = Object.keys(losses) as Loss[];
  const cases = activationNames.flatMap((activation) => lossNames.map((loss) => ({ activation, loss })));
  it.each(cases)('is the derivative of the loss, with $activation and $loss', ({ activation, loss }) => {
    const random = randomState(7);
    const fill = (size: number): Float64Array => Float64Array.from({ length: size }, () => 2 * random() - 1);
    const network: Network = { layers: [3, 4, 3, 2], activation, loss, keepProbs: [0.8, 0.5], lambda: 0.1, convention };
    const parameters: NamedFloats = { W1: fill(12), b1: fill(4), W2: fill(12), b2: fill(3), W3: fill(6), b3: fill(2) };
    const masks = drawMasks({ network, batch: 5, random });
    const given = { network, x: fill(15), t: fill(10), masks };
    const { gradients } = lossAndGradients({ ...given, parameters });
    for (const [name, values] of Object.entries(parameters)) {
      values.forEach((value, i) => {
        const lossAt = (w: number): number =>
          lossAndGradients({ ...given, parameters: { ...parameters, [name]: values.with(i, w) } }).loss;
        const slope = (lossAt(value + h) - lossAt(value - h)) / (2 * h);
        expect(Math.abs(gradients[name][i] - slope)).toBeLessThan(1e-8);
      });
    }
  });
});

describe('softmax cross-entropy', () => {
  it('stays finite for logits whose exponentials do not', () => {
    const { value, dy } = losses.softmax_cross_entropy({
      y: Float64Array.of(1000, -1000),
      t: Float64Array.of(0, 1),
      batch: 1,
    });
    expect(value).toBe(2000);
    expect(dy).toEqual(Float64Array.of(1, -1));
  });
});

describe('activations', () => {
  it('have their values and slopes', () => {
    expect([
      activations.relu.value(-2),
      activations.relu.value(2),
      activations.relu.slope(0),
      activations.relu.slope(2),
    ]).toEqual([0, 2, 0, 1]);
    expect([activations.sigmoid.value(0), activations.sigmoid.value(-1000), activations.sigmoid.slope(0.5)]).toEqual([
      0.5, 0, 0.25,
    ]);
    expect([activations.tanh.value(0), activations.tanh.slope(0.5)]).toEqual([0, 0.75]);
    expect([activations.identity.value(3), activations.identity.slope(3)]).toEqual([3, 1]);
    expect(activations.relu.value(NaN)).toBeNaN();
  });
});
