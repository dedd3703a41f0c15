/** No element's fate tells another's: within a call, between calls, examples, layers and seeds. */

import fc from 'fast-check';
import { type Row, rowFor } from '../../src/bits.ts';
import { clause, type Experiment, forAll, type Stream, statistical } from '../../src/clause.ts';
import type { DropoutCall, Subject } from '../../src/subject.ts';
import { sizeOf } from '../../src/tensor.ts';
import { keepProb, tensorOf } from '../arbitraries.ts';
import { dtypesOf, freshLayer } from './calls.ts';
import {
  appendMask,
  countPairs,
  countRepeats,
  drawMasks,
  hasUnseededLayers,
  independenceClaims,
  lags,
  type Offset,
  ordinaryInput,
  repeatClaim,
  train,
} from './masks.ts';

/** One rate where kept and dropped are alike, and one where they are not. */
const keepProbs = [0.5, 0.8];

interface Setting {
  readonly shape: readonly number[];
  readonly offsets: readonly Offset[];
  /** Whether a layer without a seed is asked, where that is another thing. */
  readonly unseeded?: boolean;
}

/** Masks of successive calls, each element held against those at the offsets before it. */
const againstTheirPast = (weight: number, settings: readonly Setting[], { repeats = false } = {}) =>
  statistical(weight, (can, resolution) =>
    settings
      .filter(({ unseeded }) => !unseeded || hasUnseededLayers(can))
      .flatMap(({ shape, offsets, unseeded = false }) =>
        keepProbs.map((keepProb): Experiment => {
          const x = ordinaryInput(dtypesOf(can)[0], shape);
          const reach = 1 + Math.max(...offsets.map(({ calls }) => calls));
          return {
            name: `keep_prob ${keepProb}, shape [${shape}]${unseeded ? ', a layer without a seed' : ''}`,
            claims: [...independenceClaims(keepProb, offsets, resolution), ...(repeats ? [repeatClaim] : [])],
            draw: async (subject, elements, stream) => {
              const calls = Math.max(reach, Math.ceil(elements / sizeOf(shape)));
              const source = unseeded ? { layer: `${stream.id}/unseeded` } : { stream };
              const drawn = await drawMasks(subject, { x, keepProb, ...source }, calls);
              const pairs = countPairs({ contexts: drawn.row, elements: drawn.row, size: drawn.size }, offsets);
              return repeats ? [...pairs, countRepeats(drawn)] : pairs;
            },
          };
        }),
      ),
  );

const rowLength = 96;
const batch = [32, rowLength];

export const elementsAreIndependent = clause({
  id: 'dropout/elements-are-independent',
  level: 'MUST',
  statement: 'Whether an element is kept MUST NOT depend on other elements of the same call.',
  needs: ['dropout'],
  evidence: againstTheirPast(3, [
    { shape: [4096], offsets: lags(4096) },
    { shape: batch, offsets: lags(rowLength) },
    { shape: [512], offsets: lags(512), unseeded: true },
  ]),
});

export const examplesAreIndependent = clause({
  id: 'dropout/examples-are-independent',
  level: 'MUST',
  statement: 'Each example of a batch MUST have a mask of its own.',
  needs: ['dropout'],
  evidence: againstTheirPast(1, [
    {
      shape: batch,
      offsets: [1, 2, 3, 4, 8, 16].map((rows) => ({
        calls: 0,
        elements: rows * rowLength,
        words: `of the same unit, ${rows === 1 ? 'one example' : `${rows} examples`} before`,
      })),
    },
  ]),
});

const shifts = [0, 1, -1, 2, -2, 4, -4].map(
  (shift): Offset => ({
    calls: 1,
    elements: shift,
    words:
      shift === 0
        ? 'at its place one call before'
        : `${Math.abs(shift)} ${shift > 0 ? 'before' : 'after'} its place one call before`,
  }),
);
const earlier = [2, 3, 4, 8, 16].map(
  (calls): Offset => ({ calls, elements: 0, words: `at its place ${calls} calls before` }),
);

export const callsAreIndependent = clause({
  id: 'dropout/calls-are-independent',
  level: 'MUST',
  statement: 'Each call in training MUST draw a new mask.',
  needs: ['dropout'],
  evidence: againstTheirPast(2, [{ shape: [1021], offsets: [...shifts, ...earlier] }], { repeats: true }),
});

/** Pairs of masks from two sources that must have nothing in common. */
const betweenTwo = (
  weight: number,
  sources: (subject: Subject, stream: Stream, pair: number) => readonly [Partial<DropoutCall>, Partial<DropoutCall>],
) =>
  statistical(weight, (can, resolution) =>
    keepProbs.map((keepProb): Experiment => {
      const size = 4093;
      const x = ordinaryInput(dtypesOf(can)[0], [size]);
      const offsets = [0, 1, -1].map(
        (shift): Offset => ({
          calls: 0,
          elements: shift,
          words: `at ${shift === 0 ? 'the same place' : shift > 0 ? 'the place before' : 'the place after'} of the other`,
        }),
      );
      return {
        name: `keep_prob ${keepProb}, ${size} elements`,
        claims: independenceClaims(keepProb, offsets, resolution),
        draw: async (subject, elements, stream) => {
          const pairs = Math.ceil(elements / (2 * size));
          const [contexts, others] = [rowFor(pairs * size), rowFor(pairs * size)];
          const drawInto = (row: Row, source: Partial<DropoutCall>) =>
            train(subject, { x, keepProb, ...source }, 1, (y) => appendMask(row, y));
          for (let pair = 0; pair < pairs; pair++) {
            const [one, other] = sources(subject, stream, stream.round * 2 ** 20 + pair);
            await drawInto(contexts, one);
            await drawInto(others, other);
          }
          return countPairs({ contexts, elements: others, size }, offsets);
        },
      };
    }),
  );

export const layersAreIndependent = clause({
  id: 'dropout/layers-are-independent',
  level: 'MUST',
  statement: 'Two layers that were not given a seed MUST draw masks that have nothing in common.',
  needs: ['dropout.layer'],
  evidence: betweenTwo(1, (_, { id }) => [{ layer: `${id}/one` }, { layer: `${id}/other` }]),
});

export const differentSeedsDifferentMasks = clause({
  id: 'dropout/different-seeds-different-masks',
  level: 'MUST',
  statement: 'Different seeds MUST give masks that have nothing in common.',
  needs: ['dropout.seed'],
  evidence: betweenTwo(1, (subject, { seed }, pair) => {
    // Neighbouring seeds, as people choose them.
    const [one, other] = [0, 1].map((which) => (seed + 2 * pair + which) % 2 ** 31);
    return [seeded(subject, one), seeded(subject, other)];
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
        x: tensorOf(dtypesOf(can), { nonZero: true }),
        keepProb: keepProb(),
        seed: fc.oneof({ withCrossShrink: true }, fc.constantFrom(0, 1, 42, 2 ** 31 - 1), fc.nat()),
      }),
    async (subject, { x, keepProb, seed }, must) => {
      const { layer, seed: seeding } = subject.capabilities.dropout ?? {};
      const [one, again] = [seeded(subject, seed), seeded(subject, seed)];
      const draw = (source: Partial<DropoutCall>) => subject.dropout({ x, keepProb, training: true, ...source });
      const first = await draw(one);
      must.equalTensor('with the same seed, y', (await draw(again)).y, first.y);
      if (!layer) return;
      const second = await draw(one);
      must.equalTensor('in the second call with the same seed, y', (await draw(again)).y, second.y);
      if (seeding === 'repeats') must.equalTensor('in the second call, y', second.y, first.y);
    },
  ),
});

/** A source of masks that starts from `seed`: a new layer where there are layers, else the stateless function. */
const seeded = (subject: Subject, seed: number): Partial<DropoutCall> => ({ ...freshLayer(subject, 'seeded'), seed });
