import { describe, expect, it } from 'vitest';
import type { DecayConvention, Optimizer } from '../subject.ts';
import { type Descent, descend } from './decay.ts';

const coupled: DecayConvention = { decay: 'coupled' };
const w = Float64Array.of(1, -2);
const twoSteps = Float64Array.of(0.5, 1, 0.25, -1);

/** Two steps of one weight, on numbers that a person can follow. */
const descent: Descent = {
  optimizer: 'sgd',
  convention: coupled,
  lr: 0.5,
  weightDecay: 0,
  steps: 2,
  parameters: { w },
  roles: { w: 'weight' },
  gradients: { w: twoSteps },
};

describe('sgd', () => {
  it('subtracts lr · g', () => {
    expect(descend(descent)).toEqual({ w: Float64Array.of(1 - 0.25 - 0.125, -2 - 0.5 + 0.5) });
    expect(w).toEqual(Float64Array.of(1, -2));
    expect(twoSteps).toEqual(Float64Array.of(0.5, 1, 0.25, -1));
  });

  it('gathers momentum in v = momentum · v + g, whose first is g', () => {
    // v: 0.5, then 0.5 · 0.5 + 0.25 = 0.5; and 1, then 0.5 · 1 − 1 = −0.5.
    expect(descend({ ...descent, momentum: 0.5 })).toEqual({ w: Float64Array.of(1 - 0.25 - 0.25, -2 - 0.5 + 0.25) });
  });

  it('adds a coupled decay to the gradient', () => {
    // 1 − 0.5 · (0.5 + 0.5 · 1) = 0.5, then 0.5 − 0.5 · (0.25 + 0.5 · 0.5) = 0.25; −2 − 0.5 · (1 − 1) = −2, then −2 − 0.5 · (−1 − 1) = −1.
    expect(descend({ ...descent, weightDecay: 0.5 })).toEqual({ w: Float64Array.of(0.25, -1) });
  });

  it.each<[DecayConvention, number]>([
    [{ decay: 'decoupled', times_lr: true, order: 'before' }, 4 * (1 - 0.5 * 0.25) - 0.5],
    [{ decay: 'decoupled', times_lr: true, order: 'after' }, (4 - 0.5) * (1 - 0.5 * 0.25)],
    [{ decay: 'decoupled', times_lr: false }, 4 * (1 - 0.25) - 0.5],
  ])('shrinks a weight on its own under %o', (convention, wanted) => {
    const step = { ...descent, convention, weightDecay: 0.25, steps: 1, parameters: { w: Float64Array.of(4) } };
    expect(descend({ ...step, gradients: { w: Float64Array.of(1) } })).toEqual({ w: Float64Array.of(wanted) });
  });

  it('follows schedules of lr and weight decay', () => {
    // 4 · (1 − 0.5 · 0.25) = 3.5, then 3.5 · (1 − 0.25 · 0.5) = 3.0625.
    const still = { ...descent, parameters: { w: Float64Array.of(4) }, gradients: { w: new Float64Array(2) } };
    expect(descend({ ...still, lr: [0.5, 0.25], weightDecay: [0.25, 0.5] })).toEqual({ w: Float64Array.of(3.0625) });
  });

  it('rounds float32 in each step', () => {
    const { w: moved } = descend({
      ...descent,
      parameters: { w: Float32Array.of(1) },
      gradients: { w: Float32Array.of(0.1, 0.1) },
      lr: 1,
    });
    const tenth = Math.fround(0.1);
    expect(moved).toEqual(Float32Array.of(Math.fround(Math.fround(1 - tenth) - tenth)));
  });
});

describe('adam', () => {
  it.each<Optimizer>(['adam', 'adamw'])('%s is Algorithm 1 of Kingma and Ba', (optimizer) => {
    const [beta1, beta2, eps, lr] = [0.5, 0.75, 0.125, 0.5];
    let [m, v, wanted] = [0, 0, 1];
    for (const [k, g] of [2, -1].entries()) {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      wanted -= (lr * (m / (1 - beta1 ** (k + 1)))) / (Math.sqrt(v / (1 - beta2 ** (k + 1))) + eps);
    }
    const moved = descend({
      ...descent,
      optimizer,
      beta1,
      beta2,
      eps,
      lr,
      parameters: { w: Float64Array.of(1) },
      gradients: { w: Float64Array.of(2, -1) },
    });
    expect(Math.abs(moved['w'][0] - wanted)).toBeLessThanOrEqual(4 * 2 ** -53);
  });

  it('moves by lr in its first step, with its own hyper-parameters', () => {
    const { w: moved } = descend({ ...descent, optimizer: 'adam', steps: 1, gradients: { w: Float64Array.of(8, -8) } });
    const step = (0.5 * 8) / (8 + 1e-8);
    for (const [i, wanted] of [1 - step, -2 + step].entries())
      expect(Math.abs(moved[i] - wanted)).toBeLessThanOrEqual(6 * 2 ** -53);
  });

  it('tells a coupled decay, whose size it normalises away, from a decoupled one', () => {
    const once = {
      ...descent,
      optimizer: 'adam',
      steps: 1,
      weightDecay: 0.5,
      gradients: { w: Float64Array.of(0, 0) },
    } as const;
    const inGradient = descend(once)['w'];
    const alone = descend({ ...once, optimizer: 'adamw', convention: { decay: 'decoupled', times_lr: true } })['w'];
    expect(inGradient[0]).toBeCloseTo(0.5, 6); // 1 − lr · sign
    expect(alone).toEqual(Float64Array.of(0.75, -1.5)); // (1 − lr · decay) · w
  });
});

describe('what moves and what decays', () => {
  const one = Float64Array.of(1);
  const still = Float64Array.of(0);
  const everything: Descent = {
    ...descent,
    steps: 1,
    weightDecay: 0.5,
    parameters: { W: one, b: one, s: one, E: one, lone: one },
    roles: { W: 'weight', b: 'bias', s: 'norm', E: 'frozen', lone: 'weight' },
    gradients: { W: still, b: still, s: still, E: Float64Array.of(1) },
  };
  const decayed = Float64Array.of(0.75);

  it('leaves alone what is frozen, what has no gradient, and biases unless the convention decays them', () => {
    expect(descend(everything)).toEqual({ W: decayed, b: one, s: one, E: one, lone: one });
    const convention: DecayConvention = { decay: 'coupled', bias: true };
    expect(descend({ ...everything, convention })).toEqual({ W: decayed, b: decayed, s: decayed, E: one, lone: one });
  });

  it('answers arrays of its own, also for what it leaves alone', () => {
    for (const moved of Object.values(descend(everything))) expect(moved).not.toBe(one);
  });
});

describe('refusals', () => {
  it.each<[Partial<Descent>, string]>([
    [{ lr: -1 }, 'lr must be finite and >= 0, got -1'],
    [{ lr: NaN }, 'lr must be finite and >= 0, got NaN'],
    [{ lr: [1] }, 'lr must have one entry for each of the 2 steps, got 1'],
    [{ lr: [1, Infinity] }, 'lr[1] must be finite and >= 0, got Infinity'],
    [{ weightDecay: -0.5 }, 'weight_decay must be finite and >= 0, got -0.5'],
    [{ weightDecay: [-0.5, 0] }, 'weight_decay[0] must be finite and >= 0, got -0.5'],
    [{ steps: 0 }, 'steps must be a positive integer, got 0'],
    [{ steps: 1.5 }, 'steps must be a positive integer, got 1.5'],
    [{ momentum: 1 }, 'momentum must be in [0, 1), got 1'],
    [{ momentum: NaN }, 'momentum must be in [0, 1), got NaN'],
    [{ optimizer: 'adam', beta1: -0.5 }, 'beta1 must be in [0, 1), got -0.5'],
    [{ optimizer: 'adamw', beta2: 1 }, 'beta2 must be in [0, 1), got 1'],
    [{ optimizer: 'adam', eps: 0 }, 'eps must be finite and > 0, got 0'],
    [{ optimizer: 'adam', eps: Infinity }, 'eps must be finite and > 0, got Infinity'],
    [{ optimizer: 'lion' as Optimizer }, 'optimizer must be sgd, adam or adamw, got "lion"'],
    [{ gradients: { v: twoSteps } }, 'every gradient must belong to a parameter, got "v"'],
    [{ gradients: { w: w } }, 'the gradient of w must have 4 elements, got 2'],
  ])('refuses %o', (change, message) => {
    expect(() => descend({ ...descent, ...change })).toThrow(message);
  });
});
