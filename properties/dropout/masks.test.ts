/** How outputs become masks. */
import { describe, expect, it } from 'vitest';
import { rowFor } from '../../src/bits.ts';
import { Deviation } from '../../src/errors.ts';
import { tensor } from '../../src/tensor.ts';
import { appendMask } from './masks.ts';

describe('the mask of an output', () => {
  it('is what is not zero, after what was there before', () => {
    const row = rowFor(7);
    appendMask(row, tensor('float32', [3], [2, 0, -1]));
    appendMask(row, tensor('float64', [2, 2], [-0, 1e-300, 0, 5]));
    expect(row.length).toBe(7);
    expect(row.words[0]).toBe(0b1010101);
  });

  it('with a NaN deviates, and says where it stands', () => {
    const y = tensor('float32', [2, 2], [1, 0, NaN, 1]);
    expect(() => appendMask(rowFor(4), y)).toThrow(Deviation);
    expect(() => appendMask(rowFor(4), y)).toThrow('y[1,0] is NaN, but must be a number: x is finite');
  });
});
