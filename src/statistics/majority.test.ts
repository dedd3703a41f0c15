import { describe, expect, it } from 'vitest';
import { logEvidenceForMajority } from './majority.ts';

describe('the evidence for a majority', () => {
  it('is none without trials, and the same the other way round', () => {
    expect(logEvidenceForMajority({ trials: 0, successes: 0 })).toEqual({ most: 0, few: 0 });
    const { most, few } = logEvidenceForMajority({ trials: 20, successes: 13 });
    expect(logEvidenceForMajority({ trials: 20, successes: 7 })).toEqual({ most: few, few: most });
  });

  it('suffices for 1e-9 after 35 trials that all say the same, when no bet could have had it before 30', () => {
    // At a rate of ½ no strategy has more than 2^n: that is 1e9 at n = 30.
    const enough = Math.log(1e9);
    expect(logEvidenceForMajority({ trials: 35, successes: 35 }).most).toBeGreaterThan(enough);
    expect(logEvidenceForMajority({ trials: 29, successes: 29 }).most).toBeLessThan(enough);
  });

  it('is a fair game at a rate of one half: its mean over all outcomes of twelve trials is 1', () => {
    let mean = 0;
    for (let outcome = 0; outcome < 2 ** 12; outcome++) {
      const successes = outcome.toString(2).replaceAll('0', '').length;
      mean += Math.exp(logEvidenceForMajority({ trials: 12, successes }).most) / 2 ** 12;
    }
    expect(mean).toBeCloseTo(1, 12);
  });
});
