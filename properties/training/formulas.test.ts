/** The properties' own network, its roundings and its curvature: what judges others is judged here first. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeUniversal } from '../../src/judge/cases.ts';
import type { Capabilities, NetworkCall, Subject } from '../../src/subject.ts';
import { type Dtype, round, tensor, valuesOf } from '../../src/tensor.ts';
import { type Masked, network } from './cases.ts';
import { gradientIsTheDerivative } from './gradient.ts';
import { curvature } from './majorants.ts';
import { placesOf, silence } from './quiet.ts';
import { arithmeticOf, exact, values } from './rounding.ts';
import { thinned } from './thinned.ts';

const capabilities: Capabilities = { network: { dtypes: ['float64'], masks: true } };

const networks = (numRuns: number): readonly Masked[] => fc.sample(network(capabilities), { seed: 1, numRuns });

describe('the thinned network of the properties', () => {
  it('has the derivatives of its loss for gradients', async () => {
    const refuses = () => Promise.reject(new Error('only networks are asked about'));
    const subject: Subject = {
      identity: { name: 'the properties’ own network', version: '1' },
      capabilities,
      dropout: refuses,
      penalty: refuses,
      step: refuses,
      network: async (call: NetworkCall) => {
        const { y, loss, gradients } = thinned(call, call.masks);
        const tensors = Object.entries(call.parameters).map(([name, { dtype, shape }]) => [
          name,
          tensor(dtype, shape, values(gradients[name])),
        ]);
        return {
          y: tensor(call.t.dtype, call.t.shape, values(y)),
          loss: loss.value,
          masks: call.masks ?? [],
          gradients: Object.fromEntries(tensors),
        };
      },
    };
    const { evidence } = gradientIsTheDerivative;
    if (evidence.kind !== 'universal') throw new TypeError('the clause is universal');
    const outcome = await judgeUniversal(evidence, subject, { runs: 200, seed: 1 });
    expect(outcome).toMatchObject({ kind: 'held' });
    expect(outcome.facts).toBeGreaterThan(100);
  });

  it('gives the numbers that can be checked by hand', () => {
    const one = (value: number) => tensor('float64', [1, 1], [value]);
    const bias = (value: number) => tensor('float64', [1], [value]);
    const { y, loss, gradients } = thinned(
      {
        layers: [1, 1, 1],
        activation: 'relu',
        loss: 'mse',
        keepProbs: [0.5],
        x: one(3),
        t: one(1),
        parameters: { W1: one(1), b1: bias(-1), W2: one(2), b2: bias(1) },
      },
      [tensor('uint8', [1, 1], [1])],
    );
    // z = 3 − 1 = 2, a = 2 / 0.5 = 4, y = 2 · 4 + 1 = 9, loss = (9 − 1)² / 2.
    expect({ y: values(y), loss: loss.value }).toEqual({ y: [9], loss: 32 });
    const byName = Object.entries(gradients).map(([name, gradient]) => [name, gradient[0].value]);
    expect(Object.fromEntries(byName)).toEqual({ W2: 32, b2: 8, W1: 96, b1: 32 });
  });
});

describe('the roundings', () => {
  it.each<Dtype>(['float32', 'float16', 'bfloat16'])('bound a %s sum of products in either order', (dtype) => {
    const { sum, product } = arithmeticOf(dtype);
    const number = fc.integer({ min: -1000, max: 1000 }).map((n) => round(dtype, n / 300));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 20 }), (pairs) => {
        const { value, error } = sum(pairs.map(([a, b]) => product(exact(a), exact(b))));
        for (const order of [pairs, [...pairs].reverse()]) {
          const got = order.reduce((total, [a, b]) => round(dtype, total + round(dtype, a * b)), 0);
          expect(Math.abs(got - value)).toBeLessThanOrEqual(error);
        }
      }),
      { seed: 1 },
    );
  });
});

describe('the curvature', () => {
  it('bounds the third derivative of the loss by any parameter', () => {
    const h = 2 ** -7;
    const withQuietNodes = networks(100).map((setting) => placesOf(setting).reduce(silence, setting));
    for (const setting of [...networks(100), ...withQuietNodes]) {
      if (setting.activation === 'relu') continue;
      for (const [name, parameter] of Object.entries(setting.parameters)) {
        const lossAt = (by: number) => {
          const moved = Array.from(valuesOf(parameter), (value, i) => (i === 0 ? value + by : value));
          const parameters = { ...setting.parameters, [name]: tensor('float64', parameter.shape, moved) };
          return thinned({ ...setting, parameters }, setting.masks).loss;
        };
        const [a, b, c, d] = [2 * h, h, -h, -2 * h].map(lossAt);
        const third = (a.value - 2 * b.value + 2 * c.value - d.value) / (2 * h ** 3);
        const rounding = (a.error + 2 * b.error + 2 * c.error + d.error) / (2 * h ** 3);
        const bound = curvature(setting, setting.masks, { name, index: 0, reach: 2 * h }).third;
        expect(Math.abs(third)).toBeLessThanOrEqual(bound + rounding);
      }
    }
  });
});
