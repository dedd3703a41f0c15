/**
 * Tensors as they travel: a dtype, a shape and row-major data. `float16` and `bfloat16` hold their raw bits in a
 * Uint16Array, since JavaScript has no arrays of them; `valuesOf` widens every dtype exactly to float64.
 */

/** The types of a tensor's elements, by NumPy's names. */
export type Dtype = 'float64' | 'float32' | 'float16' | 'bfloat16' | 'uint8';

/** A tensor's elements as they lie in memory; those of `float16` and `bfloat16` as raw bits. */
export type TensorData = Float64Array | Float32Array | Uint16Array | Uint8Array;

/** Row-major data of a shape: `[]` is a scalar, with one element. */
export interface Tensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Tensors by their names in the protocol, such as `x` and `y`. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A binary floating-point format: significand bits (the hidden one included) and the range of its exponents. */
interface Format {
  readonly bytes: number;
  readonly significandBits: number;
  readonly minExponent: number;
  readonly maxExponent: number;
}

const formats: Record<Exclude<Dtype, 'uint8'>, Format> = {
  float64: { bytes: 8, significandBits: 53, minExponent: -1022, maxExponent: 1023 },
  float32: { bytes: 4, significandBits: 24, minExponent: -126, maxExponent: 127 },
  float16: { bytes: 2, significandBits: 11, minExponent: -14, maxExponent: 15 },
  bfloat16: { bytes: 2, significandBits: 8, minExponent: -126, maxExponent: 127 },
};

export const isDtype = (name: unknown): name is Dtype =>
  typeof name === 'string' && (name === 'uint8' || Object.hasOwn(formats, name));

export const bytesPerElement = (dtype: Dtype): number => (dtype === 'uint8' ? 1 : formats[dtype].bytes);

/** The number of elements of a shape; 1 for a scalar's `[]`. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);

/** u, the largest relative error of one rounding to nearest: 2^-53 for float64, 2^-24 for float32. */
export const unitRoundoff = (dtype: Dtype): number => (dtype === 'uint8' ? 0 : 2 ** -formats[dtype].significandBits);

/** The smallest positive number of a dtype: the largest absolute error of one rounding that underflows. */
export function smallestSubnormal(dtype: Dtype): number {
  if (dtype === 'uint8') return 1;
  const { minExponent, significandBits } = formats[dtype];
  return 2 ** (minExponent - significandBits + 1);
}

export function largestFinite(dtype: Dtype): number {
  if (dtype === 'uint8') return 255;
  const { maxExponent, significandBits } = formats[dtype];
  return 2 ** maxExponent * (2 - 2 ** (1 - significandBits));
}

/** `value` rounded to the nearest number of the dtype, ties to even (IEEE 754); uint8 truncates as a typed array does. */
export function round(dtype: Dtype, value: number): number {
  if (dtype === 'float64') return value;
  if (dtype === 'float32') return Math.fround(value);
  if (dtype === 'uint8') return Uint8Array.of(value)[0];
  return fromHalfBits(dtype, toHalfBits(dtype, value));
}

/** A tensor of `values` rounded to the dtype. Throws if their number is not that of the shape. */
export function tensor(dtype: Dtype, shape: readonly number[], values: ArrayLike<number>): Tensor {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(`shape [${shape}] holds ${sizeOf(shape)} elements, got ${values.length}`);
  }
  const data = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    data[i] = dtype === 'float16' || dtype === 'bfloat16' ? toHalfBits(dtype, values[i]) : values[i];
  }
  return { dtype, shape, data };
}

/** `value` as a float64 scalar: how the protocol carries numbers that must be exact. */
export const scalar = (value: number): Tensor => tensor('float64', [], [value]);

/** Room for `size` elements of a dtype, zeroed. */
export function allocate(dtype: Dtype, size: number): TensorData {
  if (dtype === 'float64') return new Float64Array(size);
  if (dtype === 'float32') return new Float32Array(size);
  if (dtype === 'uint8') return new Uint8Array(size);
  return new Uint16Array(size);
}

/** The elements as numbers, widened exactly. Not a copy where the data already are numbers: read only. */
export function valuesOf({ dtype, data }: Tensor): Exclude<TensorData, Uint16Array> {
  if (data instanceof Uint16Array) {
    const half = dtype as 'float16' | 'bfloat16';
    return Float64Array.from(data, (bits) => fromHalfBits(half, bits));
  }
  return data;
}

/** Whether two values are the same number: −0 differs from 0, and every NaN equals every NaN. */
export const isSame = (a: number, b: number): boolean => Object.is(a, b);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i]);

function toHalfBits(dtype: 'float16' | 'bfloat16', value: number): number {
  const { significandBits, minExponent, maxExponent } = formats[dtype];
  const fractionBits = significandBits - 1;
  const infinity = (maxExponent - minExponent + 2) * 2 ** fractionBits;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return infinity + 2 ** (fractionBits - 1);
  if (magnitude === 0) return sign;
  // Counted in units of the last place, a magnitude is an integer plus what must be rounded away; the sum with the
  // exponent's field carries by itself from subnormal to normal and from the largest finite number to infinity.
  const exponent = Math.max(exponentOf(magnitude), minExponent);
  const units = roundHalfEven(magnitude * 2 ** -(exponent - fractionBits));
  const bits = (exponent - minExponent) * 2 ** fractionBits + units;
  return sign + Math.min(bits, infinity);
}

function fromHalfBits(dtype: 'float16' | 'bfloat16', bits: number): number {
  const { significandBits, minExponent, maxExponent } = formats[dtype];
  const fractionBits = significandBits - 1;
  const sign = bits & 0x8000 ? -1 : 1;
  const field = (bits & 0x7fff) >> fractionBits;
  const fraction = bits & (2 ** fractionBits - 1);
  if (field === maxExponent - minExponent + 2) return fraction === 0 ? sign * Infinity : NaN;
  const units = field === 0 ? fraction : fraction + 2 ** fractionBits;
  return sign * units * 2 ** (minExponent + Math.max(field - 1, 0) - fractionBits);
}

/** The exponent e with 2^e ≤ magnitude < 2^(e+1), read from the bits: Math.log2 errs next to powers of two. */
function exponentOf(magnitude: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, magnitude);
  return Math.max((view.getUint16(0) >> 4) - 1023, -1022);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
