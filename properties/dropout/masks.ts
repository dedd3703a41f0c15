/** How the statistical clauses draw masks, and the claims in which they count. */
import type { Claim, Counts, Resolution, Stream } from '../../src/clause.ts';
import type { DropoutCall, Subject } from '../../src/subject.ts';
import { type Dtype, sizeOf, type Tensor } from '../../src/tensor.ts';
import { fill } from '../arbitraries.ts';
import { maskOf } from './calls.ts';

/** Successive masks of calls on one input, one after the other: call c's element i is `masks[c · size + i]`. */
export interface Masks {
  readonly masks: Uint8Array;
  readonly calls: number;
  readonly size: number;
}

/** An input without zeros, of signs and magnitudes that a mask must not depend on. */
export const ordinaryInput = (dtype: Dtype, shape: readonly number[]): Tensor =>
  fill(dtype, shape, [1, 2, -1, 0.5, -3]);

/** At most this many elements are asked for at once, so that an answer stays within some megabytes. */
const mostElements = 2 ** 18;

/**
 * The outputs of `calls` successive calls in training, handed to `read` as they come, several calls at a time. Where a
 * seeded layer gives a stream, the stream's own layer is used, so that the run's seed reproduces the draws.
 */
export async function train(
  subject: Subject,
  call: Pick<DropoutCall, 'x' | 'keepProb' | 'layer' | 'seed'>,
  calls: number,
  read: (y: Tensor, calls: number) => void,
): Promise<void> {
  const size = Math.max(1, sizeOf(call.x.shape));
  const most = subject.capabilities.dropout?.repeat ? Math.max(1, Math.floor(mostElements / size)) : 1;
  for (let left = calls; left > 0; left -= most) {
    const repeat = Math.min(left, most);
    const { y } = await subject.dropout({ ...call, training: true, ...(most > 1 ? { repeat } : {}) });
    read(y, repeat);
  }
}

/** The masks of `calls` successive calls, read from the outputs. x must be finite and without zeros. */
export async function drawMasks(
  subject: Subject,
  call: Pick<DropoutCall, 'x' | 'keepProb' | 'layer' | 'seed'>,
  calls: number,
): Promise<Masks> {
  const size = sizeOf(call.x.shape);
  const masks = new Uint8Array(calls * size);
  let at = 0;
  await train(subject, call, calls, (y) => {
    const mask = maskOf(y);
    masks.set(mask, at);
    at += mask.length;
  });
  return { masks, calls, size };
}

/** The layer and seed of a stream, there where they make the run reproducible; else nothing, and the subject draws its own. */
export function reproducible({ capabilities }: Subject, { id, seed }: Stream): Pick<DropoutCall, 'layer' | 'seed'> {
  const { layer, seed: seeding } = capabilities.dropout ?? {};
  return layer && seeding === 'advances' ? { layer: id, seed } : {};
}

/** Where the context of an element stands: so many calls and so many elements before it. */
export interface Offset {
  readonly calls: number;
  readonly elements: number;
  /** In words, e.g. `3 elements before`. */
  readonly words: string;
}

/**
 * The claims that an element does not depend on its context, at each offset: kept with probability p both after a kept
 * and after a dropped one. With a correlation ρ the rates would be p + (1 − p)ρ and p − pρ.
 */
export const independenceClaims = (
  p: number,
  offsets: readonly Offset[],
  { correlation }: Resolution,
): readonly Claim[] =>
  offsets.flatMap(({ words }) => [
    { event: `kept, where the element ${words} was kept`, rate: p, epsilon: (1 - p) * correlation },
    { event: `kept, where the element ${words} was dropped`, rate: p, epsilon: p * correlation },
  ]);

/**
 * The counts of `independenceClaims`. `contexts` and `elements` hold calls of `size` elements each; they are one array
 * where a mask is held against its own past. Pairs that would reach over the edge of a call are left out.
 */
export function countPairs(
  { contexts, elements, size }: { readonly contexts: Uint8Array; readonly elements: Uint8Array; readonly size: number },
  offsets: readonly Offset[],
): readonly Counts[] {
  const calls = elements.length / size;
  return offsets.flatMap((offset) => {
    const table = new Float64Array(4);
    const back = offset.calls * size + offset.elements;
    const first = Math.max(0, offset.elements);
    const last = Math.min(size, size + offset.elements);
    for (let call = offset.calls; call < calls; call++) {
      const end = call * size + last;
      for (let i = call * size + first; i < end; i++) table[2 * contexts[i - back] + elements[i]]++;
    }
    return [
      { trials: table[2] + table[3], successes: table[3] },
      { trials: table[0] + table[1], successes: table[1] },
    ];
  });
}

/** Lags at which shared bits, short periods and vector lanes show: 1 … 16, then powers of two and their neighbours. */
export function lags(size: number): readonly Offset[] {
  const near = Array.from({ length: 16 }, (_, i) => i + 1);
  const far = [32, 64, 128, 256, 512, 1024, 2048].flatMap((power) => [power - 1, power, power + 1]);
  return [...near, ...far]
    .filter((lag) => lag <= size / 2)
    .map((lag) => ({ calls: 0, elements: lag, words: lag === 1 ? 'just before it' : `${lag} before it` }));
}

/**
 * That no call draws the mask of an earlier one. For masks of a thousand elements at the keep_probs used here chance does
 * it with a probability below (0.8² + 0.2²)^1000 < 1e-160 a pair of calls, which is taken for zero.
 */
export const repeatClaim: Claim = { event: 'the mask of an earlier call, again', rate: 0, epsilon: 0.01 };

/** The counts of `repeatClaim`: the calls that repeat an earlier one of the same stretch. */
export function countRepeats({ masks, calls, size }: Masks): Counts {
  const earlier = new Map<number, number[]>();
  let successes = 0;
  for (let call = 0; call < calls; call++) {
    const mask = masks.subarray(call * size, (call + 1) * size);
    const hash = mask.reduce((sum, kept) => (Math.imul(sum, 31) + kept) | 0, 0);
    const alike = earlier.get(hash) ?? [];
    // A hash may be the same by chance; the masks themselves are compared before anything is concluded.
    if (alike.some((other) => mask.every((kept, i) => kept === masks[other * size + i]))) successes++;
    else earlier.set(hash, [...alike, call]);
  }
  return { trials: calls, successes };
}
