/** Wrong gradients in training. */
import type { Activation, Args, Operation } from '../../../src/subject.ts';
import { type Tensors, tensor, valuesOf } from '../../../src/tensor.ts';
import { declaring, type Fault, mapped, mappedTensors } from '../fault.ts';
import {
  bareAnswer,
  batchOf,
  exampleByExample,
  fromTheFullNetwork,
  inParts,
  isGradient,
  isMask,
  isTraining,
  keepProbsOf,
  layersOf,
  only,
  throughDropout,
} from './changes.ts';

/** z of hidden layer l = 1, 2, …: it is the output of the network that ends there. */
async function preactivations(correct: Operation, l: number, args: Args, tensors: Tensors) {
  const layers = layersOf(args).slice(0, l + 1);
  const [batch, width] = [batchOf(tensors), layers[l]];
  const t = tensor(tensors['x'].dtype, [batch, width], new Float64Array(batch * width));
  const asked = { ...args, layers, keep_probs: keepProbsOf(args).slice(0, l - 1), loss: 'mse' };
  return valuesOf((await correct(asked, { ...tensors, t }))['y']);
}

/**
 * A node's bit is read from its activation: where that is zero, it tells nothing and is taken for `bitOfZero`. Only
 * layers that have dropout are read.
 */
const maskInferred =
  (bitOfZero: 0 | 1, hasDropout: (keepProb: number) => boolean = () => true) =>
  (correct: Operation): Operation =>
  async (args, tensors) => {
    if (!isTraining(args) || args['activation'] === 'sigmoid') return correct(args, tensors);
    let inferred = tensors;
    for (const [l, keepProb] of keepProbsOf(args).entries()) {
      if (!hasDropout(keepProb)) continue;
      const z = await preactivations(correct, l + 1, args, inferred);
      const mask = mapped(inferred[`mask${l + 1}`], (bit, i) => (z[i] === 0 ? bitOfZero : bit));
      inferred = { ...inferred, [`mask${l + 1}`]: mask };
    }
    return { ...(await correct(args, inferred)), ...only(tensors, isMask) };
  };

/** The gradient is that of a call with masks of its own. */
const gradientWithNewMasks: (correct: Operation) => Operation = (correct) => async (args, tensors) => ({
  ...(await correct(args, tensors)),
  ...only(
    await correct(
      args,
      only(tensors, (name) => !isMask(name)),
    ),
    isGradient,
  ),
});

/** An activation and its slope, as a function of what came out of it. */
interface Curve {
  readonly value: (z: number) => number;
  readonly slope: (h: number) => number;
}

/** Those whose slope depends on what came out of them, and not on its sign alone. */
const curved: Partial<Record<Activation, Curve>> = {
  tanh: { value: Math.tanh, slope: (h) => 1 - h * h },
  sigmoid: { value: (z) => 1 / (1 + Math.exp(-z)), slope: (h) => h * (1 - h) },
};

/** The slope of the first hidden layer is computed from h / keep_prob in the place of h, example by example. */
const slopeOfTheScaled: (correct: Operation) => Operation = (correct) => async (args, tensors) => {
  const curve = curved[args['activation'] as Activation];
  if (!isTraining(args) || curve === undefined) return correct(args, tensors);
  const [keepProb] = keepProbsOf(args);
  const ofExample: Operation = async (own, row) => {
    const [answer, z] = [await correct(own, row), await preactivations(correct, 1, own, row)];
    const ratios = Array.from(z, (value) => {
      const h = curve.value(value);
      return curve.slope(h / keepProb) / curve.slope(h);
    });
    const inputs = layersOf(own)[0];
    return {
      ...answer,
      'd:W1': mapped(answer['d:W1'], (slope, i) => slope * ratios[Math.floor(i / inputs)]),
      'd:b1': mapped(answer['d:b1'], (slope, i) => slope * ratios[i]),
    };
  };
  return exampleByExample(() => ofExample)(args, tensors);
};

/** Multiplies every gradient of training. */
const gradientTimes = (factor: (tensors: Tensors) => number) =>
  bareAnswer(true, (answer, _, tensors) =>
    mappedTensors(only(answer, isGradient), (gradient) => mapped(gradient, (slope) => slope * factor(tensors))),
  );

export const gradientFaults: readonly Fault[] = [
  {
    id: 'training/gradient-of-the-full-network',
    what: 'Nodes are dropped on the way forward, and the gradient is that of the full network.',
    seen: 'numpy-ml issue 94',
    mend: 'Multiply by the same masks on the way back, and scale as on the way forward.',
    refutedBy: 'training/dropped-node-loses-incoming-and-outgoing-connections',
    of: fromTheFullNetwork(isGradient),
  },
  {
    id: 'training/mask-inferred-from-the-output',
    what: 'A dropped node whose activation was zero all the same passes the gradient: dropout changed nothing there.',
    seen: 'kaldi issue 3890',
    mend: 'Keep the mask for the way back: what dropout changed does not tell what it dropped.',
    refutedBy: 'training/dropped-node-loses-incoming-and-outgoing-connections',
    of: inParts(maskInferred(1)),
  },
  {
    id: 'training/gradient-scaled-by-drop-prob',
    what: 'The gradient is divided by the probability of dropping.',
    seen: 'apex pull request 816',
    mend: 'Divide by the probability of keeping on the way back too.',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: bareAnswer(true, (answer, args) => throughDropout(answer, args, (keepProb) => keepProb / (1 - keepProb))),
  },
  {
    id: 'training/gradient-twice-the-derivative',
    what: 'The loss has a factor 1/2 that its gradient has not.',
    seen: 'dlib issue 1169',
    mend: 'Derive the gradient from the loss that is reported.',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: gradientTimes(() => 2),
  },
  {
    id: 'training/gradient-summed-over-the-batch',
    what: 'The loss is a mean over the examples, and its gradient a sum.',
    seen: 'mistnet issue 33',
    mend: 'Divide the gradient by the number of examples, as the loss.',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: gradientTimes(batchOf),
  },
  {
    id: 'training/slope-of-the-scaled-activation',
    what: 'The slope of an activation is computed from what dropout made of it, which is divided by keep_prob.',
    mend: 'Compute the slope from the activation before dropout.',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: inParts(slopeOfTheScaled),
  },
  {
    id: 'training/mask-inferred-from-zeros',
    what: 'A kept node whose activation is zero all the same counts as dropped, and has no gradient.',
    seen: 'nnabla pull request 884',
    mend: 'Keep the mask for the way back: a zero does not tell that a node was dropped.',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: inParts(maskInferred(0)),
  },
  {
    id: 'training/mask-inferred-where-it-drops',
    what: 'In layers with a keep_prob below 1, a kept node whose activation is zero all the same has no gradient.',
    seen: 'nnabla pull request 884',
    mend: 'Keep the mask for the way back: a zero does not tell that a node was dropped.',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: inParts(maskInferred(0, (keepProb) => keepProb < 1)),
  },
  {
    id: 'training/gradient-with-new-masks',
    what: 'The gradient is that of masks which were drawn for it.',
    seen: 'guided-diffusion issue 167',
    mend: 'Go back through the masks of the way forward: restore the generator before anything is computed again.',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: inParts(gradientWithNewMasks),
  },
  {
    id: 'training/recomputed-with-new-masks',
    what: 'Activations are computed again for the gradient, with new masks, in a library that neither takes masks nor tells them.',
    seen: 'guided-diffusion issue 167',
    mend: 'Restore the generator’s state before activations are computed again, so that the masks are the same.',
    refutedBy: 'training/draws-a-thinned-network',
    of: (correct) => declaring('network', { masks: false })(inParts(gradientWithNewMasks)(correct)),
  },
];
