import { describe, expect, it } from 'vitest';
import { lossAndGradients, type Network } from './network.ts';
import { randomState } from './numpy-random.ts';
import { train } from './training.ts';

const convention = { coefficient: 0.5, per_example: false, bias: false };
const line: Network = { layers: [1, 1], activation: 'identity', loss: 'mse', keepProbs: [], lambda: 0, convention };
const start = { W1: Float64Array.of(0), b1: Float64Array.of(0) };

describe('train', () => {
  it('steps down the gradient and answers the loss before each step', () => {
    // y = 0, the error −2: the loss 2, dW = −4, db = −2; then y = 2 · 1 + 0.5 = 2.5, the error 0.5: the loss 0.125.
    const { losses, parameters } = train({
      network: line,
      parameters: start,
      x: Float64Array.of(2),
      t: Float64Array.of(2),
      lr: 0.25,
      steps: 2,
      draw: [],
    });
    expect(losses).toEqual(Float64Array.of(2, 0.125));
    expect(parameters).toEqual({ W1: Float64Array.of(1 - 0.25), b1: Float64Array.of(0.5 - 0.125) });
    expect(start).toEqual({ W1: Float64Array.of(0), b1: Float64Array.of(0) });
  });

  it('takes mini-batches in order and begins again', () => {
    const x = Float64Array.of(1, 2, 3);
    const { losses } = train({ network: line, parameters: start, x, t: x, lr: 0, steps: 3, batchSize: 2, draw: [] });
    expect(losses).toEqual(Float64Array.of((1 + 4) / 4, (9 + 1) / 4, (4 + 9) / 4));
  });

  it('takes examples of several numbers row by row', () => {
    const swapped: Network = { ...line, layers: [2, 2] };
    const parameters = { W1: Float64Array.of(0, 1, 1, 0), b1: Float64Array.of(0, 0) };
    const x = Float64Array.of(1, 2, 3, 4, 5, 6);
    // y = [[2, 1], [4, 3], [6, 5]]: half the squared errors of the examples are 2.5, 0 and 2.5.
    const t = Float64Array.of(2, 1, 4, 3, 6, 5).map((y, i) => y - [2, -1, 0, 0, 1, 2][i]);
    const { losses } = train({ network: swapped, parameters, x, t, lr: 0, steps: 3, batchSize: 2, draw: [] });
    expect(losses).toEqual(Float64Array.of((2.5 + 0) / 2, (2.5 + 2.5) / 2, (0 + 2.5) / 2));
  });

  const network: Network = { ...line, layers: [1, 2, 1], keepProbs: [0.5], lambda: 0.25 };
  const parameters = {
    W1: Float64Array.of(1, 2),
    b1: Float64Array.of(0, 0),
    W2: Float64Array.of(1, 1),
    b2: Float64Array.of(0),
  };
  const data = { network, parameters, x: Float64Array.of(1, 2), t: Float64Array.of(0, 0), lr: 0, steps: 2 };

  it('takes the masks of each step', () => {
    const masks = [Uint8Array.of(1, 0, 0, 1), Uint8Array.of(0, 0, 1, 1)];
    const { losses } = train({ ...data, draw: [Uint8Array.of(...masks[0], ...masks[1])] });
    expect([...losses]).toEqual(masks.map((mask) => lossAndGradients({ ...data, masks: [mask] }).loss));
  });

  it('draws new masks in each step', () => {
    const random = randomState(1);
    const drawn = Uint8Array.from({ length: 8 }, () => (random() < 0.5 ? 1 : 0));
    expect(train({ ...data, draw: randomState(1) })).toEqual(train({ ...data, draw: [drawn] }));
  });

  it('learns through the noise', () => {
    const { losses } = train({
      ...data,
      network: { ...network, lambda: 0 },
      lr: 0.05,
      steps: 200,
      draw: randomState(2),
    });
    expect(losses[199]).toBeLessThan(losses[0] / 100);
  });

  it('refuses what does not fit', () => {
    expect(() => train({ ...data, draw: [] })).toThrow('mask1 must have 8 elements, got nothing');
    expect(() => train({ ...data, draw: [new Uint8Array(4)] })).toThrow('mask1 must have 8 elements, got 4');
    expect(() => train({ ...data, batchSize: 0, draw: Math.random })).toThrow(
      'the batch size must be a positive integer, got 0',
    );
    expect(() => train({ ...data, steps: 0.5, draw: Math.random })).toThrow(
      'steps must be a positive integer, got 0.5',
    );
  });
});
