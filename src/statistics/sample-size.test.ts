import { describe, expect, it } from 'vitest';
import { budgetOf, detectable, divergence, waldSampleSize } from './sample-size.ts';

const alpha = 1e-9;

describe('the divergence', () => {
  it('is KL(q ‖ p) in nats', () => {
    expect(divergence(0.5, 0.8)).toBeCloseTo(0.5 * Math.log(0.5 / 0.8) + 0.5 * Math.log(0.5 / 0.2), 14);
    expect(divergence(0.3, 0.3)).toBe(0);
  });

  it('from a rate of 0 or 1 is that of its only outcome, and to it beyond all bounds', () => {
    expect(divergence(1, 0.75)).toBeCloseTo(Math.log(4 / 3), 14);
    expect(divergence(0, 0.75)).toBeCloseTo(Math.log(4), 14);
    expect(divergence(0.5, 1)).toBe(Infinity);
    expect(divergence(0.5, 0)).toBe(Infinity);
  });
});

describe('Wald’s bound', () => {
  it('at small ε is 2 p(1−p) ln(1/α) / ε²', () => {
    for (const rate of [0.1, 0.5, 0.8]) {
      const epsilon = 1e-5;
      const limit = (2 * rate * (1 - rate) * Math.log(1 / alpha)) / epsilon ** 2;
      expect(waldSampleSize({ rate, epsilon }, alpha) / limit).toBeCloseTo(1, 3);
    }
  });

  it('is the same for a rate and for its complement', () => {
    const [kept, dropped] = [0.9375, 0.0625].map((rate) => waldSampleSize({ rate, epsilon: 0.03125 }, alpha));
    expect(kept / dropped).toBeCloseTo(1, 12);
  });

  it('is finite up to the edges, where a single outcome may decide', () => {
    expect(waldSampleSize({ rate: 1, epsilon: 0.001 }, alpha)).toBeCloseTo(Math.log(1 / alpha) / -Math.log(0.999), 6);
    expect(waldSampleSize({ rate: 0, epsilon: 0.001 }, alpha)).toBeCloseTo(Math.log(1 / alpha) / -Math.log(0.999), 6);
    expect(waldSampleSize({ rate: 0.999, epsilon: 0.001 }, alpha)).toBeLessThan(1e5);
    expect(waldSampleSize({ rate: 0.5, epsilon: 0.5 }, alpha)).toBeCloseTo(Math.log(1 / alpha) / Math.log(2), 6);
  });
});

describe('the budget', () => {
  it('is three times the bound at 1e-9', () => {
    const claim = { rate: 0.8, epsilon: 0.05 };
    expect(budgetOf(claim, alpha) / waldSampleSize(claim, alpha)).toBeCloseTo(3, 2);
  });

  it('grows slowly with the certainty and with the members, and with what the resolution takes of ε', () => {
    const claim = { rate: 0.8, epsilon: 0.05 };
    expect(budgetOf(claim, 1e-12) / budgetOf(claim, alpha)).toBeLessThan(1.33);
    expect(budgetOf(claim, alpha, 1000) / budgetOf(claim, alpha)).toBeLessThan(1.5);
    const fine = { rate: 0.8, epsilon: 0.0001 };
    expect(budgetOf(fine, alpha) / waldSampleSize(fine, alpha)).toBeCloseTo(3 / (15 / 16) ** 2, 2);
  });

  it('is enough to detect ε, by the bound and not only in simulation', () => {
    for (const claim of [
      { rate: 0.8, epsilon: 0.01 },
      { rate: 0.5, epsilon: 0.001 },
      { rate: 0.99, epsilon: 0.005 },
      { rate: 0.999, epsilon: 0.001 },
      { rate: 1, epsilon: 0.001 },
    ]) {
      const { above, below } = detectable(claim, budgetOf(claim, alpha), alpha);
      expect(below).toBeLessThanOrEqual(claim.epsilon);
      if (claim.rate < 1) expect(above).toBeLessThanOrEqual(claim.epsilon);
    }
  });
});

describe('what is detectable', () => {
  it('of a rate of 1 is what misses once in so many draws, but for a probability of 0.001', () => {
    const { above, below } = detectable({ rate: 1, epsilon: 0.001 }, 1000, alpha);
    expect(above).toBe(Infinity);
    expect(below).toBeCloseTo(1 - 0.001 ** (1 / 1000), 9);
  });

  it('halves when the draws are four times as many', () => {
    const claim = { rate: 0.8, epsilon: 0.001 };
    const ratio = detectable(claim, 1e5, alpha).below / detectable(claim, 4e5, alpha).below;
    expect(ratio).toBeGreaterThan(1.9);
    expect(ratio).toBeLessThan(2.1);
  });

  it('is nothing where even a rate of 0 or 1 would not be noticed', () => {
    expect(detectable({ rate: 0.5, epsilon: 0.1 }, 5, alpha)).toEqual({ above: Infinity, below: Infinity });
    const rare = detectable({ rate: 0.001, epsilon: 0.0005 }, 1000, alpha);
    expect(rare.below).toBe(Infinity);
    expect(rare.above).toBeLessThan(0.1);
  });
});
