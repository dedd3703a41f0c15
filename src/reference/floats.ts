/**
 * The vectors and matrices of the reference: row-major numbers in one of two formats. Arithmetic is that of float64;
 * storing into a Float32Array rounds to float32.
 */
export type Floats = Float64Array | Float32Array;

export type NamedFloats = Readonly<Record<string, Floats>>;

/** Zeros in the format of `model`, as many as it has unless `size` says otherwise. */
export const zerosLike = (model: Floats, size = model.length): Floats =>
  model instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);

/** f of each element, in the format of `values`; f may ask for the element's index. */
export function map(values: Floats, f: (value: number, index: number) => number): Floats {
  const result = zerosLike(values);
  for (let i = 0; i < values.length; i++) result[i] = f(values[i], i);
  return result;
}

/** Σ f(value), summed in order in float64. */
export function sum(values: Floats, f: (value: number) => number = (value) => value): number {
  let total = 0;
  for (const value of values) total += f(value);
  return total;
}

/** The entries of a record, each changed by f. */
export const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (value: A, name: string) => B,
): Record<string, B> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));
