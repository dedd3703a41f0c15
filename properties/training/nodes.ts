/** The nodes of one example do not share their coins: read, as the other laws of a network's masks, from its output. */
import { type Claim, clause, statistical } from '../../src/clause.ts';
import { range } from '../dropout/observations.ts';
import { draw, examplesFor, legible, type Masks } from './legible.ts';
import { type Count, count, talliesOf, tally } from './tally.ts';

/** Nodes of each hidden layer: a power of two. */
const width = 8;

/**
 * The first layer's is ½: whether such a node is like another one is a fair coin, of whatever keep_prob the other is and
 * however often it is kept in fact. Rates have a clause of their own.
 */
const keepProbs = [0.5, 0.8] as const;

/**
 * Which nodes are compared: those whose numbers differ in these bits. Each node then has one partner, so that the pairs
 * of an example are independent draws; over all of them every two nodes of a layer are partners once.
 */
const differences = range(width).slice(1);

/** `0 and 1, 2 and 3, …`. */
const partnersIn = (bits: number): string =>
  range(width)
    .filter((k) => k < (k ^ bits))
    .map((k) => `${k} and ${k ^ bits}`)
    .join(', ');

export const nodesAreIndependent = clause({
  id: 'training/nodes-are-independent',
  level: 'MUST',
  statement:
    'In training, the nodes of an example MUST be kept independently of each other: two of a layer are both kept or both dropped with probability keep_prob² + (1 − keep_prob)².',
  needs: ['network'],
  evidence: statistical(1, (can, { correlation }) => {
    const alike = (event: string, agreement: number): Claim => ({
      law: 'rate',
      event,
      rate: agreement,
      // As where examples are compared, twice the resolution of dropout's own clauses: 2ρ · 2p(1 − p) of two nodes of a layer.
      epsilon: 2 * correlation * (1 - agreement),
    });
    return [
      {
        name: `keep_probs ${keepProbs[0]} and ${keepProbs[1]}`,
        claims: [
          ...keepProbs.flatMap((p, l) =>
            differences.map((bits) =>
              alike(`nodes ${partnersIn(bits)} of layer ${l + 1} agree`, p ** 2 + (1 - p) ** 2),
            ),
          ),
          ...differences.map((bits) =>
            alike(`nodes ${partnersIn(bits)} agree, one of layer 1 and one of layer 2`, 0.5),
          ),
        ],
        draw: async (subject, elements) => {
          const examples = examplesFor(elements, width);
          const setting = legible(can, { keepProbs, examples, width });
          const compared = differences.map(() => ({ first: tally(), second: tally(), across: tally() }));
          for (let drawn = 0; drawn < elements; drawn += examples * width) {
            const masks = await draw(subject, setting);
            for (const [i, bits] of differences.entries()) comparePartners(masks, bits, compared[i]);
          }
          const each = (['first', 'second', 'across'] as const).map((what) => compared.map((counts) => counts[what]));
          return talliesOf(each.flat());
        },
      },
    ];
  }),
});

/** Compares the partners in each example. A node of layer 1 is seen where that of layer 2 is kept. */
function comparePartners(
  { first, second }: Masks,
  bits: number,
  counts: Readonly<Record<'first' | 'second' | 'across', Count>>,
): void {
  for (let own = 0; own < second.length; own++) {
    // The width is a power of two, so that a partner is in the same example.
    const other = own ^ bits;
    if (own < other) {
      count(counts.second, second[own] === second[other]);
      if (second[own] === 1 && second[other] === 1) count(counts.first, first[own] === first[other]);
    }
    // Given all of layer 2, each node of layer 1 that is seen is a fair coin of its own.
    if (second[own] === 1) count(counts.across, first[own] === second[other]);
  }
}
