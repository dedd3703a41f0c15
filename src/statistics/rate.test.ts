import { describe, expect, it } from 'vitest';
import {
  type Counts,
  isCertified,
  logEvidenceAgainst,
  logEvidenceAgainstDeviation,
  logEvidenceAgainstRate,
  observe,
  type RateClaim,
  resolutionOf,
  undrawn,
  verdictOf,
} from './rate.ts';

const alpha = 1e-9;
const claim: RateClaim = { rate: 0.8, epsilon: 0.01 };

/** Counts that are exactly at a rate, as draws. */
const drawsAt = (rate: number, trials: number): Counts => ({ trials, successes: Math.round(trials * rate) });

describe('the evidence against a rate', () => {
  it('is nothing without draws', () => {
    expect(logEvidenceAgainstRate(claim, { trials: 0, successes: 0 })).toBe(0);
  });

  it('never favours the rate by more than the mixture costs, and grows with the square of the deviation', () => {
    const [none, once, twice] = [0, 1, 2].map((size) =>
      logEvidenceAgainstRate(claim, drawsAt(0.8 - 0.004 * size, 1e6)),
    );
    expect(none).toBeLessThan(0);
    expect(none).toBeGreaterThan(-10);
    expect(once).toBeGreaterThan(40);
    expect(twice / once).toBeGreaterThan(3.5);
  });

  it('is that of the least accused rate within the resolution', () => {
    for (const rate of [1e-4, 0.0195, 1 / 3, 0.5, 0.8, 0.999]) {
      for (const epsilon of [1e-5, 0.02]) {
        const some = { rate, epsilon };
        const resolution = resolutionOf(some);
        for (const trials of [1, 2, 5, 30, 1000, 1e6, 1e9]) {
          const spread = Math.sqrt(trials * rate * (1 - rate));
          const counts = [
            0,
            1,
            2,
            trials - 1,
            trials,
            ...[-30, -6, -2, 0, 1, 4, 30].map((z) => trials * rate + z * spread),
          ];
          for (const successes of counts.map(Math.round).filter((count) => count >= 0 && count <= trials)) {
            const evidence = logEvidenceAgainstRate(some, { trials, successes });
            if (evidence <= 0) continue;
            for (let step = -4; step <= 4; step++) {
              const rival = logEvidenceAgainst(rate + (resolution * step) / 4, { trials, successes });
              expect(evidence).toBeLessThanOrEqual(rival + 1e-9);
            }
          }
        }
      }
    }
  });

  it('reaches down to a rate of 0 and up to 1 where the resolution does', () => {
    const rare = { rate: 1e-6, epsilon: 0.5 };
    expect(logEvidenceAgainstRate(rare, { trials: 1e9, successes: 0 })).toBe(0);
    expect(logEvidenceAgainstRate({ rate: 1 - 1e-6, epsilon: 0.5 }, { trials: 1e9, successes: 1e9 })).toBe(0);
    expect(logEvidenceAgainstRate(rare, { trials: 1e9, successes: 1e5 })).toBeGreaterThan(100);
  });
});

describe('the evidence against a deviation', () => {
  it('is Wald’s ratio of the two rates', () => {
    const { above, below } = logEvidenceAgainstDeviation({ rate: 0.75, epsilon: 0.125 }, { trials: 10, successes: 7 });
    expect(above).toBeCloseTo(7 * Math.log(0.75 / 0.875) + 3 * Math.log(0.25 / 0.125), 12);
    expect(below).toBeCloseTo(7 * Math.log(0.75 / 0.625) + 3 * Math.log(0.25 / 0.375), 12);
  });

  it('is an e-value for draws between 0 and 1 too: on average no draw of the claimed mean adds to it', () => {
    // Draws of mean 0.75: certain ones, two values, and all the way to 0 and 1.
    for (const [low, high] of [
      [0.75, 0.75],
      [0.5, 1],
      [0.6, 0.9],
      [0, 1],
    ]) {
      const weight = low === high ? 1 : (0.75 - low) / (high - low);
      const onAverage = (evidence: (counts: Counts) => number): number =>
        weight * Math.exp(evidence({ trials: 11, successes: 7.5 + high })) +
        (1 - weight) * Math.exp(evidence({ trials: 11, successes: 7.5 + low }));
      const before: Counts = { trials: 10, successes: 7.5 };
      const against = (counts: Counts): number => logEvidenceAgainst(0.75, counts);
      expect(onAverage(against)).toBeLessThanOrEqual(Math.exp(against(before)) * (1 + 1e-9));
      // Where 0.75 is p + ε, A+ speaks against it, and does not grow either.
      const shifted = { rate: 0.625, epsilon: 0.125 };
      const above = (counts: Counts): number => logEvidenceAgainstDeviation(shifted, counts).above;
      expect(onAverage(above)).toBeLessThanOrEqual(Math.exp(above(before)) * (1 + 1e-9));
    }
  });

  it('where p + ε is 1 is beyond all bounds at the first failure, and −∞ never', () => {
    const next = { rate: 0.75, epsilon: 0.25 };
    expect(logEvidenceAgainstDeviation(next, { trials: 10, successes: 9 }).above).toBe(Infinity);
    expect(logEvidenceAgainstDeviation(next, { trials: 10, successes: 10 }).above).toBeCloseTo(10 * Math.log(0.75), 12);
  });

  it('where no rate is so far off is beyond all bounds from the start', () => {
    expect(logEvidenceAgainstDeviation({ rate: 0.75, epsilon: 0.5 }, { trials: 1, successes: 1 }).above).toBe(Infinity);
    expect(logEvidenceAgainstDeviation({ rate: 0.25, epsilon: 0.5 }, { trials: 1, successes: 1 }).below).toBe(Infinity);
  });

  it('of a rate of 0 or 1 ends at the first contradiction', () => {
    const always = { rate: 1, epsilon: 0.125 };
    expect(logEvidenceAgainstDeviation(always, { trials: 8, successes: 8 })).toEqual({
      above: Infinity,
      below: -8 * Math.log(0.875),
    });
    expect(logEvidenceAgainstDeviation(always, { trials: 8, successes: 7 }).below).toBe(-Infinity);
    const never = { rate: 0, epsilon: 0.125 };
    expect(logEvidenceAgainstDeviation(never, { trials: 8, successes: 0 })).toEqual({
      above: -8 * Math.log(0.875),
      below: Infinity,
    });
    expect(logEvidenceAgainstDeviation(never, { trials: 8, successes: 1 }).above).toBe(-Infinity);
  });
});

describe('the verdict', () => {
  it('is undecided until there is evidence', () => {
    expect(verdictOf(undrawn, alpha)).toBe('undecided');
    expect(verdictOf(observe(claim, undrawn, drawsAt(0.8, 1000)), alpha)).toBe('undecided');
  });

  it('holds at the claimed rate, and is refuted at one that is off', () => {
    expect(verdictOf(observe(claim, undrawn, drawsAt(0.8, 1e5)), alpha)).toBe('holds');
    for (const off of [0.79, 0.81, 0, 1]) {
      const state = observe(claim, undrawn, drawsAt(off, 1e5));
      expect(verdictOf(state, alpha)).toBe('refuted');
      expect(isCertified(state, alpha)).toBe(false);
    }
  });

  it('refutes a rate of 1 by a single miss, and a rate of 0 by a single hit', () => {
    const always = { rate: 1, epsilon: 0.001 };
    expect(verdictOf(observe(always, undrawn, { trials: 1e6, successes: 1e6 - 1 }), alpha)).toBe('refuted');
    expect(verdictOf(observe(always, undrawn, { trials: 1e6, successes: 1e6 }), alpha)).toBe('holds');
    const never = { rate: 0, epsilon: 0.001 };
    expect(verdictOf(observe(never, undrawn, { trials: 1e6, successes: 1 }), alpha)).toBe('refuted');
    expect(verdictOf(observe(never, undrawn, { trials: 1e6, successes: 0 }), alpha)).toBe('holds');
  });

  it('of many looks is that of their largest evidence', () => {
    const wrong = observe(claim, undrawn, drawsAt(0.7, 3000));
    expect(verdictOf(wrong, alpha)).toBe('refuted');
    const blurred = observe(claim, wrong, drawsAt(0.85, 6000));
    expect(blurred.counts).toEqual({ trials: 9000, successes: 7200 });
    expect(blurred.logAgainst).toBeLessThan(0);
    expect(blurred.maxLogAgainst).toBe(wrong.maxLogAgainst);
    expect(verdictOf(blurred, alpha)).toBe('refuted');
  });

  it('that a rate within ε holds may be followed by its refutation', () => {
    const near = observe(claim, undrawn, drawsAt(0.802, 2e5));
    expect(verdictOf(near, alpha)).toBe('holds');
    const nearer = observe(claim, near, drawsAt(0.802, 1e7));
    expect(verdictOf(nearer, alpha)).toBe('refuted');
    expect(isCertified(nearer, alpha)).toBe(true);
  });
});

describe('the state', () => {
  it('adds counts, whatever the batches', () => {
    const whole = observe(claim, undrawn, { trials: 5000, successes: 4000 });
    const parts = observe(claim, observe(claim, undrawn, { trials: 1000, successes: 790 }), {
      trials: 4000,
      successes: 3210,
    });
    expect(parts.counts).toEqual(whole.counts);
    expect(parts.logAgainst).toBe(whole.logAgainst);
    expect(parts.maxLogAbove).toBeGreaterThanOrEqual(whole.maxLogAbove);
  });

  it('survives JSON, even where the evidence is beyond all bounds', () => {
    for (const some of [claim, { rate: 1, epsilon: 0.5 }, { rate: 0.5, epsilon: 0.5 }]) {
      const state = observe(some, undrawn, { trials: 100, successes: 70 });
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }
  });

  it('is left as it is when nothing was drawn', () => {
    expect(observe(claim, undrawn, { trials: 0, successes: 0 })).toBe(undrawn);
  });

  it.each([
    { trials: 3, successes: 4 },
    { trials: 3, successes: -1 },
    { trials: 2.5, successes: 1 },
    { trials: 3, successes: NaN },
    { trials: NaN, successes: 0 },
    { trials: Infinity, successes: 0 },
  ])('refuses what is no count: %o', (draws) => {
    expect(() => observe(claim, undrawn, draws)).toThrow(RangeError);
  });

  it.each([
    { rate: 1.5, epsilon: 0.1 },
    { rate: -0.1, epsilon: 0.1 },
    { rate: NaN, epsilon: 0.1 },
    { rate: 0.5, epsilon: 0 },
    { rate: 0.5, epsilon: 0.6 },
    { rate: 0.5, epsilon: NaN },
  ])('refuses a claim that could not be judged: %o', (wrong) => {
    expect(() => observe(wrong, undrawn, { trials: 1, successes: 1 })).toThrow(RangeError);
  });
});
