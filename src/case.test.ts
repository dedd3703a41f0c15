import { describe, expect, it } from 'vitest';
import { decodeCase, encodeCase, isTensor } from './case.ts';
import type { Case } from './clause.ts';
import { tensor } from './tensor.ts';

const throughJson = (example: Case): Case => decodeCase(JSON.parse(JSON.stringify(encodeCase(example))));

describe('a case as JSON', () => {
  it.each<[string, Case]>([
    ['numbers', { keepProb: 0.1, seed: 2 ** 31 - 1, tiny: 5e-324, zero: 0 }],
    ['what JSON has no number for', { a: Number.NaN, b: Infinity, c: -Infinity, d: -0 }],
    ['texts and conditions', { dtype: 'float32', vector: 'the first', training: false }],
    ['lists and objects', { lr: [0.1, -0, Infinity], roles: { W: 'weight', deep: { lr: [Number.NaN] } }, none: [] }],
    ['tensors', { x: tensor('float64', [2, 2], [1, -0, Number.NaN, -Infinity]) }],
    ['tensors of halves', { x: tensor('bfloat16', [3], [1 / 3, -0, 2 ** -133]) }],
    ['tensors within lists', { masks: [tensor('uint8', [2], [0, 1]), tensor('uint8', [0], [])] }],
  ])('comes back the same: %s', (_, example) => expect(throughJson(example)).toEqual(example));

  it('is readable', () => {
    const example = { x: tensor('float32', [3], [1, 0.5, -0]), keepProb: 0.25, lambda: Infinity };
    expect(encodeCase(example)).toEqual({
      x: { dtype: 'float32', shape: [3], data: [1, 0.5, '-0'] },
      keepProb: 0.25,
      lambda: 'Infinity',
    });
  });

  it('says what is wrong with a tensor that somebody has edited', () => {
    expect(() => decodeCase({ x: { dtype: 'float64', shape: [2], data: [1] } })).toThrow(
      'the case.data must have 2 elements, got 1',
    );
  });

  it('tells a tensor from other objects', () => {
    expect(isTensor(tensor('uint8', [], [1]))).toBe(true);
    expect([null, 1, 'dtype', { dtype: 'float64' }, { data: [] }].some(isTensor)).toBe(false);
  });
});
