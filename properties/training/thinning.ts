/** Which network is trained: that of the kept nodes, and no other. */
import fc, { type Arbitrary } from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { type Allowance, element } from '../../src/must.ts';
import type { NetworkAnswer } from '../../src/subject.ts';
import { valuesOf } from '../../src/tensor.ts';
import { fill } from '../arbitraries.ts';
import { allBits, ask, type Masked, masksOf, matrix, network, nodesOf, probabilityOf, training } from './cases.ts';
import { belongsTo, cutOut } from './cut.ts';
import { pick, placesOf, silence, withNode } from './quiet.ts';
import { type Rounded, values, withinBothRoundings } from './rounding.ts';
import { type Setting, type Thinned, thinned } from './thinned.ts';

type WithADroppedNode = Masked & { readonly place: { readonly hidden: number; readonly node: number } };

/**
 * A network in which one node of one hidden layer is dropped for every example; its layer has others. Half of these
 * nodes are quiet: the output does not tell that they are dropped.
 */
const withADroppedNode = (networks: Arbitrary<Masked>): Arbitrary<WithADroppedNode> =>
  fc
    .record({ masked: networks, isQuiet: fc.boolean(), number: fc.nat({ max: 11 }) })
    .filter(({ masked }) => masked.keepProbs.some((keepProb) => keepProb < 1))
    .map(({ masked, isQuiet, number }) => {
      const droppable = placesOf(masked).filter(({ hidden }) => masked.keepProbs[hidden] < 1);
      const place = pick(droppable, number);
      const masks = masked.masks.map((mask, l) => (l === place.hidden ? withNode(mask, place, 0) : mask));
      return { ...(isQuiet ? silence(masked, place) : masked), place, masks };
    });

export const droppedNodeLosesItsConnections = clause({
  id: 'training/dropped-node-loses-incoming-and-outgoing-connections',
  level: 'MUST',
  statement:
    'A node that is dropped MUST act as if it were cut out of the network: the output, the loss and the gradients of the rest are those of the smaller network, and its bias and its connections have no gradient but the penalty’s.',
  needs: ['network.masks'],
  evidence: forAll(
    (can) => withADroppedNode(network(can, { leastWidth: 2 })),
    async (subject, { place, ...masked }, must) => {
      const { dtype } = masked.x;
      const cut = cutOut(masked, place);
      const got = await ask(subject, masked, { training: true, masks: masked.masks });
      const wanted = await ask(subject, cut, { training: true, masks: cut.masks });
      const [own, cuts] = [thinned(masked, masked.masks), thinned(cut, cut.masks)];
      must.beNearTensor('y', got.y, valuesOf(wanted.y), withinBothRoundings(dtype, own.y, cuts.y));
      must.beNear('loss', got.loss, wanted.loss, withinBothRoundings(dtype, [own.loss], [cuts.loss]));
      for (const [name, gradient] of Object.entries(got.gradients)) {
        const rest = valuesOf(wanted.gradients[name]);
        let seen = 0;
        for (const [i, value] of valuesOf(gradient).entries()) {
          const where = element(`d:${name}`, i, gradient);
          if (belongsTo(place, name, gradient, i)) {
            must.beNear(where, value, 0, { within: 0, because: 'nothing passes through a dropped node' });
          } else {
            const errors = [[own.gradients[name][i]], [cuts.gradients[name][seen]]] as const;
            must.beNear(where, value, rest[seen++], withinBothRoundings(dtype, ...errors));
          }
        }
      }
    },
  ),
});

/** Few enough hidden nodes, over all examples, that every thinned network can be computed. */
const mostMaskBits = 4;

/** A quiet node that is kept passes for a dropped one, unless nothing is dropped in its layer. */
const perhapsWithAQuietNode = (settings: Arbitrary<Setting>): Arbitrary<Setting> =>
  fc
    .record({ setting: settings, isQuiet: fc.constantFrom(false, false, false, true), number: fc.nat({ max: 3 }) })
    .map(({ setting, isQuiet, number }) => {
      if (!isQuiet) return setting;
      const place = pick(placesOf(setting), number);
      const keepProbs = setting.keepProbs.map((keepProb, l) => (l === place.hidden ? 1 : keepProb));
      return silence({ ...setting, keepProbs }, place);
    });

export const drawsAThinnedNetwork = clause({
  id: 'training/draws-a-thinned-network',
  level: 'MUST',
  statement:
    'In training, the output, the loss and the gradients MUST be those of one thinned network for each example, in which some hidden nodes are dropped and the others’ activations divided by their layer’s keep_prob.',
  needs: ['network'],
  evidence: forAll(
    (can) =>
      perhapsWithAQuietNode(
        network(can, { mostLayers: 2, mostExamples: 2 })
          .filter((masked) => masked.x.shape[0] * nodesOf(masked) <= mostMaskBits)
          .map(({ masks: _, ...setting }): Setting => setting),
      ),
    async (subject, setting, must) => {
      const [examples, nodes] = [setting.x.shape[0], nodesOf(setting)];
      const candidates = allBits(examples * nodes).flatMap((bits): Candidate[] => {
        const rows = Array.from({ length: examples }, (_, i) => bits.slice(i * nodes, (i + 1) * nodes));
        const isPossible = rows.every((row) => probabilityOf(row, setting) > 0);
        return isPossible ? [{ bits, network: thinned(setting, masksOf(rows, setting)) }] : [];
      });
      await untilKeptAndDropped(setting, async () => {
        const answer = await ask(subject, setting, training);
        const { bits, network: wanted } = nearest(candidates, answer);
        const roundings = `the roundings of ${setting.x.dtype}; no thinned network is nearer than that of masks ${bits.join(' ')}`;
        const within = (numbers: readonly Rounded[]): Allowance => ({
          within: (i) => numbers[i].error,
          because: roundings,
        });
        must.beNearTensor('y', answer.y, values(wanted.y), within(wanted.y));
        must.beNear('loss', answer.loss, wanted.loss.value, within([wanted.loss]));
        for (const [name, gradient] of Object.entries(wanted.gradients)) {
          must.beNearTensor(`d:${name}`, answer.gradients[name], values(gradient), within(gradient));
        }
        return bits;
      });
    },
  ),
});

interface Candidate {
  readonly bits: readonly number[];
  readonly network: Thinned;
}

/** The network that gives the answer; where there is none, one that gives its output; where there is none, the nearest output. */
function nearest(candidates: readonly Candidate[], answer: NetworkAnswer): Candidate {
  const misfit = ({ network: { y, loss, gradients } }: Candidate): number => {
    const [got, wanted] = [valuesOf(answer.y), values(y)];
    if (!fits(got, y)) return 2 + Math.max(...wanted.map((value, i) => Math.abs(got[i] - value) || 0));
    const rest = Object.entries(gradients).every(([name, gradient]) =>
      fits(valuesOf(answer.gradients[name]), gradient),
    );
    return rest && fits([answer.loss], [loss]) ? 0 : 1;
  };
  return candidates.reduce((best, candidate) => (misfit(candidate) < misfit(best) ? candidate : best));
}

const fits = (got: ArrayLike<number>, wanted: readonly Rounded[]): boolean =>
  wanted.every(({ value, error }, i) => Math.abs(got[i] - value) <= error);

/** Enough calls that few nodes show both a kept and a dropped one. */
const mostCalls = 16;

/**
 * Asks again and again until both kept and dropped nodes have come out, where both may, or there were enough calls: small
 * networks thus shrink to small counterexamples in spite of their random masks. `call` answers the bits that came out.
 */
async function untilKeptAndDropped({ keepProbs }: Setting, call: () => Promise<ArrayLike<number>>): Promise<void> {
  const outcomes = keepProbs.some((keepProb) => keepProb < 1) ? 2 : 1;
  const seen = new Set<number>();
  for (let calls = 0; calls < mostCalls && seen.size < outcomes; calls++) {
    for (const bit of Array.from(await call())) seen.add(bit);
  }
}

export const answeredMasksAreThoseThatActed = clause({
  id: 'training/answered-masks-are-those-that-acted',
  level: 'MUST',
  statement:
    'The masks that a training call answers MUST be those that acted: given to the same call again they are answered unchanged, with the same output, loss and gradients.',
  needs: ['network.masks'],
  evidence: forAll(
    (can) => network(can).map(({ masks: _, ...setting }): Setting => setting),
    async (subject, setting, must) => {
      const { dtype } = setting.x;
      await untilKeptAndDropped(setting, async () => {
        const drawn = await ask(subject, setting, training);
        const again = await ask(subject, setting, { training: true, masks: drawn.masks });
        const { y, loss, gradients } = thinned(setting, drawn.masks);
        for (const [l, mask] of again.masks.entries()) must.equalTensor(`mask${l + 1}`, mask, drawn.masks[l]);
        must.beNearTensor('y', again.y, valuesOf(drawn.y), withinBothRoundings(dtype, y, y));
        must.beNear('loss', again.loss, drawn.loss, withinBothRoundings(dtype, [loss], [loss]));
        for (const [name, gradient] of Object.entries(drawn.gradients)) {
          const roundings = withinBothRoundings(dtype, gradients[name], gradients[name]);
          must.beNearTensor(`d:${name}`, again.gradients[name], valuesOf(gradient), roundings);
        }
        return drawn.masks.flatMap(({ data }) => Array.from(data));
      });
    },
  ),
});

/** A network whose last weights are 0: whatever the hidden nodes do, its output is the last bias. */
const withABareOutput = (masked: Masked): Arbitrary<Setting> => {
  const { masks: _, ...setting } = masked;
  const last = setting.layers.length - 1;
  const { dtype } = setting.x;
  return matrix(dtype, [setting.layers[last]], { nonZero: true }).map((bias) => ({
    ...setting,
    parameters: {
      ...setting.parameters,
      [`W${last}`]: fill(dtype, setting.parameters[`W${last}`].shape, [0]),
      [`b${last}`]: bias,
    },
  }));
};

export const outputLayerIsNotDropped = clause({
  id: 'training/output-layer-is-not-dropped',
  level: 'MUST',
  statement: 'In training, the nodes of the output layer MUST be neither dropped nor scaled.',
  needs: ['network'],
  evidence: forAll(
    (can) => network(can).chain(withABareOutput),
    async (subject, setting, must) => {
      const bias = valuesOf(setting.parameters[`b${setting.layers.length - 1}`]);
      const wanted = fill(setting.x.dtype, setting.t.shape, Array.from(bias));
      for (let calls = 0; calls < 2; calls++) must.equalTensor('y', (await ask(subject, setting, training)).y, wanted);
    },
  ),
});
