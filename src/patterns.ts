/** How often each pattern of eight bits comes in a row: of successive ones, and of one place in successive stretches. */
import { type Row, rowFor } from './bits.ts';

/** The 32 bits from bit `at` on, which need not start a word. */
const wordAt = ({ words }: Row, at: number): number =>
  (words[at >>> 5] >>> (at & 31)) | ((words[(at >>> 5) + 1] << 1) << (31 - (at & 31)));

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

/** How many bits make a pattern. */
export const patternLength = 8;

/**
 * Of every stretch of `size` bits, its words of eight that do not overlap, from its start on; what is left at its end is
 * left out.
 *
 * @returns how often each word came; bit i of the index is bit i of the word
 */
export function countWords(row: Row, size: number): readonly number[] {
  const counts = zeros(2 ** patternLength);
  for (let from = 0; from + size <= row.length; from += size) {
    let at = from;
    for (const end = from + size - 32; at <= end; at += 32) {
      const word = wordAt(row, at);
      counts[word & 255]++;
      counts[(word >>> 8) & 255]++;
      counts[(word >>> 16) & 255]++;
      counts[word >>> 24]++;
    }
    for (const end = from + size - 8; at <= end; at += 8) counts[wordAt(row, at) & 255]++;
  }
  return counts;
}

/**
 * Of every eight successive stretches of `size` bits, the pattern at each place of them. Eight that do not all lie within
 * `reach` bits from a multiple of it are left out.
 *
 * @returns how often each pattern came; bit i of the index is that of the i-th stretch
 */
export function countColumns(row: Row, size: number, reach = row.length): readonly number[] {
  const counts = zeros(2 ** patternLength);
  const step = patternLength * size;
  const words = new Uint32Array(patternLength);
  for (let first = 0; first + reach <= row.length; first += reach) {
    for (let from = first; from + step <= first + reach; from += step) {
      for (let place = 0; place < size; place += 32) {
        for (let i = 0; i < patternLength; i++) words[i] = wordAt(row, from + i * size + place);
        for (let bit = Math.min(32, size - place) - 1; bit >= 0; bit--) {
          let pattern = 0;
          for (let i = 0; i < patternLength; i++) pattern |= ((words[i] >>> bit) & 1) << i;
          counts[pattern]++;
        }
      }
    }
  }
  return counts;
}

/** Where a row and itself, so many bits before, are both one; zero where there is nothing so far before. */
export function overlap(row: Row, back: number): Row {
  const both = rowFor(row.length);
  both.length = row.length;
  const first = back & ~31;
  // The row moved on by `back` bits: read from the place that lies so far before, where that is not before its start.
  for (let at = first; at < row.length; at += 32) {
    const before = at >= back ? wordAt(row, at - back) : row.words[0] << (back - at);
    both.words[at >>> 5] = row.words[at >>> 5] & before;
  }
  return both;
}
