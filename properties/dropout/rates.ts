/** How often elements are kept: overall, at each position, whatever the values; and what follows for the output. */
import { countOnes, countPositions, rowFor } from '../../src/bits.ts';
import { type Claim, clause, type Experiment, type Resolution, statistical } from '../../src/clause.ts';
import { Deviation } from '../../src/errors.ts';
import { show } from '../../src/show.ts';
import type { Capabilities } from '../../src/subject.ts';
import { type Tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { fill } from '../arbitraries.ts';
import { dtypesOf } from './calls.ts';
import { appendMask, hasUnseededLayers, ordinaryInput, readMasks, train } from './masks.ts';

/** A rate is certified to this share of the rarer outcome too: a drop rate of 0.001 that is really 0.004 is only 0.003 off. */
const shareOfTheRarer = 0.1;

export const keepRate = clause({
  id: 'dropout/keep-rate',
  level: 'MUST',
  statement: 'In training, each element MUST be kept with probability keep_prob.',
  needs: ['dropout'],
  evidence: statistical(5, (can, resolution) => [
    ...resolution.keepProbs.map((keepProb) => keepRateOf(can, resolution, keepProb)),
    ...(hasUnseededLayers(can) ? [keepRateOf(can, resolution, 0.8, { unseeded: true })] : []),
  ]),
});

function keepRateOf(can: Capabilities, { rate }: Resolution, keepProb: number, { unseeded = false } = {}): Experiment {
  const x = ordinaryInput(dtypesOf(can)[0], [4096]);
  const epsilon = Math.min(unseeded ? 4 * rate : rate, shareOfTheRarer * Math.min(keepProb, 1 - keepProb));
  return {
    name: `keep_prob ${show(keepProb)}${unseeded ? ', a layer without a seed' : ''}`,
    claims: [{ event: 'kept', rate: keepProb, epsilon }],
    draw: async (subject, elements, stream) => {
      let successes = 0;
      let trials = 0;
      const draw = { x, keepProb, ...(unseeded ? { layer: `${stream.id}/unseeded` } : { stream }) };
      await readMasks(subject, draw, Math.ceil(elements / 4096), ({ row }) => {
        successes += countOnes(row);
        trials += row.length;
      });
      return [{ trials, successes }];
    },
  };
}

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
        return {
          name: `keep_prob ${show(keepProb)}`,
          claims: [{ event: name, rate: keepProb / 2 ** order, epsilon: (relative / 4) * (keepProb / 2 ** order) }],
          draw: async (subject, elements, stream) => {
            let successes = 0;
            let trials = 0;
            await train(subject, { x, keepProb, stream }, Math.ceil(elements / 4096), (y) => {
              successes += sumOfMoments({ y, x, keepProb, order });
              trials += y.data.length;
            });
            return [{ trials, successes }];
          },
        };
      }),
  );

/**
 * Σ (y keep_prob / 2x)^order, in whole 1024ths: a correct summand is 0, 1/2 or 1/4 up to the rounding that the scale is
 * allowed, which is taken off, since a coarse dtype errs to the same side each time; sums are then exact. A ratio y / x outside [0, 2 / keep_prob] deviates by itself: no mask and no scaling gives it.
 */
function sumOfMoments({ y, x, keepProb, order }: { y: Tensor; x: Tensor; keepProb: number; order: 1 | 2 }): number {
  const [outputs, inputs] = [valuesOf(y), valuesOf(x)];
  const most = 2 / keepProb;
  const rounding = (3 + 1 / keepProb) * unitRoundoff(y.dtype);
  let parts = 0;
  for (let start = 0; start < outputs.length; start += inputs.length) {
    for (let i = 0; i < inputs.length; i++) {
      const ratio = outputs[start + i] / inputs[i];
      if (!(ratio >= 0 && ratio <= most)) {
        throw new Deviation({
          where: 'y / x',
          got: show(ratio),
          wanted: `between 0 and ${show(most)}, twice 1 / keep_prob`,
        });
      }
      const share = Math.abs(ratio * keepProb - 1) <= rounding ? 1 / 2 : (ratio * keepProb) / 2;
      parts += Math.round((order === 1 ? share : share * share) * 1024);
    }
  }
  return parts / 1024;
}

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

/** Where loops are cut: single elements, around the widths of vectors, and a long prime, with its tail. */
const lengths = [1, 2, 3, 5, 8, 17, 33, 64, 65, 4093];

export const everyPositionHasTheKeepRate = clause({
  id: 'dropout/every-position-has-the-keep-rate',
  level: 'MUST',
  statement: 'At every position of x, the element MUST be kept with probability keep_prob.',
  needs: ['dropout'],
  evidence: statistical(2, (can, { position }) =>
    lengths.map((length): Experiment => {
      const keepProb = 0.8;
      const x = ordinaryInput(dtypesOf(can)[0], [length]);
      return {
        name: `keep_prob 0.8, ${length === 1 ? '1 element' : `${length} elements`}`,
        claims: Array.from(
          { length },
          (_, i): Claim => ({ event: `kept at position ${i}`, rate: keepProb, epsilon: position }),
        ),
        draw: async (subject, elements, stream) => {
          // Short inputs cost a call each, long ones elements: a fortieth of a round's elements as calls serves both.
          const calls = Math.ceil(elements / Math.max(length, 40));
          const kept = new Float64Array(length);
          await readMasks(subject, { x, keepProb, stream }, calls, ({ row }) => {
            countPositions(row, length).forEach((times, i) => {
              kept[i] += times;
            });
          });
          return Array.from(kept, (successes) => ({ trials: calls, successes }));
        },
      };
    }),
  ),
});

/** Values that a mask must not look at, by what is special about them. */
const valueClasses = [
  { words: 'positive', value: 1 },
  { words: 'negative', value: -1 },
  { words: 'large', value: 200 },
  { words: 'large and negative', value: -200 },
  { words: 'small', value: 2 ** -9 },
  { words: 'small and negative', value: -(2 ** -9) },
];

export const maskIgnoresTheValues = clause({
  id: 'dropout/mask-ignores-the-values',
  level: 'MUST',
  statement: 'The probability of being kept MUST NOT depend on the value of the element.',
  needs: ['dropout'],
  evidence: statistical(1, (can, { rate }) => {
    const keepProb = 0.8;
    const { gradient, mask: tellsMask } = can.dropout ?? {};
    // A zero's fate is read from the mask or from the gradient; an output of zero tells nothing.
    const classes = gradient || tellsMask ? [...valueClasses, { words: 'zero', value: 0 }] : valueClasses;
    const shape = [classes.length * 585];
    const x = fill(
      dtypesOf(can)[0],
      shape,
      classes.map(({ value }) => value),
    );
    const dy = fill(dtypesOf(can)[0], shape, [1]);
    return [
      {
        name: 'keep_prob 0.8, values of different sign and magnitude',
        claims: classes.map(({ words }) => ({ event: `kept, where x is ${words}`, rate: keepProb, epsilon: 4 * rate })),
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
          return Array.from(kept, (successes) => ({ trials: calls * 585, successes }));
        },
      },
    ];
  }),
});

/** The probability of k successes among n, by the product formula: exact to some roundings for the small n used here. */
function binomial(n: number, k: number, p: number): number {
  let probability = 1;
  for (let i = 1; i <= k; i++) probability *= ((n - k + i) / i) * p;
  return probability * (1 - p) ** (n - k);
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Events of the number kept among n: its tails, the values between them, and whether it is even. */
function countEvents(
  n: number,
  p: number,
): readonly { words: string; happens: (count: number) => boolean; rate: number }[] {
  const spread = Math.sqrt(n * p * (1 - p));
  const [low, high] = [Math.round(n * p - 1.5 * spread), Math.round(n * p + 1.5 * spread)];
  const events = [
    { words: `at most ${low}`, happens: (count: number) => count <= low },
    { words: `at least ${high}`, happens: (count: number) => count >= high },
    { words: 'an even number', happens: (count: number) => count % 2 === 0 },
    ...range(low + 1, high - 1).map((exactly) => ({
      words: `${exactly}`,
      happens: (count: number) => count === exactly,
    })),
  ];
  return events.map((event) => ({
    ...event,
    rate: range(0, n).reduce((sum, count) => sum + (event.happens(count) ? binomial(n, count, p) : 0), 0),
  }));
}

export const countVariesLikeABinomial = clause({
  id: 'dropout/count-varies-like-a-binomial',
  level: 'MUST',
  statement: 'The number of elements kept in a call MUST vary as a binomial count does.',
  needs: ['dropout'],
  evidence: statistical(1, (can, { relative }) =>
    [
      { n: 10, keepProb: 0.5 },
      { n: 50, keepProb: 0.8 },
    ].map(({ n, keepProb }): Experiment => {
      const events = countEvents(n, keepProb);
      const x = ordinaryInput(dtypesOf(can)[0], [n]);
      return {
        name: `keep_prob ${keepProb}, ${n} elements`,
        claims: events.map(({ words, rate }) => ({
          event: `calls that keep ${words} of ${n}`,
          rate,
          epsilon: 2 * relative * rate,
        })),
        draw: async (subject, elements, stream) => {
          const calls = Math.ceil(elements / 40);
          const seen = new Float64Array(n + 1);
          await readMasks(subject, { x, keepProb, stream }, calls, (masks) => {
            for (let call = 0; call < masks.calls; call++) seen[countOnes(masks.row, call * n, n)]++;
          });
          return events.map(({ happens }) => ({
            trials: calls,
            successes: seen.reduce((sum, times, count) => sum + (happens(count) ? times : 0), 0),
          }));
        },
      };
    }),
  ),
});
