/**
 * Masks as bits, to count in words of 32 rather than element by element: bit i of a row is bit i mod 32 (from the least
 * significant) of word ⌊i / 32⌋, 1 = kept. All counts are exact. A row holds fewer than 2^31 bits.
 */
import * as kernel from './kernel/kernel.ts';
import type { Tensor } from './tensor.ts';

/** Bits one after the other. Those from `length` on are zero, and one word of them always follows, so that reading 32 bits from any place stays inside. */
export interface Row {
  readonly words: Uint32Array;
  length: number;
}

/** An empty row with room for so many bits. */
export const rowFor = (capacity: number): Row => ({
  words: new Uint32Array(Math.ceil(capacity / 32) + 1),
  length: 0,
});

/** Forgets the bits of a row, and keeps its room. */
export function clear(row: Row): void {
  row.words.fill(0);
  row.length = 0;
}

/**
 * Appends a bit for each element of a tensor: 1 where it is not ±0. The row must have room for them.
 *
 * @returns whether all elements are numbers. A NaN is neither zero nor not; the row is then of no further use.
 * @throws RangeError if the row has no room
 */
export function appendNonZeros(row: Row, { dtype, data }: Tensor): boolean {
  const { words } = row;
  if (Math.ceil((row.length + data.length) / 32) >= words.length) {
    throw new RangeError(`a row of ${words.length - 1} words has no room for ${data.length} more bits`);
  }
  let areNumbers = true;
  for (let i = 0; i < data.length; i += kernel.packedAtOnce) {
    const end = Math.min(i + kernel.packedAtOnce, data.length);
    const packed = kernel.pack(dtype, data, i, end);
    const { words: bits, from, length } = packed;
    if (row.length % 32 === 0) words.set(bits.subarray(from, from + length), row.length >>> 5);
    else for (let j = 0; j < length; j++) put(words, row.length + 32 * j, bits[from + j]);
    row.length += end - i;
    areNumbers &&= packed.areNumbers;
  }
  return areNumbers;
}

/** Adds up to 32 bits at a place that may lie across two words. */
function put(words: Uint32Array, at: number, bits: number): void {
  words[at >>> 5] |= bits << (at & 31);
  words[(at >>> 5) + 1] |= (bits >>> 1) >>> (31 - (at & 31));
}

/** The number of ones in a word: of pairs, of fours, of bytes, and the bytes summed by a product (Warren 2002, §5-1). */
export function onesInWord(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** A word whose lowest `count` bits are one, 0 ≤ count < 32. */
const lowest = (count: number): number => (1 << count) - 1;

/** The 32 bits from bit `at` on, which need not start a word. */
const wordAt = (words: Uint32Array, at: number): number =>
  (words[at >>> 5] >>> (at & 31)) | ((words[(at >>> 5) + 1] << 1) << (31 - (at & 31)));

/** The bits from `from` on, up to 32 of them, but none of those from `end` on. */
const wordUpTo = ({ words }: Row, from: number, end: number): number =>
  end - from >= 32 ? wordAt(words, from) : wordAt(words, from) & lowest(end - from);

/** The number of ones among the `length` bits from `from` on: those of whole words, but for what lies outside at either end. */
export function countOnes({ words, length: all }: Row, from = 0, length = all - from): number {
  const end = from + length;
  let count = onesInWord(words[end >>> 5] & lowest(end & 31)) - onesInWord(words[from >>> 5] & lowest(from & 31));
  for (let j = from >>> 5; j < end >>> 5; j++) count += onesInWord(words[j]);
  return count;
}

/** How many i in 0 … length − 1 have a one both at fromA + i in a and at fromB + i in b. */
export function countBoth(range: { a: Row; fromA: number; b: Row; fromB: number; length: number }): number {
  const { a, fromA, b, fromB, length } = range;
  let count = 0;
  for (let i = 0; i < length; i += 32) {
    count += onesInWord(wordUpTo(a, fromA + i, fromA + length) & wordUpTo(b, fromB + i, fromB + length));
  }
  return count;
}

/** How many ones stand before any place of a row: one number a word, and a count within it. */
export function ranksOf({ words }: Row): (at: number) => number {
  const before = new Uint32Array(words.length);
  for (let j = 1; j < words.length; j++) before[j] = before[j - 1] + onesInWord(words[j - 1]);
  return (at) => before[at >>> 5] + onesInWord(words[at >>> 5] & lowest(at & 31));
}

/** Of pairs of a context and an element: how many there are, in how many each is one, and in how many both are. */
export interface PairTable {
  readonly pairs: number;
  readonly contexts: number;
  readonly elements: number;
  readonly both: number;
}

/**
 * For each offset, the table of the pairs of an element and its context, which stands so many calls and so many
 * elements before it (after it, where negative). Rows hold calls of `size` elements each; they are one row where calls
 * are held against their own past. A pair that would reach over the edge of a call is left out.
 */
export function pairTables(
  { contexts, elements, size }: { readonly contexts: Row; readonly elements: Row; readonly size: number },
  offsets: readonly { readonly calls: number; readonly elements: number }[],
): readonly PairTable[] {
  const calls = Math.floor(elements.length / size);
  const stretches = offsets.map((offset): kernel.Stretches => {
    const first = Math.max(0, offset.elements);
    const length = Math.max(0, Math.min(size, size + offset.elements) - first);
    const element = offset.calls * size + first;
    return {
      context: first - offset.elements,
      element,
      length,
      stride: size,
      calls: length === 0 ? 0 : Math.max(0, calls - offset.calls),
    };
  });
  return kernel.countPairs({ contexts: contexts.words, elements: elements.words }, stretches).map((counts, i) => ({
    pairs: stretches[i].length * stretches[i].calls,
    ...counts,
  }));
}

/** How many of the calls of `size` elements have a one at each position. */
export const countPositions = ({ words, length }: Row, size: number): Float64Array =>
  kernel.countPositions(words, { size, calls: Math.floor(length / size) });

/** How many of the calls of `size` elements are, bit for bit, an earlier one of the row again. */
export function countRepeated(row: Row, size: number): number {
  const earlier = new Map<number, number[]>();
  let repeated = 0;
  for (let from = 0; from + size <= row.length; from += size) {
    const hash = hashOf(row, from, size);
    const alike = earlier.get(hash);
    // A hash may be the same by chance; the bits themselves are compared before anything is concluded.
    if (alike?.some((other) => isSame(row, from, other, size))) repeated++;
    else if (alike) alike.push(from);
    else earlier.set(hash, [from]);
  }
  return repeated;
}

function hashOf(row: Row, from: number, size: number): number {
  let hash = 0;
  for (let i = from; i < from + size; i += 32) {
    hash = Math.imul(hash ^ wordUpTo(row, i, from + size), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function isSame(row: Row, one: number, other: number, size: number): boolean {
  for (let i = 0; i < size; i += 32) {
    if (wordUpTo(row, one + i, one + size) !== wordUpTo(row, other + i, other + size)) return false;
  }
  return true;
}
