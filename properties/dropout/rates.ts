/** How often elements are kept: overall, at each position, whatever the values; and what follows for the output. */
import { countPositions, rowFor } from '../../src/bits.ts';
import { type Claim, clause, type Experiment, type Resolution, statistical } from '../../src/clause.ts';
import { Deviation } from '../../src/errors.ts';
import { moments } from '../../src/kernel/kernel.ts';
import { show } from '../../src/show.ts';
import { probabilityOf } from '../../src/statistics/histogram.ts';
import { type Dtype, type Tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { fill, long } from '../arbitraries.ts';
import { dtypesOf } from './calls.ts';
import { inCalls, ofLengths } from './experiments.ts';
import { appendMask, hasUnseededLayers, ordinaryInput, train } from './masks.ts';
import {
  countCells,
  keepRateByBlock,
  keepRateByPosition,
  keepRateOf,
  numberKept,
  numbersKept,
  type Observation,
  range,
} from './observations.ts';

/** A rate is certified to this share of the rarer outcome too: a drop rate of 0.001 that is really 0.004 is only 0.003 off. */
const shareOfTheRarer = 0.1;

/** How finely a keep rate is certified; where not the rate itself but something that bears on it is asked, to 4 ε. */
const epsilonOf = (keepProb: number, { rate }: Resolution, times = 1): number =>
  Math.min(times * rate, shareOfTheRarer * Math.min(keepProb, 1 - keepProb));

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
 * A moment of y / x: its mean is 1, the mean of its square 1 / keep_prob. As (y keep_prob / 2x)^order it lies in [0, 1],
 * so that its mean is a rate: the e-value of a rate is convex in the successes, and so holds for fractions of one too.
 */
const moment = (name: string, order: 1 | 2) =>
  statistical(1, (can, { keepProbs, relative }) =>
    keepProbs
      .filter((keepProb) => keepProb >= 0.1 && keepProb <= 0.9)
      .map((keepProb): Experiment => {
        const x = ordinaryInput(dtypesOf(can)[0], [4096]);
        const worth = Float64Array.from(valuesOf(x), (value) => keepProb / (2 * value));
        return {
          name: `keep_prob ${show(keepProb)}`,
          claims: [
            {
              law: 'rate',
              event: name,
              rate: keepProb / 2 ** order,
              epsilon: (relative / 4) * (keepProb / 2 ** order),
            },
          ],
          draw: async (subject, elements, stream) => {
            let successes = 0;
            let trials = 0;
            await train(subject, { x, keepProb, stream }, Math.ceil(elements / 4096), (y) => {
              successes += sumOfMoments({ y, worth, keepProb, order });
              trials += y.data.length;
            });
            return [[trials, successes]];
          },
        };
      }),
  );

/**
 * Σ (y keep_prob / 2x)^order. A correct summand is 0, 1/2 or 1/4 up to the rounding that the scale is allowed, which is
 * taken off, since a coarse dtype errs to the same side each time; sums are then exact. A ratio y / x outside
 * [0, 2 / keep_prob] deviates by itself: no mask and no scaling gives it.
 */
function sumOfMoments({
  y,
  worth,
  keepProb,
  order,
}: {
  readonly y: Tensor;
  /** keep_prob / 2x of each input, [size of x]. */
  readonly worth: Float64Array;
  readonly keepProb: number;
  readonly order: 1 | 2;
}): number {
  const rounding = ((3 + 1 / keepProb) * unitRoundoff(y.dtype)) / 2;
  const { sum, squares, least, most } = moments(asDoubles(valuesOf(y)), worth, rounding);
  if (!(least >= 0 && most <= 1)) {
    throw new Deviation({
      where: 'y / x',
      got: show((2 * (least >= 0 ? most : least)) / keepProb),
      wanted: `between 0 and ${show(2 / keepProb)}, twice 1 / keep_prob`,
    });
  }
  return order === 1 ? sum : squares;
}

/** The numbers as float64, copied only where they are not. */
const asDoubles = (values: ReturnType<typeof valuesOf>): Float64Array =>
  values instanceof Float64Array ? values : new Float64Array(values);

export const meanIsPreserved = clause({
  id: 'dropout/mean-is-preserved',
  level: 'MUST',
  statement: 'In training, the mean of y over the masks MUST be x.',
  needs: ['dropout'],
  evidence: moment('y, as a fraction of 2 x / keep_prob', 1),
});

export const varianceIsThatOfTheMask = clause({
  id: 'dropout/variance-is-that-of-the-mask',
  level: 'MUST',
  statement: 'In training, the variance of y over the masks MUST be x² (1 − keep_prob) / keep_prob.',
  needs: ['dropout'],
  evidence: moment('y², as a fraction of (2 x / keep_prob)²', 2),
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
    // A zero's fate is read from the mask or from the gradient; an output of zero tells nothing.
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
          const row = rowFor(calls * size);
          for (let call = 0; call < calls; call++) {
            const answer = await subject.dropout({ x, keepProb, training: true, ...(gradient ? { dy } : {}) });
            appendMask(row, answer.dx ?? answer.mask ?? answer.y);
          }
          const kept = new Float64Array(classes.length);
          countPositions(row, size).forEach((times, i) => {
            kept[i % classes.length] += times;
          });
          return Array.from(kept, (successes) => [calls * each, successes]);
        },
      },
    ];
  }),
});

/** Events of the number kept among n whose rates are certified: its tails, and that it is even. */
function numberIsBinomial(n: number, p: number, relative: number): Observation {
  const spread = Math.sqrt(n * p * (1 - p));
  const [low, high] = [Math.round(n * p - 1.5 * spread), Math.round(n * p + 1.5 * spread)];
  const histogram = numberKept(p, n);
  const cells = countCells(n);
  const events = [
    { words: `at most ${low}`, happens: (count: number) => count <= low },
    { words: `at least ${high}`, happens: (count: number) => count >= high },
    { words: 'an even number', happens: (count: number) => count % 2 === 0 },
  ].map((event) => {
    const rate = cells
      .filter(({ kept }) => event.happens(kept))
      .reduce((sum, cell) => sum + probabilityOf({ rate: p, length: n, cells }, cell), 0);
    return { ...event, rate };
  });
  return {
    claims: [
      ...events.map(
        ({ words, rate }): Claim => ({
          law: 'rate',
          event: `calls that keep ${words} of ${n}`,
          rate,
          epsilon: 2 * relative * Math.min(rate, 1 - rate),
        }),
      ),
      ...histogram.claims,
    ],
    count: (masks) => {
      const numbers = numbersKept(masks);
      return [
        ...events.map(({ happens }) => [
          masks.calls,
          numbers.reduce((sum, times, count) => sum + (happens(count) ? times : 0), 0),
        ]),
        numbers,
      ];
    },
  };
}

export const countVariesLikeABinomial = clause({
  id: 'dropout/count-varies-like-a-binomial',
  level: 'MUST',
  statement: 'The number of elements kept in a call MUST vary as a binomial count does.',
  needs: ['dropout'],
  evidence: statistical(1, (can, resolution) => [
    ...[
      { n: 3, keepProb: 0.8 },
      { n: 10, keepProb: 0.5 },
      { n: 50, keepProb: 0.8 },
    ].map(({ n, keepProb }) =>
      inCalls(can, { keepProb, shape: [n] }, ({ size }) => [numberIsBinomial(size, keepProb, resolution.relative)]),
    ),
    ...[0.25, 0.8].map((keepProb) =>
      ofLengths(
        can,
        { keepProb, lengths: [1, 2, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 33, 48, 64, 100] },
        ({ size }) => [numberKept(keepProb, size)],
        keepRateOf(keepProb, epsilonOf(keepProb, resolution, 4)),
      ),
    ),
  ]),
});
