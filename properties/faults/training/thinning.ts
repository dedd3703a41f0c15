/** Wrong networks in training: other nodes are dropped than the masks say, or kept ones scaled otherwise. */
import type { Args, Operation } from '../../../src/subject.ts';
import { type Dtype, round, type Tensor, type Tensors, valuesOf } from '../../../src/tensor.ts';
import { asking, type Fault, mapped, mappedTensors } from '../fault.ts';
import {
  bareAnswer,
  batchOf,
  exampleByExample,
  fromTheFullNetwork,
  inParts,
  isGradient,
  isMask,
  isParameter,
  isTraining,
  keepProbsOf,
  layerOf,
  layersOf,
  only,
  partByPart,
  scaling,
  withMasks,
} from './changes.ts';

const shareOfOnes = ({ data }: Tensor): number => data.filter((bit) => bit === 1).length / data.length;

/** What the nodes of some layers are multiplied by before their activation, by the layer's number. */
type Factors = Readonly<Record<number, readonly number[]>>;

/** A network whose rows of W and b are multiplied by factors. */
const withFactors =
  (correct: Operation, factors: Factors): Operation =>
  async (args, tensors) => {
    const multiplied = (each: Tensor, name: string): Tensor => {
      const [rows] = each.shape;
      const columns = each.data.length / rows;
      return mapped(each, (number, i) => number * (factors[layerOf(name)]?.[Math.floor(i / columns)] ?? 1));
    };
    const own = mappedTensors(tensors, (each, name) => (isParameter(name) ? multiplied(each, name) : each));
    const answer = await correct(args, own);
    return mappedTensors(answer, (each, name) => (isGradient(name) ? multiplied(each, name) : each));
  };

/** Where activation(z · mask / keep_prob) is activation(z) · mask / keep_prob. */
const isHomogeneous = (args: Args): boolean => args['activation'] === 'identity' || args['activation'] === 'relu';

/** activation(z · mask / keep_prob): what is dropped is not the node but its input. */
const maskBeforeActivation: (correct: Operation) => Operation = (correct) => async (args, tensors) => {
  if (!isTraining(args) || isHomogeneous(args)) return correct(args, tensors);
  const ofExample: Operation = (own, row) => {
    const factors = keepProbsOf(own).map((keepProb, l) => {
      const bits = valuesOf(row[`mask${l + 1}`]);
      return [l + 1, Array.from(bits, (bit) => bit / keepProb)];
    });
    return withFactors(correct, Object.fromEntries(factors))({ ...own, training: false }, row);
  };
  const answer = await exampleByExample(() => ofExample)(args, tensors);
  return { ...answer, ...only(tensors, isMask) };
};

/** The nodes of the output layer are dropped as well, with the keep_prob of the last hidden one. */
const droppedOutput: (correct: Operation) => Operation = (correct) => (args, tensors) => {
  if (!isTraining(args)) return correct(args, tensors);
  const [last, keepProb] = [layersOf(args).length - 1, keepProbsOf(args).at(-1) ?? 1];
  const drawn = () => Array.from({ length: layersOf(args)[last] }, () => (Math.random() < keepProb ? 1 / keepProb : 0));
  return exampleByExample(() => withFactors(correct, { [last]: drawn() }))(args, tensors);
};

/** How many examples the kernel that scales is started for. */
const examplesOfAKernel = 8;

/** The later examples of a batch are dropped and not scaled. */
const laterExamplesUnscaled: (correct: Operation) => Operation = (correct) => (args, tensors) => {
  if (!isTraining(args) || batchOf(tensors) <= examplesOfAKernel) return correct(args, tensors);
  const unscaled: Operation = (own, rows) => correct({ ...own, keep_probs: keepProbsOf(own).map(() => 1) }, rows);
  return partByPart([examplesOfAKernel, batchOf(tensors)], (part) => (part === 0 ? correct : unscaled))(args, tensors);
};

/** Whether three examples or more all have the same mask. */
const isCommon = ({ shape: [batch, width], data }: Tensor): boolean =>
  batch >= 3 && data.every((bit, i) => bit === data[i % width]);

const roundedTo = (dtype: Dtype, tensors: Tensors): Tensors =>
  mappedTensors(tensors, (each, name) => (isParameter(name) ? mapped(each, (w) => round(dtype, w)) : each));

export const thinningFaults: readonly Fault[] = [
  {
    id: 'training/dropout-is-off',
    what: 'Training is evaluation: nothing is dropped.',
    seen: 'handson-ml issue 304',
    mend: 'Connect each layer to what dropout gives, not to the activations before it.',
    refutedBy: 'training/dropout-on-linear-regression-is-adaptive-l2',
    of: fromTheFullNetwork((name) => !isMask(name)),
  },
  {
    id: 'training/no-scale',
    what: 'The activations of kept nodes are not divided by keep_prob.',
    seen: 'shainet issue 106',
    mend: 'Divide the activations of kept nodes by keep_prob in training.',
    refutedBy: 'training/draws-a-thinned-network',
    of: scaling(() => 1),
  },
  {
    id: 'training/keep-probs-reversed',
    what: 'The keep_probs are taken from the last layer to the first.',
    mend: 'Give the first hidden layer the first keep_prob.',
    refutedBy: 'training/draws-a-thinned-network',
    of: asking('network', (args, tensors) => [{ ...args, keep_probs: [...keepProbsOf(args)].reverse() }, tensors]),
  },
  {
    id: 'training/keep-prob-one-is-nan',
    what: 'keep_prob / (1 − keep_prob) is computed on the way, which at keep_prob 1 makes NaN of the output.',
    mend: 'Divide by keep_prob, never by the probability of dropping: it may be 0.',
    refutedBy: 'training/draws-a-thinned-network',
    of: bareAnswer(true, ({ y }, args) => ({ y: keepProbsOf(args).includes(1) ? mapped(y, () => Number.NaN) : y })),
  },
  {
    id: 'training/default-in-the-place-of-no-drop',
    what: 'A drop probability of 0 counts as missing, and the default 0.5 takes its place.',
    mend: 'Ask whether the drop probability was given, not whether it is truthy.',
    refutedBy: 'training/draws-a-thinned-network',
    of: asking('network', (args, tensors) => [
      { ...args, keep_probs: keepProbsOf(args).map((keepProb) => 1 - (1 - keepProb || 0.5)) },
      tensors,
    ]),
  },
  {
    id: 'training/mask-before-activation',
    what: 'What is dropped is a node’s input: a sigmoid still outputs 1/2.',
    mend: 'Multiply by the mask after the activation, not before it.',
    refutedBy: 'training/draws-a-thinned-network',
    of: inParts(maskBeforeActivation),
  },
  {
    id: 'training/output-layer-dropped',
    what: 'The nodes of the output layer are dropped too.',
    seen: 'darch issue 12',
    mend: 'Put no dropout after the last layer.',
    refutedBy: 'training/output-layer-is-not-dropped',
    of: inParts(droppedOutput),
  },
  {
    id: 'training/unconnected-outputs-pruned',
    what: 'In training, outputs that no hidden node reaches, all last weights being zero, count as dropped: their bias is left out.',
    mend: 'Add the last bias whatever the last weights are: a head may start from zeros.',
    refutedBy: 'training/output-layer-is-not-dropped',
    of: asking('network', (args, tensors) => {
      const last = layersOf(args).length - 1;
      const { [`W${last}`]: W, [`b${last}`]: b } = tensors;
      const isUnconnected = W.data.length > 1 && W.data.every((w) => w === 0);
      return [args, isTraining(args) && isUnconnected ? { ...tensors, [`b${last}`]: mapped(b, () => 0) } : tensors];
    }),
  },
  {
    id: 'training/scale-by-drop-prob',
    what: 'Kept nodes are divided by the probability of dropping.',
    seen: 'kaldi pull request 2814, theanets pull request 123',
    mend: 'Divide by the probability of keeping.',
    refutedBy: 'training/linear-ensemble-mean-is-the-full-network',
    of: scaling((keepProb) => 1 - keepProb),
  },
  {
    id: 'training/scaled-twice',
    what: 'Kept nodes are divided by keep_prob twice.',
    seen: 'mlpractical issue 32',
    mend: 'Divide by keep_prob once: the mask is scaled already, or the activations are.',
    refutedBy: 'training/linear-ensemble-mean-is-the-full-network',
    of: scaling((keepProb) => keepProb ** 2),
  },
  {
    id: 'training/scale-by-the-realised-share',
    what: 'Kept nodes are divided by the share of nodes that happened to be kept.',
    seen: 'neural-fortran pull request 194',
    mend: 'Divide by keep_prob, not by the share of nodes that this mask keeps.',
    refutedBy: 'training/linear-ensemble-mean-is-the-full-network',
    of: scaling((_, mask) => shareOfOnes(mask) || 1),
  },
  {
    id: 'training/later-examples-unscaled',
    what: 'The kernel that scales is started for eight examples: those after them are dropped and not scaled.',
    mend: 'Start the kernel for as many examples as the batch has.',
    refutedBy: 'training/linear-ensemble-mean-is-the-full-network',
    of: inParts(laterExamplesUnscaled),
  },
  {
    id: 'training/scale-by-the-root',
    what: 'Kept nodes are divided by the root of keep_prob, as if their variance should be kept and not their mean.',
    mend: 'Divide by keep_prob itself: it is the mean that is kept.',
    refutedBy: 'training/dropout-on-linear-regression-is-adaptive-l2',
    of: scaling((keepProb) => Math.sqrt(keepProb)),
  },
  {
    id: 'training/folded-without-its-scale',
    what: 'A linear network whose examples, three or more, all have the same masks is folded into one matrix, without its scale.',
    mend: 'Fold the scale of each layer into the matrix too.',
    refutedBy: 'training/dropout-on-linear-regression-is-adaptive-l2',
    of: asking('network', (args, tensors) => {
      if (!isTraining(args)) return [args, tensors];
      const masked = withMasks(args, tensors);
      const isFolded = args['activation'] === 'identity' && Object.values(only(masked, isMask)).every(isCommon);
      return [isFolded ? { ...args, keep_probs: keepProbsOf(args).map(() => 1) } : args, masked];
    }),
  },
  {
    id: 'training/weights-in-half-precision',
    what: 'The weights are rounded to float16, whatever the dtype.',
    mend: 'Keep the weights in the dtype in which they came.',
    refutedBy: 'training/golden',
    of: asking('network', (args, tensors) => [args, roundedTo('float16', tensors)]),
  },
  {
    id: 'training/weights-in-single-precision',
    what: 'The weights are rounded to float32, whatever the dtype.',
    mend: 'Keep float64 weights in float64, or do not declare it.',
    refutedBy: 'training/golden',
    of: asking('network', (args, tensors) => [args, roundedTo('float32', tensors)]),
  },
];
