/** Configurations in which masks are drawn, and what is observed in each. */
import { rowFor } from '../../src/bits.ts';
import type { Experiment, Stream } from '../../src/clause.ts';
import { show } from '../../src/show.ts';
import type { Capabilities, Subject } from '../../src/subject.ts';
import { sizeOf } from '../../src/tensor.ts';
import { dtypesOf } from './calls.ts';
import { appendMask, drawMasks, ordinaryInput, type Source, substream, train } from './masks.ts';
import { type Observation, range, together } from './observations.ts';

export interface Setting {
  readonly keepProb: number;
  readonly shape: readonly number[];
  /** A layer that is given no seed; all who can draw, unless set. */
  readonly unseeded?: boolean;
}

/** What is observed in a setting: of smaller ones, of course, less. */
export type Observe = (setting: Setting & { readonly size: number }) => readonly Observation[];

const settingName = ({ keepProb, shape, unseeded = false }: Setting): string =>
  `keep_prob ${show(keepProb)}, shape [${shape}]${unseeded ? ', a layer without a seed' : ''}`;

/** The observations of successive calls on one input. */
export function inCalls(can: Capabilities, setting: Setting, observe: Observe): Experiment {
  const { keepProb, shape, unseeded = false } = setting;
  const size = sizeOf(shape);
  const x = ordinaryInput(dtypesOf(can)[0], shape);
  const observation = together(observe({ ...setting, size }));
  return {
    name: settingName(setting),
    claims: observation.claims,
    draw: async (subject, elements, stream) => {
      const source = unseeded ? { layer: `${stream.id}/unseeded` } : { stream };
      const masks = await drawMasks(subject, { x, keepProb, ...source }, Math.ceil(elements / size));
      return observation.count(masks);
    },
    simpler: () => simplerShapes(shape).map((smaller) => inCalls(can, { ...setting, shape: smaller }, observe)),
  };
}

/** Few elements first, then lengths around those of vectors and blocks; of a batch, few examples of few units. */
const simplerLengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1024];
const simplerBatches = [2, 4, 8].flatMap((rows) => [1, 4, 24].map((units) => [rows, units]));

function simplerShapes(shape: readonly number[]): readonly (readonly number[])[] {
  const size = sizeOf(shape);
  const shapes = shape.length === 1 ? simplerLengths.map((length) => [length]) : simplerBatches;
  return shapes.filter((smaller) => sizeOf(smaller) < size);
}

/** Observations of inputs of several lengths in one experiment: each length is drawn by another of those who can, in turn. */
export function ofLengths(
  can: Capabilities,
  { keepProb, lengths }: { readonly keepProb: number; readonly lengths: readonly number[] },
  observe: Observe,
  /** What is observed of all lengths taken together: a sum of tallies over the lengths. */
  overall: Observation,
): Experiment {
  const settings = lengths.map((length) => ({ keepProb, shape: [length], size: length }));
  const observations = settings.map((setting) => together(observe(setting)));
  const inputs = lengths.map((length) => ordinaryInput(dtypesOf(can)[0], [length]));
  const oneOfEach = lengths.reduce((sum, length) => sum + length, 0);
  return {
    name: `keep_prob ${show(keepProb)}, each of ${lengths.length} lengths from ${lengths[0]} to ${lengths.at(-1)}`,
    claims: [
      ...overall.claims,
      ...observations.flatMap(({ claims }, i) =>
        claims.map((claim) => ({ ...claim, event: `${claim.event}, of ${lengths[i]}` })),
      ),
    ],
    draw: async (subject, elements, stream) => {
      const calls = Math.ceil(elements / oneOfEach);
      const all = overall.claims.map((): number[] => []);
      const each = [];
      for (const [i, x] of inputs.entries()) {
        const draw = { x, keepProb, stream: substream(stream, i), turn: i };
        const masks = await drawMasks(subject, draw, calls);
        overall.count(masks).forEach((tally, claim) => {
          all[claim] = tally.map((count, k) => count + (all[claim][k] ?? 0));
        });
        each.push(...observations[i].count(masks));
      }
      return [...all, ...each];
    },
    simpler: () =>
      simplerLengths
        .filter((length) => length <= (lengths.at(-1) ?? 0))
        .map((length) => inCalls(can, { keepProb, shape: [length] }, observe)),
  };
}

/**
 * Observations of blocks of calls, each block drawn from sources of its own, so many calls from each in turn. Masks of a
 * block lie one after the other.
 */
export function inBlocks(
  can: Capabilities,
  {
    name,
    calls,
    sourcesOfBlock,
    sources,
    ...setting
  }: Setting & {
    readonly name: string;
    /** How many calls of each source. */
    readonly calls: number;
    readonly sourcesOfBlock: number;
    readonly sources: (subject: Subject, stream: Stream, block: number) => readonly Source[];
  },
  /** Of masks, `calls` times the number of sources in a block. */
  observe: Observe,
): Experiment {
  const { keepProb, shape } = setting;
  const size = sizeOf(shape);
  const x = ordinaryInput(dtypesOf(can)[0], shape);
  const observation = together(observe({ ...setting, size }));
  return {
    name: `${name}, ${settingName(setting)}`,
    claims: observation.claims,
    draw: async (subject, elements, stream) => {
      const callsOfBlock = calls * sourcesOfBlock;
      const blocks = Math.ceil(elements / (callsOfBlock * size));
      const row = rowFor(blocks * callsOfBlock * size);
      for (const block of range(blocks)) {
        for (const source of sources(subject, stream, stream.round * 2 ** 16 + block)) {
          await train(subject, { x, keepProb, ...source }, calls, (y) => appendMask(row, y));
        }
      }
      return observation.count({ row, calls: blocks * callsOfBlock, size });
    },
    simpler: () =>
      simplerShapes(shape)
        .filter((smaller) => sizeOf(smaller) >= 8)
        .map((smaller) => inBlocks(can, { ...setting, name, calls, sourcesOfBlock, sources, shape: smaller }, observe)),
  };
}
