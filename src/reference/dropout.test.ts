import { describe, expect, it } from 'vitest';
import { Refusal } from '../errors.ts';
import { drawMask, dropout, dropoutGradient, evaluate } from './dropout.ts';

const replay = (draws: readonly number[]): (() => number) => {
  const rest = draws.values();
  return () => rest.next().value ?? NaN;
};

describe('drawMask', () => {
  it('keeps an element if and only if its draw is below keepProb', () => {
    const below = 0.8 - 2 ** -53;
    const random = replay([0, below, 0.8, 0.8 + 2 ** -53, 1 - 2 ** -53]);
    expect([...drawMask({ size: 5, keepProb: 0.8, random })]).toEqual([1, 1, 0, 0, 0]);
  });

  it('keeps all with keepProb 1 and none with keepProb 0', () => {
    expect([...drawMask({ size: 2, keepProb: 1, random: replay([0, 1 - 2 ** -53]) })]).toEqual([1, 1]);
    expect([...drawMask({ size: 2, keepProb: 0, random: replay([0, 1 - 2 ** -53]) })]).toEqual([0, 0]);
  });

  it('draws once an element, and nothing for none', () => {
    const random = replay([0.9, 0.1, 0.9]);
    expect([...drawMask({ size: 1, keepProb: 0.5, random })]).toEqual([0]);
    expect([...drawMask({ size: 0, keepProb: 0.5, random })]).toEqual([]);
    expect([...drawMask({ size: 2, keepProb: 0.5, random })]).toEqual([1, 0]);
  });

  it.each([1.5, -0.1, NaN, Infinity, -(2 ** -1074), 1 + 2 ** -52])('refuses keepProb %d', (keepProb) => {
    const refusal = new Refusal('invalid_argument', `keep_prob must be in [0, 1], got ${keepProb}`);
    expect(() => drawMask({ size: 0, keepProb, random: Math.random })).toThrow(refusal);
    expect(() => dropout({ x: new Float64Array(), mask: new Uint8Array(), keepProb })).toThrow(refusal);
  });
});

describe('dropout', () => {
  it('divides what is kept by keepProb and makes zeros of the rest', () => {
    const y = dropout({ x: Float64Array.of(1, 2, 3), mask: Uint8Array.of(1, 0, 1), keepProb: 0.8 });
    expect(y).toEqual(Float64Array.of(1 / 0.8, 0, 3 / 0.8));
  });

  it('divides a float32 by keepProb rounded to float32, and rounds once more', () => {
    const x = Float32Array.of(0.1, 3, 1e30);
    const y = dropout({ x, mask: Uint8Array.of(1, 1, 0), keepProb: 0.7 });
    const divisor = Math.fround(0.7);
    expect(y).toEqual(Float32Array.of(Math.fround(0.1) / divisor, 3 / divisor, 0));
  });

  it('multiplies, as NumPy does: a dropped negative is −0, a dropped infinity or NaN is NaN', () => {
    const x = Float64Array.of(-1, -0, Infinity, NaN);
    expect(dropout({ x, mask: new Uint8Array(4), keepProb: 0.5 })).toEqual(Float64Array.of(-0, -0, NaN, NaN));
  });

  it('is the identity with keepProb 1', () => {
    const x = Float64Array.of(-0, 5e-324, -Infinity, NaN, 1.7e308);
    expect(dropout({ x, mask: new Uint8Array(5).fill(1), keepProb: 1 })).toEqual(x);
  });

  it('gives +0 everywhere with keepProb 0', () => {
    const x = Float32Array.of(-1, Infinity, NaN);
    expect(dropout({ x, mask: new Uint8Array(3), keepProb: 0 })).toEqual(Float32Array.of(0, 0, 0));
  });

  it('makes no NaN of a keepProb that float32 would round to 0', () => {
    const y = dropout({ x: Float32Array.of(1, 2 ** -70), mask: Uint8Array.of(0, 1), keepProb: 2 ** -160 });
    expect(y).toEqual(Float32Array.of(0, 2 ** 90));
  });

  it('does not modify its input', () => {
    const x = Float64Array.of(1, 2);
    dropout({ x, mask: Uint8Array.of(0, 1), keepProb: 0.5 });
    expect(x).toEqual(Float64Array.of(1, 2));
  });
});

describe('dropoutGradient', () => {
  it('masks and scales like the output, whatever x was', () => {
    const dx = dropoutGradient({ dy: Float64Array.of(1, 2, -3), mask: Uint8Array.of(1, 0, 1), keepProb: 0.25 });
    expect(dx).toEqual(Float64Array.of(4, 0, -12));
  });
});

describe('evaluate', () => {
  it('gives the same numbers in another array', () => {
    const x = Float32Array.of(-0, NaN, Infinity, 1e-45);
    expect(evaluate(x)).toEqual(x);
    expect(evaluate(x)).not.toBe(x);
  });
});
