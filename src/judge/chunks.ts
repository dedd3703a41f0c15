/**
 * The draws of a statistical clause in chunks. Their list is declared before the run, by a rule alone, and what a chunk
 * draws depends on the run's seed and its id, so that any machine may draw any of them, in any order.
 */
import type { Experiment, Tally } from '../clause.ts';
import { addAll, nothing, sizeOfTally } from '../statistics/claim.ts';
import type { Subject } from '../subject.ts';
import { seedFor } from './seeds.ts';

export interface Chunk {
  /** Unique in the run: the clause's id, and the numbers of the experiment and of the chunk, both from 0. */
  readonly id: string;
  readonly experiment: number;
  readonly index: number;
  /** Mask elements that the experiment's earlier chunks draw. */
  readonly start: number;
  /** Mask elements that this one draws. */
  readonly elements: number;
}

/** A first chunk is small, so that a gross fault costs nothing. */
const firstChunk = 2 ** 12;

/** At most this many elements are drawn at once, so that memory does not grow with the draws. */
const largestRound = 2 ** 20;

/**
 * The chunks of an experiment, without end: whoever draws or reads them knows when to stop. Each doubles the one before
 * it up to 2^20 elements. From then on each has a 32nd of all before it, in whole 2^20: stopping at the end of a chunk
 * wastes little, a hundred shards have enough to share, and the number of chunks grows with the logarithm of the draws.
 */
export function* chunksOf(name: string, experiment: number): Generator<Chunk, never> {
  let start = 0;
  for (let index = 0; ; index++) {
    const share = Math.floor(start / 32 / largestRound) * largestRound;
    const elements = Math.min(firstChunk * 2 ** index, Math.max(largestRound, share));
    yield { id: `${name}/${experiment}/${index}`, experiment, index, start, elements };
    start += elements;
  }
}

/**
 * Draws a chunk, in a stream of its own.
 *
 * @param onRound awaited after each round with the elements drawn in it
 * @throws TypeError where the experiment does not count what it claims
 */
export async function drawChunk(
  experiment: Experiment,
  { id, elements }: Pick<Chunk, 'id' | 'elements'>,
  {
    subject,
    seed,
    onRound,
  }: {
    readonly subject: Subject;
    /** The run's. */
    readonly seed: number;
    readonly onRound: (elements: number) => void | Promise<void>;
  },
): Promise<readonly Tally[]> {
  const { name, claims } = experiment;
  const stream = { id, seed: seedFor(seed, id) };
  let total: readonly Tally[] | undefined;
  for (let round = 0, left = elements; left > 0; round++) {
    const size = Math.min(left, largestRound);
    const tallies = await experiment.draw(subject, size, { ...stream, round });
    if (tallies.length !== claims.length) {
      throw new TypeError(`${id} counts ${tallies.length} claims of ${claims.length}: ${name}`);
    }
    total = total === undefined ? tallies : addAll(total, tallies);
    left -= size;
    await onRound(size);
  }
  return total ?? claims.map(nothing);
}

/** A chunk's tallies as a report holds them: the numbers of each claim in turn. */
export interface RecordedChunk {
  readonly id: string;
  readonly counts: readonly number[];
}

export const recordChunk = (id: string, tallies: readonly Tally[]): RecordedChunk => ({ id, counts: tallies.flat() });

/** Whether a record has a number for each that the claims count. */
export const isRecordOf = ({ counts }: RecordedChunk, claims: Experiment['claims']): boolean =>
  counts.length === claims.reduce((sum, claim) => sum + sizeOfTally(claim), 0);

export function talliesOf({ counts }: RecordedChunk, claims: Experiment['claims']): readonly Tally[] {
  let start = 0;
  return claims.map((claim) => {
    const from = start;
    start += sizeOfTally(claim);
    return counts.slice(from, start);
  });
}
