/** Steps that are wrong beside a gradient. */
import type { Implementation } from '../../../src/subject.ts';
import { sizeOf, type Tensors } from '../../../src/tensor.ts';
import { answering, asking, declaring, type Fault, instead, mapped, mappedTensors, numberIn } from '../fault.ts';
import {
  askingOnceValid,
  declaringOf,
  effect,
  entriesOf,
  gradients,
  isGradient,
  isOneOf,
  parametersOf,
  rolesOf,
  schedule,
  strength,
} from './changes.ts';

/**
 * AdamW whose decay comes after the step: the decay that a step should leave is met by the next one instead, and the
 * last one's is added by itself. Every parameter is taken to decay that has a gradient and is not frozen.
 */
const decayAfterTheStep = instead('step', (correct) => async (args, tensors) => {
  const inOrder = await correct(args, tensors);
  if (!isOneOf(['adamw'], args)) return inOrder;
  const lr = entriesOf(args, 'lr');
  const fractions = entriesOf(args, 'weight_decay').map((decay, k) => lr[k] * decay);
  const late = lr.map((rate, k) => (k === 0 || rate === 0 ? 0 : fractions[k - 1] / rate));
  const answer = await correct({ ...args, weight_decay: late }, tensors);
  return mappedTensors(answer, (W, name) =>
    `g:${name}` in tensors && rolesOf(args)[name] !== 'frozen'
      ? mapped(W, (w) => w * (1 - fractions[fractions.length - 1]))
      : W,
  );
});

/** SGD that starts from fresh state after every so many steps. */
const forgettingAfter = (most: number) =>
  instead('step', (correct) => async (args, tensors) => {
    if (!isOneOf(['sgd'], args)) return correct(args, tensors);
    const steps = numberIn(args, 'steps');
    let parameters: Tensors = parametersOf(tensors);
    for (let from = 0; from < steps; from += most) {
      const to = Math.min(steps, from + most);
      const part = <T>(schedule: T) => (Array.isArray(schedule) ? schedule.slice(from, to) : schedule);
      const own = mappedTensors(tensors, ({ dtype, shape: [, ...shape], data }, name) => {
        const size = sizeOf(shape);
        return isGradient(name)
          ? { dtype, shape: [to - from, ...shape], data: data.slice(from * size, to * size) }
          : undefined;
      });
      const asked = { ...args, steps: to - from, lr: part(args['lr']), weight_decay: part(args['weight_decay']) };
      parameters = await correct(asked, { ...parameters, ...own });
    }
    return parameters;
  });

/** A library that has SGD and AdamW, and no Adam. */
function withoutAdam(implementation: Implementation): Implementation {
  const { adam: _, ...others } = implementation.capabilities.step?.optimizers ?? {};
  return declaring('step', { optimizers: others })(implementation);
}

const adamwIsAdam = asking('step', (args, tensors) => [
  isOneOf(['adamw'], args) ? { ...args, optimizer: 'adam' } : args,
  tensors,
]);

/** Answers a request that differs from the one before in nothing but Adam's name as that one was answered. */
const cachedWithoutTheName = instead('step', (correct) => {
  let last: { readonly key: string; readonly answer: Tensors } | undefined;
  return async (args, tensors) => {
    if (!isOneOf(['adam', 'adamw'], args)) return correct(args, tensors);
    const key = JSON.stringify([{ ...args, optimizer: 'adam' }, contentsOf(tensors)]);
    if (last?.key !== key) last = { key, answer: await correct(args, tensors) };
    return last.answer;
  };
});

const contentsOf = (tensors: Tensors): readonly unknown[] =>
  Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, dtype, shape, Array.from(data)]);

const withMomentum = (change: (momentum: unknown) => unknown) =>
  asking('step', (args, tensors) => [
    args['optimizer'] === 'sgd' ? { ...args, momentum: change(args['momentum']) } : args,
    tensors,
  ]);

export const movingFaults: readonly Fault[] = [
  {
    id: 'decay/default-in-the-place-of-zero',
    what: 'weight_decay 0 counts as missing, and the default 0.01 takes its place.',
    mend: 'Ask whether weight_decay was given, not whether it is truthy.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: strength((decay) => decay || 0.01),
  },
  {
    id: 'decay/no-momentum-without-decay',
    what: 'The path for weight_decay 0 forgets the momentum.',
    mend: 'Pass the momentum on in the path without decay too.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: askingOnceValid(({ momentum, ...args }, tensors) => [
      args['weight_decay'] === 0 || momentum === undefined ? args : { ...args, momentum },
      tensors,
    ]),
  },
  {
    id: 'decay/momentum-unasked',
    what: 'SGD that is told of no momentum takes 0.9.',
    mend: 'Let momentum be 0 unless it is asked for.',
    refutedBy: 'decay/geometric-over-steps',
    of: withMomentum((momentum) => momentum ?? 0.9),
  },
  {
    id: 'decay/momentum-in-the-place-of-zero',
    what: 'Momentum 0 counts as missing, and the default 0.9 takes its place.',
    mend: 'Ask whether momentum was given, not whether it is truthy.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: withMomentum((momentum) => (momentum === 0 ? 0.9 : momentum)),
  },
  {
    id: 'decay/eps-of-its-own',
    what: 'Adam and AdamW take an eps of 1e-12, whatever they are told.',
    mend: 'Pass eps on: in low precision it decides how far small gradients step.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: asking('step', (args, tensors) => [args['optimizer'] === 'sgd' ? args : { ...args, eps: 1e-12 }, tensors]),
  },
  {
    id: 'decay/empty-parameter-is-nan',
    what: 'The gradients are scaled by the largest of them, which an empty parameter has not: all becomes NaN.',
    mend: 'Leave parameters without elements alone before their largest one is looked for.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: answering('step', (answer) =>
      Object.values(answer).some(({ data }) => data.length === 0)
        ? mappedTensors(answer, (W) => mapped(W, () => Number.NaN))
        : {},
    ),
  },
  {
    id: 'decay/only-where-the-gradient-agrees',
    what: 'Plain SGD decays a weight only where its gradient does not make it grow.',
    mend: 'Decay every weight, whatever the sign of its gradient.',
    refutedBy: 'decay/sgd-l2-equals-decay',
    of: effect((change, { w, gradient }) => (w * gradient >= 0 ? change : 0), ['sgd']),
  },
  {
    id: 'decay/plain-step-in-single-precision',
    what: 'A single step of SGD without momentum and decay takes a short cut in float32, whatever the dtype.',
    mend: 'Step in the dtype of the parameters, on every path.',
    refutedBy: 'decay/sgd-l2-equals-decay',
    of: answering('step', (answer, args) =>
      isOneOf(['sgd'], args) && args['steps'] === 1 && args['weight_decay'] === 0 && !args['momentum']
        ? mappedTensors(answer, (W) => mapped(W, Math.fround))
        : {},
    ),
  },
  {
    id: 'decay/sgd-is-sgdw',
    what: 'SGD with momentum keeps a decay out of the velocity that is declared to be coupled.',
    mend: 'Add the decay to the gradient before the velocity takes it up, or declare it as decoupled.',
    refutedBy: 'decay/momentum-carries-the-decay-as-declared',
    of: gradients(['sgd'], 'momentum', (g, { before, momentum }) => momentum * before + g),
  },
  {
    id: 'decay/sgdw-is-sgd',
    what: 'SGD with momentum carries on in its velocity a decay that is declared to be decoupled.',
    mend: 'Keep the decay out of the velocity, or declare it as coupled.',
    refutedBy: 'decay/momentum-carries-the-decay-as-declared',
    of: declaringOf({ decay: 'decoupled', times_lr: true, order: 'before' }, ['sgd']),
  },
  {
    id: 'decay/capped-with-momentum',
    what: 'With momentum, weight_decay is capped at 1 − momentum, so that in the long run it takes no more than lr · w.',
    mend: 'Take weight_decay as it is asked for, whatever the momentum.',
    refutedBy: 'decay/momentum-carries-the-decay-as-declared',
    of: askingOnceValid((args, tensors) => {
      const momentum = numberIn(args, 'momentum') || 0;
      const capped = entriesOf(args, 'weight_decay').map((decay) => Math.min(decay, 1 - momentum));
      return [momentum > 0 ? { ...args, weight_decay: capped } : args, tensors];
    }),
  },
  {
    id: 'decay/adamw-is-adam',
    what: 'AdamW adds the decay to the gradient, as Adam does.',
    seen: 'FlagGems issue 4988, DeepSpeed issue 8307, bitsandbytes issue 1992',
    mend: 'Shrink the weights on their own in AdamW: the decay must not enter the moments.',
    refutedBy: 'decay/adam-and-adamw-differ-as-declared',
    of: adamwIsAdam,
  },
  {
    id: 'decay/adam-is-adamw',
    what: 'Adam shrinks the weights on their own, as AdamW does.',
    seen: 'FlagGems issue 4988, DeepSpeed issue 8307, bitsandbytes issue 1992',
    mend: 'Add the decay to the gradient in Adam, or declare it as decoupled.',
    refutedBy: 'decay/adam-and-adamw-differ-as-declared',
    of: asking('step', (args, tensors) => [isOneOf(['adam'], args) ? { ...args, optimizer: 'adamw' } : args, tensors]),
  },
  {
    id: 'decay/adam-strength-capped',
    what: 'Adam caps weight_decay at 1.',
    mend: 'Take weight_decay as it is asked for: it is no probability.',
    refutedBy: 'decay/adam-and-adamw-differ-as-declared',
    of: strength((decay) => Math.min(decay, 1), ['adam']),
  },
  {
    id: 'decay/cached-without-the-name',
    what: 'The last answer is kept under all that was asked but the optimizer’s name: AdamW is answered as Adam was.',
    mend: 'Make the optimizer, and all else that a step depends on, a part of the cache’s key.',
    refutedBy: 'decay/adam-and-adamw-differ-as-declared',
    of: cachedWithoutTheName,
  },
  {
    id: 'decay/adamw-is-declared-as-adam',
    what: 'AdamW adds the decay to the gradient, as Adam does, and declares it so.',
    mend: 'Shrink the weights on their own in AdamW, or call it Adam.',
    refutedBy: 'decay/adamw-is-decoupled',
    of: (correct) => declaringOf({ decay: 'coupled' }, ['adamw'])(adamwIsAdam(correct)),
  },
  {
    id: 'decay/after-the-step',
    what: 'AdamW decays the weights after the gradient’s step where before was declared.',
    seen: 'transformers issue 14539',
    mend: 'Decay the weights before the gradient’s step, or declare that it comes after.',
    refutedBy: 'decay/order-is-as-declared',
    of: decayAfterTheStep,
  },
  {
    id: 'decay/after-a-single-step',
    what: 'In a library with AdamW and no Adam, a step by itself decays the weights after the gradient’s step, and several in one go before it.',
    seen: 'bitsandbytes issue 2010',
    mend: 'Decay before the gradient’s step in every kernel, or declare that it comes after.',
    refutedBy: 'decay/order-is-as-declared',
    of: (correct) =>
      instead('step', (several) => {
        const { step: single = several } = decayAfterTheStep(correct);
        return (args, tensors) => (args['steps'] === 1 ? single : several)(args, tensors);
      })(withoutAdam(correct)),
  },
  {
    id: 'decay/fixed-at-the-first-entry',
    what: 'The weight_decay of the first step is used in all, whatever its schedule.',
    mend: 'Read weight_decay in every step: it may have a schedule.',
    refutedBy: 'decay/follows-the-schedule',
    of: schedule('weight_decay', (entries) => entries.map(() => entries[0])),
  },
  {
    id: 'decay/lr-one-step-late',
    what: 'A schedule of lr is one step late.',
    mend: 'Use the k-th entry of lr in the k-th step.',
    refutedBy: 'decay/follows-the-schedule',
    of: schedule('lr', (entries) => [entries[0], ...entries.slice(0, -1)]),
  },
  {
    id: 'decay/schedule-of-decay-alone',
    what: 'A schedule of weight_decay is followed only where lr has one too; else its first entry is used throughout.',
    mend: 'Read weight_decay in every step, whether lr has a schedule or not.',
    refutedBy: 'decay/follows-the-schedule',
    of: askingOnceValid((args, tensors) => {
      const [first] = entriesOf(args, 'weight_decay');
      return [Array.isArray(args['lr']) ? args : { ...args, weight_decay: first }, tensors];
    }),
  },
  {
    id: 'decay/state-lost-after-an-epoch',
    what: 'SGD is made anew every five steps, and forgets its velocity.',
    mend: 'Keep the optimizer, and its velocity with it, for all steps.',
    refutedBy: 'decay/golden',
    of: forgettingAfter(5),
  },
];
