import { describe, expect, it } from 'vitest';
import {
  add,
  type Claim,
  epsilonOf,
  foundIn,
  isCertified,
  logEvidence,
  logThreshold,
  nothing,
  observe,
  sizeOfTally,
  type Tally,
  trialsOf,
  undrawn,
  verdictOf,
} from './claim.ts';
import { logEvidenceAgainstHistogram } from './histogram.ts';
import { logEvidenceAgainstIndependence } from './pairs.ts';
import { logEvidenceAgainstRate } from './rate.ts';

const alpha = 1e-9;
const claim: Claim = { law: 'rate', rate: 0.8, epsilon: 0.01 };
const always: Claim = { law: 'rate', rate: 1, epsilon: 0.001 };
const never: Claim = { law: 'rate', rate: 0, epsilon: 0.001 };
const pairs: Claim = { law: 'pairs', rate: 0.5, epsilon: 0.05 };
/** Of two fair draws, how many are kept. */
const histogram: Claim = {
  law: 'histogram',
  rate: 0.5,
  length: 2,
  cells: [
    { name: 'none of 2', kept: 0, ways: 1 },
    { name: '1 of 2', kept: 1, ways: 2 },
    { name: '2 of 2', kept: 2, ways: 1 },
  ],
};
const everyLaw: readonly Claim[] = [claim, pairs, histogram];

/** Counts that are exactly at a rate, as draws. */
const drawsAt = (rate: number, trials: number): Tally => [trials, Math.round(trials * rate)];

/** Pairs that are exactly at a correlation, at a rate of one half. */
const pairsAt = (rho: number, number: number): Tally => [
  number,
  number / 2,
  number / 2,
  Math.round((number / 4) * (1 + rho)),
];

const after = (some: Claim, ...draws: readonly Tally[]) =>
  draws.reduce((state, drawn) => observe(some, state, drawn), undrawn(some));

const verdict = (some: Claim, ...draws: readonly Tally[]) => verdictOf(after(some, ...draws), alpha);

describe('a tally', () => {
  it('has as many numbers as its law counts', () => {
    expect(everyLaw.map(sizeOfTally)).toEqual([2, 4, 3]);
    expect(everyLaw.map(nothing)).toEqual([
      [0, 0],
      [0, 0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('adds number by number, and tells how many trials, pairs or patterns it is of', () => {
    expect(add([9, 4, 3, 2], [1, 1, 1, 0])).toEqual([10, 5, 4, 2]);
    expect(trialsOf(claim, [10, 4])).toBe(10);
    expect(trialsOf(pairs, [9, 4, 3, 2])).toBe(9);
    expect(trialsOf(histogram, [2, 3, 1])).toBe(6);
    expect(everyLaw.map((some) => trialsOf(some, nothing(some)))).toEqual([0, 0, 0]);
  });
});

describe('the evidence', () => {
  it('is that of the law', () => {
    expect(logEvidence(claim, [1000, 700])).toBe(logEvidenceAgainstRate(claim, { trials: 1000, successes: 700 }));
    const table = { pairs: 900, contexts: 400, elements: 500, both: 100 };
    expect(logEvidence(pairs, [900, 400, 500, 100])).toBe(logEvidenceAgainstIndependence(pairs, table));
    expect(logEvidence(histogram, [2, 30, 1])).toBe(logEvidenceAgainstHistogram(histogram, [2, 30, 1]));
    expect(logEvidence(claim, [1000, 700])).toBeGreaterThan(10);
    expect(logEvidence(pairs, [900, 400, 500, 100])).toBeGreaterThan(10);
    expect(logEvidence(histogram, [2, 30, 1])).toBeGreaterThan(3);
  });
});

describe('the verdict', () => {
  it('is undecided until there is evidence', () => {
    expect(verdictOf(undrawn(claim), alpha)).toBe('undecided');
    expect(verdictOf(undrawn(pairs), alpha)).toBe('undecided');
    expect(verdict(claim, drawsAt(0.8, 1000))).toBe('undecided');
    expect(verdict(pairs, pairsAt(0, 1000))).toBe('undecided');
  });

  it('holds at the claimed rate, and is refuted at one that is off', () => {
    expect(verdict(claim, drawsAt(0.8, 1e5))).toBe('holds');
    for (const off of [0.79, 0.81, 0, 1]) {
      const state = after(claim, drawsAt(off, 1e5));
      expect(verdictOf(state, alpha)).toBe('refuted');
      expect(isCertified(state, alpha)).toBe(false);
    }
  });

  it('holds where there is no correlation, and is refuted where there is one', () => {
    expect(verdict(pairs, pairsAt(0, 1e5))).toBe('holds');
    for (const rho of [-1, -0.05, 0.05, 1]) {
      const state = after(pairs, pairsAt(rho, 1e5));
      expect(verdictOf(state, alpha)).toBe('refuted');
      expect(isCertified(state, alpha)).toBe(false);
    }
  });

  it('of a histogram is refuted where it is wrong, and not waited for where it is right', () => {
    expect(verdict(histogram, [2500, 5000, 2500])).toBe('holds');
    expect(verdictOf(undrawn(histogram), alpha)).toBe('holds');
    // As many kept as there should be, but always one of each two.
    expect(verdict(histogram, [0, 100, 0])).toBe('refuted');
  });

  it('refutes a rate of 1 by a single miss, and a rate of 0 by a single hit', () => {
    expect(verdict(always, [1e6, 1e6 - 1])).toBe('refuted');
    expect(verdict(always, [1e6, 1e6])).toBe('holds');
    expect(verdict(never, [1e6, 1])).toBe('refuted');
    expect(verdict(never, [1e6, 0])).toBe('holds');
  });

  it('of many looks is that of their largest evidence', () => {
    const wrong = after(claim, drawsAt(0.7, 3000));
    expect(verdictOf(wrong, alpha)).toBe('refuted');
    const blurred = observe(claim, wrong, drawsAt(0.85, 6000));
    expect(blurred.tally).toEqual([9000, 7200]);
    expect(blurred.logAgainst).toBeLessThan(0);
    expect(blurred.maxLogAgainst).toBe(wrong.maxLogAgainst);
    expect(verdictOf(blurred, alpha)).toBe('refuted');
  });

  it('that a rate within ε holds may be followed by its refutation', () => {
    const near = after(claim, drawsAt(0.802, 2e5));
    expect(verdictOf(near, alpha)).toBe('holds');
    const nearer = observe(claim, near, drawsAt(0.802, 1e7));
    expect(verdictOf(nearer, alpha)).toBe('refuted');
    expect(isCertified(nearer, alpha)).toBe(true);
  });

  it('that a certified side stays certified, though later draws would not certify it', () => {
    const state = after(claim, drawsAt(0.8, 1e5), drawsAt(0.81, 3e4));
    const [both, fresh] = [state, after(claim, add(drawsAt(0.8, 1e5), drawsAt(0.81, 3e4)))];
    expect(both.maxLogAbove).toBeGreaterThan(fresh.maxLogAbove);
    expect(both.tally).toEqual(fresh.tally);
  });

  it('has a threshold of 20.7 nats at 1e-9', () => {
    expect(logThreshold(alpha)).toBeCloseTo(9 * Math.log(10), 12);
  });
});

describe('a claim that is watched only', () => {
  const watched: readonly Claim[] = [{ law: 'rate', rate: 0.8 }, { law: 'pairs', rate: 0.5 }, histogram];

  it('is waited for by no verdict: it is certified from the start, and by all draws', () => {
    for (const some of watched) {
      expect(epsilonOf(some)).toBeUndefined();
      expect(isCertified(undrawn(some), alpha)).toBe(true);
    }
    expect(verdict(watched[0], [3, 2])).toBe('holds');
    expect(verdict(watched[1], [3, 2, 2, 1])).toBe('holds');
  });

  it('is refuted by as much evidence as one that is certified', () => {
    for (const [i, draws] of [drawsAt(0.79, 1e5), pairsAt(0.05, 1e5)].entries()) {
      const certified = everyLaw[i];
      expect(after(watched[i], draws).logAgainst).toBeCloseTo(after(certified, draws).logAgainst, 9);
      expect(verdict(watched[i], draws)).toBe('refuted');
    }
  });
});

describe('the state', () => {
  it('adds counts, whatever the batches', () => {
    const whole = after(claim, [5000, 4000]);
    const parts = after(claim, [1000, 790], [4000, 3210]);
    expect(parts.tally).toEqual(whole.tally);
    expect(parts.logAgainst).toBe(whole.logAgainst);
    expect(parts.maxLogAbove).toBeGreaterThanOrEqual(whole.maxLogAbove);
    expect(after(pairs, [10, 5, 5, 2], [20, 10, 11, 6])).toMatchObject({ tally: [30, 15, 16, 8] });
    expect(after(histogram, [1, 2, 3], [1, 1, 1])).toMatchObject({ tally: [2, 3, 4] });
  });

  it('survives JSON, even where the evidence is beyond all bounds', () => {
    const edge: Claim = { law: 'rate', rate: 0.5, epsilon: 0.5 };
    const states = [
      ...[claim, { ...always, epsilon: 0.5 }, edge].map((some) => after(some, [100, 70])),
      after(pairs, [100, 50, 50, 50]),
      // Never both dropped: no correlation is lower.
      after({ law: 'pairs', rate: 0.8, epsilon: 0.25 }, [100, 80, 80, 60]),
      after(histogram, [0, 100, 0]),
      ...everyLaw.map(undrawn),
    ];
    for (const state of states) {
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }
  });

  it('is left as it is when nothing was drawn', () => {
    for (const some of everyLaw) {
      const start = undrawn(some);
      expect(observe(some, start, nothing(some))).toBe(start);
    }
  });

  it.each<readonly [Claim, Tally]>([
    [claim, [3, 4]],
    [claim, [3, -1]],
    [claim, [2.5, 1]],
    [claim, [3, NaN]],
    [claim, [NaN, 0]],
    [claim, [Infinity, 0]],
    [claim, [3]],
    [claim, [3, 1, 1]],
    [pairs, [9, 4, 3]],
    [pairs, [9, 10, 3, 2]],
    [pairs, [9, 4, 10, 2]],
    [pairs, [9, 4, 3, 4]],
    [pairs, [9, 4, 3, -1]],
    // Of nine pairs, eight of which have a context kept and seven an element, both are kept in six at least.
    [pairs, [9, 8, 7, 5]],
    [pairs, [9.5, 4, 3, 2]],
    [histogram, [1, 2]],
    [histogram, [1, 2, 3, 4]],
    [histogram, [1, 2, -1]],
    [histogram, [1, 2, 0.5]],
    [histogram, [1, NaN, 0]],
  ])('refuses what is no count: %o %o', (some, draws) => {
    expect(() => observe(some, undrawn(some), draws)).toThrow(RangeError);
  });

  it('takes what is a count, up to the fullest', () => {
    expect(after(pairs, [9, 8, 7, 6]).tally).toEqual([9, 8, 7, 6]);
    expect(after(pairs, [9, 9, 9, 9]).tally).toEqual([9, 9, 9, 9]);
    expect(after(claim, [3, 2.5]).tally).toEqual([3, 2.5]);
  });

  it.each<Claim>([
    { law: 'rate', rate: 1.5, epsilon: 0.1 },
    { law: 'rate', rate: -0.1, epsilon: 0.1 },
    { law: 'rate', rate: NaN, epsilon: 0.1 },
    { law: 'rate', rate: 0.5, epsilon: 0 },
    { law: 'rate', rate: 0.5, epsilon: 0.6 },
    { law: 'rate', rate: 0.5, epsilon: NaN },
    { law: 'pairs', rate: 0, epsilon: 0.1 },
    { law: 'pairs', rate: 1 },
    { law: 'pairs', rate: NaN },
    { law: 'pairs', rate: 0.5, epsilon: 0 },
    { law: 'pairs', rate: 0.5, epsilon: 1 },
    { law: 'pairs', rate: 0.5, epsilon: NaN },
    { ...histogram, rate: 0 },
    { ...histogram, rate: 1 },
  ])('refuses a claim that could not be judged: %o', (wrong) => {
    const [, ...rest] = nothing(wrong);
    const judge = () => observe(wrong, undrawn(wrong), [1, ...rest]);
    expect(judge).toThrow(RangeError);
    // It is the claim that is refused, not the draws.
    expect(judge).toThrow(/lies in|could not fail/);
  });
});

describe('what was found', () => {
  it('of a rate is the share that happened', () => {
    expect(foundIn(claim, [1000, 790])).toEqual({ measure: 'rate', wanted: 0.8, found: 0.79 });
    expect(foundIn(claim, [0, 0])).toEqual({ measure: 'rate', wanted: 0.8, found: 0 });
  });

  it('of pairs is their correlation, of which none is wanted', () => {
    const { found, ...rest } = foundIn(pairs, pairsAt(0.25, 4000));
    expect(rest).toEqual({ measure: 'correlation', wanted: 0 });
    expect(found).toBeCloseTo(0.25, 12);
    expect(foundIn(pairs, [0, 0, 0, 0])).toEqual({ measure: 'correlation', wanted: 0, found: 0 });
  });

  it('of a histogram is the share of the cell that is the most standard deviations off', () => {
    // 50 of 1000 off a quarter are more of them than 55 off a half.
    expect(foundIn(histogram, [300, 445, 255])).toEqual({
      measure: 'rate',
      wanted: 0.25,
      found: 0.3,
      cell: 'none of 2',
    });
    expect(foundIn(histogram, [20, 60, 20])).toEqual({ measure: 'rate', wanted: 0.5, found: 0.6, cell: '1 of 2' });
    expect(foundIn(histogram, [0, 0, 0])).toMatchObject({ wanted: expect.any(Number), found: 0 });
  });
});
