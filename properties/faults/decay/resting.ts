/** Decays that are wrong by themselves: it shows where nothing else moves the weights. */
import type { Fault } from '../fault.ts';
import { askingOnceValid, declaringOf, effect, entriesOf, gradients, strength } from './changes.ts';

/** What the loss was multiplied by, so that small gradients do not vanish in float16. */
const lossScale = 1024;

/** How many micro-steps accumulate the gradients of a step. */
const microSteps = 4;

export const restingFaults: readonly Fault[] = [
  {
    id: 'decay/no-effect',
    what: 'weight_decay is taken and never used.',
    seen: 'tinygrad pull request 17709, paddle issue 5836',
    mend: 'Use weight_decay: it is taken and never read.',
    refutedBy: 'decay/shrinks-the-norm',
    of: strength(() => 0),
  },
  {
    id: 'decay/weak-decay-ignored',
    what: 'A weight_decay below 0.001 is taken for none.',
    mend: 'Drop the threshold: a decay of 1e-4 is what is used.',
    refutedBy: 'decay/shrinks-the-norm',
    of: strength((decay) => (decay < 0.001 ? 0 : decay)),
  },
  {
    id: 'decay/growth',
    what: 'The sign is wrong: the weights grow by what they should lose.',
    seen: 'chainer issue 261',
    mend: 'Turn the sign around: the decay is subtracted from the weight, or added to the gradient.',
    refutedBy: 'decay/shrinks-the-norm',
    of: effect((change) => -change),
  },
  {
    id: 'decay/index-added',
    what: 'SGD and Adam add weight_decay times the parameter’s index, not times the parameter.',
    seen: 'R torch issue 821',
    mend: 'Multiply weight_decay by the parameter, not by the index that counts the loop.',
    refutedBy: 'decay/keeps-the-direction',
    of: gradients(['sgd', 'adam'], 'weight_decay', (g, { decay, index }) => g + decay * index),
  },
  {
    id: 'decay/only-the-first-parameter',
    what: 'Only the first of several parameters decays.',
    mend: 'Go through all parameters, not only through the first.',
    refutedBy: 'decay/keeps-the-direction',
    of: effect((change, { parameter }) => (parameter === 0 ? change : 0)),
  },
  {
    id: 'decay/zeros-become-nan',
    what: 'The decay is divided by the weight’s magnitude and multiplied by it again, which makes NaN of a zero.',
    mend: 'Multiply the weight by its factor: nothing needs to be divided.',
    refutedBy: 'decay/keeps-the-direction',
    of: effect((change, { w }) => (w === 0 ? Number.NaN : change)),
  },
  {
    id: 'decay/not-times-lr',
    what: 'The decay is not multiplied by lr.',
    seen: 'dynet issue 159',
    mend: 'Multiply the decay by lr, or declare that it is not.',
    refutedBy: 'decay/factor-is-as-declared',
    of: strength((decay, { lr }) => (lr === 0 ? decay : decay / lr), ['sgd', 'adamw']),
  },
  {
    id: 'decay/times-lr-though-declared-without',
    what: 'AdamW multiplies by lr a decay that is declared to be free of it.',
    mend: 'Declare that lr multiplies the decay, or leave it out.',
    refutedBy: 'decay/factor-is-as-declared',
    of: declaringOf({ decay: 'decoupled', times_lr: false }, ['adamw']),
  },
  {
    id: 'decay/divided-by-the-loss-scale',
    what: 'SGD and Adam add the decay to gradients that are still multiplied by the loss scale, 1024, and divide both by it.',
    seen: 'chainer issue 7335, qvac-fabric-llm.cpp pull request 187',
    mend: 'Add the decay after the gradients are divided by the loss scale.',
    refutedBy: 'decay/factor-is-as-declared',
    of: strength((decay) => decay / lossScale, ['sgd', 'adam']),
  },
  {
    id: 'decay/once-a-micro-step',
    what: 'AdamW decays in each of the four micro-steps that accumulate the gradients of a step.',
    seen: 'keras issue 19990',
    mend: 'Decay once a step, where the accumulated gradients are used.',
    refutedBy: 'decay/factor-is-as-declared',
    of: strength((decay, { lr }) => (lr === 0 ? decay : (1 - (1 - lr * decay) ** microSteps) / lr), ['adamw']),
  },
  {
    id: 'decay/strength-capped',
    what: 'weight_decay is capped at 0.5.',
    mend: 'Take weight_decay as it is asked for: it is no probability.',
    refutedBy: 'decay/factor-is-as-declared',
    of: strength((decay) => Math.min(decay, 0.5)),
  },
  {
    id: 'decay/lr-capped',
    what: 'lr is capped at 1.',
    mend: 'Take lr as it is asked for.',
    refutedBy: 'decay/factor-is-as-declared',
    of: askingOnceValid((args, tensors) => [
      { ...args, lr: entriesOf(args, 'lr').map((rate) => Math.min(rate, 1)) },
      tensors,
    ]),
  },
  {
    id: 'decay/long-parameters-do-not-decay',
    what: 'A kernel that is started for 1024 elements leaves those after them as they are.',
    mend: 'Start the kernel for as many elements as the parameter has.',
    refutedBy: 'decay/factor-is-as-declared',
    of: effect((change, { index }) => (index < 1024 ? change : 0)),
  },
  {
    id: 'decay/lazy',
    what: 'A weight whose gradient is zero is not touched, as if it were one of an embedding that was not looked up.',
    mend: 'Decay every weight in every step, also where its gradient happens to be zero.',
    refutedBy: 'decay/factor-is-as-declared',
    of: effect((change, { gradient }) => (gradient === 0 ? 0 : change)),
  },
  {
    id: 'decay/first-step-only',
    what: 'The weights decay in the first step only.',
    mend: 'Decay in every step.',
    refutedBy: 'decay/geometric-over-steps',
    of: strength((decay, { k }) => (k === 0 ? decay : 0)),
  },
  {
    id: 'decay/first-ten-steps-only',
    what: 'The weights decay in the first ten steps only, as if they were those of a warm-up.',
    mend: 'Decay in every step, also after the warm-up.',
    refutedBy: 'decay/geometric-over-steps',
    of: strength((decay, { k }) => (k < 10 ? decay : 0)),
  },
  {
    id: 'decay/of-the-initial-weights',
    what: 'SGD and Adam decay in every step what the weights were before the first.',
    mend: 'Decay what the last step left, not what was there before the first.',
    refutedBy: 'decay/geometric-over-steps',
    of: gradients(['sgd', 'adam'], 'weight_decay', (g, { decay, w }) => g + decay * w),
  },
  {
    id: 'decay/absolute-values',
    what: 'L1 for L2: every weight loses the same amount.',
    seen: 'keras-adamw issue 39',
    mend: 'Take away a share of the weight, not the same amount from each.',
    refutedBy: 'decay/proportional-to-the-weight',
    of: effect((change, { w }) => change / (Math.abs(w) || 1), ['sgd', 'adamw']),
  },
  {
    id: 'decay/clipped',
    what: 'No weight loses more than 2 a step to its decay, as if it were part of a gradient that is clipped.',
    mend: 'Clip the gradient of the loss, if at all, before the decay is added.',
    refutedBy: 'decay/proportional-to-the-weight',
    of: effect((change, { steps }) => Math.min(2 * steps, Math.max(-2 * steps, change))),
  },
  {
    id: 'decay/small-weights-do-not-decay',
    what: 'Weights below 0.25 are left alone, as if they had decayed enough.',
    mend: 'Drop the threshold: small weights decay too.',
    refutedBy: 'decay/proportional-to-the-weight',
    of: effect((change, { w }) => (Math.abs(w) < 0.25 ? 0 : change)),
  },
];
