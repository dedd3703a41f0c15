/** Reading a request of the protocol: each reader answers what an operation needs, or refuses with what came instead. */
import { showTensor } from '../show.ts';
import type { Args, Role, Roles } from '../subject.ts';
import { isSame, sameShape, type Tensor, type Tensors } from '../tensor.ts';
import { demand, demandCount } from './demand.ts';
import { type Floats, mapValues } from './floats.ts';

/** A tensor of the reference's two formats. */
export interface FloatTensor extends Tensor {
  readonly dtype: 'float64' | 'float32';
  readonly data: Floats;
}

/** A tensor that must be there, float64 or float32, and where they are given of this shape and this dtype. */
export function floatTensor(
  tensors: Tensors,
  name: string,
  wanted: Partial<Pick<FloatTensor, 'shape' | 'dtype'>> = {},
): FloatTensor {
  demand(Object.hasOwn(tensors, name), `${name} must be given`, undefined);
  const { dtype, shape, data } = tensors[name];
  demand(dtype === 'float64' || dtype === 'float32', `${name} must be float64 or float32`, dtype);
  demand(dtype === (wanted.dtype ?? dtype), `${name} must be ${wanted.dtype}`, dtype);
  demandShape(name, shape, wanted.shape ?? shape);
  return { dtype, shape, data: data as Floats };
}

/** Every tensor, float64 or float32. */
export const floatTensors = (tensors: Tensors): Record<string, FloatTensor> =>
  mapValues(tensors, (_, name) => floatTensor(tensors, name));

/** Masks, uint8 zeros and ones of this shape; undefined where none is given. */
export function maskTensor(tensors: Tensors, name: string, wanted: readonly number[]): Uint8Array | undefined {
  if (!Object.hasOwn(tensors, name)) return undefined;
  const { dtype, shape, data } = tensors[name];
  demand(dtype === 'uint8', `${name} must be uint8`, dtype);
  demandShape(name, shape, wanted);
  const odd = data.find((value) => value > 1);
  demand(odd === undefined, `${name} must hold only 0 and 1`, odd);
  return data as Uint8Array;
}

/** Uniform draws, float64 in [0, 1) of this shape; undefined where none are given. */
export function uniformTensor(tensors: Tensors, name: string, wanted: readonly number[]): Floats | undefined {
  if (!Object.hasOwn(tensors, name)) return undefined;
  const { data } = floatTensor(tensors, name, { dtype: 'float64', shape: wanted });
  const odd = data.find((value) => !(value >= 0 && value < 1));
  demand(odd === undefined, `${name} must be in [0, 1)`, odd);
  return data;
}

function demandShape(name: string, shape: readonly number[], wanted: readonly number[]): void {
  demand(sameShape(shape, wanted), `${name} must have shape [${wanted}]`, shape);
}

export function number(args: Args, name: string): number {
  const value = args[name];
  demand(typeof value === 'number', `${name} must be a number`, value);
  return value;
}

export const optionalNumber = (args: Args, name: string): number | undefined =>
  args[name] === undefined ? undefined : number(args, name);

/** A list of numbers, of a given length where there is one. */
export function numbers(args: Args, name: string, length?: number): readonly number[] {
  const value = args[name];
  demand(isNumbers(value), `${name} must be a list of numbers`, value);
  demand(value.length === (length ?? value.length), `${name} must have ${length} entries`, value);
  return value;
}

/** A number or a list of numbers. */
export const schedule = (args: Args, name: string): number | readonly number[] =>
  Array.isArray(args[name]) ? numbers(args, name) : number(args, name);

/** A number of steps, calls or examples. */
export function optionalCount(args: Args, name: string): number | undefined {
  if (args[name] !== undefined) demandCount(name, args[name]);
  return optionalNumber(args, name);
}

export function flag(args: Args, name: string): boolean {
  const value = args[name];
  demand(typeof value === 'boolean', `${name} must be true or false`, value);
  return value;
}

/** One of some words. */
export const choice = <Word extends string>(args: Args, name: string, words: readonly Word[]): Word =>
  oneOf(words, args[name], name);

function oneOf<Word extends string>(words: readonly Word[], value: unknown, what: string): Word {
  const chosen = words.find((word) => word === value);
  demand(chosen !== undefined, `${what} must be one of ${words.join(', ')}`, value);
  return chosen;
}

const everyRole: readonly Role[] = ['weight', 'bias', 'norm', 'frozen'];

/** The role of each of the named parameters. */
export function rolesOf(args: Args, names: readonly string[]): Roles {
  const given = record(args, 'roles');
  const roleOf = (name: string): Role =>
    oneOf(everyRole, Object.hasOwn(given, name) ? given[name] : undefined, `the role of ${name}`);
  return Object.fromEntries(names.map((name) => [name, roleOf(name)]));
}

/**
 * The tensors by their parameters' own names: `args.alias` {"W2":"W1"} says that W2 is another name of W1. Both may be
 * sent; being one, they must then hold the same numbers.
 */
export function distinct(args: Args, tensors: Tensors): Tensors {
  const alias = args['alias'] === undefined ? {} : record(args, 'alias');
  const byName: Record<string, Tensor> = {};
  for (const [name, sent] of Object.entries(tensors)) {
    const own = Object.hasOwn(alias, name) ? alias[name] : name;
    demand(typeof own === 'string', `the alias ${name} must name a parameter`, own);
    const same = !Object.hasOwn(byName, own) || isSameTensor(sent, byName[own]);
    demand(same, `${name} and ${own} are one parameter and must hold the same numbers`, showTensor(sent));
    byName[own] = sent;
  }
  return byName;
}

const isSameTensor = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype && sameShape(a.shape, b.shape) && a.data.every((value, i) => isSame(value, b.data[i]));

function record(args: Args, name: string): Readonly<Record<string, unknown>> {
  const value = args[name];
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), `${name} must be an object`, value);
  return value as Readonly<Record<string, unknown>>;
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'number');
