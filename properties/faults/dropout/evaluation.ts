/** Evaluation that is not the identity, and training that it disturbs. */
import type { Args, Implementation, Operation } from '../../../src/subject.ts';
import { type Tensor, tensor, valuesOf } from '../../../src/tensor.ts';
import { smallestNormal } from '../../allowances.ts';
import { asking, type Fault, instead, mapped } from '../fault.ts';
import { gradient, isLayer, keepProbOf, onlyIf, output, times, without } from './parts.ts';

const identity = 'dropout/evaluation-is-identity';
const leavesAlone = 'dropout/evaluation-leaves-training-alone';

export const evaluationFaults: readonly Fault[] = [
  {
    id: 'dropout/evaluation-scaled-by-drop-prob',
    what: 'Evaluation multiplies by the probability of dropping.',
    seen: 'ConvNetJS pull request 61, brain.js 2 beta',
    mend: 'Answer x itself in evaluation: inverted dropout has scaled in training.',
    refutedBy: identity,
    of: output(false, (y, keepProb) => times(y, 1 - keepProb)),
  },
  {
    id: 'dropout/evaluation-scaled-by-keep-prob',
    what: 'Evaluation multiplies by keep_prob, on top of the scaling in training.',
    seen: 'darch issue 12',
    mend: 'Scale in training only: the multiplication at test time belongs to dropout without the inversion.',
    refutedBy: identity,
    of: output(false, (y, keepProb) => times(y, keepProb)),
  },
  {
    id: 'dropout/evaluation-scaled-by-half',
    what: 'Evaluation multiplies by 0.5, whatever keep_prob.',
    seen: 'retain pull request 1',
    mend: 'Answer x itself in evaluation.',
    refutedBy: identity,
    of: output(false, (y) => times(y, 0.5)),
  },
  {
    id: 'dropout/evaluation-still-scales',
    what: 'Evaluation divides by keep_prob, as training does, and drops nothing.',
    mend: 'Leave out the scale as well as the mask in evaluation.',
    refutedBy: identity,
    of: output(false, (y, keepProb) => times(y, 1 / keepProb)),
  },
  {
    id: 'dropout/evaluation-still-drops',
    what: 'Evaluation does what training does.',
    seen: 'nanoGPT issue 240, thinc pull request 355, Vowpal Wabbit pull request 4782',
    mend: 'Hand the mode to dropout, and answer x itself when it is evaluation.',
    refutedBy: identity,
    of: instead('dropout', (correct) => (args, tensors) => {
      const { u: _, ...others } = tensors;
      const keepProb = keepProbOf(args);
      const drops = args['training'] === false && keepProb > 0 && keepProb < 1;
      return drops ? correct({ ...args, training: true }, { ...others, x: tensors['x'] }) : correct(args, tensors);
    }),
  },
  {
    id: 'dropout/evaluation-keeps-the-mask',
    what: 'A layer that has trained evaluates under the mask of its last training call.',
    mend: 'Forget the mask of training, or do not look at it, in evaluation.',
    refutedBy: identity,
    of: instead('dropout', (correct) => staleMask(correct, 'y')),
  },
  {
    id: 'dropout/evaluation-loses-the-sign-of-zero',
    what: 'Evaluation adds 0, which turns −0 into 0.',
    mend: 'Copy x in evaluation, and compute nothing.',
    refutedBy: identity,
    of: output(false, (y) => mapped(y, (value) => value + 0)),
  },
  {
    id: 'dropout/evaluation-flushes-subnormals',
    what: 'Evaluation multiplies by 1 on a processor that flushes subnormal numbers to zero.',
    mend: 'Copy x in evaluation, and compute nothing.',
    refutedBy: identity,
    of: output(false, (y) => mapped(y, (value) => (Math.abs(value) < smallestNormal(y.dtype) ? 0 * value : value))),
  },
  {
    id: 'dropout/evaluation-hides-what-is-not-finite',
    what: 'Evaluation puts zeros where x is infinite or not a number.',
    mend: 'Copy x in evaluation, whatever is in it.',
    refutedBy: identity,
    of: output(false, (y) => mapped(y, (value) => (Number.isFinite(value) ? value : 0))),
  },
  {
    id: 'dropout/off-after-evaluation',
    what: 'What has evaluated once never drops again.',
    seen: 'Megatron-LM pull request 411, mmd issue 14',
    mend: 'Go back to training after an evaluation, or hand over the mode with each call.',
    refutedBy: leavesAlone,
    of: instead('dropout', afterEvaluation(false)),
  },
  {
    id: 'dropout/first-call-after-evaluation-drops-nothing',
    what: 'The first training call of a layer after an evaluation is still an evaluation.',
    mend: 'Read the mode when the call begins, not when the one before has ended.',
    refutedBy: leavesAlone,
    of: onlyIf(isLayer, instead('dropout', afterEvaluation(true))),
  },
  {
    id: 'dropout/evaluation-restarts-the-seed',
    what: 'An evaluation seeds a seeded layer again: the masks after it are those from the beginning.',
    mend: 'Seed a layer once, when it is made.',
    refutedBy: leavesAlone,
    of: restartedByEvaluation,
  },
  {
    id: 'dropout/no-scale-after-evaluation',
    what: 'A layer that has evaluated drops afterwards, but no longer divides by keep_prob.',
    mend: 'Set nothing in evaluation that training reads.',
    refutedBy: leavesAlone,
    of: onlyIf(
      isLayer,
      instead('dropout', (correct) => {
        const evaluated = new Set<unknown>();
        return async (args, tensors) => {
          const answer = await correct(args, tensors);
          if (args['training'] === false) evaluated.add(args['layer']);
          const unscaled = args['training'] === true && evaluated.has(args['layer']);
          return unscaled ? { ...answer, y: times(answer['y'], keepProbOf(args)) } : answer;
        };
      }),
    ),
  },
  {
    id: 'dropout/evaluation-gradient-scaled',
    what: 'In evaluation the gradient is still divided by keep_prob.',
    mend: 'Pass dy on as it is in evaluation.',
    refutedBy: 'dropout/evaluation-gradient-is-identity',
    of: gradient(false, (dx, keepProb) => times(dx, 1 / keepProb)),
  },
  {
    id: 'dropout/evaluation-gradient-is-zero',
    what: 'In evaluation no gradient is passed on.',
    seen: 'Paddle pull request 35122',
    mend: 'Pass dy on as it is in evaluation: the gradient of the identity is the identity.',
    refutedBy: 'dropout/evaluation-gradient-is-identity',
    of: gradient(false, (dx) => times(dx, 0)),
  },
  {
    id: 'dropout/evaluation-gradient-refused',
    what: 'A gradient in evaluation is refused: backpropagation is only defined while training.',
    seen: 'torch/nn pull request 614',
    mend: 'Pass dy on as it is in evaluation.',
    refutedBy: 'dropout/evaluation-gradient-is-identity',
    of: instead('dropout', (correct) => (args, tensors) => {
      if (args['training'] !== false || !tensors['dy']) return correct(args, tensors);
      throw Object.assign(new Error('backprop is only defined while training'), { code: 'unsupported' });
    }),
  },
  {
    id: 'dropout/evaluation-gradient-keeps-the-mask',
    what: 'A layer that has trained passes gradients in evaluation under the mask of its last training call.',
    mend: 'Forget the mask of training, or do not look at it, in evaluation.',
    refutedBy: 'dropout/evaluation-gradient-is-identity',
    of: instead('dropout', (correct) => staleMask(correct, 'dx')),
  },
];

/** In evaluation, what comes out of a layer passes the mask and the scale of its last training call, where that fits. */
function staleMask(correct: Operation, name: 'y' | 'dx'): Operation {
  const last = new Map<unknown, Tensor>();
  return async (args, tensors) => {
    const answer = await correct(args, tensors);
    const [mask, out] = [answer['mask'], answer[name]];
    if (!isLayer(args) || args['repeat'] !== undefined || mask === undefined || out === undefined) return answer;
    if (args['training'] === true) last.set(args['layer'], mask);
    const stale = last.get(args['layer']);
    if (args['training'] === true || stale?.data.length !== out.data.length) return answer;
    const values = Float64Array.from(valuesOf(out), (value, i) => (stale.data[i] === 0 ? 0 : value / keepProbOf(args)));
    return { ...answer, [name]: tensor(out.dtype, out.shape, values) };
  };
}

/** A seeded layer, made anew after each evaluation. */
function restartedByEvaluation(correct: Implementation): Implementation {
  const evaluations = new Map<unknown, number>();
  return asking('dropout', (args, tensors) => {
    const { layer, seed, training } = args;
    if (layer === undefined || seed === undefined) return [args, tensors];
    const times = evaluations.get(layer) ?? 0;
    if (training !== true) evaluations.set(layer, times + 1);
    return [{ ...args, layer: `${layer}, made anew ${times} times` }, tensors];
  })(correct);
}

/** After an evaluation, training is evaluation: the next call `once`, or for ever. */
function afterEvaluation(once: boolean): (correct: Operation) => Operation {
  return (correct) => {
    const evaluated = new Set<unknown>();
    const ask = (args: Args): Args => {
      const { layer, training } = args;
      if (training !== true) evaluated.add(layer);
      if (training !== true || !evaluated.has(layer)) return args;
      if (once) evaluated.delete(layer);
      return { ...without(args, 'training'), training: false };
    };
    return (args, tensors) => correct(ask(args), tensors);
  };
}
