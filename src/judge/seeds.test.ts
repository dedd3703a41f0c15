import { describe, expect, it } from 'vitest';
import { mixer, seedFor } from './seeds.ts';

describe('a seed', () => {
  it('follows from the run and a name, in 31 bits', () => {
    const names = ['dropout/keep-rate', 'dropout/keep-rate/0', 'dropout/keep-rate/1', 'l2/golden', 'decay/golden'];
    const runs = [0, 1, 2, 42, 2 ** 31 - 1];
    const seeds = runs.flatMap((run) => names.map((name) => seedFor(run, name)));
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
    expect(runs.flatMap((run) => names.map((name) => seedFor(run, name)))).toEqual(seeds);
  });

  it('is hardly ever shared by two of many names', () => {
    const seeds = Array.from({ length: 10_000 }, (_, i) => seedFor(1, `clause/${i}`));
    // Of 10⁴ draws among 2³¹, 0.02 pairs coincide on average.
    expect(new Set(seeds).size).toBeGreaterThanOrEqual(9_999);
  });
});

describe('uniform draws', () => {
  const draws = (seed: number, many: number) => {
    const random = mixer(seed);
    return Array.from({ length: many }, () => random());
  };

  it('lie in [0, 1), reproducibly', () => {
    const some = draws(1, 1000);
    expect(draws(1, 1000)).toEqual(some);
    expect(draws(2, 1000)).not.toEqual(some);
    expect(Math.min(...some)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...some)).toBeLessThan(1);
    // The mean of 1000 uniform draws has a standard deviation of 0.009; these draws are fixed.
    expect(Math.abs(some.reduce((sum, draw) => sum + draw, 0) / 1000 - 0.5)).toBeLessThan(0.03);
  });
});
