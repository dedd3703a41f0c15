/**
 * Correct sources of masks that differ in what real libraries differ in: the generator, the bits of a draw, how it is
 * compared with keep_prob, and whether it can be seeded. The judge must acquit them all. Support for tests and for
 * `bench/simulate.mjs`: no property imports it.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { createReference } from '../src/reference/implementation.ts';
import { randomState } from '../src/reference/numpy-random.ts';
import type { Implementation, Operation } from '../src/subject.ts';
import { sizeOf, tensor, valuesOf } from '../src/tensor.ts';
import { instead, numberIn } from './faults/fault.ts';

export interface CorrectGenerator {
  readonly name: string;
  /** A correct dropout that draws from this generator; what has no seed of its own draws from `seed`, if it can be seeded. */
  readonly implementation: (seed: number) => Implementation;
}

/** Uniform numbers in [0, 1) from a seed, an integer in [0, 2^32). */
type Uniforms = (seed: number) => () => number;

/** Uniform words in [0, 2^32) from a seed. */
type Words = (seed: number) => () => number;

/** The reference, drawing from `uniforms` throughout: a layer or call with a seed gets a stream of its own. */
const fedBy =
  (uniforms: Uniforms) =>
  (seed: number): Implementation => {
    const seeded = new Map<unknown, Operation>();
    return instead('dropout', (unseeded) => (args, tensors) => {
      const { seed: own, ...rest } = args;
      const { layer } = rest;
      const made = layer === undefined ? undefined : seeded.get(layer);
      const fresh = () => (own === undefined ? unseeded : dropoutOf(uniforms(numberIn(args, 'seed'))));
      const operation = made ?? fresh();
      if (layer !== undefined) seeded.set(layer, operation);
      return operation(rest, tensors);
    })(createReference({ random: uniforms(seed) }));
  };

function dropoutOf(random: () => number): Operation {
  const { dropout } = createReference({ random });
  if (dropout === undefined) throw new TypeError('the reference has a dropout');
  return dropout;
}

/** Draws of `Math.random` cannot be seeded, so nothing is declared of seeds. */
const unseedable = (): Implementation => {
  const { capabilities, ...reference } = createReference({ random: Math.random });
  const { dropout } = capabilities;
  if (dropout === undefined) throw new TypeError('the reference has a dropout');
  const { seed: _, ...declared } = dropout;
  return { ...reference, capabilities: { ...capabilities, dropout: declared } };
};

/**
 * xoroshiro128+ (Blackman and Vigna 2018), the 64-bit state in 32-bit words, two of them a double. `pure-rand` writes
 * the seed into the state as it is: neighbouring seeds begin alike, so the seed is mixed and the beginning left out.
 */
const xoroshiro: Uniforms = (seed) => {
  const generator = xoroshiro128plus(mixed(seed));
  for (let i = 0; i < 64; i++) generator.next();
  return () => uniformFloat64(generator);
};

/** A bijection of 32-bit words after which neighbours have nothing in common (MurmurHash3's finalizer). */
function mixed(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const mersenneWords: Words = (seed) => {
  const generator = mersenne(seed);
  return () => generator.next() >>> 0;
};

/**
 * Philox-4x32-10 (Salmon et al. 2011): ten rounds of a keyed bijection of 128-bit counters, as GPU libraries draw.
 *
 * @param block the counter, four words, which are replaced by the four drawn
 */
export function philox(block: Uint32Array, [first, second]: readonly [number, number]): void {
  let [a, b, c, d] = block;
  let [k0, k1] = [first | 0, second | 0];
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(0xd2511f53, a);
    const low1 = Math.imul(0xcd9e8d57, c);
    const high0 = highWord(0xd2511f53, a);
    const high1 = highWord(0xcd9e8d57, c);
    a = high1 ^ b ^ k0;
    b = low1;
    c = high0 ^ d ^ k1;
    d = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  block[0] = a;
  block[1] = b;
  block[2] = c;
  block[3] = d;
}

/** The high word of the 64-bit product of two 32-bit words, by their halves: no partial sum reaches 2^32. */
function highWord(x: number, y: number): number {
  const x1 = x >>> 16;
  const x0 = x & 0xffff;
  const y1 = y >>> 16;
  const y0 = y & 0xffff;
  const middle = x1 * y0 + ((x0 * y0) >>> 16);
  const other = x0 * y1 + (middle & 0xffff);
  return (x1 * y1 + (middle >>> 16) + (other >>> 16)) | 0;
}

/** The seed is the key and the counter counts, so that streams of different seeds never meet. */
const philoxWords: Words = (seed) => {
  const key = [seed, 0] as const;
  const block = new Uint32Array(4);
  let next = 0;
  return () => {
    const lane = next & 3;
    if (lane === 0) {
      block.fill(0);
      block[0] = next / 4;
      philox(block, key);
    }
    next++;
    return block[lane];
  };
};

const inBits =
  (words: Words, bits: number): Uniforms =>
  (seed) => {
    const word = words(seed);
    return () => (word() >>> (32 - bits)) / 2 ** bits;
  };

/**
 * A dropout without any floating-point draw: an element is kept where a 32-bit word is below ⌊keep_prob · 2^32⌋. It is
 * always in training: only the laws of its masks are of interest.
 */
const byThreshold =
  (words: Words) =>
  (seed: number): Implementation => {
    const shared = words(seed);
    const layers = new Map<unknown, () => number>();
    const wordsFor = ({ layer, seed: own }: Readonly<Record<string, unknown>>): (() => number) => {
      const made = layers.get(layer);
      if (layer !== undefined && made !== undefined) return made;
      const fresh = own === undefined ? shared : words(Number(own));
      if (layer !== undefined) layers.set(layer, fresh);
      return fresh;
    };
    return {
      name: 'integer-thresholds',
      version: '1.0.0',
      capabilities: {
        dropout: { dtypes: ['float64'], gradient: true, mask: true, seed: 'advances', layer: true, repeat: true },
      },
      dropout: (args, { x, dy }) => {
        const keepProb = numberIn(args, 'keep_prob');
        const threshold = Math.floor(keepProb * 2 ** 32);
        const word = wordsFor(args);
        const shape = args['repeat'] === undefined ? x.shape : [numberIn(args, 'repeat'), ...x.shape];
        const mask = new Uint8Array(sizeOf(shape));
        for (let i = 0; i < mask.length; i++) mask[i] = word() < threshold ? 1 : 0;
        const y = tensor(x.dtype, shape, passed(valuesOf(x), mask, keepProb));
        const answer = { y, mask: tensor('uint8', shape, mask) };
        return dy ? { ...answer, dx: tensor(x.dtype, shape, passed(valuesOf(dy), mask, keepProb)) } : answer;
      },
    };
  };

/** What of the values, laid out once for each call, passes the mask. */
function passed(values: ArrayLike<number>, mask: Uint8Array, keepProb: number): Float64Array {
  const through = new Float64Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) through[i] = values[i % values.length] / keepProb;
  return through;
}

export const generators: readonly CorrectGenerator[] = [
  { name: 'MT19937, 53 bits, as NumPy', implementation: fedBy(randomState) },
  { name: 'xoroshiro128+, 53 bits', implementation: fedBy(xoroshiro) },
  { name: 'Philox-4x32-10, 32 bits', implementation: fedBy(inBits(philoxWords, 32)) },
  { name: '32-bit integer thresholds', implementation: byThreshold(mersenneWords) },
  { name: 'float32 uniforms, 24 bits', implementation: fedBy(inBits(philoxWords, 24)) },
  { name: 'Math.random', implementation: unseedable },
];
