/** What is counted in masks, and what is claimed of it: each kind of observation once, for all clauses. */
import { countOnes, countPositions, countRepeated, pairTables } from '../../src/bits.ts';
import type { Claim, Resolution, Tally } from '../../src/clause.ts';
import { countColumns, countWords, overlap, patternLength } from '../../src/patterns.ts';
import type { Cell } from '../../src/statistics/histogram.ts';
import type { Masks } from './masks.ts';

/** 0 … length − 1. */
export const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

export interface Observation {
  readonly claims: readonly Claim[];
  /** A tally of each claim. */
  readonly count: (masks: Masks) => readonly Tally[];
}

/** Several observations of the same masks as one. */
export const together = (observations: readonly Observation[]): Observation => ({
  claims: joined(observations.map(({ claims }) => claims)),
  count: (masks) => joined(observations.map(({ count }) => count(masks))),
});

/** Lists of thousands as one: flatMap takes a hundred times as long. */
const joined = <T>(lists: readonly (readonly T[])[]): readonly T[] => ([] as readonly T[]).concat(...lists);

const rate = (event: string, p: number, epsilon?: number): Claim => ({
  law: 'rate',
  event,
  rate: p,
  ...(epsilon === undefined ? {} : { epsilon }),
});

/** A rate is certified to this share of the rarer outcome too: a drop rate of 0.001 that is really 0.004 is only 0.003 off. */
const shareOfTheRarer = 0.1;

/** How finely a keep rate is certified; where not the rate itself but something that bears on it is asked, to 4 ε. */
export const epsilonOf = (keepProb: number, { rate }: Resolution, times = 1): number =>
  Math.min(times * rate, shareOfTheRarer * Math.min(keepProb, 1 - keepProb));

/** That elements are kept with probability p, wherever they stand. */
export const keepRateOf = (p: number, epsilon: number): Observation => ({
  claims: [rate('kept', p, epsilon)],
  count: ({ row }) => [[row.length, countOnes(row)]],
});

/** The widths by which processors take elements together: a fault of one lane repeats with it. */
const laneWidths = [4, 8, 32];

/** That elements are kept with probability p at each place; and in each lane, and after the last whole vector. */
export function keepRateByPosition(p: number, size: number, epsilon?: number): Observation {
  const widths = laneWidths.filter((width) => size >= 4 * width);
  const rests = laneWidths.filter((width) => size > width).map((width) => size % width);
  const tails = [...new Set(rests)].filter((rest) => rest > 1);
  return {
    claims: [
      ...range(size).map((i) => rate(`kept at position ${i}`, p, epsilon)),
      ...widths.flatMap((width) =>
        range(width).map((lane) => rate(`kept at positions that leave ${lane} when divided by ${width}`, p)),
      ),
      ...tails.map((tail) => rate(`kept among the last ${tail}`, p)),
    ],
    count: ({ row, calls }) => {
      const kept = countPositions(row, size);
      const sumOf = (places: readonly number[]): Tally => [
        places.length * calls,
        places.reduce((sum, i) => sum + kept[i], 0),
      ];
      // Of thousands of places: a plain loop takes half as long as an iterator, and leaves half as much behind.
      const tallies: Tally[] = [];
      for (let i = 0; i < size; i++) tallies.push([calls, kept[i]]);
      for (const width of widths) {
        const lanes = range(width).map(() => [0, 0]);
        for (let i = 0; i < size; i++) {
          lanes[i % width][0] += calls;
          lanes[i % width][1] += kept[i];
        }
        tallies.push(...lanes);
      }
      tallies.push(...tails.map((tail) => sumOf(range(tail).map((i) => size - tail + i))));
      return tallies;
    },
  };
}

/** That elements are kept with probability p in each block of a long input: its number of elements may be cut. */
export const keepRateByBlock = (p: number, size: number, block: number): Observation => ({
  claims: range(Math.ceil(size / block)).map((b) =>
    rate(`kept at positions ${b * block} to ${Math.min(size, (b + 1) * block) - 1}`, p),
  ),
  count: ({ row, calls }) =>
    range(Math.ceil(size / block)).map((b) => {
      const length = Math.min(size, (b + 1) * block) - b * block;
      const kept = range(calls).reduce((sum, call) => sum + countOnes(row, call * size + b * block, length), 0);
      return [calls * length, kept];
    }),
});

/** Where the context of an element stands: so many calls and so many elements before it. */
export interface Offset {
  readonly calls: number;
  readonly elements: number;
  /** In words, e.g. `the element 3 before it`. */
  readonly words: string;
  /** Whether no verdict waits for it. */
  readonly watched?: boolean;
}

/**
 * That elements do not depend on their contexts, at each offset, to a correlation of ρ.
 *
 * @param calls so many calls are taken as one of their elements together
 */
export const independenceAt = (p: number, offsets: readonly Offset[], rho: number, calls = 1): Observation => ({
  claims: offsets.map(({ words, watched }) => ({
    law: 'pairs',
    event: words,
    rate: p,
    ...(watched ? {} : { epsilon: rho }),
  })),
  count: ({ row, size }) =>
    pairTables({ contexts: row, elements: row, size: calls * size }, offsets).map(
      ({ pairs, contexts, elements, both }) => [pairs, contexts, elements, both],
    ),
});

/** That at each place of its own, an element does not depend on the one of the call before. */
export const independenceByPosition = (p: number, size: number): Observation => ({
  claims: range(size).map((i) => ({ law: 'pairs', event: `that of the call before, at position ${i}`, rate: p })),
  count: ({ row, calls }) => {
    if (calls < 2) return range(size).map(() => [0, 0, 0, 0]);
    const kept = countPositions(row, size);
    const both = countPositions(overlap(row, size), size);
    const bit = (call: number, i: number) => countOnes(row, call * size + i, 1);
    return range(size).map((i) => [calls - 1, kept[i] - bit(calls - 1, i), kept[i] - bit(0, i), both[i]]);
  },
});

/**
 * That no call draws the mask of an earlier one. Of masks of 64 elements or more at keep_probs between 0.2 and 0.8,
 * chance does it with a probability below 0.68^64 < 2e-11 a pair of calls where they are shortest; it is claimed of
 * masks of 512 and more, where that is below 1e-85 and taken for zero.
 */
export const noRepeats = (epsilon?: number): Observation => ({
  claims: [rate('the mask of an earlier call, again', 0, epsilon)],
  count: ({ row, calls, size }) => [[calls, countRepeated(row, size)]],
});

const bitsOf = (pattern: number, length: number): string =>
  range(length)
    .map((i) => (pattern >> i) & 1)
    .join('');

const patternCells: readonly Cell[] = range(2 ** patternLength).map((pattern) => {
  const name = bitsOf(pattern, patternLength);
  return { name, kept: name.replaceAll('0', '').length, ways: 1 };
});

/** Half a pattern: of four draws, each of the two halves on its own. */
const half = patternLength / 2;
const halfCells = patternCells.slice(0, 2 ** half).map((_, pattern): Cell => {
  const name = bitsOf(pattern, half);
  return { name, kept: name.replaceAll('0', '').length, ways: 1 };
});

function halves(patterns: Tally): Tally {
  const counts = Array.from({ length: 2 ** half }, () => 0);
  patterns.forEach((times, pattern) => {
    counts[pattern & (2 ** half - 1)] += times;
    counts[pattern >> half] += times;
  });
  return counts;
}

const histogram = (event: string, p: number, length: number, cells: readonly Cell[]): Claim => ({
  law: 'histogram',
  event,
  rate: p,
  length,
  cells,
});

/** That words of 4 and of 8 successive elements come as often as those of independent ones, 1 = kept. */
export const wordsOf = (p: number): Observation => ({
  claims: [
    histogram('4 successive elements', p, half, halfCells),
    histogram('8 successive elements', p, patternLength, patternCells),
  ],
  count: ({ row, size }) => {
    const words = countWords(row, size);
    return [halves(words), words];
  },
});

/** Likewise for one place in 4 and 8 successive stretches of `length` elements: examples, or whole calls. */
export const columnsOf = (p: number, what: string, length: number): Observation => ({
  claims: [
    histogram(`one place in 4 successive ${what}`, p, half, halfCells),
    histogram(`one place in 8 successive ${what}`, p, patternLength, patternCells),
  ],
  count: ({ row, size }) => {
    const columns = countColumns(row, length, length < size ? size : row.length);
    return [halves(columns), columns];
  },
});

/** C(n, k), exactly where it is below 2^53. */
const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

/** The numbers of elements that a call of n may keep. */
export const countCells = (n: number): readonly Cell[] =>
  range(n + 1).map((k) => ({ name: `${k} of ${n}`, kept: k, ways: choose(n, k) }));

/** How many elements each call keeps: how often 0, 1, … of n. */
export function numbersKept({ row, calls, size }: Masks): Tally {
  const seen = new Float64Array(size + 1);
  for (let call = 0; call < calls; call++) seen[countOnes(row, call * size, size)]++;
  return [...seen];
}

/** That the number of elements that a call keeps is binomial. */
export const numberKept = (p: number, n: number): Observation => ({
  claims: [histogram('elements that a call keeps', p, n, countCells(n))],
  count: (masks) => [numbersKept(masks)],
});
