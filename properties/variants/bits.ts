/** Ways to draw bits that are 1 with a probability: comparing from either end, and thirty-two at a time. */
import { sizeOf } from '../../src/tensor.ts';
import { philox } from '../generators.ts';

/** Draws a mask of a shape, row-major: 1 is kept. */
export type DrawBits = (keepProb: number, shape: readonly number[]) => Uint8Array;

/** Uniform words of 32 bits: one stream for each seed and each purpose. */
function wordsOf(seed: number, purpose: number): () => number {
  const block = new Uint32Array(4);
  const key = [seed, purpose] as const;
  let drawn = 0;
  return () => {
    const lane = drawn & 3;
    if (lane === 0) {
      block.fill(0);
      block[0] = drawn / 4;
      philox(block, key);
    }
    drawn++;
    return block[lane];
  };
}

/** A bit for each element, in order. */
const each =
  (isKept: (keepProb: number) => boolean): DrawBits =>
  (keepProb, shape) => {
    const mask = new Uint8Array(sizeOf(shape));
    for (let i = 0; i < mask.length; i++) mask[i] = isKept(keepProb) ? 1 : 0;
    return mask;
  };

/** 1 where u < keepProb, with 53 bits of u. */
const fromBelow = (word: () => number): DrawBits =>
  each((keepProb) => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53 < keepProb);

/** 1 where u ≥ 1 − keepProb: the other end of the same interval, as who is told the drop probability does. */
const fromAbove = (word: () => number): DrawBits => each((keepProb) => word() / 2 ** 32 >= 1 - keepProb);

/**
 * Thirty-two bits at a time, column by column: beginning with the last binary digit of keepProb, each digit 1 is or-ed
 * with a random word and each 0 and-ed, so that in the end every bit is 1 with probability keepProb.
 */
const packed =
  (word: () => number): DrawBits =>
  (keepProb, shape) => {
    const [rows = 1] = shape;
    const columns = rows === 0 ? 0 : sizeOf(shape) / rows;
    const digits = Math.round(keepProb * 2 ** 32);
    const mask = new Uint8Array(rows * columns);
    let bits = 0;
    for (let i = 0; i < mask.length; i++) {
      if (i % 32 === 0) {
        bits = 0;
        for (let digit = 0; digit < 32; digit++) {
          bits = (digits / 2 ** digit) & 1 ? bits | word() : bits & word();
        }
      }
      const place = (i % rows) * columns + Math.floor(i / rows);
      mask[place] = digits === 2 ** 32 ? 1 : (bits >>> (i % 32)) & 1;
    }
    return mask;
  };

const ways = { 'from below': fromBelow, 'from above': fromAbove, packed };

/** Who draws in which way, from a seed; `purpose` tells streams of the same seed apart. */
export const drawerOf = (way: keyof typeof ways, seed: number, purpose: number): DrawBits =>
  ways[way](wordsOf(seed, purpose));

export type Way = keyof typeof ways;
