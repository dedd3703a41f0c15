/** How the statistical clauses draw masks. */
import { appendNonZeros, type Row, rowFor } from '../../src/bits.ts';
import type { Stream } from '../../src/clause.ts';
import type { Capabilities, DropoutCall, Subject } from '../../src/subject.ts';
import { type Dtype, sizeOf, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { fill } from '../arbitraries.ts';
import { maskOf } from './calls.ts';

/** Successive masks of calls on one input, one after the other: call c's element i is bit c · size + i of the row. */
export interface Masks {
  readonly row: Row;
  readonly calls: number;
  readonly size: number;
}

/** An input without zeros, of signs and magnitudes that a mask must not depend on. */
export const ordinaryInput = (dtype: Dtype, shape: readonly number[]): Tensor =>
  fill(dtype, shape, [1, 2, -1, 0.5, -3]);

/** At most this many elements are asked for at once, so that an answer stays within some megabytes. */
const mostElements = 2 ** 18;

/** One who draws: the function, or a layer, seeded or not. */
export type Source = Pick<DropoutCall, 'layer' | 'seed'>;

/** Who is asked for draws: one source, or in a stream all who can draw; with `turn`, one of them in turn. */
export type Draw = Pick<DropoutCall, 'x' | 'keepProb'> & (Source | { readonly stream: Stream; readonly turn?: number });

/** One who draws: in a dtype, from a source that may differ from request to request. */
interface Way {
  readonly dtype: Dtype;
  readonly source: (request: number) => Source;
}

/**
 * All who can draw: the function and a layer, which are often two programs, in every dtype. They are seeded by the
 * stream where that can be, so that the run's seed reproduces the draws.
 */
function waysOf({ capabilities }: Subject, { id, seed, round }: Stream): readonly Way[] {
  const { dtypes = [], layer, seed: seeding, repeat } = capabilities.dropout ?? {};
  const seeds = seeding === 'advances';
  // All different and far apart: whether neighbouring seeds differ is another clause's question.
  const seedOf = (request: number) => (seed + 0x9e3779b1 * (round * 2 ** 12 + request)) % 2 ** 31;
  const layerSeed = (index: number) => (seed + 0x85ebca6b * (index + 1)) % 2 ** 31;
  return dtypes.flatMap((dtype, index): Way[] => [
    { dtype, source: (request) => (seeds && repeat ? { seed: seedOf(request) } : {}) },
    ...(layer
      ? [{ dtype, source: () => ({ layer: `${id}/${dtype}`, ...(seeds ? { seed: layerSeed(index) } : {}) }) }]
      : []),
  ]);
}

/** A stream within a stream, for draws that have nothing in common with those of the others. */
export const substream = ({ id, seed, round }: Stream, index: number): Stream => ({
  id: `${id}/${index}`,
  seed: (seed + 0xc2b2ae35 * (index + 1)) % 2 ** 31,
  round,
});

/** Whether an unseeded layer is another thing than those that a stream draws from. */
export const hasUnseededLayers = ({ dropout }: Capabilities): boolean =>
  dropout?.layer === true && dropout.seed === 'advances';

/**
 * The outputs of `calls` calls in training, handed to `read` as they come, several at a time. A stream's calls are
 * divided among all who can draw, in stretches of successive calls, beginning with another one in each round.
 */
export async function train(
  subject: Subject,
  draw: Draw,
  calls: number,
  read: (y: Tensor, calls: number) => void,
): Promise<void> {
  const { x, keepProb } = draw;
  const size = Math.max(1, sizeOf(x.shape));
  const most = subject.capabilities.dropout?.repeat ? Math.max(1, Math.floor(mostElements / size)) : 1;
  const ways = waysFor(subject, draw);
  let request = 0;
  for (const [turn, { dtype, source }] of ways.entries()) {
    const input = dtype === x.dtype ? x : tensor(dtype, x.shape, valuesOf(x));
    const share = Math.floor(calls / ways.length) + (turn < calls % ways.length ? 1 : 0);
    for (let left = share; left > 0; left -= most) {
      const repeat = Math.min(left, most);
      const drawn = most > 1 ? { repeat } : {};
      const { y } = await subject.dropout({ x: input, keepProb, training: true, ...source(request), ...drawn });
      read(y, repeat);
      request += 1;
    }
  }
}

/** Those who are asked, in their order. */
function waysFor(subject: Subject, draw: Draw): readonly Way[] {
  if (!('stream' in draw)) return [{ dtype: draw.x.dtype, source: () => sourceOf(draw) }];
  const ways = waysOf(subject, draw.stream);
  const first = (draw.stream.round + (draw.turn ?? 0)) % ways.length;
  return draw.turn === undefined ? [...ways.slice(first), ...ways.slice(0, first)] : [ways[first]];
}

const sourceOf = ({ layer, seed }: Source): Source => ({
  ...(layer === undefined ? {} : { layer }),
  ...(seed === undefined ? {} : { seed }),
});

/** Adds the mask of an output to the row. x must be finite and without zeros. */
export function appendMask(row: Row, y: Tensor): void {
  // Only where something is no number are the elements looked at one by one, to say which.
  if (!appendNonZeros(row, y)) maskOf(y);
}

/** The masks of `calls` successive calls: an eighth of a byte each element. */
export async function drawMasks(subject: Subject, draw: Draw, calls: number): Promise<Masks> {
  const size = sizeOf(draw.x.shape);
  const row = rowFor(calls * size);
  await train(subject, draw, calls, (y) => appendMask(row, y));
  return { row, calls, size };
}
