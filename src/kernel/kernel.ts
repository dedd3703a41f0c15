/**
 * The WebAssembly module that packs and counts masks: what is to be read is copied into its memory, and the answer out
 * of it. No function needs what another left there.
 */
import type { Dtype, TensorData } from '../tensor.ts';
import { kernelBinary } from './binary.ts';

/** What is used of the global of that name, which every engine has but no library of ES2023 describes. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** What kernel.wat exports, and says there. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  packFloat64(from: number, end: number, to: number): number;
  packFloat32(from: number, end: number, to: number): number;
  packFloat16(from: number, end: number, to: number, infinity: number): number;
  packUint8(from: number, end: number, to: number): number;
  countPairs(
    a: number,
    i: number,
    b: number,
    j: number,
    length: number,
    stride: number,
    calls: number,
  ): readonly [number, number, number];
  countPositions(i: number, size: number, calls: number, to: number): void;
  moments(from: number, end: number, weights: number, rounding: number): readonly [number, number, number, number];
}

let instance: Kernel | undefined;

/**
 * The one instance, made when it is first needed.
 *
 * @throws Error on a machine whose arrays do not lie in memory as WebAssembly reads it, the least significant byte first
 */
function kernel(): Kernel {
  if (instance) return instance;
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) {
    throw new Error('masks can be counted on little-endian machines only, and this one is big-endian');
  }
  const binary = Uint8Array.from(atob(kernelBinary), (character) => character.charCodeAt(0));
  instance = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as Kernel;
  return instance;
}

const pageSize = 2 ** 16;

/** Bytes past the last bit that the kernel may read. */
const slack = 8;

/** The memory as bytes and as words: void after it has grown, and then made anew. */
let bytes = new Uint8Array(0);
let words = new Uint32Array(0);

/** The memory, grown to hold so many bytes. An array of them is void after the next growth: nobody keeps one. */
function memoryFor(size: number): Uint8Array {
  if (size + slack > bytes.length) {
    const { memory } = kernel();
    const missing = size + slack - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageSize));
    bytes = new Uint8Array(memory.buffer);
    words = new Uint32Array(memory.buffer);
  }
  return bytes;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TensorData | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** How many elements are best packed at once: so few that their copies stay in the processor's nearest caches. */
export const packedAtOnce = 2 ** 12;

/** A bit for each element, 1 where it is not ±0, and zeros up to a whole word. Valid until the kernel is used again. */
export interface Packed {
  /** Among these words, from one on, so many. */
  readonly words: Uint32Array;
  readonly from: number;
  readonly length: number;
  /** Whether no element is NaN. */
  readonly areNumbers: boolean;
}

const infinities = { float16: 0x7c00, bfloat16: 0x7f80 };

/** Packs the elements of a tensor from `start` to `end`. */
export function pack(dtype: Dtype, data: TensorData, start = 0, end = data.length): Packed {
  const width = data.BYTES_PER_ELEMENT;
  const length = Math.ceil((end - start) / 32);
  const size = (end - start) * width;
  // Zeros fill up the last word, and with it the kernel's last turn.
  const whole = 32 * length * width;
  const memory = memoryFor(whole + 4 * length);
  memory.set(new Uint8Array(data.buffer, data.byteOffset + start * width, size));
  if (size < whole) memory.fill(0, size, whole);
  return { areNumbers: packInMemory(dtype, whole) === 0, words, from: whole / 4, length };
}

function packInMemory(dtype: Dtype, end: number): number {
  switch (dtype) {
    case 'float64':
      return kernel().packFloat64(0, end, end);
    case 'float32':
      return kernel().packFloat32(0, end, end);
    case 'uint8':
      return kernel().packUint8(0, end, end);
    default:
      return kernel().packFloat16(0, end, end, infinities[dtype]);
  }
}

/** Where pairs of a bit of one row and a bit of another lie: in stretches of `length` of them, one in each call. */
export interface Stretches {
  /** The bits of the first pair. */
  readonly context: number;
  readonly element: number;
  readonly length: number;
  /** How many bits after the one before it a stretch begins, in both rows. */
  readonly stride: number;
  readonly calls: number;
}

/** In how many pairs the one bit is one, the other, and both. */
export interface PairCounts {
  readonly contexts: number;
  readonly elements: number;
  readonly both: number;
}

/** Counts the pairs in each of several sets of stretches. All of them lie within the words. */
export function countPairs(
  { contexts, elements }: { readonly contexts: Uint32Array; readonly elements: Uint32Array },
  stretches: readonly Stretches[],
): readonly PairCounts[] {
  const b = contexts === elements ? 0 : contexts.byteLength;
  const memory = memoryFor(b + elements.byteLength);
  memory.set(bytesOf(contexts));
  if (b > 0) memory.set(bytesOf(elements), b);
  return stretches.map(({ context, element, length, stride, calls }) => {
    const [ones, others, both] = kernel().countPairs(0, context, b, element, length, stride, calls);
    return { contexts: ones, elements: others, both };
  });
}

/** The most calls that a byte can count. */
const mostCalls = 255;

/** How many of the first `calls` calls of `size` bits have a one at each position. */
export function countPositions(words: Uint32Array, { size, calls }: { size: number; calls: number }): Float64Array {
  const to = words.byteLength;
  const memory = memoryFor(to + Math.ceil(size / 32) * 32);
  memory.set(bytesOf(words));
  const counts = new Float64Array(size);
  for (let call = 0; call < calls; call += mostCalls) {
    kernel().countPositions(call * size, size, Math.min(mostCalls, calls - call), to);
    for (let i = 0; i < size; i++) counts[i] += memory[to + i];
  }
  return counts;
}

/** What is known of numbers after one pass: their sums, and between which they lie, NaN where one of them is. */
export interface Moments {
  readonly sum: number;
  readonly squares: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The moments of values times weights, the weights repeated as often as it takes. A product within `rounding` of ½ counts
 * as ½, so that sums of 0 and ½ are exact up to 2^52 of them.
 */
export function moments(values: Float64Array, weights: Float64Array, rounding: number): Moments {
  const even = 2 * Math.ceil(weights.length / 2);
  const from = 8 * even;
  const memory = new Float64Array(memoryFor(2 * from).buffer);
  memory.fill(0, 0, 2 * even);
  memory.set(weights);
  let all: Moments = { sum: 0, squares: 0, least: Infinity, most: -Infinity };
  for (let start = 0; start < values.length; start += weights.length) {
    memory.set(values.subarray(start, start + weights.length), even);
    const [sum, squares, least, most] = kernel().moments(from, 2 * from, 0, rounding);
    all = {
      sum: all.sum + sum,
      squares: all.squares + squares,
      least: Math.min(all.least, least),
      most: Math.max(all.most, most),
    };
  }
  return all;
}
