/** Wrong masks: drawn with another rate, or not independently, or answered otherwise than they acted. */
import type { Implementation } from '../../../src/subject.ts';
import { answering, asking, type Fault, mapped, mappedTensors } from '../fault.ts';
import {
  type Bit,
  drawing,
  isKeptAtRandom,
  isMask,
  isTraining,
  keepProbsOf,
  layersOf,
  only,
  withMasks,
} from './changes.ts';

/** Draws a uniform number for each name, once. */
function remembering(): (name: string) => number {
  const drawn = new Map<string, number>();
  return (name) => {
    const u = drawn.get(name) ?? Math.random();
    drawn.set(name, u);
    return u;
  };
}

/** Nothing is dropped any more after the first evaluation. */
function offAfterAnEvaluation(implementation: Implementation): Implementation {
  let isOff = false;
  return asking('network', (args, tensors) => {
    if (!isTraining(args)) isOff = true;
    return [args, isTraining(args) && isOff ? withMasks(args, tensors, () => true) : tensors];
  })(implementation);
}

/** Asks with other keep_probs than were given: masks and scales are then both theirs. */
const withKeepProbs = (change: (keepProb: number, l: number) => number) =>
  asking('network', (args, tensors) => [{ ...args, keep_probs: keepProbsOf(args).map(change) }, tensors]);

export const maskFaults: readonly Fault[] = [
  {
    id: 'training/one-keep-prob-for-all-layers',
    what: 'The masks of every layer are drawn with the keep_prob of the first.',
    mend: 'Draw the masks of each layer with that layer’s keep_prob.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: drawing((args) => () => Math.random() < keepProbsOf(args)[0]),
  },
  {
    id: 'training/rates-fixed-in-the-code',
    what: 'Every layer has a keep_prob of 1/2, whatever is asked for.',
    seen: 'LiviaNET issue 9, neuralnets issue 1',
    mend: 'Read the keep_probs from the request: they are constants in the code.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: withKeepProbs(() => 0.5),
  },
  {
    id: 'training/only-the-first-layer-drops',
    what: 'Only the first hidden layer has dropout.',
    seen: 'pyperch issue 2',
    mend: 'Put dropout after each hidden layer, not only after the first.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: withKeepProbs((keepProb, l) => (l === 0 ? keepProb : 1)),
  },
  {
    id: 'training/mask-confuses-keep-and-drop',
    what: 'Nodes are kept with the probability of dropping, but all of them at a keep_prob of 1.',
    seen: 'electra pull request 61',
    mend: 'Keep a node where u < keep_prob: the comparison drops it there.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: drawing(() => (bit) => bit.keepProb === 1 || !isKeptAtRandom(bit)),
  },
  {
    id: 'training/same-mask-in-every-layer',
    what: 'The masks of all layers are made of the same random numbers.',
    mend: 'Draw random numbers of their own for each layer, with a generator that goes on or a seed that differs.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: drawing(() => {
      const u = remembering();
      return ({ example, node, keepProb }) => u(`${example},${node}`) < keepProb;
    }),
  },
  {
    id: 'training/dropout-off-after-an-evaluation',
    what: 'After the first evaluation nothing is dropped any more.',
    seen: 'Megatron-LM pull request 411',
    mend: 'Switch back to training after an evaluation.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: offAfterAnEvaluation,
  },
  {
    id: 'training/one-mask-for-all-examples',
    what: 'The examples of a batch share their masks.',
    seen: 'dynet pull request 812',
    mend: 'Draw a mask of shape [batch, nodes], not one of [nodes].',
    refutedBy: 'training/each-example-has-its-mask',
    of: drawing(() => {
      const u = remembering();
      return ({ layer, node, keepProb }) => u(`${layer},${node}`) < keepProb;
    }),
  },
  {
    id: 'training/same-masks-on-every-device',
    what: 'Each of two devices has half of a batch, and their generators have the same seed.',
    seen: 'transformers issue 31412, tt-metal pull request 16823',
    mend: 'Seed the generator of each device differently, e.g. with its rank added.',
    refutedBy: 'training/each-example-has-its-mask',
    of: drawing((_, batch) => {
      const u = remembering();
      const half = Math.ceil(batch / 2);
      return ({ layer, example, node, keepProb }) => u(`${layer},${example % half},${node}`) < keepProb;
    }),
  },
  {
    id: 'training/one-mask-for-every-call',
    what: 'Successive calls use the same masks.',
    seen: 'Paddle issue 7796, ngraph pull request 3006',
    mend: 'Seed the generator once, when it is made, and not in each call.',
    refutedBy: 'training/each-example-has-its-mask',
    of: (correct) => {
      const u = remembering();
      const isKept = ({ layer, example, node, keepProb }: Bit) => u(`${layer},${example},${node}`) < keepProb;
      return drawing(() => isKept)(correct);
    },
  },
  {
    id: 'training/one-coin-for-a-layer',
    what: 'Each example has one coin a layer: all of its nodes are kept, or none.',
    seen: 'efficientnet issue 105, where it is meant',
    mend: 'Draw a mask of shape [batch, nodes], not one of [batch, 1] that is broadcast.',
    refutedBy: 'training/nodes-are-independent',
    of: drawing(() => {
      const u = remembering();
      return ({ layer, example, keepProb }) => u(`${layer},${example}`) < keepProb;
    }),
  },
  {
    id: 'training/one-coin-for-two-nodes',
    what: 'Neighbouring nodes share a random number, two by two.',
    mend: 'Draw a random number for each node, not one for every two.',
    refutedBy: 'training/nodes-are-independent',
    of: drawing(() => {
      const u = remembering();
      return ({ layer, example, node, keepProb }) => u(`${layer},${example},${node >> 1}`) < keepProb;
    }),
  },
  {
    id: 'training/layers-draw-one-sequence',
    what: 'All layers draw the same sequence of random numbers, each beginning a place after the layer before it.',
    mend: 'Give the generators of the layers seeds whose sequences do not overlap, or one generator to all of them.',
    refutedBy: 'training/nodes-are-independent',
    of: drawing((args) => {
      const u = remembering();
      const layers = layersOf(args);
      return ({ layer, example, node, keepProb }) => u(`${layer + example * layers[layer] + node}`) < keepProb;
    }),
  },
  {
    id: 'training/answered-masks-inverted',
    what: 'The masks that are answered have 1 for dropped.',
    mend: 'Answer 1 for a node that is kept.',
    refutedBy: 'training/answered-masks-are-those-that-acted',
    of: answering('network', (answer) => mappedTensors(only(answer, isMask), (mask) => mapped(mask, (bit) => 1 - bit))),
  },
  {
    id: 'training/answered-masks-all-zeros',
    what: 'The masks that are answered are all zeros.',
    seen: 'mxnet issue 15659',
    mend: 'Write the masks that were drawn to the answer: its buffer is never filled.',
    refutedBy: 'training/answered-masks-are-those-that-acted',
    of: answering('network', (answer) => mappedTensors(only(answer, isMask), (mask) => mapped(mask, () => 0))),
  },
];
