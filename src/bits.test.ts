/** Every count on packed bits against the plain loop that says what it means. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendNonZeros,
  clear,
  countBoth,
  countOnes,
  countPositions,
  countRepeated,
  onesInWord,
  pairTables,
  type Row,
  ranksOf,
  rowFor,
} from './bits.ts';
import { packedAtOnce } from './kernel/kernel.ts';
import { type Dtype, type Tensor, tensor, valuesOf } from './tensor.ts';

const dtypes: readonly Dtype[] = ['float64', 'float32', 'float16', 'bfloat16', 'uint8'];

/** Masks long enough for several turns of eight words and for the words left over, dense and sparse ones too. */
const mask = (most = 1200) =>
  fc
    .tuple(fc.nat({ max: most }), fc.constantFrom(0, 0.02, 0.5, 0.98, 1), fc.integer())
    .map(([length, density, seed]) => bitsOf(length, density, seed));

function bitsOf(length: number, density: number, seed: number): readonly number[] {
  let state = seed | 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24 < density ? 1 : 0;
  });
}

function rowOf(bits: readonly number[]): Row {
  const row = rowFor(bits.length);
  appendNonZeros(row, tensor('uint8', [bits.length], bits));
  return row;
}

const bitsIn = ({ words, length }: Row): readonly number[] =>
  Array.from({ length }, (_, i) => (words[i >>> 5] >>> (i & 31)) & 1);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('appendNonZeros', () => {
  const specials = [
    0,
    -0,
    1,
    -1,
    0.5,
    3,
    2 ** -1074,
    -(2 ** -149),
    2 ** -24,
    2 ** -133,
    Infinity,
    -Infinity,
    1e300,
    255,
  ];
  const values = fc.array(fc.oneof(fc.constantFrom(...specials), fc.double({ noNaN: true })), { maxLength: 150 });

  it.each(dtypes)('packs %s one tensor after the other, 1 where an element is not zero', (dtype) => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), (lists) => {
        const tensors = lists.map((list) => tensor(dtype, [list.length], list));
        const row = rowFor(sum(lists.map(({ length }) => length)));
        for (const each of tensors) expect(appendNonZeros(row, each)).toBe(true);
        const wanted = tensors.flatMap((each) => Array.from(valuesOf(each), (value) => (value === 0 ? 0 : 1)));
        expect(bitsIn(row)).toEqual(wanted);
        expect(sum(Array.from(row.words, onesInWord))).toBe(sum(wanted));
      }),
    );
  });

  it('reads float64 of which only the last bit is set', () => {
    const row = rowFor(3);
    expect(appendNonZeros(row, tensor('float64', [3], [2 ** -1074, -0, -(2 ** -1074)]))).toBe(true);
    expect(bitsIn(row)).toEqual([1, 0, 1]);
  });

  it('reads a part of a larger buffer', () => {
    const row = rowFor(2);
    appendNonZeros(row, { dtype: 'float32', shape: [2], data: Float32Array.of(1, 1, 0, 2, 0).subarray(2, 4) });
    expect(bitsIn(row)).toEqual([0, 1]);
  });

  const nans: readonly Tensor[] = [
    ...(['float64', 'float32', 'float16', 'bfloat16'] as const).flatMap((dtype) =>
      [0, 31, 32, 69].map((place) =>
        tensor(
          dtype,
          [70],
          Array.from({ length: 70 }, (_, i) => (i === place ? NaN : i % 3)),
        ),
      ),
    ),
    // Every NaN, signalling ones and negative ones too: an exponent of ones and any fraction but zero.
    { dtype: 'float64', shape: [1], data: new Float64Array(BigUint64Array.of(0x7ff0000000000001n).buffer) },
    { dtype: 'float64', shape: [1], data: new Float64Array(BigUint64Array.of(0xfff0000100000000n).buffer) },
    { dtype: 'float32', shape: [1], data: new Float32Array(Uint32Array.of(0xff800001).buffer) },
    { dtype: 'float16', shape: [1], data: Uint16Array.of(0xfc01) },
    { dtype: 'bfloat16', shape: [1], data: Uint16Array.of(0x7f81) },
  ];
  it.each(nans)('sees a NaN in $dtype $shape', (given) => {
    expect(appendNonZeros(rowFor(given.data.length), given)).toBe(false);
  });

  it.each(dtypes)('packs %s from any bit of a row on, more than are packed at once', (dtype) => {
    const bits = bitsOf(2 * packedAtOnce + 77, 0.5, 9);
    const given = tensor(dtype, [bits.length], bits);
    const starts = Array.from({ length: 70 }, (_, start) => start);
    const wrong = starts.filter((start) => {
      const row = rowFor(start + bits.length);
      appendNonZeros(row, tensor('uint8', [start], new Uint8Array(start).fill(1)));
      const areNumbers = appendNonZeros(row, given);
      return !areNumbers || bitsIn(row).some((bit, i) => bit !== (i < start ? 1 : bits[i - start]));
    });
    expect(wrong).toEqual([]);
  });

  it.each([0, packedAtOnce - 1, packedAtOnce, 2 * packedAtOnce])('sees a NaN at %i among many', (place) => {
    const data = new Float64Array(2 * packedAtOnce + 1);
    data[place] = NaN;
    expect(appendNonZeros(rowFor(data.length), { dtype: 'float64', shape: [data.length], data })).toBe(false);
  });

  it('refuses what there is no room for', () => {
    const row = rowFor(32);
    appendNonZeros(row, tensor('uint8', [31], new Uint8Array(31)));
    expect(() => appendNonZeros(row, tensor('uint8', [2], [1, 1]))).toThrow(RangeError);
  });

  it('starts anew in a row that was cleared', () => {
    const row = rowOf([1, 1, 1]);
    clear(row);
    appendNonZeros(row, tensor('uint8', [2], [0, 1]));
    expect(bitsIn(row)).toEqual([0, 1]);
  });
});

describe('counts of ones', () => {
  it('in any range, and before any place', () => {
    fc.assert(
      fc.property(mask(), fc.nat(), fc.nat(), (bits, start, extent) => {
        const row = rowOf(bits);
        const from = start % (bits.length + 1);
        const length = extent % (bits.length - from + 1);
        expect(countOnes(row, from, length)).toBe(sum(bits.slice(from, from + length)));
        expect(countOnes(row)).toBe(sum(bits));
        expect(ranksOf(row)(from)).toBe(sum(bits.slice(0, from)));
      }),
    );
  });

  it('in two ranges at once', () => {
    fc.assert(
      fc.property(mask(), mask(), fc.nat(), fc.nat(), fc.nat(), (one, other, startA, startB, extent) => {
        const fromA = startA % (one.length + 1);
        const fromB = startB % (other.length + 1);
        const length = extent % (Math.min(one.length - fromA, other.length - fromB) + 1);
        const wanted = sum(Array.from({ length }, (_, i) => one[fromA + i] * other[fromB + i]));
        expect(countBoth({ a: rowOf(one), fromA, b: rowOf(other), fromB, length })).toBe(wanted);
      }),
    );
  });
});

it('counts a million elements as a loop over them does', () => {
  const size = 1000;
  const bits = bitsOf(1e6, 0.8, 3);
  const row = rowOf(bits);
  expect(countOnes(row)).toBe(sum(bits));
  expect(countBoth({ a: row, fromA: 7, b: row, fromB: 0, length: 1e6 - 7 })).toBe(
    sum(bits.map((bit, i) => (i < 7 ? 0 : bit * bits[i - 7]))),
  );
  const place = { calls: 3, elements: -7 };
  const rows = { contexts: row, elements: row, size };
  expect(pairTables(rows, [place])).toEqual([naiveTable({ contexts: bits, elements: bits, size }, place)]);
  const ones = new Float64Array(size);
  for (const [i, bit] of bits.entries()) ones[i % size] += bit;
  expect(countPositions(row, size)).toEqual(ones);
});

/** The table as its definition says it, pair by pair. */
function naiveTable(
  { contexts, elements, size }: { contexts: readonly number[]; elements: readonly number[]; size: number },
  offset: { calls: number; elements: number },
) {
  const table = { pairs: 0, contexts: 0, elements: 0, both: 0 };
  for (let call = offset.calls; call < elements.length / size; call++) {
    for (let i = 0; i < size; i++) {
      const place = i - offset.elements;
      if (place < 0 || place >= size) continue;
      const context = contexts[(call - offset.calls) * size + place];
      const element = elements[call * size + i];
      table.pairs++;
      table.contexts += context;
      table.elements += element;
      table.both += context * element;
    }
  }
  return table;
}

const calls = fc
  .record({
    size: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 250, max: 700 })),
    calls: fc.nat({ max: 12 }),
    density: fc.constantFrom(0.1, 0.5, 0.9),
    seed: fc.integer(),
  })
  .map(({ size, calls: number, density, seed }) => ({
    size,
    one: bitsOf(number * size, density, seed),
    other: bitsOf(number * size, density, seed + 1),
  }));

describe('pairTables', () => {
  const offsets = fc.array(fc.record({ calls: fc.nat({ max: 4 }), elements: fc.integer({ min: -80, max: 400 }) }), {
    maxLength: 6,
  });

  it('of calls against their own past', () => {
    fc.assert(
      fc.property(calls, offsets, ({ size, one }, places) => {
        const row = rowOf(one);
        const wanted = places.map((place) => naiveTable({ contexts: one, elements: one, size }, place));
        expect(pairTables({ contexts: row, elements: row, size }, places)).toEqual(wanted);
      }),
    );
  });

  it('of calls against those of another', () => {
    fc.assert(
      fc.property(calls, offsets, ({ size, one, other }, places) => {
        const wanted = places.map((place) => naiveTable({ contexts: one, elements: other, size }, place));
        expect(pairTables({ contexts: rowOf(one), elements: rowOf(other), size }, places)).toEqual(wanted);
      }),
    );
  });
});

describe('countPositions', () => {
  const naive = (bits: readonly number[], size: number) =>
    Float64Array.from({ length: size }, (_, i) => sum(bits.filter((_bit, place) => place % size === i)));

  it('of any size', () => {
    fc.assert(
      fc.property(calls, ({ size, one }) => {
        expect(countPositions(rowOf(one), size)).toEqual(naive(one, size));
      }),
    );
  });

  it.each([
    [1, 2000],
    [33, 254],
    [33, 255],
    [33, 256],
    [5, 511],
    [64, 600],
  ])('of size %i over %i calls, past the end of a counter', (size, number) => {
    const full = Array.from({ length: size * number }, () => 1);
    expect(countPositions(rowOf(full), size)).toEqual(new Float64Array(size).fill(number));
    const bits = bitsOf(size * number, 0.8, size);
    expect(countPositions(rowOf(bits), size)).toEqual(naive(bits, size));
  });
});

describe('countRepeated', () => {
  it('finds each call that equals an earlier one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 }),
        (size, seeds) => {
          const masks = seeds.map((seed) => bitsOf(size, 0.5, seed));
          const distinct = new Set(masks.map((each) => each.join(''))).size;
          expect(countRepeated(rowOf(masks.flat()), size)).toBe(masks.length - distinct);
        },
      ),
    );
  });

  it('compares every bit of long masks', () => {
    const base = bitsOf(1021, 0.8, 7);
    const flipped = [0, 31, 32, 1020].map((place) => base.map((bit, i) => (i === place ? 1 - bit : bit)));
    expect(countRepeated(rowOf([base, ...flipped, base].flat()), 1021)).toBe(1);
  });
});
