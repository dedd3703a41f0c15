/**
 * The draws of a statistical clause in chunks. Their list is declared before the run, by a rule alone, and what a chunk
 * draws depends on the run's seed and its id, so that any machine may draw any of them, in any order.
 */
import type { Counts, Experiment } from '../clause.ts';
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
 * it up to 2^20 elements. From then on each has a sixteenth of all before it, in whole 2^20: stopping at the end of a
 * chunk wastes little, and the number of chunks grows with the logarithm of the draws only.
 */
export function* chunksOf(name: string, experiment: number): Generator<Chunk, never> {
  let start = 0;
  for (let index = 0; ; index++) {
    const share = Math.floor(start / 16 / largestRound) * largestRound;
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
): Promise<readonly Counts[]> {
  const { name, claims } = experiment;
  const stream = { id, seed: seedFor(seed, id) };
  let total: readonly Counts[] = claims.map(() => ({ trials: 0, successes: 0 }));
  for (let round = 0, left = elements; left > 0; round++) {
    const size = Math.min(left, largestRound);
    const counts = await experiment.draw(subject, size, { ...stream, round });
    if (counts.length !== claims.length) {
      throw new TypeError(`${id} counts ${counts.length} claims of ${claims.length}: ${name}`);
    }
    total = total.map((sum, i) => ({
      trials: sum.trials + counts[i].trials,
      successes: sum.successes + counts[i].successes,
    }));
    left -= size;
    await onRound(size);
  }
  return total;
}

/** A chunk's counts as a report holds them: trials and successes of each claim in turn. */
export interface RecordedChunk {
  readonly id: string;
  readonly counts: readonly number[];
}

export const recordChunk = (id: string, counts: readonly Counts[]): RecordedChunk => ({
  id,
  counts: counts.flatMap(({ trials, successes }) => [trials, successes]),
});

export const countsOf = ({ counts }: RecordedChunk): readonly Counts[] =>
  Array.from({ length: counts.length / 2 }, (_, i) => ({ trials: counts[2 * i], successes: counts[2 * i + 1] }));
