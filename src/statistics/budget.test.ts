import { expect, it } from 'vitest';
import { shareOf } from './budget.ts';

it('the shares sum to the whole', () => {
  const weights = [0.25, 3, 10, 0.1];
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => shareOf({ falseAlarm: 1e-9, weight, totalWeight }));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1e-9, 24);
  expect(shares[1] / shares[3]).toBeCloseTo(30, 10);
});

it.each([
  { falseAlarm: 0, weight: 1, totalWeight: 1 },
  { falseAlarm: 1, weight: 1, totalWeight: 1 },
  { falseAlarm: NaN, weight: 1, totalWeight: 1 },
  { falseAlarm: 0.1, weight: 0, totalWeight: 1 },
  { falseAlarm: 0.1, weight: 2, totalWeight: 1 },
  { falseAlarm: 0.1, weight: NaN, totalWeight: 1 },
])('refuses what is no share: %o', (share) => {
  expect(() => shareOf(share)).toThrow(RangeError);
});
