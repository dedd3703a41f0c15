/** How many elements a call keeps. */
import { type Claim, clause, statistical } from '../../src/clause.ts';
import { probabilityOf } from '../../src/statistics/histogram.ts';
import { inCalls, ofLengths } from './experiments.ts';
import { countCells, epsilonOf, keepRateOf, numberKept, numbersKept, type Observation } from './observations.ts';

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
