import { describe, expect, it } from 'vitest';
import { logThreshold } from './claim.ts';
import { confidenceBand } from './confidence.ts';
import { logEvidenceAgainst } from './rate.ts';

describe('a confidence band', () => {
  it('is everything without draws', () => {
    expect(confidenceBand({ trials: 0, successes: 0 }, 1e-9)).toEqual({ low: 0, high: 1 });
  });

  it('ends where the evidence reaches the threshold, and holds all between', () => {
    for (const alpha of [0.05, 1e-9]) {
      for (const counts of [
        { trials: 100, successes: 30 },
        { trials: 1e4, successes: 9990 },
        { trials: 1e7, successes: 8_001_000 },
        { trials: 1e12, successes: 1e9 },
      ]) {
        const { low, high } = confidenceBand(counts, alpha);
        expect(logEvidenceAgainst(low, counts)).toBeCloseTo(logThreshold(alpha), 2);
        expect(logEvidenceAgainst(high, counts)).toBeCloseTo(logThreshold(alpha), 2);
        for (let step = 1; step < 40; step++) {
          const inside = low + ((high - low) * step) / 40;
          expect(logEvidenceAgainst(inside, counts)).toBeLessThan(logThreshold(alpha));
          const outside = step % 2 === 0 ? (low * step) / 40 : high + ((1 - high) * step) / 40;
          expect(logEvidenceAgainst(outside, counts)).toBeGreaterThan(logThreshold(alpha));
        }
      }
    }
  });

  it('reaches 0 where nothing was counted, and 1 where everything was', () => {
    const none = confidenceBand({ trials: 1000, successes: 0 }, 1e-9);
    const all = confidenceBand({ trials: 1000, successes: 1000 }, 1e-9);
    expect(none.low).toBe(0);
    expect(none.high).toBeLessThan(0.03);
    expect(all.high).toBe(1);
    expect(all.low).toBeCloseTo(1 - none.high, 12);
  });

  it('narrows as the root of the draws', () => {
    const widthOf = (trials: number): number => {
      const { low, high } = confidenceBand({ trials, successes: 0.8 * trials }, 1e-9);
      return high - low;
    };
    const ratio = widthOf(1e5) / widthOf(1e7);
    expect(ratio).toBeGreaterThan(9);
    expect(ratio).toBeLessThan(10.5);
  });
});
