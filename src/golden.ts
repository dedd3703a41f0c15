/**
 * Tensors and golden vectors as JSON. A number is written so that it reads back the same: a double by its shortest
 * text, NaN and the infinities by name. −0 is `-0.0` in a golden file; as JSON.stringify would write 0 for it, it is
 * encoded by name too. Browser-safe.
 */
import type { ExpectedTensor, Vector } from './clause.ts';
import { allocate, isDtype, isSame, round, sameShape, sizeOf, type Tensor, tensor, valuesOf } from './tensor.ts';

/** A tensor as JSON: row-major data. */
export interface JsonTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

const namedNumbers: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

export const encodeTensor = (value: Tensor): JsonTensor => ({
  dtype: value.dtype,
  shape: [...value.shape],
  data: Array.from(valuesOf(value), encodeNumber),
});

/** The inverse of `encodeTensor`. Throws a TypeError that says what is wrong and where. */
export function decodeTensor(json: unknown, where = 'tensor'): Tensor {
  const { dtype, shape, data } = object(json, where);
  expect(isDtype(dtype), `${where}.dtype must be a dtype`, dtype);
  expect(isShape(shape), `${where}.shape must be a list of sizes`, shape);
  expect(Array.isArray(data), `${where}.data must be a list of numbers`, data);
  expect(data.length === sizeOf(shape), `${where}.data must have ${sizeOf(shape)} elements`, data.length);
  const values = data.map((value: unknown, i) => {
    const decoded = namedNumbers.get(value) ?? value;
    const exact = typeof decoded === 'number' && isSame(round(dtype, decoded), decoded);
    expect(exact, `${where}.data[${i}] must be a number of ${dtype}`, value);
    return decoded;
  });
  return tensor(dtype, shape, values);
}

/** The vectors of a golden file (`golden/schema.json`). Throws a TypeError that says what is wrong and where. */
export function decodeVectors(json: unknown): Vector[] {
  const { format, vectors } = object(json, 'golden file');
  expect(format === 'keepprob-golden/1', 'golden file.format must be keepprob-golden/1', format);
  expect(Array.isArray(vectors), 'golden file.vectors must be a list', vectors);
  return vectors.map((vector: unknown, i) => decodeVector(vector, `vectors[${i}]`));
}

const operations: readonly unknown[] = ['dropout', 'penalty', 'step', 'network', 'train'] satisfies Vector['op'][];

function decodeVector(json: unknown, where: string): Vector {
  const { name, op, args, convention, tensors, expected } = object(json, where);
  expect(typeof name === 'string', `${where}.name must be a text`, name);
  expect(operations.includes(op), `${where}.op must be one of ${operations.join(', ')}`, op);
  return {
    name,
    op: op as Vector['op'],
    args: decodeNumbers(object(args, `${where}.args`)),
    ...(convention === undefined ? {} : { convention: object(convention, `${where}.convention`) }),
    tensors: decodeEach(tensors, `${where}.tensors`, decodeTensor),
    expected: decodeEach(expected, `${where}.expected`, decodeExpected),
  };
}

/** An element that is compared bit for bit has no roundings, whose magnitude would not matter: it is given as zeros. */
function decodeExpected(json: unknown, where: string): ExpectedTensor {
  const { tensor: wanted, roundings, magnitude } = object(json, where);
  const decoded = decodeTensor(wanted, `${where}.tensor`);
  expect(typeof roundings === 'number' && roundings >= 0, `${where}.roundings must be a number >= 0`, roundings);
  if (roundings === 0) {
    const zeros = allocate('float64', sizeOf(decoded.shape));
    return { tensor: decoded, roundings, magnitude: { dtype: 'float64', shape: decoded.shape, data: zeros } };
  }
  const bound = decodeTensor(magnitude, `${where}.magnitude`);
  expect(sameShape(bound.shape, decoded.shape), `${where}.magnitude must have shape [${decoded.shape}]`, bound.shape);
  return { tensor: decoded, roundings, magnitude: bound };
}

const encodeNumber = (value: number): number | string =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);

/** Arguments with their non-finite numbers as numbers. */
const decodeNumbers = (args: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name, decodeNumber(value)]));

const decodeNumber = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(decodeNumber) : (namedNumbers.get(value) ?? value);

const decodeEach = <T>(json: unknown, where: string, decode: (entry: unknown, where: string) => T): Record<string, T> =>
  Object.fromEntries(
    Object.entries(object(json, where)).map(([name, entry]) => [name, decode(entry, `${where}.${name}`)]),
  );

type JsonObject = Readonly<Record<string, unknown>>;

function object(json: unknown, where: string): JsonObject {
  expect(typeof json === 'object' && json !== null && !Array.isArray(json), `${where} must be an object`, json);
  return json as JsonObject;
}

const isShape = (json: unknown): json is number[] =>
  Array.isArray(json) && json.every((axis) => Number.isSafeInteger(axis) && axis >= 0);

function expect(holds: boolean, sentence: string, got: unknown): asserts holds {
  if (!holds) throw new TypeError(`${sentence}, got ${got === undefined ? 'nothing' : JSON.stringify(got)}`);
}
