/** How often elements are kept: overall, at each position, whatever the values. */
import { countPositions, rowFor } from '../../src/bits.ts';
import { clause, statistical } from '../../src/clause.ts';
import type { Dtype } from '../../src/tensor.ts';
import { fill, long } from '../arbitraries.ts';
import { dtypesOf } from './calls.ts';
import { inCalls, ofLengths } from './experiments.ts';
import { appendMask, hasUnseededLayers } from './masks.ts';
import { epsilonOf, keepRateByBlock, keepRateByPosition, keepRateOf, range } from './observations.ts';

export const keepRate = clause({
  id: 'dropout/keep-rate',
  level: 'MUST',
  statement: 'In training, each element MUST be kept with probability keep_prob.',
  needs: ['dropout'],
  evidence: statistical(5, (can, resolution) => {
    const kept = (times?: number) => (setting: { readonly keepProb: number }) => [
      keepRateOf(setting.keepProb, epsilonOf(setting.keepProb, resolution, times)),
    ];
    return [
      ...resolution.keepProbs.map((keepProb) => inCalls(can, { keepProb, shape: [4096] }, kept())),
      // Short inputs: so many calls of one layer that a rate which changes from call to call shows.
      inCalls(can, { keepProb: 0.8, shape: [64] }, kept(4)),
      ...(hasUnseededLayers(can) ? [inCalls(can, { keepProb: 0.8, shape: [4096], unseeded: true }, kept(4))] : []),
    ];
  }),
});

/**
 * Lengths of which each position is certified: single elements, around the widths of vectors, and a long prime, half as
 * finely.
 */
const certifiedLengths = [
  { length: 1, keepProb: 0.8 },
  { length: 2, keepProb: 0.5 },
  { length: 3, keepProb: 0.8 },
  { length: 5, keepProb: 0.5 },
  { length: 8, keepProb: 0.8 },
  { length: 17, keepProb: 0.5 },
  { length: 33, keepProb: 0.8 },
  { length: 64, keepProb: 0.5 },
  { length: 65, keepProb: 0.8 },
  { length: 4093, keepProb: 0.5, times: 2 },
];

/** Inputs whose rows have a tail of their own, and such as have channels. */
const watchedShapes = [
  [33, 97],
  [3, 5, 7, 11],
];

export const everyPositionHasTheKeepRate = clause({
  id: 'dropout/every-position-has-the-keep-rate',
  level: 'MUST',
  statement: 'At every position of x, the element MUST be kept with probability keep_prob.',
  needs: ['dropout'],
  evidence: statistical(2, (can, resolution) => {
    const overall = (keepProb: number) => keepRateOf(keepProb, epsilonOf(keepProb, resolution, 4));
    return [
      ...certifiedLengths.map(({ length, keepProb, times = 1 }) =>
        inCalls(can, { keepProb, shape: [length] }, ({ size }) => [
          keepRateByPosition(keepProb, size, Math.min(0.4, times * resolution.position)),
        ]),
      ),
      ...[0.25, 0.8].map((keepProb) =>
        ofLengths(
          can,
          { keepProb, lengths: range(70).map((i) => i + 1) },
          ({ size }) => [keepRateByPosition(keepProb, size)],
          overall(keepProb),
        ),
      ),
      ...watchedShapes.map((shape) =>
        inCalls(can, { keepProb: 0.5, shape }, ({ keepProb, size }) => [
          overall(keepProb),
          keepRateByPosition(keepProb, size),
        ]),
      ),
      inCalls(can, { keepProb: 0.5, shape: [long] }, ({ keepProb, size }) => [
        overall(keepProb),
        keepRateByBlock(keepProb, size, 1024),
      ]),
    ];
  }),
});

/** Values that a mask must not look at, by what is special about them. The last ones are near the ends of the format. */
function valueClasses(dtype: Dtype): readonly { readonly words: string; readonly value: number }[] {
  const huge = dtype === 'float16' ? 2 ** 12 : 2 ** 100;
  return [
    { words: 'small', value: 2 ** -9 },
    { words: 'one', value: 1 },
    { words: 'no simple fraction', value: 1.7 },
    { words: 'large', value: 200 },
    { words: 'huge', value: huge },
    { words: 'tiny', value: 1 / huge },
  ].flatMap(({ words, value }) => [
    { words, value },
    { words: `${words} and negative`, value: -value },
  ]);
}

export const maskIgnoresTheValues = clause({
  id: 'dropout/mask-ignores-the-values',
  level: 'MUST',
  statement: 'The probability of being kept MUST NOT depend on the value of the element.',
  needs: ['dropout'],
  evidence: statistical(1, (can, { rate }) => {
    const keepProb = 0.8;
    const { gradient, mask: tellsMask } = can.dropout ?? {};
    // What became of a zero is read from the gradient or from the mask: an output of zero tells nothing.
    const known = valueClasses(dtypesOf(can)[0]);
    const classes = gradient || tellsMask ? [...known, { words: 'zero', value: 0 }] : known;
    const each = 315;
    const shape = [classes.length * each];
    const x = fill(
      dtypesOf(can)[0],
      shape,
      classes.map(({ value }) => value),
    );
    const dy = fill(dtypesOf(can)[0], shape, [1]);
    return [
      {
        name: 'keep_prob 0.8, values of different sign and magnitude',
        claims: classes.map(({ words }) => ({
          law: 'rate',
          event: `kept, where x is ${words}`,
          rate: keepProb,
          epsilon: 4 * rate,
        })),
        draw: async (subject, elements) => {
          const size = x.data.length;
          const calls = Math.ceil(elements / size);
          const outputs = rowFor(calls * size);
          const others = rowFor(calls * size);
          for (let call = 0; call < calls; call++) {
            const { y, dx, mask } = await subject.dropout({ x, keepProb, training: true, ...(gradient ? { dy } : {}) });
            appendMask(outputs, y);
            const other = dx ?? mask;
            if (other) appendMask(others, other);
          }
          const kept = new Float64Array(classes.length);
          const byOutput = countPositions(outputs, size);
          const byOther = others.length === 0 ? byOutput : countPositions(others, size);
          for (let i = 0; i < size; i++) {
            const known = i % classes.length;
            kept[known] += (classes[known].value === 0 ? byOther : byOutput)[i];
          }
          return Array.from(kept, (successes) => [calls * each, successes]);
        },
      },
    ];
  }),
});
