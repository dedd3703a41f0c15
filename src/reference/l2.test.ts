import { describe, expect, it } from 'vitest';
import type { Roles } from '../subject.ts';
import { penalty, penaltyGradient } from './l2.ts';

const convention = { coefficient: 0.5, per_example: false, bias: false };
const parameters = {
  W: Float64Array.of(1, -2, 3),
  b: Float64Array.of(10),
  s: Float64Array.of(100),
  E: Float64Array.of(1000),
};
const roles: Roles = { W: 'weight', b: 'bias', s: 'norm', E: 'frozen' };
const question = { parameters, roles, lambda: 0.5, convention };

describe('penalty', () => {
  it('is c · lambda · Σ w² of the weights', () => {
    expect(penalty(question)).toBe(0.5 * 0.5 * 14);
    expect(penalty({ ...question, convention: { ...convention, coefficient: 1 } })).toBe(0.5 * 14);
  });

  it('counts biases and norms where the convention says so', () => {
    expect(penalty({ ...question, convention: { ...convention, bias: true } })).toBe(0.25 * 10114);
  });

  it('is divided by the number of examples where the convention says so', () => {
    const perExample = { ...question, convention: { ...convention, per_example: true } };
    expect(penalty({ ...perExample, examples: 4 })).toBe((0.25 * 14) / 4);
    expect(() => penalty(perExample)).toThrow('examples must be a positive integer, got nothing');
    expect(() => penaltyGradient({ ...perExample, examples: 0 })).toThrow('examples must be a positive integer, got 0');
  });

  it('is 0 of nothing, of zeros and with lambda 0', () => {
    expect(penalty({ ...question, parameters: {} })).toBe(0);
    expect(penalty({ ...question, parameters: { W: new Float32Array(3) } })).toBe(0);
    expect(penalty({ ...question, lambda: 0 })).toBe(0);
  });

  it.each([
    [1e200, 1e-300, 0.5e100],
    [-1e-200, 1e300, 0.5e-100],
    [Number.MAX_VALUE, 5e-324, 5e-324 * Number.MAX_VALUE * (Number.MAX_VALUE / 2)],
    [5e-324, 1e308, 0],
  ])('of the weight %d with lambda %d is finite where its value is', (w, lambda, wanted) => {
    const value = penalty({ ...question, parameters: { W: Float64Array.of(w) }, lambda });
    // Six factors, each rounded once at most, of which the scale's are not.
    expect(Math.abs(value - wanted)).toBeLessThanOrEqual(6 * 2 ** -53 * wanted);
  });

  it('does not hide an infinity or a NaN', () => {
    const infinite = { W: Float64Array.of(1, -Infinity) };
    expect(penalty({ ...question, parameters: infinite })).toBe(Infinity);
    expect(penalty({ ...question, parameters: infinite, lambda: 5e-324 })).toBe(Infinity);
    expect(penalty({ ...question, parameters: { W: Float64Array.of(1, NaN) } })).toBeNaN();
  });

  it.each([-1, NaN, Infinity])('refuses lambda %d', (lambda) => {
    expect(() => penalty({ ...question, lambda })).toThrow(`lambda must be finite and >= 0, got ${lambda}`);
    expect(() => penaltyGradient({ ...question, lambda })).toThrow(`lambda must be finite and >= 0, got ${lambda}`);
  });
});

describe('penaltyGradient', () => {
  it('is 2 · c · lambda · w of what is penalised, and zeros of what is not', () => {
    expect(penaltyGradient(question)).toEqual({
      W: Float64Array.of(0.5, -1, 1.5),
      b: Float64Array.of(0),
      s: Float64Array.of(0),
      E: Float64Array.of(0),
    });
    const everything = { coefficient: 1, per_example: true, bias: true };
    expect(penaltyGradient({ ...question, convention: everything, examples: 2 })).toEqual({
      W: Float64Array.of(0.5, -1, 1.5),
      b: Float64Array.of(5),
      s: Float64Array.of(50),
      E: Float64Array.of(0),
    });
  });

  it('keeps the format', () => {
    expect(penaltyGradient({ ...question, parameters: { W: Float32Array.of(0.1) } })).toEqual({
      W: Float32Array.of(0.5 * Math.fround(0.1)),
    });
  });
});
