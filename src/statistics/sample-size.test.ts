import { describe, expect, it } from 'vitest';
import type { Claim } from './claim.ts';
import { leastCorrelation } from './pairs.ts';
import { budgetOf, detectable, divergence, fixedSampleSize, waldSampleSize } from './sample-size.ts';

const alpha = 1e-9;

const rateOf = (rate: number, epsilon: number) => ({ law: 'rate', rate, epsilon }) as const;
const pairsOf = (rate: number, epsilon: number) => ({ law: 'pairs', rate, epsilon }) as const;

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
      expect(waldSampleSize(rateOf(rate, epsilon), alpha) / limit).toBeCloseTo(1, 3);
    }
  });

  it('is the same for a rate and for its complement', () => {
    const [kept, dropped] = [0.9375, 0.0625].map((rate) => waldSampleSize(rateOf(rate, 0.03125), alpha));
    expect(kept / dropped).toBeCloseTo(1, 12);
  });

  it('is finite up to the edges, where a single outcome may decide', () => {
    expect(waldSampleSize(rateOf(1, 0.001), alpha)).toBeCloseTo(Math.log(1 / alpha) / -Math.log(0.999), 6);
    expect(waldSampleSize(rateOf(0, 0.001), alpha)).toBeCloseTo(Math.log(1 / alpha) / -Math.log(0.999), 6);
    expect(waldSampleSize(rateOf(0.999, 0.001), alpha)).toBeLessThan(1e5);
    expect(waldSampleSize(rateOf(0.5, 0.5), alpha)).toBeCloseTo(Math.log(1 / alpha) / Math.log(2), 6);
  });
});

describe('Wald’s bound of a correlation', () => {
  it('at small ε is 2 ln(1/α) / ε², at any rate', () => {
    for (const rate of [0.1, 0.5, 0.8]) {
      const limit = (2 * Math.log(1 / alpha)) / 1e-5 ** 2;
      expect(waldSampleSize(pairsOf(rate, 1e-5), alpha) / limit).toBeCloseTo(1, 3);
    }
  });

  it('is the same for a rate and for its complement', () => {
    const [kept, dropped] = [0.9375, 0.0625].map((rate) => waldSampleSize(pairsOf(rate, 0.03125), alpha));
    expect(kept / dropped).toBeCloseTo(1, 12);
  });

  it('is ln(1/α) over the nats of a pair, the smaller of those that tell the two apart either way', () => {
    // At a rate of one half and a correlation of one half, an element repeats its context three times in four.
    const nats = [divergence(0.75, 0.5), divergence(0.5, 0.75)];
    expect(waldSampleSize(pairsOf(0.5, 0.5), alpha)).toBeCloseTo(Math.log(1 / alpha) / Math.min(...nats), 9);
  });

  it('counts on no correlation that no elements have', () => {
    // At 0.8 none is below −1/4: what is asked is whether it is 0.3, and not whether it is −0.3.
    const p = 0.8;
    const either = [
      p * divergence(0.86, p) + (1 - p) * divergence(0.56, p),
      p * divergence(p, 0.86) + (1 - p) * divergence(p, 0.56),
    ];
    expect(waldSampleSize(pairsOf(p, 0.3), alpha)).toBeCloseTo(Math.log(1 / alpha) / Math.min(...either), 6);
    // Some of these round to a probability below 0.
    for (const rate of [0.01, 0.031, 0.1, 0.334, 0.484, 0.8, 0.999])
      expect(waldSampleSize(pairsOf(rate, -leastCorrelation(rate)), alpha)).toBeLessThan(Infinity);
  });
});

describe('the budget', () => {
  it('is three times the bound at 1e-9', () => {
    const claim = rateOf(0.8, 0.05);
    expect(budgetOf(claim, alpha) / waldSampleSize(claim, alpha)).toBeCloseTo(3, 2);
  });

  it('grows slowly with the certainty and with the members, and with what the resolution takes of ε', () => {
    const claim = rateOf(0.8, 0.05);
    expect(budgetOf(claim, 1e-12) / budgetOf(claim, alpha)).toBeLessThan(1.33);
    expect(budgetOf(claim, alpha, 1000) / budgetOf(claim, alpha)).toBeLessThan(1.5);
    const fine = rateOf(0.8, 0.0001);
    expect(budgetOf(fine, alpha) / waldSampleSize(fine, alpha)).toBeCloseTo(3 / (15 / 16) ** 2, 2);
  });

  it('is enough to detect ε, by the bound and not only in simulation', () => {
    for (const claim of [
      rateOf(0.8, 0.01),
      rateOf(0.5, 0.001),
      rateOf(0.99, 0.005),
      rateOf(0.999, 0.001),
      rateOf(1, 0.001),
    ]) {
      const { above, below } = detectable(claim, budgetOf(claim, alpha), alpha);
      expect(below).toBeLessThanOrEqual(claim.epsilon);
      if (claim.rate < 1) expect(above).toBeLessThanOrEqual(claim.epsilon);
    }
  });
});

describe('the budget of a correlation', () => {
  it('is three times the bound at 1e-9 too', () => {
    for (const claim of [pairsOf(0.8, 0.05), pairsOf(0.5, 0.001)])
      expect(budgetOf(claim, alpha) / waldSampleSize(claim, alpha)).toBeCloseTo(3, 2);
  });

  it('is enough to detect ε, by the bound and not only in simulation', () => {
    for (const claim of [pairsOf(0.8, 0.03), pairsOf(0.5, 0.01), pairsOf(0.1, 0.001), pairsOf(0.99, 0.005)]) {
      const { above, below } = detectable(claim, budgetOf(claim, alpha), alpha);
      expect(below).toBeLessThanOrEqual(claim.epsilon);
      expect(above).toBeLessThanOrEqual(claim.epsilon);
      expect(Math.min(above, below)).toBeGreaterThan(0.5 * claim.epsilon);
    }
  });
});

describe('a claim that is watched only', () => {
  const histogram: Claim = {
    law: 'histogram',
    rate: 0.5,
    length: 1,
    cells: [
      { name: '0', kept: 0, ways: 1 },
      { name: '1', kept: 1, ways: 1 },
    ],
  };

  it('needs no draws', () => {
    for (const claim of [{ law: 'rate', rate: 0.8 } as const, { law: 'pairs', rate: 0.8 } as const, histogram]) {
      expect(waldSampleSize(claim, alpha)).toBe(0);
      expect(budgetOf(claim, alpha)).toBe(0);
      expect(budgetOf(claim, alpha, 1000)).toBe(0);
    }
  });

  it('sees what one that is certified sees, as far as a number tells it', () => {
    expect(detectable({ law: 'pairs', rate: 0.8 }, 1e5, alpha)).toEqual(detectable(pairsOf(0.8, 0.01), 1e5, alpha));
    expect(detectable({ law: 'rate', rate: 0.8 }, 1e5, alpha)).toEqual(detectable(rateOf(0.8, 0.01), 1e5, alpha));
    expect(detectable(histogram, 1e9, alpha)).toEqual({ above: Infinity, below: Infinity });
  });
});

describe('what is detectable', () => {
  it('of a rate of 1 is what misses once in so many draws, but for a probability of 0.001', () => {
    const { above, below } = detectable(rateOf(1, 0.001), 1000, alpha);
    expect(above).toBe(Infinity);
    expect(below).toBeCloseTo(1 - 0.001 ** (1 / 1000), 9);
  });

  it('halves when the draws are four times as many', () => {
    const claim = rateOf(0.8, 0.001);
    const ratio = detectable(claim, 1e5, alpha).below / detectable(claim, 4e5, alpha).below;
    expect(ratio).toBeGreaterThan(1.9);
    expect(ratio).toBeLessThan(2.1);
  });

  it('is nothing where even a rate of 0 or 1 would not be noticed', () => {
    expect(detectable(rateOf(0.5, 0.1), 5, alpha)).toEqual({ above: Infinity, below: Infinity });
    const rare = detectable(rateOf(0.001, 0.0005), 1000, alpha);
    expect(rare.below).toBe(Infinity);
    expect(rare.above).toBeLessThan(0.1);
  });

  it('of a correlation is the same to both sides at one half, and halves with four times the pairs', () => {
    const { above, below } = detectable(pairsOf(0.5, 0.001), 1e5, alpha);
    expect(above / below).toBeCloseTo(1, 9);
    const ratio = above / detectable(pairsOf(0.5, 0.001), 4e5, alpha).above;
    expect(ratio).toBeGreaterThan(1.9);
    expect(ratio).toBeLessThan(2.1);
  });

  it('of a correlation is nothing where even the strongest would not be noticed', () => {
    expect(detectable(pairsOf(0.5, 0.1), 20, alpha)).toEqual({ above: Infinity, below: Infinity });
    // None of rate 0.99 is below −1/99, and what is always kept shows no dependence.
    const rare = detectable(pairsOf(0.99, 0.005), 10_000, alpha);
    expect(rare.below).toBe(Infinity);
    expect(rare.above).toBeLessThan(0.5);
    expect(detectable(pairsOf(0.8, 0.1), 1e4, alpha).below).toBeLessThan(0.25);
  });
});

describe('a test of a fixed size', () => {
  // From Python's statistics.NormalDist, by the same formula.
  it.each([
    [0.5, 0.01, 0.05, 0.2, 19_620],
    [0.8, 0.005, 4e-11, 2.4e-10, 1_062_911],
    [0.5, 0.05, 0.05, 0.05, 1294],
    [0.1, 0.02, 1e-9, 1e-9, 35_757],
  ])(
    'of the rate %d, to ±%d, with error probabilities %d and %d, takes %d trials',
    (rate, epsilon, falseAlarm, miss, n) => {
      expect(fixedSampleSize({ rate, epsilon }, { falseAlarm, miss })).toBe(n);
    },
  );

  it('takes between one and four times what Wald shows a sequential one to need', () => {
    const wald = waldSampleSize(rateOf(0.8, 0.005), 2.4e-10);
    const fixed = fixedSampleSize({ rate: 0.8, epsilon: 0.005 }, { falseAlarm: 2.4e-10, miss: 2.4e-10 });
    expect(fixed / wald).toBeGreaterThan(1);
    expect(fixed / wald).toBeLessThan(4);
  });
});
