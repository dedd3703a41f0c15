import { describe, expect, it } from 'vitest';
import { profileFor, profileNames } from './profiles.ts';

describe('a profile', () => {
  it('has a name', () => {
    expect(profileNames).toEqual(['quick', 'standard', 'thorough']);
    for (const name of profileNames) expect(profileFor(name, 1).name).toBe(name);
  });

  it('looks longer and sees finer than the one before', () => {
    const [quick, standard, thorough] = profileNames.map((name) => profileFor(name, 1));
    for (const [coarse, fine] of [
      [quick, standard],
      [standard, thorough],
    ]) {
      expect(fine.cases).toBeGreaterThan(coarse.cases);
      expect(fine.mostElements).toBeGreaterThan(coarse.mostElements);
      for (const key of ['rate', 'correlation', 'position', 'relative'] as const) {
        expect(fine.resolution[key]).toBeLessThan(coarse.resolution[key]);
      }
    }
  });

  it('never looks at 0.5 alone, and draws two keep_probs of its own for the run', () => {
    const drawn = (seed: number) => profileFor('quick', seed).resolution.keepProbs.slice(-2);
    expect(profileFor('quick', 1).resolution.keepProbs.slice(0, -2)).toEqual([0.8, 0.5, 0.1]);
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(8)).not.toEqual(drawn(7));
    for (let seed = 0; seed < 200; seed++) {
      for (const keepProb of drawn(seed)) {
        expect(keepProb).toBeGreaterThanOrEqual(0.05);
        expect(keepProb).toBeLessThanOrEqual(0.95);
        // Six decimals: a person can type it again.
        expect(Number(keepProb.toFixed(6))).toBe(keepProb);
      }
    }
  });
});
