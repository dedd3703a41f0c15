/** Every count of patterns against the plain loop that says what it means. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendNonZeros, clear, countOnes, type Row, rowFor } from './bits.ts';
import { countColumns, countWords, overlap, patternLength } from './patterns.ts';
import { tensor } from './tensor.ts';

const rowOf = (bits: readonly number[], capacity = bits.length): Row => {
  const row = rowFor(capacity);
  appendNonZeros(row, tensor('uint8', [bits.length], bits));
  return row;
};

const bitsOf = (row: Row): readonly number[] => Array.from({ length: row.length }, (_, i) => countOnes(row, i, 1));

/** Bits of some density: all kinds of stretches come, those without a one too. */
const mask = (most: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.constantFrom(0, 0.1, 0.5, 0.9, 1), fc.infiniteStream(fc.nat(999)))
    .map(([length, density, numbers]) => [...numbers.take(length)].map((number) => (number < 1000 * density ? 1 : 0)));

/** How often each pattern came. */
function tallied(patterns: Iterable<readonly number[]>): readonly number[] {
  const counts = Array.from({ length: 2 ** patternLength }, () => 0);
  for (const pattern of patterns) counts[pattern.reduce((index, bit, i) => index + bit * 2 ** i, 0)]++;
  return counts;
}

describe('words', () => {
  function* wordsOf(bits: readonly number[], size: number): Generator<readonly number[]> {
    for (let from = 0; from + size <= bits.length; from += size)
      for (let at = from; at + patternLength <= from + size; at += patternLength)
        yield bits.slice(at, at + patternLength);
  }

  it('are those of each stretch, from its start on, whatever its size', () => {
    fc.assert(
      fc.property(mask(700), fc.integer({ min: 1, max: 140 }), (bits, size) => {
        expect(countWords(rowOf(bits), size)).toEqual(tallied(wordsOf(bits, size)));
      }),
      { numRuns: 300 },
    );
  });

  it.each([1, 7, 8, 9, 31, 32, 33, 39, 40, 41, 63, 64, 65, 127, 128])('of stretches of %d', (size) => {
    const bits = Array.from({ length: 5 * size + 3 }, (_, i) => ((i * i) >> 3) & 1);
    expect(countWords(rowOf(bits), size)).toEqual(tallied(wordsOf(bits, size)));
    expect(countWords(rowOf(bits), size).reduce((sum, count) => sum + count, 0)).toBe(5 * Math.floor(size / 8));
  });

  it('have their first bit lowest', () => {
    const counts = countWords(rowOf([1, 1, 0, 0, 0, 0, 0, 1]), 8);
    expect(counts[0b10000011]).toBe(1);
    expect(counts).toHaveLength(256);
  });

  it('are none of a stretch that is too short or not complete', () => {
    expect(countWords(rowOf([1, 1, 1, 1, 1, 1, 1]), 7).every((count) => count === 0)).toBe(true);
    expect(countWords(rowOf(Array(15).fill(1)), 16).every((count) => count === 0)).toBe(true);
  });
});

describe('columns', () => {
  /** Eight stretches in a row, all of them within one reach. */
  function* columnsOf(bits: readonly number[], size: number, reach: number): Generator<readonly number[]> {
    for (let first = 0; first + reach <= bits.length; first += reach)
      for (let from = first; from + patternLength * size <= first + reach; from += patternLength * size)
        for (let place = 0; place < size; place++)
          yield Array.from({ length: patternLength }, (_, i) => bits[from + i * size + place]);
  }

  it('are those of one place in successive stretches, whatever their size', () => {
    fc.assert(
      fc.property(mask(1500), fc.integer({ min: 1, max: 140 }), (bits, size) => {
        expect(countColumns(rowOf(bits), size)).toEqual(tallied(columnsOf(bits, size, bits.length)));
      }),
      { numRuns: 300 },
    );
  });

  it('do not reach from one call into the next', () => {
    fc.assert(
      fc.property(mask(1500), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }), (bits, size, rows) => {
        const reach = size * rows;
        expect(countColumns(rowOf(bits), size, reach)).toEqual(tallied(columnsOf(bits, size, reach)));
      }),
      { numRuns: 300 },
    );
  });

  it.each([1, 5, 31, 32, 33, 64, 65, 96])('of stretches of %d', (size) => {
    const bits = Array.from({ length: 24 * size + 5 }, (_, i) => ((i * i) >> 3) & 1);
    expect(countColumns(rowOf(bits), size)).toEqual(tallied(columnsOf(bits, size, bits.length)));
    expect(countColumns(rowOf(bits), size).reduce((sum, count) => sum + count, 0)).toBe(3 * size);
    // Twelve stretches a call are eight and four left over.
    expect(countColumns(rowOf(bits), size, 12 * size)).toEqual(tallied(columnsOf(bits, size, 12 * size)));
    expect(countColumns(rowOf(bits), size, 12 * size).reduce((sum, count) => sum + count, 0)).toBe(2 * size);
  });

  it('have the first stretch lowest', () => {
    const bits = Array.from({ length: 8 }, (_, i) => [i === 0 ? 1 : 0, i === 7 ? 1 : 0]).flat();
    const counts = countColumns(rowOf(bits), 2);
    expect([counts[0b00000001], counts[0b10000000]]).toEqual([1, 1]);
  });
});

describe('the overlap of a row with its past', () => {
  it('is one where an element and the one so far before it are, and nothing before that', () => {
    fc.assert(
      fc.property(mask(400), fc.integer({ min: 1, max: 450 }), (bits, back) => {
        const both = overlap(rowOf(bits), back);
        expect(both.length).toBe(bits.length);
        expect(bitsOf(both)).toEqual(bits.map((bit, i) => (i >= back ? bit & bits[i - back] : 0)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([1, 31, 32, 33, 63, 64, 65, 100])('%d before', (back) => {
    const bits = Array.from({ length: 131 }, (_, i) => (i % 7 === 3 ? 0 : 1));
    expect(bitsOf(overlap(rowOf(bits), back))).toEqual(bits.map((bit, i) => (i >= back ? bit & bits[i - back] : 0)));
  });

  it('has nothing of what a row held before, in the room that it has left', () => {
    const row = rowOf(Array(200).fill(1));
    clear(row);
    appendNonZeros(row, tensor('uint8', [40], Array(40).fill(1)));
    const both = overlap(row, 3);
    expect(both.length).toBe(40);
    expect(countOnes(both)).toBe(37);
    expect([...both.words].reduce((sum, word) => sum + (word === 0 ? 0 : 1), 0)).toBe(2);
  });
});
