/** Wrong evaluations, and wrong losses. */
import type { Implementation } from '../../../src/subject.ts';
import { type Dtype, round, sameShape, type Tensors, valuesOf } from '../../../src/tensor.ts';
import { answering, asking, type Fault, mapped, mappedTensors } from '../fault.ts';
import {
  bareAnswer,
  batchOf,
  fromTheFullNetwork,
  inParts,
  isGradient,
  isMask,
  isTraining,
  isWeight,
  keepProbsOf,
  layerOf,
  layersOf,
  only,
  throughDropout,
} from './changes.ts';

/** Multiplies the weights that a dropped layer goes into, in evaluation. */
const evaluationWeights = (factor: (keepProb: number) => number) =>
  inParts((correct) => (args, tensors) => {
    if (isTraining(args)) return correct(args, tensors);
    const scaled = mappedTensors(tensors, (each, name) => {
      const keepProb = isWeight(name) ? keepProbsOf(args)[layerOf(name) - 2] : undefined;
      return keepProb === undefined ? each : mapped(each, (w) => w * factor(keepProb));
    });
    return correct(args, scaled);
  });

/** The gradient of an evaluation is that of the network which the last training call left, where its masks fit. */
function gradientThroughStaleMasks(implementation: Implementation): Implementation {
  let left: Tensors = {};
  return inParts((correct) => async (args, tensors) => {
    const answer = await correct(args, tensors);
    if (isTraining(args)) {
      left = only(tensors, isMask);
      return answer;
    }
    const doFit = keepProbsOf(args).every((_, l) => {
      const mask = left[`mask${l + 1}`];
      return mask !== undefined && sameShape(mask.shape, [batchOf(tensors), layersOf(args)[l + 1]]);
    });
    if (!doFit) return answer;
    const thinned = await correct({ ...args, training: true }, { ...tensors, ...left });
    return { ...answer, ...only(thinned, isGradient) };
  })(implementation);
}

/** Whether e to the value is beyond the format. */
const overflows = (dtype: Dtype, value: number): boolean => !Number.isFinite(round(dtype, Math.exp(value)));

export const evaluationFaults: readonly Fault[] = [
  {
    id: 'training/evaluation-still-drops',
    what: 'Evaluation drops nodes as training does.',
    seen: 'nanoGPT issue 240, pytorch issue 10584',
    mend: 'Switch dropout off in evaluation.',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: asking('network', (args, tensors) => [{ ...args, training: true }, tensors]),
  },
  {
    id: 'training/evaluation-scaled-on-top',
    what: 'Evaluation multiplies the weights by keep_prob, though training has divided by it.',
    seen: 'darch issue 12',
    mend: 'Leave the weights as they are in evaluation: training has scaled already.',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: evaluationWeights((keepProb) => keepProb),
  },
  {
    id: 'training/evaluation-scaled-by-drop-prob',
    what: 'Evaluation multiplies the weights by the probability of dropping.',
    seen: 'ConvNetJS pull request 61, brain.js 2 beta',
    mend: 'Leave the weights as they are in evaluation, and mind which probability is which.',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: evaluationWeights((keepProb) => 1 - keepProb),
  },
  {
    id: 'training/evaluation-gradient-scaled',
    what: 'In evaluation the gradient is still divided by keep_prob.',
    mend: 'Pass the gradient on as it is in evaluation.',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: bareAnswer(false, (answer, args) => throughDropout(answer, args, (keepProb) => 1 / keepProb)),
  },
  {
    id: 'training/evaluation-gradient-of-the-third-layer-scaled',
    what: 'Two dropout layers are told of evaluation on the way back: from the third on, the gradient is divided by keep_prob.',
    mend: 'Tell every dropout layer of evaluation, for both ways.',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: bareAnswer(false, (answer, args) =>
      throughDropout(answer, args, (keepProb, layer) => (layer > 2 ? 1 / keepProb : 1)),
    ),
  },
  {
    id: 'training/evaluation-gradient-through-stale-masks',
    what: 'In evaluation the gradient goes through the masks that the last training call has left.',
    seen: 'torch/nn pull request 616',
    mend: 'Leave the masks out on the way back where they were left out on the way forward.',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: gradientThroughStaleMasks,
  },
  {
    id: 'training/evaluation-loss-not-averaged',
    what: 'In evaluation the losses of the examples are added up and not averaged.',
    seen: 'mistnet issue 33',
    mend: 'Divide the loss by the number of examples, in evaluation too.',
    refutedBy: 'training/loss-is-that-of-the-output',
    of: bareAnswer(false, ({ loss }, _, tensors) => ({ loss: mapped(loss, (sum) => sum * batchOf(tensors)) })),
  },
  {
    id: 'training/loss-averaged-over-outputs',
    what: 'The squared errors are averaged over outputs and examples alike, and their gradient likewise.',
    seen: 'pytorch issue 3924',
    mend: 'Add the squared errors of an example up before the mean over examples is taken.',
    refutedBy: 'training/loss-is-that-of-the-output',
    of: inParts((correct) => async (args, tensors) => {
      const answer = await correct(args, tensors);
      if (args['loss'] !== 'mse') return answer;
      const outputs = layersOf(args).at(-1) ?? 1;
      const averaged = only(answer, (name) => name === 'loss' || isGradient(name));
      return { ...answer, ...mappedTensors(averaged, (each) => mapped(each, (number) => number / outputs)) };
    }),
  },
  {
    id: 'training/loss-of-the-full-network',
    what: 'In training the loss is that of the full network, beside the output of the thinned one.',
    mend: 'Compute the loss from the output that is answered.',
    refutedBy: 'training/loss-is-that-of-the-output',
    of: fromTheFullNetwork((name) => name === 'loss'),
  },
  {
    id: 'training/softmax-overflows',
    what: 'The exponentials of the outputs are taken as they are, and those of large outputs are infinite.',
    mend: 'Subtract the largest output before the exponentials are taken.',
    refutedBy: 'training/loss-is-that-of-the-output',
    of: answering('network', ({ loss, y }, args) =>
      args['loss'] === 'softmax_cross_entropy' && valuesOf(y).some((value) => overflows(y.dtype, value))
        ? { loss: mapped(loss, () => Number.NaN) }
        : {},
    ),
  },
];
