/** Each experiment counts on packed masks what the plain loops count on the same outputs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendNonZeros, rowFor } from '../../src/bits.ts';
import { Deviation } from '../../src/errors.ts';
import { tensor } from '../../src/tensor.ts';
import { appendMask, countPairs, countRepeats, type Offset } from './masks.ts';

const rowOf = (bits: readonly number[]) => {
  const row = rowFor(bits.length);
  appendNonZeros(row, tensor('uint8', [bits.length], bits));
  return row;
};

/** Kept after kept and kept after dropped, as the claims say it. */
function naivePairs(masks: readonly number[], size: number, offset: Offset) {
  const tables = [0, 1].map(() => ({ trials: 0, successes: 0 }));
  for (let i = 0; i < masks.length; i++) {
    const call = Math.floor(i / size) - offset.calls;
    const place = (i % size) - offset.elements;
    if (call < 0 || place < 0 || place >= size) continue;
    const table = tables[1 - masks[call * size + place]];
    table.trials++;
    table.successes += masks[i];
  }
  return tables;
}

const mask = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 12, maxLength: 400 });

describe('counts of masks', () => {
  it('of pairs', () => {
    const offset = fc.record({ calls: fc.nat({ max: 3 }), elements: fc.integer({ min: -5, max: 40 }) });
    fc.assert(
      fc.property(mask, fc.integer({ min: 1, max: 60 }), fc.array(offset), (bits, size, places) => {
        const masks = bits.slice(0, Math.floor(bits.length / size) * size);
        const offsets = places.map((place) => ({ ...place, words: '' }));
        const row = rowOf(masks);
        expect(countPairs({ contexts: row, elements: row, size }, offsets)).toEqual(
          offsets.flatMap((each) => naivePairs(masks, size, each)),
        );
      }),
    );
  });

  it('of repeats', () => {
    const row = rowOf([1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1]);
    expect(countRepeats({ row, calls: 4, size: 3 })).toEqual({ trials: 4, successes: 2 });
  });

  it('of an output with a NaN deviates, and says where it stands', () => {
    const y = tensor('float32', [2, 2], [1, 0, NaN, 1]);
    expect(() => appendMask(rowFor(4), y)).toThrow(Deviation);
    expect(() => appendMask(rowFor(4), y)).toThrow('y[1,0] is NaN, but must be a number: x is finite');
  });
});
