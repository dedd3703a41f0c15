/** How the statistical clauses draw masks, and the claims in which they count. */
import { appendNonZeros, clear, countRepeated, pairTables, type Row, rowFor } from '../../src/bits.ts';
import type { Claim, Counts, Resolution, Stream } from '../../src/clause.ts';
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

/** What is asked for draws: an input, and who draws; a stream stands for all who can. */
export type Draw = Pick<DropoutCall, 'x' | 'keepProb'> &
  ({ readonly stream: Stream } | Pick<DropoutCall, 'layer' | 'seed'>);

/** One who draws: in a dtype, from a source that may differ from request to request. */
interface Way {
  readonly dtype: Dtype;
  readonly source: (request: number) => Pick<DropoutCall, 'layer' | 'seed'>;
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
  const ways = 'stream' in draw ? waysOf(subject, draw.stream) : [{ dtype: x.dtype, source: () => sourceOf(draw) }];
  const first = 'stream' in draw ? draw.stream.round % ways.length : 0;
  let request = 0;
  for (let turn = 0; turn < ways.length; turn++) {
    const { dtype, source } = ways[(first + turn) % ways.length];
    const input = dtype === x.dtype ? x : tensor(dtype, x.shape, valuesOf(x));
    const share = Math.floor(calls / ways.length) + (turn < calls % ways.length ? 1 : 0);
    for (let left = share; left > 0; left -= most) {
      const repeat = Math.min(left, most);
      const call = { x: input, keepProb, training: true, ...source(request) };
      const { y } = await subject.dropout({ ...call, ...(most > 1 ? { repeat } : {}) });
      read(y, repeat);
      request += 1;
    }
  }
}

const sourceOf = ({ layer, seed }: Pick<DropoutCall, 'layer' | 'seed'>): Pick<DropoutCall, 'layer' | 'seed'> => ({
  ...(layer === undefined ? {} : { layer }),
  ...(seed === undefined ? {} : { seed }),
});

/** Adds the mask of an output to the row. x must be finite and without zeros. */
export function appendMask(row: Row, y: Tensor): void {
  // Only where something is no number are the elements looked at one by one, to say which.
  if (!appendNonZeros(row, y)) maskOf(y);
}

/** The masks of `calls` successive calls, several at a time: what is read is forgotten, whatever their number. */
export async function readMasks(
  subject: Subject,
  draw: Draw,
  calls: number,
  read: (masks: Masks) => void,
): Promise<void> {
  const size = sizeOf(draw.x.shape);
  let room = 0;
  let row = rowFor(room);
  await train(subject, draw, calls, (y, repeat) => {
    if (y.data.length > room) {
      room = y.data.length;
      row = rowFor(room);
    } else clear(row);
    appendMask(row, y);
    read({ row, calls: repeat, size });
  });
}

/** The masks of `calls` successive calls, all of them, where a mask is held against earlier ones: an eighth of a byte each element. */
export async function drawMasks(subject: Subject, draw: Draw, calls: number): Promise<Masks> {
  const size = sizeOf(draw.x.shape);
  const row = rowFor(calls * size);
  await train(subject, draw, calls, (y) => appendMask(row, y));
  return { row, calls, size };
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

/** The counts of `independenceClaims`, of contexts and elements as `pairTables` takes them. */
export const countPairs = (
  rows: { readonly contexts: Row; readonly elements: Row; readonly size: number },
  offsets: readonly Offset[],
): readonly Counts[] =>
  pairTables(rows, offsets).flatMap(({ pairs, contexts, elements, both }) => [
    { trials: contexts, successes: both },
    { trials: pairs - contexts, successes: elements - both },
  ]);

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
export const countRepeats = ({ row, calls, size }: Masks): Counts => ({
  trials: calls,
  successes: countRepeated(row, size),
});
