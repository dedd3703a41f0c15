import { expect, it } from 'vitest';
import { logMean } from './log-mean.ts';

it('is the log of the mean', () => {
  expect(logMean([Math.log(2), Math.log(4), Math.log(9)])).toBeCloseTo(Math.log(5), 14);
  expect(logMean([Math.log(2), Math.log(4)], [3, 1])).toBeCloseTo(Math.log(2.5), 14);
});

it('holds numbers that no float64 holds', () => {
  expect(logMean([1e6, 1e6 - 1000])).toBeCloseTo(1e6 - Math.LN2, 9);
  expect(logMean([-1e6, -1e6])).toBe(-1e6);
  expect(logMean([Number.MAX_VALUE, 0])).toBe(Number.MAX_VALUE);
});

it('takes evidence 0 and evidence beyond all bounds', () => {
  expect(logMean([-Infinity, Math.log(6)])).toBeCloseTo(Math.log(3), 14);
  expect(logMean([-Infinity, -Infinity])).toBe(-Infinity);
  expect(logMean([Infinity, 0, -Infinity])).toBe(Infinity);
});
