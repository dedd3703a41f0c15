import { describe, expect, it } from 'vitest';
import { printable, show, showTensor } from './show.ts';
import { type Dtype, tensor } from './tensor.ts';

describe('a number', () => {
  it.each<[number, Dtype, string]>([
    [0.1, 'float64', '0.1'],
    [1 / 3, 'float64', '0.3333333333333333'],
    [-0, 'float64', '-0'],
    [-0, 'float32', '-0'],
    [0, 'float16', '0'],
    [Number.NaN, 'float16', 'NaN'],
    [-Infinity, 'bfloat16', '-Infinity'],
    [Math.fround(0.1), 'float32', '0.1'],
    [Math.fround(1 / 3), 'float32', '0.33333334'],
    [2 ** -149, 'float32', '1e-45'],
    [0.0999755859375, 'float16', '0.1'],
    [65504, 'float16', '65500'],
    [0.333984375, 'bfloat16', '0.334'],
    [255, 'uint8', '255'],
    [16777216, 'float32', '16777216'],
    // No number of float32: nothing shorter means the same.
    [0.1, 'float32', '0.1'],
    [1 + 2 ** -40, 'float32', '1.0000000000009095'],
  ])('%d of %s is %s', (value, dtype, text) => expect(show(value, dtype)).toBe(text));

  it('reads back the same', () => {
    for (let bits = 1; bits < 2 ** 31; bits += 104729 * 97) {
      const value = new DataView(new Uint32Array([bits]).buffer).getFloat32(0, true);
      if (!Number.isNaN(value)) expect(Math.fround(Number(show(value, 'float32')))).toBe(value);
    }
  });
});

describe('a tensor', () => {
  it('is shown with its dtype, and its shape where that is not seen', () => {
    expect(showTensor(tensor('float32', [2], [0.1, -0]))).toBe('[0.1, -0] (float32)');
    expect(showTensor(tensor('float64', [2, 1], [1, 2]))).toBe('[1, 2] (float64 [2, 1])');
    expect(showTensor(tensor('float64', [], [0.5]))).toBe('0.5 (float64 [])');
    expect(showTensor(tensor('uint8', [0], []))).toBe('[] (uint8)');
  });

  it('is cut where it is long', () => {
    expect(showTensor(tensor('uint8', [5], [1, 2, 3, 4, 5]), 3)).toBe('[1, 2, 3, …] (uint8 [5])');
    expect(showTensor(tensor('uint8', [3], [1, 2, 3]), 3)).toBe('[1, 2, 3] (uint8)');
    expect(showTensor(tensor('float64', [100], new Float64Array(100)))).toContain('0, …] (float64 [100])');
  });
});

it('a text from outside can neither move the cursor nor turn what stands around it', () => {
  expect(printable('a\u001b[2K\u202Eb\u2066\u200F')).toBe('a\\u001b[2K\\u202eb\\u2066\\u200f');
  expect(printable('a\nb', { lines: true })).toBe('a\nb');
});
