/** The kernel against plain loops over single bits; and that its binary is what its text says. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, bytesPerElement, type Dtype, type TensorData, valuesOf } from '../tensor.ts';
import { countPairs, countPositions, moments, pack, type Stretches } from './kernel.ts';

const dtypes: readonly Dtype[] = ['float64', 'float32', 'float16', 'bfloat16', 'uint8'];

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

it('is assembled from kernel.wat as it stands', () => {
  const assembled = execFileSync(process.execPath, [pathOf('assemble.mjs')], { encoding: 'utf8' });
  expect(readFileSync(pathOf('binary.ts'), 'utf8')).toBe(assembled);
});

const bitAt = (words: Uint32Array, at: number): number => (words[at >>> 5] >>> (at & 31)) & 1;

/** Whether the packed bits are those of a loop over the numbers, with zeros up to a whole word. */
function isPackedRight(dtype: Dtype, data: TensorData): boolean {
  const { words: all, from, length, areNumbers } = pack(dtype, data);
  const words = all.slice(from, from + length);
  const values = valuesOf({ dtype, shape: [data.length], data });
  const isRight = (_: unknown, i: number) => bitAt(words, i) === (i < values.length && values[i] !== 0 ? 1 : 0);
  return (
    words.length === Math.ceil(data.length / 32) &&
    Array.from({ length: 32 * words.length }, isRight).every(Boolean) &&
    areNumbers === Array.from(values).every((value) => !Number.isNaN(value))
  );
}

/** Elements of which these are the bytes, as many as there are whole. */
function elementsOf(dtype: Dtype, bytes: Uint8Array): TensorData {
  const data = allocate(dtype, Math.floor(bytes.length / bytesPerElement(dtype)));
  new Uint8Array(data.buffer).set(bytes.subarray(0, data.byteLength));
  return data;
}

describe('pack', () => {
  it.each(dtypes)('reads %s of any bits and any number', (dtype) => {
    const width = bytesPerElement(dtype);
    // Zeros, all ones, and the bytes that begin and end an element's exponent: NaN, infinities, subnormals and ±0 abound.
    const byte = fc.oneof(fc.constantFrom(0, 0, 0, 0xff, 0x80, 0x7f, 0xf0, 0x7c), fc.integer({ min: 0, max: 255 }));
    const element = fc.oneof(
      { weight: 5, arbitrary: fc.constant(Array.from({ length: width }, () => 0)) },
      { weight: 1, arbitrary: fc.array(byte, { minLength: width, maxLength: width }) },
    );
    fc.assert(
      fc.property(fc.array(element, { maxLength: 300, size: 'max' }), (elements) =>
        isPackedRight(dtype, elementsOf(dtype, Uint8Array.from(elements.flat()))),
      ),
    );
  });

  it.each(['float16', 'bfloat16', 'uint8'] as const)('reads every %s there is', (dtype) => {
    const number = 2 ** (8 * bytesPerElement(dtype));
    const all = allocate(dtype, number).map((_, i) => i);
    const wrong = Array.from(all.keys()).filter((i) => !isPackedRight(dtype, all.subarray(i, i + 1)));
    expect(wrong).toEqual([]);
    expect(isPackedRight(dtype, all)).toBe(true);
  });

  it.each([
    { dtype: 'float32', fractionBits: 23 },
    { dtype: 'float64', fractionBits: 52 },
  ] as const)('reads $dtype of every sign and exponent', ({ dtype, fractionBits }) => {
    const bits = 8 * bytesPerElement(dtype);
    const wrong: bigint[] = [];
    const fractions = [0n, 1n, 1n << 31n, (1n << BigInt(fractionBits)) - 1n, 1n << BigInt(fractionBits - 1)];
    for (let head = 0n; head < 1n << BigInt(bits - fractionBits); head++) {
      for (const fraction of fractions) {
        const pattern = (head << BigInt(fractionBits)) | BigInt.asUintN(fractionBits, fraction);
        if (!isPackedRight(dtype, elementsOf(dtype, new Uint8Array(BigUint64Array.of(pattern).buffer, 0, bits / 8)))) {
          wrong.push(pattern);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(dtypes)('reads %s of every number of elements, and nothing of those packed before', (dtype) => {
    const bytes = 310 * bytesPerElement(dtype);
    const before = elementsOf(dtype, new Uint8Array(bytes).fill(0xff));
    const data = elementsOf(
      dtype,
      Uint8Array.from({ length: bytes }, (_, i) => (i % 7 === 3 ? 1 : 0)),
    );
    const wrong = Array.from(data.subarray(0, 300).keys()).filter((length) => {
      pack(dtype, before);
      return !isPackedRight(dtype, data.subarray(3, 3 + length));
    });
    expect(wrong).toEqual([]);
  });

  it.each(['float64', 'float32', 'float16', 'bfloat16'] as const)('sees a NaN at any place of %s', (dtype) => {
    const places = Array.from({ length: 100 }, (_, i) => i);
    const missed = places.filter((place) => {
      const data = allocate(dtype, 100);
      const one = data.subarray(place, place + 1);
      new Uint8Array(one.buffer, one.byteOffset, one.byteLength).fill(0xff);
      return pack(dtype, data).areNumbers;
    });
    expect(missed).toEqual([]);
  });
});

/** Words of any bits, dense and sparse. */
const wordsOf = (length: number, density: number, seed: number): Uint32Array => {
  let state = seed | 1;
  const bit = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24 < density ? 1 : 0;
  };
  const words = new Uint32Array(length);
  for (let i = 0; i < 32 * length; i++) words[i >>> 5] |= bit() << (i & 31);
  return words;
};

const density = fc.constantFrom(0, 0.02, 0.5, 0.98, 1);

function naivePairs(contexts: Uint32Array, elements: Uint32Array, given: Stretches) {
  const counts = { contexts: 0, elements: 0, both: 0 };
  for (let call = 0; call < given.calls; call++) {
    for (let i = 0; i < given.length; i++) {
      const one = bitAt(contexts, given.context + call * given.stride + i);
      const other = bitAt(elements, given.element + call * given.stride + i);
      counts.contexts += one;
      counts.elements += other;
      counts.both += one & other;
    }
  }
  return counts;
}

describe('countPairs', () => {
  const stretches = fc.record({
    context: fc.nat({ max: 70 }),
    element: fc.nat({ max: 70 }),
    length: fc.nat({ max: 300 }),
    stride: fc.nat({ max: 300 }),
    calls: fc.nat({ max: 5 }),
  });
  /** The farthest bit of any of these stretches is below 70 + 4 · 300 + 300. */
  const words = fc.tuple(density, fc.integer()).map(([dense, seed]) => wordsOf(50, dense, seed));

  it('of two rows, and of one with itself, in stretches that lie anywhere', () => {
    fc.assert(
      fc.property(words, words, fc.array(stretches, { maxLength: 8 }), (contexts, elements, sets) => {
        expect(countPairs({ contexts, elements }, sets)).toEqual(sets.map((s) => naivePairs(contexts, elements, s)));
        const own = { contexts, elements: contexts };
        expect(countPairs(own, sets)).toEqual(sets.map((s) => naivePairs(contexts, contexts, s)));
      }),
    );
  });

  it('of every length', () => {
    const [contexts, elements] = [wordsOf(11, 0.5, 1), wordsOf(11, 0.8, 2)];
    const sets = Array.from({ length: 301 }, (_, length) => ({ context: 13, element: 6, length, stride: 0, calls: 1 }));
    expect(countPairs({ contexts, elements }, sets)).toEqual(sets.map((s) => naivePairs(contexts, elements, s)));
  });

  it('of a million bits, up to the last', () => {
    const [contexts, elements] = [wordsOf(31250, 0.5, 3), wordsOf(31250, 0.8, 4)];
    const whole = { context: 0, element: 0, length: 1e6, stride: 0, calls: 1 };
    const parts = { context: 0, element: 41, length: 959, stride: 1000, calls: 1000 };
    expect(countPairs({ contexts, elements }, [whole, parts])).toEqual(
      [whole, parts].map((s) => naivePairs(contexts, elements, s)),
    );
  });
});

describe('countPositions', () => {
  function isCountedRight(words: Uint32Array, size: number, calls: number): boolean {
    const wanted = new Float64Array(size);
    for (let i = 0; i < size * calls; i++) wanted[i % size] += bitAt(words, i);
    const counts = countPositions(words, { size, calls });
    return counts.length === size && counts.every((count, i) => count === wanted[i]);
  }

  it('of every size, over few calls and over more than a byte counts', () => {
    const rows = [0.5, 1].map((dense) => wordsOf(Math.ceil((300 * 511) / 32), dense, 5));
    const sizes = Array.from({ length: 300 }, (_, i) => i + 1);
    const wrong = sizes.flatMap((size) =>
      [0, 1, 2, 254, 255, 256, 511]
        .filter((calls) => !rows.every((words) => isCountedRight(words, size, calls)))
        .map((calls) => ({ size, calls })),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    [1_000_000, 1],
    [4000, 250],
    [64, 15_625],
  ])('of a million bits, up to the last: size %i, %i calls', (size, calls) => {
    expect(isCountedRight(wordsOf(31_250, 0.5, 6), size, calls)).toBe(true);
  });
});

describe('moments', () => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, -0, 1, -1, 2, 0.25, 3) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, Number.MAX_VALUE) },
  );

  it('are those of a loop, NaN where any is', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 40 }),
        fc.array(fc.constantFrom(0.5, 0.25, 1, -2), { minLength: 1, maxLength: 9 }),
        (values, weights) => {
          const whole = values.slice(0, values.length - (values.length % weights.length));
          const products = whole.map((each, i) => each * weights[i % weights.length]);
          const found = moments(Float64Array.from(whole), Float64Array.from(weights), 0);
          // The kernel pads an odd number of weights with a product of zero.
          const all = weights.length % 2 === 1 && products.length > 0 ? [...products, 0] : products;
          const sums = products.every(Number.isFinite)
            ? {
                sum: products.reduce((sum, each) => sum + each, 0),
                squares: products.reduce((sum, each) => sum + each * each, 0),
              }
            : {};
          // Of +0 and −0 either may come out.
          const unsigned = { ...found, least: found.least + 0, most: found.most + 0 };
          expect(unsigned).toMatchObject({ ...sums, least: Math.min(...all) + 0, most: Math.max(...all) + 0 });
        },
      ),
    );
  });

  it('take what is nearly a half for one', () => {
    const near = 0.5 + 2 ** -40;
    expect(moments(Float64Array.of(near, 0.5), Float64Array.of(1, 1), 2 ** -39).sum).toBe(1);
    expect(moments(Float64Array.of(near, 0.5), Float64Array.of(1, 1), 2 ** -41).sum).toBe(1 + 2 ** -40);
  });
});
