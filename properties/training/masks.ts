/** The laws of the masks that a network draws, read from its output alone. */
import { type Claim, clause, type Experiment, statistical } from '../../src/clause.ts';
import { Deviation } from '../../src/errors.ts';
import { element } from '../../src/must.ts';
import { show } from '../../src/show.ts';
import type { Capabilities, Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { fill } from '../arbitraries.ts';
import { ask, dtypesOf, evaluation, training } from './cases.ts';
import type { Setting } from './thinned.ts';

/** Nodes of each hidden layer: few, since the work for a mask element grows with them. */
const width = 4;

/** Examples of one request, at most. */
const mostExamples = 8192;

/**
 * Two hidden layers whose masks show in the signs of the output. Every node of the first layer has the value 1, node k
 * of the second is 1 − 8 · (node k of the first), and is output as it is. So y is 0 where the second layer's node is
 * dropped; else it is positive where the first layer's is dropped and negative where it is kept: with the keep_probs used
 * here, of ¼ and more, also for a subject that does not divide by keep_prob, or multiplies by it.
 */
function legible(dtype: Dtype, keepProbs: readonly [number, number], examples: number): Setting {
  const diagonal = (value: number): Tensor =>
    fill(
      dtype,
      [width, width],
      Array.from({ length: width ** 2 }, (_, i) => (i % (width + 1) === 0 ? value : 0)),
    );
  const same = (shape: readonly number[], value: number): Tensor => fill(dtype, shape, [value]);
  return {
    layers: [1, width, width, width],
    activation: 'identity',
    loss: 'mse',
    keepProbs,
    x: same([examples, 1], 1),
    t: same([examples, width], 0),
    parameters: {
      W1: same([width, 1], 1),
      b1: same([width], 0),
      W2: diagonal(-8),
      b2: same([width], 1),
      W3: diagonal(1),
      b3: same([width], 0),
    },
  };
}

/** The masks of one call, [examples, width]: 1 kept, 0 dropped. */
interface Masks {
  /** To be believed only where the second layer's node is kept. */
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

async function draw(subject: Subject, setting: Setting): Promise<Masks> {
  const { y } = await ask(subject, setting, training);
  const values = valuesOf(y);
  const [first, second] = [new Uint8Array(values.length), new Uint8Array(values.length)];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) {
      throw new Deviation({
        where: element('y', i, y),
        got: show(values[i]),
        wanted: 'a number: all parameters are finite',
      });
    }
    second[i] = values[i] === 0 ? 0 : 1;
    first[i] = values[i] < 0 ? 1 : 0;
  }
  return { first, second };
}

/** The most precise dtype: the laws are those of the masks, whatever the dtype. */
export const finest = (can: Capabilities): Dtype =>
  [...dtypesOf(can)].sort((a, b) => unitRoundoff(a) - unitRoundoff(b))[0];

/** An even number of examples, so that they pair off. */
const examplesFor = (elements: number): number => Math.min(mostExamples, 2 * Math.ceil(elements / (2 * width)));

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
          const setting = legible(finest(can), keepProbs, examplesFor(elements));
          const small = legible(finest(can), keepProbs, 2);
          const [first, second] = [tally(), tally()];
          while (second.trials < elements) {
            // Training goes on after an evaluation as before it. The other clause of this kind never evaluates.
            await ask(subject, small, evaluation);
            const masks = await draw(subject, setting);
            for (let i = 0; i < masks.second.length; i++) {
              count(second, masks.second[i] === 1);
              if (masks.second[i] === 1) count(first, masks.first[i] === 1);
            }
          }
          return [first, second].map(({ trials, successes }) => [trials, successes]);
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
    const keepProbs = [0.8, 0.5] as const;
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
          const examples = examplesFor(elements / 2);
          const setting = legible(finest(can), keepProbs, examples);
          const tallies = claims.map(tally);
          for (let drawn = 0; drawn < elements; drawn += 2 * examples * width) {
            const [a, b] = [await draw(subject, setting), await draw(subject, setting)];
            for (const call of [a, b]) {
              for (let i = 0; i < examples; i += 2) compare(tallies.slice(0, 2), call, i, call, i + 1);
              for (let i = 0; i < examples / 2; i++) compare(tallies.slice(2, 4), call, i, call, i + examples / 2);
            }
            for (let i = 0; i < examples; i++) compare(tallies.slice(4, 6), a, i, b, i);
          }
          return tallies.map(({ trials, successes }) => [trials, successes]);
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

/** Counts in the making. */
interface Count {
  trials: number;
  successes: number;
}

const tally = (): Count => ({ trials: 0, successes: 0 });

function count(tally: Count, success: boolean): void {
  tally.trials++;
  if (success) tally.successes++;
}
