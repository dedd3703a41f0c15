/** The laws of the masks that a network draws, read from its output alone. */
import { type Claim, clause, type Experiment, statistical } from '../../src/clause.ts';
import { ask, evaluation } from './cases.ts';
import { draw, examplesFor, legible, type Masks } from './legible.ts';
import { type Count, count, talliesOf, tally } from './tally.ts';

/** Nodes of each hidden layer, where it does not matter how many. */
const width = 4;

/** The first layer's greater and smaller than the second's. */
const pairsOfKeepProbs: readonly (readonly [number, number])[] = [
  [0.8, 0.5],
  [0.25, 0.9],
];

export const eachLayerHasItsKeepProb = clause({
  id: 'training/each-layer-has-its-keep-prob',
  level: 'MUST',
  statement: 'In training, the nodes of each hidden layer MUST be kept with that layer’s own keep_prob.',
  needs: ['network'],
  evidence: statistical(1, (can, { rate }) =>
    pairsOfKeepProbs.map(
      (keepProbs): Experiment => ({
        name: `keep_probs ${keepProbs[0]} and ${keepProbs[1]}`,
        claims: [
          { law: 'rate', event: 'kept in layer 1, where layer 2 shows it', rate: keepProbs[0], epsilon: 4 * rate },
          { law: 'rate', event: 'kept in layer 2', rate: keepProbs[1], epsilon: 4 * rate },
        ],
        draw: async (subject, elements) => {
          const setting = legible(can, { keepProbs, examples: examplesFor(elements, width), width });
          const small = legible(can, { keepProbs, examples: 2, width });
          const [first, second] = [tally(), tally()];
          while (second.trials < elements) {
            // Training goes on after an evaluation as before it. The other clauses of this kind never evaluate.
            await ask(subject, small, evaluation);
            const masks = await draw(subject, setting);
            for (let i = 0; i < masks.second.length; i++) {
              count(second, masks.second[i] === 1);
              if (masks.second[i] === 1) count(first, masks.first[i] === 1);
            }
          }
          return talliesOf([first, second]);
        },
      }),
    ),
  ),
});

/** Which examples are compared: in one call with the next one and with the one half a batch on, or across two calls. */
const pairings = ['of examples 2i and 2i + 1', 'of examples half a batch apart', 'of successive calls'] as const;

export const eachExampleHasItsMask = clause({
  id: 'training/each-example-has-its-mask',
  level: 'MUST',
  statement:
    'In training, the masks of two examples, in one batch or in successive calls, MUST be independent: they agree at a node with probability keep_prob² + (1 − keep_prob)².',
  needs: ['network'],
  evidence: statistical(1, (can, { correlation }) => {
    // The second layer's is the greater: it shows more of the first.
    const keepProbs = [0.5, 0.8] as const;
    const claims = pairings.flatMap((pairing) =>
      keepProbs.map((keepProb, l): Claim => {
        const variance = keepProb * (1 - keepProb);
        // Two masks of correlation ρ agree with probability p² + (1 − p)² + 2ρ·p(1 − p). Twice the resolution of
        // dropout's own clauses will do, since a mask element costs a network's work here; likewise for the rates.
        return {
          law: 'rate',
          event: `masks ${pairing} agree in layer ${l + 1}`,
          rate: 1 - 2 * variance,
          epsilon: 4 * correlation * variance,
        };
      }),
    );
    return [
      {
        name: `keep_probs ${keepProbs[0]} and ${keepProbs[1]}`,
        claims,
        draw: async (subject, elements) => {
          const examples = examplesFor(elements / 2, width);
          const setting = legible(can, { keepProbs, examples, width });
          const tallies = claims.map(tally);
          for (let drawn = 0; drawn < elements; drawn += 2 * examples * width) {
            const [a, b] = [await draw(subject, setting), await draw(subject, setting)];
            for (const call of [a, b]) {
              for (let i = 0; i < examples; i += 2) compare(tallies.slice(0, 2), call, i, call, i + 1);
              for (let i = 0; i < examples / 2; i++) compare(tallies.slice(2, 4), call, i, call, i + examples / 2);
            }
            for (let i = 0; i < examples; i++) compare(tallies.slice(4, 6), a, i, b, i);
          }
          return talliesOf(tallies);
        },
      },
    ];
  }),
});

/** Counts the nodes at which example i of one call agrees with example j of the other, where both can be seen. */
function compare([first, second]: readonly Count[], a: Masks, i: number, b: Masks, j: number): void {
  for (let k = 0; k < width; k++) {
    const [m, n] = [i * width + k, j * width + k];
    count(second, a.second[m] === b.second[n]);
    if (a.second[m] === 1 && b.second[n] === 1) count(first, a.first[m] === b.first[n]);
  }
}
