/** No element's fate tells another's: within a call, between calls, examples, layers and seeds. */
import fc from 'fast-check';
import { clause, type Experiment, forAll, type Resolution, type Stream, statistical } from '../../src/clause.ts';
import type { Capabilities, DropoutCall, Subject } from '../../src/subject.ts';
import { keepProb, long, shape, tensorOf } from '../arbitraries.ts';
import { dtypesOf, freshLayer } from './calls.ts';
import { inBlocks, inCalls, type Observe } from './experiments.ts';
import { hasUnseededLayers, type Source } from './masks.ts';
import {
  columnsOf,
  independenceAt,
  independenceByPosition,
  noRepeats,
  type Offset,
  range,
  wordsOf,
} from './observations.ts';

/** One rate where kept and dropped are alike, and one where they are not. */
const keepProbs = [0.5, 0.8];

/** Successive calls at both rates, each element held against those before it. */
const atBothRates = (can: Capabilities, shape: readonly number[], observe: Observe, { unseeded = false } = {}) =>
  unseeded && !hasUnseededLayers(can)
    ? []
    : keepProbs.map((keepProb) => inCalls(can, { keepProb, shape, unseeded }, observe));

const elementsBefore = (elements: number, words = `the element ${elements} before it`): Offset => ({
  calls: 0,
  elements,
  words,
});

/**
 * Lags at which shared bits, short periods and vector lanes show: 1 … 16, then powers of two and their neighbours. The
 * others up to 64 are watched, as are those that leave few pairs.
 */
function lags(length: number): readonly Offset[] {
  const powers = [32, 64, 128, 256, 512, 1024, 2048].flatMap((power) => [power - 1, power, power + 1]);
  const chosen = new Set([...range(16).map((i) => i + 1), ...powers]);
  return [...new Set([...range(64).map((i) => i + 1), ...powers])]
    .filter((lag) => lag < length)
    .map((lag) => ({ ...elementsBefore(lag), watched: !chosen.has(lag) || lag > length / 2 }));
}

/** Sizes of the blocks among which a kernel divides a long input. */
const blocks = [4096, 8192, 16384, 32768, 65536];

const batch = [32, 96];

/** Examples, channels, rows and columns, as images have them. */
const images = [4, 8, 5, 7];

/** How far apart two elements are that differ by one in one axis; and by two, three and four in it. */
function alongAxes(shape: readonly number[]): readonly Offset[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, length) => size * length, 1));
  return strides.flatMap((stride, axis) =>
    range(Math.min(4, shape[axis] - 1)).map((i) =>
      elementsBefore((i + 1) * stride, `the element ${i + 1} before it along axis ${axis}`),
    ),
  );
}

export const elementsAreIndependent = clause({
  id: 'dropout/elements-are-independent',
  level: 'MUST',
  statement: 'Whether an element is kept MUST NOT depend on other elements of the same call.',
  needs: ['dropout'],
  evidence: statistical(3, (can, { correlation }) => {
    const along: Observe = ({ keepProb, size }) => [
      independenceAt(keepProb, lags(size), correlation),
      wordsOf(keepProb),
    ];
    return [
      ...atBothRates(can, [4096], along),
      ...atBothRates(can, batch, ({ keepProb, shape }) => [
        independenceAt(keepProb, lags(shape[1]), correlation),
        wordsOf(keepProb),
      ]),
      ...atBothRates(can, images, ({ keepProb, shape }) => [independenceAt(keepProb, alongAxes(shape), correlation)]),
      ...atBothRates(can, [512], along, { unseeded: true }),
      // Blocks of a kernel that each begin the same stream anew.
      inCalls(can, { keepProb: 0.5, shape: [long] }, ({ keepProb, size }) => [
        independenceAt(
          keepProb,
          blocks.filter((block) => 2 * block <= size).map((block) => elementsBefore(block)),
          correlation,
        ),
      ]),
    ];
  }),
});

export const examplesAreIndependent = clause({
  id: 'dropout/examples-are-independent',
  level: 'MUST',
  statement: 'Each example of a batch MUST have a mask of its own.',
  needs: ['dropout'],
  evidence: statistical(1, (can, { correlation }) =>
    atBothRates(can, batch, ({ keepProb, shape: [examples, units] }) => {
      const apart = (rows: number): Offset => ({
        ...elementsBefore(rows * units, `the same unit of ${rows === 1 ? 'the example' : `${rows} examples`} before`),
        watched: ![1, 2, 3, 4, 8, 16].includes(rows),
      });
      const offsets = range(examples - 1).map((i) => apart(i + 1));
      return [independenceAt(keepProb, offsets, correlation), columnsOf(keepProb, 'examples', units)];
    }),
  ),
});

const callsBefore = (calls: number, shift = 0): Offset => {
  const place = shift === 0 ? 'at its place' : `${Math.abs(shift)} ${shift > 0 ? 'before' : 'after'} its place`;
  return {
    calls,
    elements: shift,
    words: `the element ${place} ${calls === 1 ? 'one call' : `${calls} calls`} before`,
  };
};

const toBothSides = (shifts: readonly number[]): readonly number[] => shifts.flatMap((shift) => [shift, -shift]);

/**
 * The next call, at other places: a generator that was not advanced by all that a call has used shows there. In short
 * calls at any place, in longer ones at distances that blocks have; at one rate each, and watched.
 */
function shiftedCalls(keepProb: number, size: number): readonly Offset[] {
  const shifts = size <= 64 ? range(size - 1).map((i) => i + 1) : [8, 16, 32, 64, 128, 256, 512, ...halves(size)];
  return keepProb === (size <= 64 ? 0.5 : 0.8)
    ? toBothSides(shifts.filter((shift) => shift < size)).map((shift) => ({ ...callsBefore(1, shift), watched: true }))
    : [];
}

/** Of any layer's calls the next one, and those at distances that short periods have. */
const earlierCalls = [
  ...[0, ...toBothSides([1, 2, 4])].map((shift) => callsBefore(1, shift)),
  ...[2, 3, 4, 8, 16].map((calls) => callsBefore(calls)),
];
const muchEarlierCalls = [32, 64, 128].map((calls): Offset => ({ ...callsBefore(calls), watched: true }));

/** The middle of an odd number of elements, rounded either way; of an even one, just that. */
const halves = (size: number): readonly number[] => [...new Set([Math.floor(size / 2), Math.ceil(size / 2)])];

/** Calls of one layer, taken together as a block: the next call, and the one after it. */
const withinBlock = (size: number, calls: number): readonly Offset[] =>
  range(calls - 1).map((i) => ({
    ...elementsBefore((i + 1) * size, `the element at its place ${i === 0 ? 'one call' : `${i + 1} calls`} before`),
  }));

export const callsAreIndependent = clause({
  id: 'dropout/calls-are-independent',
  level: 'MUST',
  statement: 'Each call in training MUST draw a new mask.',
  needs: ['dropout'],
  evidence: statistical(2, (can, { correlation }) => [
    ...atBothRates(can, [1021], ({ keepProb, size }) => [
      independenceAt(keepProb, [...earlierCalls, ...shiftedCalls(keepProb, size), ...muchEarlierCalls], correlation),
      ...(size >= 512 ? [noRepeats(correlation)] : []),
    ]),
    // A power of two as well: generators of short periods come round with it.
    ...atBothRates(can, [512], ({ keepProb, size }) => [
      independenceAt(keepProb, [callsBefore(1), ...muchEarlierCalls], correlation),
      ...(size >= 512 ? [noRepeats(correlation)] : []),
    ]),
    ...atBothRates(can, [64], ({ keepProb, size }) => [
      independenceAt(keepProb, [callsBefore(1), ...shiftedCalls(keepProb, size)], correlation),
      independenceByPosition(keepProb, size),
      columnsOf(keepProb, 'calls', size),
    ]),
    ...longCalls(can, correlation),
    ...(can.dropout?.layer ? keepProbs.map((keepProb) => firstCalls(can, keepProb, correlation)) : []),
  ]),
});

/**
 * Successive long calls of a layer, and of the function: whoever counts what a call has used by its blocks may count too
 * few of them, and only where there are many. A function that is given its seed with each request has no next call.
 */
function longCalls(can: Capabilities, correlation: number): readonly Experiment[] {
  const { layer = false, seed: seeding, repeat = false } = can.dropout ?? {};
  const isSeeded = seeding === 'advances' && repeat;
  const sources = (subject: Subject, { seed }: Stream, block: number): readonly Source[] => [
    ...(layer ? [newLayer(subject, 'long-calls', farSeed(seed, block))] : []),
    ...(isSeeded ? [] : [{}]),
  ];
  const sourcesOfBlock = Number(layer) + Number(!isSeeded);
  if (sourcesOfBlock === 0) return [];
  return [
    inBlocks(
      can,
      { name: 'successive calls', keepProb: 0.5, shape: [long], calls: 2, sourcesOfBlock, sources },
      ({ keepProb, size }) => {
        const shifts = [...blocks, ...halves(size)].filter((shift) => shift < size);
        const apart = toBothSides(shifts).map((shift) => ({ ...callsBefore(1, shift), watched: true }));
        return [independenceAt(keepProb, [callsBefore(1), ...apart], correlation)];
      },
    ),
  ];
}

/** A new layer, seeded where that can be. Seeds are to be far apart: whether neighbouring ones differ is another clause's question. */
const newLayer = (subject: Subject, purpose: string, seed: number): Source => ({
  ...freshLayer(subject, purpose),
  ...(subject.capabilities.dropout?.seed === 'advances' ? { seed } : {}),
});

/** The first calls of many new layers. */
function firstCalls(can: Capabilities, keepProb: number, correlation: number) {
  const calls = 3;
  const sources = (subject: Subject, { seed }: Stream, block: number): readonly Source[] => [
    newLayer(subject, 'first-calls', farSeed(seed, block)),
  ];
  return inBlocks(
    can,
    { name: 'the first calls of new layers', keepProb, shape: [512], calls, sourcesOfBlock: 1, sources },
    ({ size }) => [independenceAt(keepProb, withinBlock(size, calls), correlation, calls)],
  );
}

/** A mask held against that of another source which was drawn just before: at its place and beside it, and across calls. */
const ofTheOther = (size: number, calls: number): readonly Offset[] => [
  ...[0, 1, -1].map((shift) => {
    const place = shift === 0 ? 'at its place' : shift > 0 ? 'before its place' : 'after its place';
    return elementsBefore(calls * size + shift, `the element ${place} of the other`);
  }),
  ...range(calls - 1).flatMap((i) => [
    elementsBefore((calls - i - 1) * size, `the element at its place of the other, ${i + 1} calls later`),
    elementsBefore((calls + i + 1) * size, `the element at its place of the other, ${i + 1} calls earlier`),
  ]),
];

/** Pairs of sources that must have nothing in common: each draws some calls, the one after the other. */
function betweenTwo(
  can: Capabilities,
  { name, keepProb, calls }: { readonly name: string; readonly keepProb: number; readonly calls: number },
  { correlation }: Resolution,
  sources: Parameters<typeof inBlocks>[1]['sources'],
) {
  return inBlocks(can, { name, keepProb, shape: [1021], calls, sourcesOfBlock: 2, sources }, ({ size }) => [
    independenceAt(keepProb, ofTheOther(size, calls), correlation, 2 * calls),
    ...(size >= 512 ? [noRepeats()] : []),
  ]);
}

export const layersAreIndependent = clause({
  id: 'dropout/layers-are-independent',
  level: 'MUST',
  statement: 'Two layers that were not given a seed MUST draw masks that have nothing in common.',
  needs: ['dropout.layer'],
  evidence: statistical(1, (can, resolution) =>
    keepProbs.flatMap((keepProb) => [
      betweenTwo(can, { name: 'two layers in turn', keepProb, calls: 2 }, resolution, (_, { id }) => [
        { layer: `${id}/one` },
        { layer: `${id}/other` },
      ]),
      betweenTwo(can, { name: 'two new layers', keepProb, calls: 2 }, resolution, (subject) =>
        range(2).map(() => freshLayer(subject, 'layers-are-independent')),
      ),
    ]),
  ),
});

/** A seed of the block's own, far from those of the others. */
const farSeed = (seed: number, block: number): number => (seed + Math.imul(0x9e3779b1, block + 1)) & 0x7fffffff;

/** Seeds of which something may be lost: they differ in one bit, each bit in turn, and then in the order of their halves. */
function alikeSeeds(seed: number, block: number): readonly [number, number] {
  const one = farSeed(seed, block);
  const bit = block % 32;
  if (bit < 31) return [one, one ^ (2 ** bit)];
  const [high, half] = [(one >>> 16) & 0x7fff, one & 0x7fff];
  // Halves that are the same would make one seed of the two.
  const low = half === high ? half ^ 1 : half;
  return [high * 2 ** 16 + low, low * 2 ** 16 + high];
}

export const differentSeedsDifferentMasks = clause({
  id: 'dropout/different-seeds-different-masks',
  level: 'MUST',
  statement: 'Different seeds MUST give masks that have nothing in common.',
  needs: ['dropout.seed'],
  evidence: statistical(1, (can, resolution) => {
    const { layer = false, seed: seeding } = can.dropout ?? {};
    // The function is another program than a layer: it is asked at one of the rates, and layers, if any, at the other.
    return keepProbs.flatMap((keepProb) => {
      const ofLayers = layer && keepProb === 0.5;
      const words = ofLayers ? ' of layers' : '';
      // The function says nothing new by a second call with its seed, nor does a layer that repeats its mask.
      const calls = ofLayers && seeding === 'advances' ? 2 : 1;
      const seeded = (subject: Subject, seed: number): Source => ({
        ...(ofLayers ? freshLayer(subject, 'different-seeds') : {}),
        seed,
      });
      return [
        // As people choose them; every third, so that each seed is drawn once, and pairs begin with odd ones and even ones.
        betweenTwo(
          can,
          { name: `neighbouring seeds${words}`, keepProb, calls },
          resolution,
          (subject, { seed }, block) => [0, 1].map((which) => seeded(subject, (seed + 3 * block + which) % 2 ** 31)),
        ),
        betweenTwo(can, { name: `alike seeds${words}`, keepProb, calls }, resolution, (subject, { seed }, block) =>
          alikeSeeds(seed, block).map((each) => seeded(subject, each)),
        ),
      ];
    });
  }),
});

export const sameSeedSameMasks = clause({
  id: 'dropout/same-seed-same-masks',
  level: 'MUST',
  statement: 'The same seed MUST give the same masks again, advancing or repeating from call to call as declared.',
  needs: ['dropout.seed'],
  evidence: forAll(
    (can) =>
      fc.record({
        // A long one as well: what a seed reproduces must not end with the first block of a generator.
        x: tensorOf(dtypesOf(can), {
          nonZero: true,
          shapes: fc.oneof(
            { withCrossShrink: true },
            { weight: 3, arbitrary: shape() },
            { weight: 1, arbitrary: fc.constant([70_001]) },
          ),
        }),
        keepProb: keepProb(),
        seed: fc.oneof({ withCrossShrink: true }, fc.constantFrom(0, 1, 42, 2 ** 31 - 1), fc.nat()),
      }),
    async (subject, { x, keepProb, seed }, must) => {
      const { layer, seed: seeding } = subject.capabilities.dropout ?? {};
      const draw = (source: Partial<DropoutCall>) => subject.dropout({ x, keepProb, training: true, ...source });
      must.equalTensor('with the same seed, y', (await draw({ seed })).y, (await draw({ seed })).y);
      if (!layer) return;
      const [one, again] = range(2).map(() => ({ ...freshLayer(subject, 'same-seed'), seed }));
      const first = await draw(one);
      must.equalTensor('in a layer with the same seed, y', (await draw(again)).y, first.y);
      const second = await draw(one);
      must.equalTensor('in the second call with the same seed, y', (await draw(again)).y, second.y);
      if (seeding === 'repeats') must.equalTensor('in the second call, y', second.y, first.y);
    },
  ),
});
