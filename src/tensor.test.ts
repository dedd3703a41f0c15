import { describe, expect, it } from 'vitest';
import {
  allocate,
  bytesPerElement,
  type Dtype,
  isDtype,
  isSame,
  largestFinite,
  round,
  sameShape,
  scalar,
  sizeOf,
  smallestSubnormal,
  tensor,
  unitRoundoff,
  valuesOf,
} from './tensor.ts';

type Half = 'float16' | 'bfloat16';

const bitsOf = (dtype: Half, value: number): number => tensor(dtype, [], [value]).data[0];
const numberOf = (dtype: Half, bits: number): number => valuesOf({ dtype, shape: [], data: Uint16Array.of(bits) })[0];

describe('the dtypes', () => {
  it('are five, by name', () => {
    const names = ['float64', 'float32', 'float16', 'bfloat16', 'uint8'];
    expect(names.filter(isDtype)).toEqual(names);
    expect(['int8', 'toString', '', 8, undefined, null].filter(isDtype)).toEqual([]);
  });

  // IEEE 754-2019, table 3.6; bfloat16 is the upper half of a float32.
  it.each<[Dtype, number, number, number, number]>([
    ['float64', 8, Number.EPSILON / 2, 5e-324, Number.MAX_VALUE],
    ['float32', 4, 2 ** -24, 2 ** -149, 3.4028234663852886e38],
    ['float16', 2, 2 ** -11, 2 ** -24, 65504],
    ['bfloat16', 2, 2 ** -8, 2 ** -133, 3.3895313892515355e38],
    ['uint8', 1, 0, 1, 255],
  ])('%s has its size and its range', (dtype, bytes, roundoff, smallest, largest) => {
    expect(bytesPerElement(dtype)).toBe(bytes);
    expect(allocate(dtype, 3).byteLength).toBe(3 * bytes);
    expect(unitRoundoff(dtype)).toBe(roundoff);
    expect(smallestSubnormal(dtype)).toBe(smallest);
    expect(largestFinite(dtype)).toBe(largest);
    // They are what they say: numbers of the dtype, next to which nothing smaller or larger is.
    expect(round(dtype, smallest)).toBe(smallest);
    expect(round(dtype, largest)).toBe(largest);
    if (roundoff > 0) {
      expect(round(dtype, 1 + roundoff)).toBe(1);
      expect(round(dtype, 1 + 2 * roundoff)).toBe(1 + 2 * roundoff);
    }
  });
});

describe('a tensor', () => {
  it('holds its values in the order of its shape', () => {
    expect(tensor('float32', [2, 1], [0.1, 2])).toEqual({
      dtype: 'float32',
      shape: [2, 1],
      data: Float32Array.of(0.1, 2),
    });
    expect(scalar(-0)).toEqual({ dtype: 'float64', shape: [], data: Float64Array.of(-0) });
    expect(tensor('uint8', [0, 3], []).data).toEqual(new Uint8Array(0));
  });

  it('has as many values as its shape holds', () => {
    expect(() => tensor('float64', [2, 3], [1, 2])).toThrow(new RangeError('shape [2,3] holds 6 elements, got 2'));
    expect(() => tensor('float64', [], [])).toThrow('shape [] holds 1 elements, got 0');
  });

  it('lends its numbers where they are numbers, and widens where they are bits', () => {
    const { data } = tensor('float64', [1], [1]);
    expect(valuesOf({ dtype: 'float64', shape: [1], data })).toBe(data);
    expect(valuesOf(tensor('bfloat16', [2], [1, -0.5]))).toEqual(Float64Array.of(1, -0.5));
  });
});

describe('shapes and numbers', () => {
  it('have sizes', () => expect([[], [0, 5], [2, 3, 4]].map(sizeOf)).toEqual([1, 0, 24]));

  it('are the same, or not', () => {
    expect(sameShape([], [])).toBe(true);
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
    expect(isSame(Number.NaN, Number.NaN)).toBe(true);
    expect(isSame(0, -0)).toBe(false);
  });
});

describe('rounding', () => {
  it('leaves float64 alone, rounds float32 as the machine does, and wraps uint8 as an array does', () => {
    expect(round('float64', 0.1)).toBe(0.1);
    expect(round('float32', 0.1)).toBe(0.10000000149011612);
    expect([0, 1.9, 255, 256, -1].map((value) => round('uint8', value))).toEqual([0, 1, 255, 0, 255]);
  });

  // Bits as NumPy gives them: np.float16(v).view(np.uint16).
  it.each<[string, number, number]>([
    ['0', 0, 0x0000],
    ['-0', -0, 0x8000],
    ['1', 1, 0x3c00],
    ['-2', -2, 0xc000],
    ['1/3', 1 / 3, 0x3555],
    ['0.1', 0.1, 0x2e66],
    ['the largest', 65504, 0x7bff],
    ['just below the tie with infinity', 65519.99, 0x7bff],
    ['the tie with infinity', 65520, 0x7c00],
    ['the largest double', Number.MAX_VALUE, 0x7c00],
    ['-infinity', -Infinity, 0xfc00],
    ['NaN', Number.NaN, 0x7e00],
    ['the smallest normal', 2 ** -14, 0x0400],
    ['the largest subnormal', 2 ** -14 - 2 ** -24, 0x03ff],
    ['what rounds up to the smallest normal', 2 ** -14 - 2 ** -26, 0x0400],
    ['the smallest subnormal', 2 ** -24, 0x0001],
    ['its half, a tie with zero', 2 ** -25, 0x0000],
    ['minus its half', -(2 ** -25), 0x8000],
    ['just more than its half', 2 ** -25 * (1 + Number.EPSILON), 0x0001],
    ['one and a half of it, a tie', 1.5 * 2 ** -24, 0x0002],
    ['a tie that rounds down to even', 1 + 2 ** -11, 0x3c00],
    ['a tie that rounds up to even', 1 + 3 * 2 ** -11, 0x3c02],
    ['just above a tie', 1 + 2 ** -11 + 2 ** -52, 0x3c01],
    ['a tie that carries into the exponent', 2 - 2 ** -11, 0x4000],
    ['the smallest double', 5e-324, 0x0000],
  ])('to float16 of %s', (_, value, bits) => expect(bitsOf('float16', value)).toBe(bits));

  it.each<[string, number, number]>([
    ['-0', -0, 0x8000],
    ['1', 1, 0x3f80],
    ['1/3', 1 / 3, 0x3eab],
    ['pi', Math.PI, 0x4049],
    ['the largest', 2 ** 127 * (2 - 2 ** -7), 0x7f7f],
    ['the tie with infinity', 2 ** 127 * (2 - 2 ** -8), 0x7f80],
    ['just below it', 2 ** 127 * (2 - 2 ** -8 - 2 ** -40), 0x7f7f],
    ['-infinity', -Infinity, 0xff80],
    ['NaN', Number.NaN, 0x7fc0],
    ['the smallest normal', 2 ** -126, 0x0080],
    ['the smallest subnormal', 2 ** -133, 0x0001],
    ['its half, a tie with zero', 2 ** -134, 0x0000],
    ['a tie that rounds down to even', 1 + 2 ** -8, 0x3f80],
    ['a tie that rounds up to even', 1 + 3 * 2 ** -8, 0x3f82],
    // Through float32 it would be rounded twice: first onto the tie, then away from what is nearest.
    ['just above a tie, by less than float32 sees', 1 + 2 ** -8 + 2 ** -40, 0x3f81],
  ])('to bfloat16 of %s', (_, value, bits) => expect(bitsOf('bfloat16', value)).toBe(bits));

  it.each<Half>(['float16', 'bfloat16'])('gives every bit pattern of %s back', (dtype) => {
    const infinity = bitsOf(dtype, Infinity);
    const changed: number[] = [];
    let nans = 0;
    for (let bits = 0; bits < 2 ** 16; bits++) {
      const value = numberOf(dtype, bits);
      if (Number.isNaN(value)) nans++;
      // A NaN keeps no payload and no sign: it comes back as the quiet one.
      const wanted = Number.isNaN(value) ? bitsOf(dtype, Number.NaN) : bits;
      if (bitsOf(dtype, value) !== wanted || !isSame(round(dtype, value), value)) changed.push(bits);
    }
    expect(changed).toEqual([]);
    expect(nans).toBe(2 * (0x7fff - infinity));
  });

  it.each<Half>(['float16', 'bfloat16'])('takes what lies between two neighbours of %s to the nearer one', (dtype) => {
    const wrong: number[] = [];
    for (let bits = 0; bits < bitsOf(dtype, Infinity) - 1; bits++) {
      const [low, high] = [numberOf(dtype, bits), numberOf(dtype, bits + 1)];
      const tie = low + (high - low) / 2;
      const even = bits % 2 === 0 ? low : high;
      const rounded = [low + (high - low) / 4, tie, low + ((high - low) * 3) / 4].map((value) => round(dtype, value));
      const negative = round(dtype, -tie);
      if (rounded[0] !== low || rounded[1] !== even || rounded[2] !== high || !isSame(negative, -even))
        wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it('reads the bits of bfloat16 as the upper half of a float32', () => {
    const view = new DataView(new ArrayBuffer(4));
    for (let bits = 0; bits < 2 ** 16; bits += 7) {
      view.setUint32(0, bits * 2 ** 16);
      expect(numberOf('bfloat16', bits)).toBe(view.getFloat32(0));
    }
  });
});
