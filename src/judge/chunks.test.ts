import { describe, expect, it } from 'vitest';
import type { Claim, Stream, Tally } from '../clause.ts';
import { type Chunk, chunksOf, drawChunk, isRecordOf, recordChunk, talliesOf } from './chunks.ts';
import { coin, half, rateOf, subjectOf } from './testing.ts';

function firstChunks(number: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (const chunk of chunksOf('dropout/by-hand', 2)) {
    chunks.push(chunk);
    if (chunks.length === number) break;
  }
  return chunks;
}

describe('the chunks of an experiment', () => {
  const chunks = firstChunks(270);

  it('have an id each, and follow one another', () => {
    expect(chunks[0]).toEqual({ id: 'dropout/by-hand/2/0', experiment: 2, index: 0, start: 0, elements: 4096 });
    for (const [i, { id, index, start }] of chunks.entries()) {
      expect({ id, index }).toEqual({ id: `dropout/by-hand/2/${i}`, index: i });
      if (i > 0) expect(start).toBe(chunks[i - 1].start + chunks[i - 1].elements);
    }
  });

  it('double up to 2^20 elements, and then take a 32nd of all before them, in whole 2^20', () => {
    expect(chunks.slice(0, 12).map(({ elements }) => Math.log2(elements))).toEqual([
      12, 13, 14, 15, 16, 17, 18, 19, 20, 20, 20, 20,
    ]);
    for (const { start, elements } of chunks) {
      if (start < 2 ** 20) continue;
      expect(elements % 2 ** 20).toBe(0);
      // A 32nd of 2^26 is two whole 2^20: from there on what is left out of the share is less than a third of it.
      if (start < 2 ** 26) expect(elements).toBe(2 ** 20);
      else {
        expect(elements / start).toBeLessThanOrEqual(1 / 32);
        expect(elements / start).toBeGreaterThan(1 / 48);
      }
    }
  });

  it('are few: 270 reach further than any profile draws', () => {
    expect(chunks[270 - 1].start).toBeGreaterThan(2e10);
  });
});

describe('a chunk', () => {
  const subject = subjectOf();
  const drawn = async (elements: number, seed: number, draw?: Tally) => {
    const streams: Stream[] = [];
    const rounds: number[] = [];
    const experiment = coin(half, {
      draw: async (_, size, stream) => {
        streams.push(stream);
        return draw ? [draw, draw] : [[size, size / 2]];
      },
    });
    const asked = { subject, seed, onRound: (size: number) => void rounds.push(size) };
    return { tallies: await drawChunk(experiment, { id: 'dropout/by-hand/0/9', elements }, asked), streams, rounds };
  };

  it('is drawn in rounds of one stream, so that memory does not grow', async () => {
    const { tallies, streams, rounds } = await drawn(2 ** 21 + 2 ** 12, 1);
    expect(rounds).toEqual([2 ** 20, 2 ** 20, 2 ** 12]);
    expect(tallies).toEqual([[2 ** 21 + 2 ** 12, 2 ** 20 + 2 ** 11]]);
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
    await expect(drawn(4096, 1, [1, 0])).rejects.toThrow('dropout/by-hand/0/9 counts 2 claims of 1: a coin');
  });

  it('is recorded as plain numbers, and read again by what each claim counts', () => {
    const claims: readonly Claim[] = [
      rateOf('heads', 0.5, 0.01),
      { law: 'pairs', event: 'the one before it', rate: 0.5 },
      {
        law: 'histogram',
        event: 'two in a row',
        rate: 0.5,
        length: 2,
        cells: [
          { name: 'alike', kept: 1, ways: 2 },
          { name: 'none', kept: 0, ways: 1 },
          { name: 'both', kept: 2, ways: 1 },
        ],
      },
      rateOf('a mean', 0.1),
    ];
    const tallies = [
      [10, 4],
      [9, 4, 3, 2],
      [2, 3, 1],
      [7, 0.5],
    ];
    const recorded = recordChunk('dropout/by-hand/0/0', tallies);
    expect(recorded).toEqual({ id: 'dropout/by-hand/0/0', counts: [10, 4, 9, 4, 3, 2, 2, 3, 1, 7, 0.5] });
    expect(talliesOf(recorded, claims)).toEqual(tallies);
    expect(isRecordOf(recorded, claims)).toBe(true);
    // A number less, or the numbers of one claim more, are of other claims.
    expect(isRecordOf({ ...recorded, counts: recorded.counts.slice(1) }, claims)).toBe(false);
    expect(isRecordOf(recorded, claims.slice(1))).toBe(false);
    expect(isRecordOf(recorded, [...claims, rateOf('more', 0.5)])).toBe(false);
  });
});
