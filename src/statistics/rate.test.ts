import { describe, expect, it } from 'vitest';
import {
  type Counts,
  demandRate,
  logEvidenceAgainst,
  logEvidenceAgainstDeviation,
  logEvidenceAgainstRate,
  type RateClaim,
  resolutionOf,
} from './rate.ts';

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

it('of a rate that is watched only, no deviation is certified', () => {
  const watched = { rate: 0.8 };
  expect(resolutionOf(watched)).toBe(2 ** -16);
  expect(logEvidenceAgainstDeviation(watched, { trials: 10, successes: 8 })).toEqual({
    above: Infinity,
    below: Infinity,
  });
  // It is accused by the same evidence.
  expect(logEvidenceAgainstRate(watched, drawsAt(0.79, 1e6))).toBe(logEvidenceAgainstRate(claim, drawsAt(0.79, 1e6)));
});

it.each([
  { rate: 1.5, epsilon: 0.1 },
  { rate: -0.1, epsilon: 0.1 },
  { rate: NaN, epsilon: 0.1 },
  { rate: 0.5, epsilon: 0 },
  { rate: 0.5, epsilon: 0.6 },
  { rate: 0.5, epsilon: NaN },
])('a claim that could not be judged is refused: %o', (wrong) => {
  expect(() => demandRate(wrong)).toThrow(RangeError);
});

it('a claim that can fail is not refused, up to the widest', () => {
  for (const right of [
    { rate: 0 },
    { rate: 1, epsilon: 1 },
    { rate: 0.25, epsilon: 0.75 },
    { rate: 0.5, epsilon: 0.5 },
  ])
    expect(() => demandRate(right)).not.toThrow();
});
