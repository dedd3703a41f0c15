/** The mean of the output over the masks, and of its square. */
import { clause, type Experiment, statistical } from '../../src/clause.ts';
import { Deviation } from '../../src/errors.ts';
import { moments } from '../../src/kernel/kernel.ts';
import { show } from '../../src/show.ts';
import { type Tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { dtypesOf } from './calls.ts';
import { ordinaryInput, train } from './masks.ts';

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
  statement:
    'In training, the mean of y² over the masks MUST be x² / keep_prob, so that the variance of y is that of the mask.',
  needs: ['dropout'],
  evidence: moment('y², as a fraction of (2 x / keep_prob)²', 2),
});
