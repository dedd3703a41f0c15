import { describe, expect, it } from 'vitest';
import { logThreshold } from './claim.ts';
import { type Cell, type HistogramClaim, logEvidenceAgainstHistogram, probabilityOf } from './histogram.ts';
import { logMean } from './log-mean.ts';
import { logMixture } from './mixture.ts';

/** What sums of some thousand products in float64 may be off by. */
const rounding = 1e-12;

const resolution = 2 ** -16;
const priorWeights = [1, 2, 3, 4, 5, 6].map((j) => 16 ** j);

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

/** Every word of that many draws on its own. */
const words = (rate: number, length: number): HistogramClaim => ({
  rate,
  length,
  cells: range(2 ** length).map((word): Cell => {
    const name = word.toString(2).padStart(length, '0');
    return { name, kept: name.replaceAll('0', '').length, ways: 1 };
  }),
});

/** How many of that many draws are kept. */
const numbers = (rate: number, length: number): HistogramClaim => ({
  rate,
  length,
  cells: range(length + 1).map((kept) => ({ name: `${kept} of ${length}`, kept, ways: choose(length, kept) })),
});

/** All ways to share out a sum among so many cells. */
function* sharings(sum: number, cells: number): Generator<readonly number[]> {
  if (cells === 1) yield [sum];
  else for (let own = 0; own <= sum; own++) for (const rest of sharings(sum - own, cells - 1)) yield [own, ...rest];
}

/** The mean of the evidence after so many patterns whose draws are independent and kept at that rate. */
function meanEvidence(claim: HistogramClaim, patterns: number, rate: number): number {
  const probabilities = claim.cells.map((cell) => probabilityOf({ ...claim, rate }, cell));
  let mean = 0;
  for (const counts of sharings(patterns, claim.cells.length)) {
    let probability = 1;
    let left = patterns;
    counts.forEach((count, i) => {
      probability *= choose(left, count) * probabilities[i] ** count;
      left -= count;
    });
    mean += probability * Math.exp(logEvidenceAgainstHistogram(claim, counts));
  }
  return mean;
}

/** Counts of one cell alone. */
const only = ({ cells }: HistogramClaim, cell: number, patterns: number): readonly number[] =>
  cells.map((_, i) => (i === cell ? patterns : 0));

describe('the probabilities of the cells', () => {
  it.each([0.1, 0.5, 0.8, 0.999])('sum to 1 at a rate of %d', (rate) => {
    for (const claim of [words(rate, 4), words(rate, 8), numbers(rate, 1), numbers(rate, 10), numbers(rate, 100)]) {
      const sum = claim.cells.reduce((total, cell) => total + probabilityOf(claim, cell), 0);
      expect(Math.abs(sum - 1)).toBeLessThan(rounding);
    }
  });

  it('are those of independent draws', () => {
    expect(probabilityOf(words(0.8, 4), words(0.8, 4).cells[0b1011])).toBeCloseTo(0.8 ** 3 * 0.2, 14);
    expect(probabilityOf(numbers(0.8, 4), numbers(0.8, 4).cells[3])).toBeCloseTo(4 * 0.8 ** 3 * 0.2, 14);
  });
});

describe('the evidence against a histogram', () => {
  it('is nothing without counts', () => {
    expect(logEvidenceAgainstHistogram(words(0.8, 2), [0, 0, 0, 0])).toBe(0);
  });

  it.each([
    { claim: words(0.8, 2), patterns: [1, 2, 5, 12] },
    { claim: words(0.1, 3), patterns: [1, 2, 5] },
    { claim: words(0.5, 4), patterns: [1, 2, 3] },
    { claim: words(0.8, 4), patterns: [1, 2, 3] },
    { claim: numbers(0.8, 4), patterns: [1, 3, 8] },
    { claim: numbers(0.25, 7), patterns: [1, 2, 5] },
  ])(
    'is on average not above 1, at the rate and off by the resolution: $claim.length draws at $claim.rate',
    ({ claim, patterns }) => {
      for (const number of patterns) {
        for (const off of [-resolution, -resolution / 3, 0, resolution]) {
          const mean = meanEvidence(claim, number, claim.rate + off);
          expect(mean).toBeLessThanOrEqual(1 + rounding);
          // Nor is anything given away but what is allowed to the rate, of each draw.
          const { rate, length } = claim;
          const allowed = (resolution * number * length) / Math.min(rate, 1 - rate);
          expect(mean).toBeGreaterThan(1 - allowed);
        }
      }
    },
  );

  it('of two cells is that against a rate, but for the weights of its priors', () => {
    const claim = numbers(0.75, 1);
    for (const [dropped, kept] of [
      [25, 75],
      [250, 750],
      [0, 40],
      [3, 0],
      [60_000, 140_000],
    ]) {
      const trials = dropped + kept;
      // The rate within the resolution that is nearest what was found, at whose odds the bets are.
      const nearest = Math.min(0.75 + resolution, Math.max(0.75 - resolution, kept / trials));
      const counts = { trials, successes: kept };
      const explained = kept * Math.log(nearest / 0.75) + dropped * Math.log((1 - nearest) / 0.25);
      const wanted = logMean(priorWeights.map((c) => logMixture(counts, 0.75, c))) - explained;
      expect(Math.abs(logEvidenceAgainstHistogram(claim, [dropped, kept]) - wanted)).toBeLessThan(1e-8);
    }
  });

  it('does not see how often elements are kept, where that is within the resolution', () => {
    const claim = numbers(0.5, 10);
    const countsAt = (rate: number) =>
      claim.cells.map((cell) => Math.round(4e11 * probabilityOf({ ...claim, rate }, cell)));
    expect(logEvidenceAgainstHistogram(claim, countsAt(0.5 + resolution))).toBeLessThan(0);
    expect(logEvidenceAgainstHistogram(claim, countsAt(0.5 + 1.5 * resolution))).toBeGreaterThan(100);
  });

  /** How many patterns that are all of one cell take it to 1/α. */
  function needed(claim: HistogramClaim, cell: number, alpha: number): number {
    for (let patterns = 1; ; patterns++) {
      if (logEvidenceAgainstHistogram(claim, only(claim, cell, patterns)) >= logThreshold(alpha)) return patterns;
    }
  }

  it('a fixed count is seen in about twenty calls', () => {
    expect(needed(numbers(0.8, 50), 40, 1e-9)).toBe(21);
    expect(needed(numbers(0.5, 50), 25, 1e-9)).toBe(19);
    expect(needed(numbers(0.8, 50), 40, 1e-12)).toBe(26);
    // Even where two of three are always kept.
    expect(needed(numbers(0.8, 3), 2, 1e-9)).toBe(41);
  });

  it('three draws of which each two are independent are seen: the third is the exclusive or of the others', () => {
    const claim = words(0.5, 3);
    const even = (patterns: number) => claim.cells.map(({ kept }) => (kept % 2 === 0 ? patterns / 4 : 0));
    expect(logEvidenceAgainstHistogram(claim, even(60))).toBeGreaterThan(logThreshold(1e-9));
    expect(logEvidenceAgainstHistogram(claim, even(24))).toBeLessThan(logThreshold(1e-9));
  });

  it('never favours the claim by more than its mixture costs', () => {
    const claim = words(0.5, 4);
    for (const patterns of [16, 1600, 16e4, 16e6]) {
      const log = logEvidenceAgainstHistogram(claim, Array(16).fill(patterns / 16));
      expect(log).toBeLessThan(0);
      // Of the narrowest prior, whose weight is 16^6 draws, among six.
      expect(log).toBeGreaterThan(-Math.log(6) - 7.5 * Math.log1p(patterns / 16 ** 6) - 0.1);
    }
  });
});
