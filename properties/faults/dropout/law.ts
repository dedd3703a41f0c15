/**
 * Dropouts whose masks follow a law of their own, and that are correct in all else. The right law is: independent, each
 * element kept with probability keep_prob, whatever the value, position, call, layer, example and seed.
 */
import type { Args, Implementation } from '../../../src/subject.ts';
import { sizeOf, type Tensor, tensor, valuesOf } from '../../../src/tensor.ts';
import { instead, numberIn } from '../fault.ts';
import { isDrawn, keepProbOf } from './parts.ts';

/** One who draws: a layer, or the function that is no layer. With a seed, the function is another one in each request. */
export interface Source {
  /** The layer's name; undefined for the function. */
  readonly layer: string | undefined;
  /** How many others had drawn before this one did. */
  readonly order: number;
  /** The seed that it was given, if any. */
  readonly seed: number | undefined;
  /** Correct draws in [0, 1): a stream of its own where it is seeded, else one that all share. */
  readonly uniform: () => number;
}

/** One call in training. */
export interface Call {
  readonly keepProb: number;
  readonly shape: readonly number[];
  readonly size: number;
  readonly x: ArrayLike<number>;
  readonly source: Source;
  /** That of the source. */
  readonly uniform: () => number;
  /** How often the source was called before. */
  readonly index: number;
  /** The source's earlier masks, the last one first, if they are remembered and of this size. */
  readonly past: readonly Uint8Array[];
}

/** The mask of a call, 1 = kept. */
export type Law = (call: Call) => Uint8Array;

interface Remembered {
  readonly source: Source;
  calls: number;
  past: Uint8Array[];
}

/**
 * The implementation with masks of another law, where it draws them. A law is made anew for each implementation, since
 * some remember.
 *
 * @param memory how many of its earlier masks a source remembers
 */
export const masking =
  (law: () => Law, memory = 0) =>
  (correct: Implementation): Implementation => {
    const draw = law();
    const rememberedOf = sources();
    return instead('dropout', (right) => (args, tensors) => {
      const { x, dy } = tensors;
      const size = sizeOf(x.shape);
      if (!isDrawn(args, tensors) || size === 0) return right(args, tensors);
      const repeat = args['repeat'] === undefined ? undefined : numberIn(args, 'repeat');
      const shape = repeat === undefined ? x.shape : [repeat, ...x.shape];
      const keepProb = keepProbOf(args);
      const remembered = rememberedOf(args);
      const { source } = remembered;
      const { uniform } = source;
      const values = valuesOf(x);
      const masks = new Uint8Array(sizeOf(shape));
      for (let from = 0; from < masks.length; from += size) {
        const past = remembered.past[0]?.length === size ? remembered.past : [];
        const index = remembered.calls;
        const mask = draw({ keepProb, shape: x.shape, size, x: values, source, uniform, index, past });
        masks.set(mask, from);
        remembered.calls += 1;
        if (memory > 0) remembered.past = [mask, ...past.slice(0, memory - 1)];
      }
      const y = passed(x, { shape, masks, keepProb });
      const mask = tensor('uint8', shape, masks);
      return dy ? { y, mask, dx: passed(dy, { shape, masks, keepProb }) } : { y, mask };
    })(correct);
  };

/** All who draw, made at their first request. */
function sources(): (args: Args) => Remembered {
  const shared = uniforms(2024);
  const known = new Map<unknown, Remembered>();
  return ({ layer, seed }) => {
    const made = layer === undefined && seed !== undefined ? undefined : known.get(layer);
    if (made !== undefined) return made;
    const own = seed === undefined ? undefined : Number(seed);
    const source = {
      layer: layer === undefined ? undefined : String(layer),
      order: known.size,
      seed: own,
      uniform: own === undefined ? shared : uniforms(own),
    };
    const fresh = { source, calls: 0, past: [] };
    if (layer !== undefined || seed === undefined) known.set(layer, fresh);
    return fresh;
  };
}

/** What of the values, laid out once for each call, passes the masks. */
function passed(
  of: Tensor,
  {
    shape,
    masks,
    keepProb,
  }: { readonly shape: readonly number[]; readonly masks: Uint8Array; readonly keepProb: number },
): Tensor {
  const values = valuesOf(of);
  const through = new Float64Array(masks.length);
  for (let i = 0; i < through.length; i++) if (masks[i] === 1) through[i] = values[i % values.length] / keepProb;
  return tensor(of.dtype, shape, through);
}

/** A bijection of 32-bit words after which neighbours have nothing in common (MurmurHash3's finalizer). */
function mixed(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Correct draws in [0, 1), of 32 bits: a counter, mixed with two words that come from a seed and the number of a call.
 * Streams of different seeds and calls have nothing in common.
 */
export function uniforms(seed: number, call = 0): () => number {
  const start = mixed(mixed(seed) + call);
  const key = mixed(mixed(~seed) + Math.imul(call, 0x85ebca6b));
  let counter = 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    return (mixed((mixed((start + counter) | 0) + key) | 0) >>> 0) / 2 ** 32;
  };
}

/** A mask, element by element. */
export function each(size: number, kept: (i: number, mask: Uint8Array) => boolean): Uint8Array {
  const mask = new Uint8Array(size);
  for (let i = 0; i < size; i++) mask[i] = kept(i, mask) ? 1 : 0;
  return mask;
}

/** The right law, drawn from a stream. */
export function fairMask({ size, keepProb }: Pick<Call, 'size' | 'keepProb'>, uniform: () => number): Uint8Array {
  const mask = new Uint8Array(size);
  for (let i = 0; i < size; i++) mask[i] = uniform() < keepProb ? 1 : 0;
  return mask;
}

/** The right law. */
export const fair: Law = (call) => fairMask(call, call.uniform);

/** Elements kept with rates of their own, independent of each other. */
export const rated =
  (rate: (keepProb: number, i: number, call: Call) => number): Law =>
  (call) =>
    each(call.size, (i) => call.uniform() < rate(call.keepProb, i, call));

/** Element i kept as element `from(i)`, where that is an earlier one, and else by itself. */
export const copying =
  (from: (i: number, call: Call) => number): Law =>
  (call) =>
    each(call.size, (i, mask) => {
      const j = from(i, call);
      return j >= 0 && j < i ? mask[j] === 1 : call.uniform() < call.keepProb;
    });

/** Each source with a stream of draws of its own making. */
export function fromStreams(streamOf: (source: Source) => () => number): Law {
  const streamFor = ofEach(streamOf);
  return (call) => fairMask(call, streamFor(call.source));
}

/** Something that is made once for each source. */
export function ofEach<T>(make: (source: Source) => T): (source: Source) => T {
  const made = new WeakMap<Source, T>();
  return (source) => {
    const known = made.get(source);
    if (known !== undefined) return known;
    const fresh = make(source);
    made.set(source, fresh);
    return fresh;
  };
}

/** The number of units of an example; of what is no batch, all of it. */
export const unitsOf = ({ shape, size }: Pick<Call, 'shape' | 'size'>): number =>
  shape.length < 2 ? size : Math.max(1, shape.at(-1) ?? 1);
