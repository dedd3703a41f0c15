/**
 * Masks as bits, to count in words of 32 rather than element by element: bit i of a row is bit i mod 32 (from the least
 * significant) of word ⌊i / 32⌋, 1 = kept. All counts are exact. A row holds fewer than 2^31 bits.
 */
import type { Dtype, Tensor } from './tensor.ts';

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

/** How a dtype's bits read as a magnitude: without the sign, 0 for ±0 alone, and above `infinity` for NaN alone. */
const magnitudes: Record<Exclude<Dtype, 'float64'>, { readonly mask: number; readonly infinity: number }> = {
  float32: { mask: 0x7fffffff, infinity: 0x7f800000 },
  float16: { mask: 0x7fff, infinity: 0x7c00 },
  bfloat16: { mask: 0x7fff, infinity: 0x7f80 },
  uint8: { mask: 0xff, infinity: 0xff },
};

/** Where the words of a float64 with its sign and with the end of its fraction stand in memory. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const [highWord, lowWord] = isLittleEndian ? [1, 0] : [0, 1];

/**
 * Appends a bit for each element of a tensor: 1 where it is not ±0. The row must have room for them.
 *
 * Elements are read as integers, without a branch on what they are: a random mask is what a processor foresees worst.
 *
 * @returns whether all elements are numbers. A NaN is neither zero nor not; the row is then of no further use.
 * @throws RangeError if the row has no room
 */
export function appendNonZeros(row: Row, { dtype, data }: Tensor): boolean {
  const { words, length } = row;
  if (Math.ceil((length + data.length) / 32) >= words.length) {
    throw new RangeError(`a row of ${words.length - 1} words has no room for ${data.length} more bits`);
  }
  row.length += data.length;
  if (dtype === 'float64') {
    return packDoubles(words, length, new Uint32Array(data.buffer, data.byteOffset, 2 * data.length));
  }
  const integers = data instanceof Float32Array ? new Uint32Array(data.buffer, data.byteOffset, data.length) : data;
  return packWords(words, length, integers as Uint32Array | Uint16Array | Uint8Array, magnitudes[dtype]);
}

/** The sign bit of a negative number says what is asked: 0 − m is negative unless the magnitude m is 0, ∞ − m if it is NaN's. */
const nonZero = (magnitude: number): number => (0 - magnitude) >>> 31;

/** Appends the bits of all elements, eight at a time: the processor works on them side by side. */
function packWords(
  words: Uint32Array,
  at: number,
  integers: Uint32Array | Uint16Array | Uint8Array,
  { mask, infinity }: { readonly mask: number; readonly infinity: number },
): boolean {
  const size = integers.length;
  let beyond = 0;
  let i = 0;
  while (i + 32 <= size) {
    let word = 0;
    for (let bit = 0; bit < 32; bit += 8, i += 8) {
      const m0 = integers[i] & mask;
      const m1 = integers[i + 1] & mask;
      const m2 = integers[i + 2] & mask;
      const m3 = integers[i + 3] & mask;
      const m4 = integers[i + 4] & mask;
      const m5 = integers[i + 5] & mask;
      const m6 = integers[i + 6] & mask;
      const m7 = integers[i + 7] & mask;
      beyond |= (infinity - m0) | (infinity - m1) | (infinity - m2) | (infinity - m3);
      beyond |= (infinity - m4) | (infinity - m5) | (infinity - m6) | (infinity - m7);
      word |= byteOf(m0, m1, m2, m3, m4, m5, m6, m7) << bit;
    }
    put(words, at + i - 32, word);
  }
  for (; i < size; i++) {
    const magnitude = integers[i] & mask;
    beyond |= infinity - magnitude;
    put(words, at + i, nonZero(magnitude));
  }
  return beyond >= 0;
}

/** ∞ as `doubleMagnitude` reads it. */
const doubleInfinity = 0x7ff00000;

/** `packWords` for float64, whose halves are words of their own. */
function packDoubles(words: Uint32Array, at: number, halves: Uint32Array): boolean {
  const size = halves.length >>> 1;
  let beyond = 0;
  let i = 0;
  while (i + 32 <= size) {
    let word = 0;
    for (let bit = 0; bit < 32; bit += 8, i += 8) {
      const m0 = doubleMagnitude(halves, 2 * i);
      const m1 = doubleMagnitude(halves, 2 * i + 2);
      const m2 = doubleMagnitude(halves, 2 * i + 4);
      const m3 = doubleMagnitude(halves, 2 * i + 6);
      const m4 = doubleMagnitude(halves, 2 * i + 8);
      const m5 = doubleMagnitude(halves, 2 * i + 10);
      const m6 = doubleMagnitude(halves, 2 * i + 12);
      const m7 = doubleMagnitude(halves, 2 * i + 14);
      beyond |= (doubleInfinity - m0) | (doubleInfinity - m1) | (doubleInfinity - m2) | (doubleInfinity - m3);
      beyond |= (doubleInfinity - m4) | (doubleInfinity - m5) | (doubleInfinity - m6) | (doubleInfinity - m7);
      word |= byteOf(m0, m1, m2, m3, m4, m5, m6, m7) << bit;
    }
    put(words, at + i - 32, word);
  }
  for (; i < size; i++) {
    const magnitude = doubleMagnitude(halves, 2 * i);
    beyond |= doubleInfinity - magnitude;
    put(words, at + i, nonZero(magnitude));
  }
  return beyond >= 0;
}

/** The upper word of a float64 without its sign, made odd where the lower one is not zero. */
function doubleMagnitude(halves: Uint32Array, at: number): number {
  const low = halves[at + lowWord];
  return (halves[at + highWord] & 0x7fffffff) | ((low | (0 - low)) >>> 31);
}

const byteOf = (
  m0: number,
  m1: number,
  m2: number,
  m3: number,
  m4: number,
  m5: number,
  m6: number,
  m7: number,
): number =>
  nonZero(m0) |
  (nonZero(m1) << 1) |
  (nonZero(m2) << 2) |
  (nonZero(m3) << 3) |
  (nonZero(m4) << 4) |
  (nonZero(m5) << 5) |
  (nonZero(m6) << 6) |
  (nonZero(m7) << 7);

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

/** The number of ones among the `length` bits from `from` on. */
export const countOnes = (row: Row, from = 0, length = row.length - from): number =>
  countBoth({ a: row, fromA: from, b: row, fromB: from, length });

/** A full adder's carry, 32 at once: 1 where at least two of three bits are. */
const majority = (a: number, b: number, c: number): number => (a & b) | (c & (a ^ b));

/**
 * How many i in 0 … length − 1 have a one both at fromA + i in a and at fromB + i in b.
 *
 * Eight words at a time are added by full adders into bits worth 1, 2, 4 and 8, of which only the last are counted in
 * each turn (Harley and Seal; Warren 2002, §5-1).
 */
export function countBoth(range: { a: Row; fromA: number; b: Row; fromB: number; length: number }): number {
  const [a, b] = [range.a.words, range.b.words];
  // First the bits up to where b's next word starts, so that b is read in whole words from there on.
  const head = Math.min(range.length, -range.fromB & 31);
  let count = onesInWord(wordAt(a, range.fromA) & wordAt(b, range.fromB) & lowest(head));
  const start = range.fromA + head;
  const right = start & 31;
  const left = 31 - right;
  let i = start >>> 5;
  let j = (range.fromB + head) >>> 5;
  const rest = range.length - head;
  const lastWord = j + (rest >>> 5);
  const lastTurn = lastWord - 8;
  let [ones, twos, fours] = [0, 0, 0];
  for (; j <= lastTurn; i += 8, j += 8) {
    const w0 = ((a[i] >>> right) | ((a[i + 1] << 1) << left)) & b[j];
    const w1 = ((a[i + 1] >>> right) | ((a[i + 2] << 1) << left)) & b[j + 1];
    const w2 = ((a[i + 2] >>> right) | ((a[i + 3] << 1) << left)) & b[j + 2];
    const w3 = ((a[i + 3] >>> right) | ((a[i + 4] << 1) << left)) & b[j + 3];
    const w4 = ((a[i + 4] >>> right) | ((a[i + 5] << 1) << left)) & b[j + 4];
    const w5 = ((a[i + 5] >>> right) | ((a[i + 6] << 1) << left)) & b[j + 5];
    const w6 = ((a[i + 6] >>> right) | ((a[i + 7] << 1) << left)) & b[j + 6];
    const w7 = ((a[i + 7] >>> right) | ((a[i + 8] << 1) << left)) & b[j + 7];
    const twos0 = majority(ones, w0, w1);
    const ones0 = ones ^ w0 ^ w1;
    const twos1 = majority(ones0, w2, w3);
    const ones1 = ones0 ^ w2 ^ w3;
    const twos2 = majority(ones1, w4, w5);
    const ones2 = ones1 ^ w4 ^ w5;
    const twos3 = majority(ones2, w6, w7);
    ones = ones2 ^ w6 ^ w7;
    const fours0 = majority(twos, twos0, twos1);
    const sum = twos ^ twos0 ^ twos1;
    const fours1 = majority(sum, twos2, twos3);
    twos = sum ^ twos2 ^ twos3;
    count += 8 * onesInWord(majority(fours, fours0, fours1));
    fours ^= fours0 ^ fours1;
  }
  count += 4 * onesInWord(fours) + 2 * onesInWord(twos) + onesInWord(ones);
  for (; j < lastWord; i++, j++) count += onesInWord(((a[i] >>> right) | ((a[i + 1] << 1) << left)) & b[j]);
  const tail = rest & 31;
  return tail === 0 ? count : count + onesInWord(((a[i] >>> right) | ((a[i + 1] << 1) << left)) & b[j] & lowest(tail));
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
  const elementRank = ranksOf(elements);
  const contextRank = contexts === elements ? elementRank : ranksOf(contexts);
  return offsets.map((offset) => {
    const table = { pairs: 0, contexts: 0, elements: 0, both: 0 };
    const back = offset.calls * size + offset.elements;
    const first = Math.max(0, offset.elements);
    const length = Math.min(size, size + offset.elements) - first;
    if (length <= 0) return table;
    for (let call = offset.calls; call < calls; call++) {
      const from = call * size + first;
      table.pairs += length;
      table.contexts += contextRank(from - back + length) - contextRank(from - back);
      table.elements += elementRank(from + length) - elementRank(from);
      table.both += countBoth({ a: contexts, fromA: from - back, b: elements, fromB: from, length });
    }
    return table;
  });
}

/** Bits of each vertical counter: it counts up to 255 calls before it is read. */
const counterBits = 8;

/**
 * How many of the calls of `size` elements have a one at each position.
 *
 * The counters of 32 neighbouring positions lie side by side in 8 words, one a binary digit, so that a word is added to
 * all 32 at once: each digit is the sum without the carry, and the carry goes on until there is none.
 */
export function countPositions({ words, length }: Row, size: number): Float64Array {
  const counts = new Float64Array(size);
  const calls = Math.floor(length / size);
  const width = Math.ceil(size / 32);
  const last = size % 32 === 0 ? -1 : lowest(size % 32);
  const most = 2 ** counterBits - 1;
  for (let first = 0; first < calls; first += most) {
    const digits = new Uint32Array(counterBits * width);
    const end = Math.min(calls, first + most);
    for (let call = first; call < end; call++) {
      for (let j = 0; j < width; j++) {
        let carry = wordAt(words, call * size + 32 * j) & (j === width - 1 ? last : -1);
        for (let k = j; carry !== 0; k += width) {
          const digit = digits[k];
          digits[k] = digit ^ carry;
          carry &= digit;
        }
      }
    }
    const used = 32 - Math.clz32(end - first);
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < used; k++) counts[i] += ((digits[k * width + (i >>> 5)] >>> (i & 31)) & 1) << k;
    }
  }
  return counts;
}

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

/** The bits from `from` on, up to 32 of them, but none of those from `end` on. */
const wordUpTo = ({ words }: Row, from: number, end: number): number =>
  end - from >= 32 ? wordAt(words, from) : wordAt(words, from) & lowest(end - from);

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
