import { describe, expect, it } from 'vitest';
import { randomState } from './numpy-random.ts';

describe('randomState', () => {
  // numpy.random.RandomState(seed).rand(2000), of NumPy 2.4.6: the first three and the last.
  it.each([
    [0, [0.5488135039273248, 0.7151893663724195, 0.6027633760716439], 0.5017731306999452],
    [1, [0.417022004702574, 0.7203244934421581, 0.00011437481734488664], 0.9467282696079524],
    [42, [0.3745401188473625, 0.9507143064099162, 0.7319939418114051], 0.28218707469320015],
    [2 ** 31 - 1, [0.3933911315501387, 0.6566618430544519, 0.08629079684294616], 0.6143788058747846],
    [2 ** 31, [0.15200287353446562, 0.8205427554297966, 0.7754982870984906], 0.39351058823802454],
    [2 ** 32 - 1, [0.0976320289940138, 0.9123828453026218, 0.78903530185164], 0.17947030169391298],
  ])('gives the doubles of NumPy for seed %i', (seed, first, last) => {
    const random = randomState(seed);
    const drawn = Array.from({ length: 2000 }, random);
    expect(drawn.slice(0, 3)).toEqual(first);
    expect(drawn[1999]).toBe(last);
  });

  it.each([-1, 2 ** 32, 0.5, NaN])('refuses the seed %d', (seed) => {
    expect(() => randomState(seed)).toThrow(`seed must be an integer in [0, 2^32), got ${seed}`);
  });
});
