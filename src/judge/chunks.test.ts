import { describe, expect, it } from 'vitest';
import type { Counts, Stream } from '../clause.ts';
import { type Chunk, chunksOf, countsOf, drawChunk, recordChunk } from './chunks.ts';
import { coin, half, subjectOf } from './testing.ts';

function firstChunks(number: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (const chunk of chunksOf('dropout/by-hand', 2)) {
    chunks.push(chunk);
    if (chunks.length === number) break;
  }
  return chunks;
}

describe('the chunks of an experiment', () => {
  const chunks = firstChunks(160);

  it('have an id each, and follow one another', () => {
    expect(chunks[0]).toEqual({ id: 'dropout/by-hand/2/0', experiment: 2, index: 0, start: 0, elements: 4096 });
    for (const [i, { id, index, start }] of chunks.entries()) {
      expect({ id, index }).toEqual({ id: `dropout/by-hand/2/${i}`, index: i });
      if (i > 0) expect(start).toBe(chunks[i - 1].start + chunks[i - 1].elements);
    }
  });

  it('double up to 2^20 elements, and then take a sixteenth of all before them', () => {
    expect(chunks.slice(0, 12).map(({ elements }) => Math.log2(elements))).toEqual([
      12, 13, 14, 15, 16, 17, 18, 19, 20, 20, 20, 20,
    ]);
    for (const { start, elements } of chunks) {
      if (start >= 2 ** 25) expect(elements / start).toBeLessThanOrEqual(1 / 16);
      if (start >= 2 ** 26) expect(elements / start).toBeGreaterThan(1 / 20);
    }
  });

  it('are few: 160 reach further than any profile draws', () => {
    expect(chunks[159].start).toBeGreaterThan(2e10);
  });
});

describe('a chunk', () => {
  const subject = subjectOf();
  const drawn = async (elements: number, seed: number, draw?: Counts) => {
    const streams: Stream[] = [];
    const rounds: number[] = [];
    const experiment = coin(half, {
      draw: async (_, size, stream) => {
        streams.push(stream);
        return draw ? [draw, draw] : [{ trials: size, successes: size / 2 }];
      },
    });
    const asked = { subject, seed, onRound: (size: number) => void rounds.push(size) };
    return { counts: await drawChunk(experiment, { id: 'dropout/by-hand/0/9', elements }, asked), streams, rounds };
  };

  it('is drawn in rounds of one stream, so that memory does not grow', async () => {
    const { counts, streams, rounds } = await drawn(2 ** 21 + 2 ** 12, 1);
    expect(rounds).toEqual([2 ** 20, 2 ** 20, 2 ** 12]);
    expect(counts).toEqual([{ trials: 2 ** 21 + 2 ** 12, successes: 2 ** 20 + 2 ** 11 }]);
    const [{ id, seed }] = streams;
    expect(id).toBe('dropout/by-hand/0/9');
    expect(streams).toEqual([0, 1, 2].map((round) => ({ id, seed, round })));
  });

  it('has a seed that follows from the seed of the run', async () => {
    const seeds = await Promise.all([1, 1, 2].map(async (seed) => (await drawn(4096, seed)).streams[0].seed));
    expect(seeds[0]).toBe(seeds[1]);
    expect(seeds[0]).not.toBe(seeds[2]);
  });

  it('must count every claim', async () => {
    await expect(drawn(4096, 1, { trials: 1, successes: 0 })).rejects.toThrow(
      'dropout/by-hand/0/9 counts 2 claims of 1: a coin',
    );
  });

  it('is recorded as plain numbers, and read again', () => {
    const counts = [
      { trials: 10, successes: 4 },
      { trials: 7, successes: 0.5 },
    ];
    const recorded = recordChunk('dropout/by-hand/0/0', counts);
    expect(recorded).toEqual({ id: 'dropout/by-hand/0/0', counts: [10, 4, 7, 0.5] });
    expect(countsOf(recorded)).toEqual(counts);
  });
});
