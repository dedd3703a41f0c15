import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossing, endOf } from './root.ts';

/** A function that counts how often it is asked. */
function counted(f: (x: number) => number) {
  const asked = {
    times: 0,
    of: (x: number) => {
      asked.times += 1;
      return f(x);
    },
  };
  return asked;
}

const thousandths = fc.integer({ min: -10_000, max: 10_000 }).map((count) => count / 1000);
const ends = fc.tuple(thousandths, thousandths);

/** Below zero up to a root, and above from there: a line, powers, an exponential, jumps, and poles. */
const shapes: readonly ((away: number) => number)[] = [
  (away) => away,
  (away) => away ** 3,
  (away) => 1e6 * Math.sign(away) * Math.sqrt(Math.abs(away)),
  (away) => Math.expm1(30 * away),
  (away) => (away < 0 ? -1 : 1),
  (away) => (away < 0 ? -1e-300 : Infinity),
  (away) => (away < 0 ? -Infinity : 1e-300),
];

describe('a crossing', () => {
  it('is where the function gets to zero, on whichever side, whatever its shape, in at most a step more than bisection', () => {
    fc.assert(
      fc.property(
        ends,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...shapes),
        ([a, b], share, shape) => {
          const root = a + share * (b - a);
          const side = Math.sign(b - a);
          const f = counted((x) => (x === b ? Math.max(0, shape(side * (x - root))) : shape(side * (x - root))));
          fc.pre(side !== 0 && f.of(a) < 0);
          f.times = 0;
          const found = crossing(f.of, a, b);
          expect(f.of(found)).toBeGreaterThanOrEqual(0);
          const rounding = 1e-15 * Math.max(Math.abs(a), Math.abs(b));
          expect(Math.abs(found - root)).toBeLessThanOrEqual(2 ** -48 * Math.abs(b - a) + 2 * rounding);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes few steps where the function is smooth', () => {
    const square = counted((x) => 1e6 * x * x - 7);
    expect(crossing(square.of, 0, 0.01)).toBeCloseTo(Math.sqrt(7e-6), 15);
    expect(square.times).toBeLessThan(16);
  });
});

describe('the end of a stretch', () => {
  it('is the limit where the function stays below zero', () => {
    expect(endOf(() => -1, 0.5, 0)).toBe(0);
    expect(endOf(() => -1, 0.5, 1)).toBe(1);
  });

  it('is where it gets to zero else, and the inside itself where it is nowhere below', () => {
    expect(endOf((x) => 0.25 - x, 0.5, 0)).toBeCloseTo(0.25, 14);
    expect(endOf((x) => x - 0.75, 0.5, 1)).toBeCloseTo(0.75, 14);
    expect(endOf(() => 1, 0.5, 1)).toBeCloseTo(0.5, 14);
  });
});
