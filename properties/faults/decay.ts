/** Wrong weight decays, each with the clause that must refute it. */
import type { Args, DecayConvention, Implementation, Optimizer, Roles } from '../../src/subject.ts';
import { sizeOf, type Tensor, type Tensors, tensor, valuesOf } from '../../src/tensor.ts';
import { answering, asking, declaring, type Fault, instead, mapped, mappedTensors, numberIn } from './fault.ts';

const everyOptimizer: readonly Optimizer[] = ['sgd', 'adam', 'adamw'];

const isOneOf = (optimizers: readonly Optimizer[], args: Args): boolean =>
  optimizers.includes(args['optimizer'] as Optimizer);

/** The entry of step k, of a schedule or of a constant. */
const at = (schedule: unknown, k: number): number => Number(Array.isArray(schedule) ? schedule[k] : schedule);

/** One entry a step. */
const entriesOf = (args: Args, name: 'lr' | 'weight_decay'): number[] =>
  Array.from({ length: numberIn(args, 'steps') }, (_, k) => at(args[name], k));

const rolesOf = (args: Args): Roles => args['roles'] as Roles;

const isGradient = (name: string): boolean => name.startsWith('g:');

const parametersOf = (tensors: Tensors): Record<string, Tensor> =>
  mappedTensors(tensors, (each, name) => (isGradient(name) ? undefined : each));

/** Changes what is asked; what must be refused is refused as before. */
const askingOnceValid = (change: (args: Args, tensors: Tensors) => readonly [Args, Tensors]) =>
  instead('step', (correct) => async (args, tensors) => {
    await correct(args, tensors);
    return correct(...change(args, tensors));
  });

/** Changes the weight_decay of each step of some optimizers. */
const strength = (
  change: (decay: number, step: { readonly k: number; readonly lr: number }) => number,
  optimizers = everyOptimizer,
) =>
  askingOnceValid((args, tensors) => {
    if (!isOneOf(optimizers, args)) return [args, tensors];
    const changed = entriesOf(args, 'weight_decay').map((decay, k) => change(decay, { k, lr: at(args['lr'], k) }));
    return [{ ...args, weight_decay: changed }, tensors];
  });

/** Changes a schedule; a constant stays. */
const schedule = (name: 'lr' | 'weight_decay', change: (entries: readonly number[]) => readonly number[]) =>
  askingOnceValid((args, tensors) => [
    Array.isArray(args[name]) ? { ...args, [name]: change(entriesOf(args, name)) } : args,
    tensors,
  ]);

/** An element of a parameter. */
interface Element {
  /** Before the first step. */
  readonly w: number;
  /** Its place in its parameter, from 0. */
  readonly index: number;
  readonly role: string;
  /** Its parameter's place among those that have a gradient, from 0. */
  readonly parameter: number;
  /** Its gradient in the first step. */
  readonly gradient: number;
}

/** Changes what the decay alone does to each element in all steps together. */
const effect = (change: (effect: number, element: Element) => number, optimizers = everyOptimizer) =>
  instead('step', (correct) => async (args, tensors) => {
    const decayed = await correct(args, tensors);
    if (!isOneOf(optimizers, args)) return decayed;
    const plain = await correct({ ...args, weight_decay: 0 }, tensors);
    const moving = Object.keys(decayed).filter((name) => `g:${name}` in tensors);
    return mappedTensors(decayed, (W, name) => {
      const parameter = moving.indexOf(name);
      if (parameter === -1) return W;
      const [without, start, g] = [plain[name], tensors[name], tensors[`g:${name}`]].map(valuesOf);
      return mapped(W, (w, i) => {
        const element = { w: start[i], index: i, role: rolesOf(args)[name], parameter, gradient: g[i] };
        return without[i] + change(w - without[i], element);
      });
    });
  });

/** What an element of a gradient in step k meets. */
interface Moment {
  /** The weight before the first step. */
  readonly w: number;
  /** The parameter's place among all, from 1. */
  readonly index: number;
  /** What came out for the same element in the step before, 0 in the first. */
  readonly before: number;
  readonly decay: number;
  readonly momentum: number;
}

/** Puts what weight_decay or momentum should do into the gradients of some optimizers, which are told of none. */
const gradients = (
  optimizers: readonly Optimizer[],
  hyperparameter: 'weight_decay' | 'momentum',
  change: (g: number, moment: Moment) => number,
) =>
  askingOnceValid((args, tensors) => {
    if (!isOneOf(optimizers, args)) return [args, tensors];
    const names = Object.keys(parametersOf(tensors));
    const [decays, momentum] = [entriesOf(args, 'weight_decay'), numberIn(args, 'momentum') || 0];
    const changed = mappedTensors(tensors, (each, name) => {
      if (!isGradient(name)) return each;
      const own = name.slice('g:'.length);
      const [W, g, index] = [valuesOf(tensors[own]), Float64Array.from(valuesOf(each)), names.indexOf(own) + 1];
      for (let i = 0; i < g.length; i++) {
        const [w, before, decay] = [W[i % W.length], g[i - W.length] ?? 0, decays[Math.floor(i / W.length)]];
        g[i] = change(g[i], { w, index, before, decay, momentum });
      }
      return tensor(each.dtype, each.shape, g);
    });
    return [{ ...args, [hyperparameter]: 0 }, changed];
  });

/** Gradients of zero for parameters that should rest, so that nothing but their decay moves them. */
const disturbing = (isDisturbed: (role: string, hasGradient: boolean) => boolean) =>
  asking('step', (args, tensors) => {
    const roles = rolesOf(args);
    const disturbed = Object.entries(parametersOf(tensors)).filter(([name]) =>
      isDisturbed(roles[name], `g:${name}` in tensors),
    );
    const zeros = disturbed.map(([name, { dtype, shape, data }]) => {
      const steps = numberIn(args, 'steps');
      return [`g:${name}`, tensor(dtype, [steps, ...shape], new Float64Array(steps * data.length))];
    });
    const weights = disturbed.map(([name]) => [name, 'weight']);
    return [
      { ...args, roles: { ...roles, ...Object.fromEntries(weights) } },
      { ...tensors, ...Object.fromEntries(zeros) },
    ];
  });

/** Declares other conventions of every optimizer, or of one. */
const declaringOf =
  (declared: DecayConvention | Pick<DecayConvention, 'bias'>, optimizers = everyOptimizer) =>
  (implementation: Implementation): Implementation => {
    const own = implementation.capabilities.step?.optimizers ?? {};
    const others = Object.entries(own).map(([name, convention]) => [
      name,
      optimizers.includes(name as Optimizer) ? { ...convention, ...declared } : convention,
    ]);
    return declaring('step', { optimizers: Object.fromEntries(others) })(implementation);
  };

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

/** Starts from fresh state after every so many steps. */
const forgettingAfter = (most: number) =>
  instead('step', (correct) => async (args, tensors) => {
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

/** Takes each step for a shared parameter once more, since it stands in the list of parameters under two names. */
const steppingOnceAName = instead('step', (correct) => async (args, tensors) => {
  const once = await correct(args, tensors);
  const alias = Object.entries((args['alias'] ?? {}) as Readonly<Record<string, string>>);
  if (alias.length === 0) return once;
  const moved = Object.fromEntries(alias.flatMap(([name, own]) => [name, own].map((each) => [each, once[own]])));
  const again = await correct(args, { ...tensors, ...moved });
  return { ...once, ...Object.fromEntries(alias.map(([, own]) => [own, again[own]])) };
});

/** Adds a shared parameter's gradient once for each of its names. */
const gradientsOnceAName = asking('step', (args, tensors) => {
  const shared = Object.values((args['alias'] ?? {}) as Readonly<Record<string, string>>).map((own) => `g:${own}`);
  return [args, mappedTensors(tensors, (each, name) => (shared.includes(name) ? mapped(each, (g) => 2 * g) : each))];
});

const withMomentum = (change: (momentum: unknown) => unknown) =>
  asking('step', (args, tensors) => [
    args['optimizer'] === 'sgd' ? { ...args, momentum: change(args['momentum']) } : args,
    tensors,
  ]);

/** Changes every number of lr and weight_decay. */
const rates = (change: (rate: number | readonly number[], args: Args) => number | readonly number[]) =>
  asking('step', (args, tensors) => {
    const { lr, weight_decay } = args as { lr: number | readonly number[]; weight_decay: number | readonly number[] };
    return [{ ...args, lr: change(lr, args), weight_decay: change(weight_decay, args) }, tensors];
  });

const notBelowZero = (rate: number): number => Math.max(0, rate);

export const decayFaults: readonly Fault[] = [
  {
    id: 'decay/no-effect',
    what: 'weight_decay is taken and never used.',
    seen: 'tinygrad pull request 17709, paddle issue 5836',
    refutedBy: 'decay/shrinks-the-norm',
    of: strength(() => 0),
  },
  {
    id: 'decay/weak-decay-ignored',
    what: 'A weight_decay below 0.001 is taken for none.',
    refutedBy: 'decay/shrinks-the-norm',
    of: strength((decay) => (decay < 0.001 ? 0 : decay)),
  },
  {
    id: 'decay/long-parameters-do-not-decay',
    what: 'A kernel that is started for 1024 elements leaves those after them as they are.',
    refutedBy: 'decay/factor-is-as-declared',
    of: effect((change, { index }) => (index < 1024 ? change : 0)),
  },
  {
    id: 'decay/growth',
    what: 'The sign is wrong: the weights grow by what they should lose.',
    seen: 'chainer issue 261',
    refutedBy: 'decay/shrinks-the-norm',
    of: effect((change) => -change),
  },
  {
    id: 'decay/index-added',
    what: 'SGD and Adam add weight_decay times the parameter’s index, not times the parameter.',
    seen: 'R torch issue 821',
    refutedBy: 'decay/keeps-the-direction',
    of: gradients(['sgd', 'adam'], 'weight_decay', (g, { decay, index }) => g + decay * index),
  },
  {
    id: 'decay/only-the-first-parameter',
    what: 'Only the first of several parameters decays.',
    refutedBy: 'decay/keeps-the-direction',
    of: effect((change, { parameter }) => (parameter === 0 ? change : 0)),
  },
  {
    id: 'decay/not-times-lr',
    what: 'The decay is not multiplied by lr.',
    seen: 'dynet issue 159',
    refutedBy: 'decay/factor-is-as-declared',
    of: strength((decay, { lr }) => (lr === 0 ? decay : decay / lr), ['sgd', 'adamw']),
  },
  {
    id: 'decay/times-lr-though-declared-without',
    what: 'AdamW multiplies by lr a decay that is declared to be free of it.',
    refutedBy: 'decay/factor-is-as-declared',
    of: declaringOf({ decay: 'decoupled', times_lr: false }, ['adamw']),
  },
  {
    id: 'decay/lazy',
    what: 'A weight whose gradient is zero is not touched, as if it were one of an embedding that was not looked up.',
    refutedBy: 'decay/factor-is-as-declared',
    of: effect((change, { gradient }) => (gradient === 0 ? 0 : change)),
  },
  {
    id: 'decay/first-step-only',
    what: 'The weights decay in the first step only.',
    refutedBy: 'decay/geometric-over-steps',
    of: strength((decay, { k }) => (k === 0 ? decay : 0)),
  },
  {
    id: 'decay/first-ten-steps-only',
    what: 'The weights decay in the first ten steps only, as if they were those of a warm-up.',
    refutedBy: 'decay/geometric-over-steps',
    of: strength((decay, { k }) => (k < 10 ? decay : 0)),
  },
  {
    id: 'decay/of-the-initial-weights',
    what: 'SGD and Adam decay in every step what the weights were before the first.',
    refutedBy: 'decay/geometric-over-steps',
    of: gradients(['sgd', 'adam'], 'weight_decay', (g, { decay, w }) => g + decay * w),
  },
  {
    id: 'decay/absolute-values',
    what: 'L1 for L2: every weight loses the same amount.',
    seen: 'keras-adamw issue 39',
    refutedBy: 'decay/proportional-to-the-weight',
    of: effect((change, { w }) => change / (Math.abs(w) || 1), ['sgd', 'adamw']),
  },
  {
    id: 'decay/clipped',
    what: 'No weight loses more than 20 to its decay, as if it were part of a gradient that is clipped.',
    refutedBy: 'decay/proportional-to-the-weight',
    of: effect((change) => Math.min(20, Math.max(-20, change))),
  },
  {
    id: 'decay/small-weights-do-not-decay',
    what: 'Weights below 0.25 are left alone, as if they had decayed enough.',
    refutedBy: 'decay/proportional-to-the-weight',
    of: effect((change, { w }) => (Math.abs(w) < 0.25 ? 0 : change)),
  },
  {
    id: 'decay/default-in-the-place-of-zero',
    what: 'weight_decay 0 counts as missing, and the default 0.01 takes its place.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: strength((decay) => decay || 0.01),
  },
  {
    id: 'decay/no-momentum-without-decay',
    what: 'The path for weight_decay 0 forgets the momentum.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: askingOnceValid(({ momentum, ...args }, tensors) => [
      args['weight_decay'] === 0 || momentum === undefined ? args : { ...args, momentum },
      tensors,
    ]),
  },
  {
    id: 'decay/momentum-unasked',
    what: 'SGD that is told of no momentum takes 0.9.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: withMomentum((momentum) => momentum ?? 0.9),
  },
  {
    id: 'decay/momentum-in-the-place-of-zero',
    what: 'Momentum 0 counts as missing, and the default 0.9 takes its place.',
    refutedBy: 'decay/lambda-zero-is-the-plain-step',
    of: withMomentum((momentum) => (momentum === 0 ? 0.9 : momentum)),
  },
  {
    id: 'decay/empty-parameter-is-nan',
    what: 'The gradients are scaled by the largest of them, which an empty parameter has not: all becomes NaN.',
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
    refutedBy: 'decay/sgd-l2-equals-decay',
    of: effect((change, { w, gradient }) => (w * gradient >= 0 ? change : 0), ['sgd']),
  },
  {
    id: 'decay/sgd-is-sgdw',
    what: 'SGD with momentum keeps a decay out of the velocity that is declared to be coupled.',
    refutedBy: 'decay/momentum-carries-the-decay-as-declared',
    of: gradients(['sgd'], 'momentum', (g, { before, momentum }) => momentum * before + g),
  },
  {
    id: 'decay/sgdw-is-sgd',
    what: 'SGD with momentum carries on in its velocity a decay that is declared to be decoupled.',
    refutedBy: 'decay/momentum-carries-the-decay-as-declared',
    of: declaringOf({ decay: 'decoupled', times_lr: true, order: 'before' }, ['sgd']),
  },
  {
    id: 'decay/adamw-is-adam',
    what: 'AdamW adds the decay to the gradient, as Adam does.',
    seen: 'FlagGems issue 4988, DeepSpeed issue 8307, bitsandbytes issue 1992',
    refutedBy: 'decay/adam-and-adamw-differ-as-declared',
    of: asking('step', (args, tensors) => [isOneOf(['adamw'], args) ? { ...args, optimizer: 'adam' } : args, tensors]),
  },
  {
    id: 'decay/adam-is-adamw',
    what: 'Adam shrinks the weights on their own, as AdamW does.',
    seen: 'FlagGems issue 4988, DeepSpeed issue 8307, bitsandbytes issue 1992',
    refutedBy: 'decay/adam-and-adamw-differ-as-declared',
    of: asking('step', (args, tensors) => [isOneOf(['adam'], args) ? { ...args, optimizer: 'adamw' } : args, tensors]),
  },
  {
    id: 'decay/after-the-step',
    what: 'AdamW decays the weights after the gradient’s step where before was declared.',
    seen: 'transformers issue 14539',
    refutedBy: 'decay/order-is-as-declared',
    of: decayAfterTheStep,
  },
  {
    id: 'decay/fixed-at-the-first-entry',
    what: 'The weight_decay of the first step is used in all, whatever its schedule.',
    refutedBy: 'decay/follows-the-schedule',
    of: schedule('weight_decay', (entries) => entries.map(() => entries[0])),
  },
  {
    id: 'decay/lr-one-step-late',
    what: 'A schedule of lr is one step late.',
    refutedBy: 'decay/follows-the-schedule',
    of: schedule('lr', (entries) => [entries[0], ...entries.slice(0, -1)]),
  },
  {
    id: 'decay/biases-exempt',
    what: 'Biases and norms do not decay though declared to.',
    refutedBy: 'decay/biases-as-declared',
    of: effect((change, { role }) => (role === 'weight' ? change : 0)),
  },
  {
    id: 'decay/biases-included',
    what: 'Biases and norms decay though declared exempt.',
    seen: 'transformers issue 4360',
    refutedBy: 'decay/biases-as-declared',
    of: declaringOf({ bias: false }),
  },
  {
    id: 'decay/frozen-parameters-decay',
    what: 'The decay runs over all parameters, also over those that are frozen.',
    refutedBy: 'decay/frozen-parameters-stay',
    of: disturbing((role) => role === 'frozen'),
  },
  {
    id: 'decay/without-a-gradient',
    what: 'Parameters that have no gradient decay.',
    seen: 'Muon issue 54',
    refutedBy: 'decay/no-gradient-no-decay',
    of: disturbing((role, hasGradient) => role !== 'frozen' && !hasGradient),
  },
  {
    id: 'decay/shared-parameter-decays-twice',
    what: 'A shared parameter is stepped under each of its names.',
    seen: 'keras pull request 9098',
    refutedBy: 'decay/shared-parameter-decays-once',
    of: steppingOnceAName,
  },
  {
    id: 'decay/shared-gradient-counts-twice',
    what: 'The gradient of a shared parameter is added once for each of its names.',
    refutedBy: 'decay/shared-parameter-decays-once',
    of: gradientsOnceAName,
  },
  {
    id: 'decay/gradient-in-place',
    what: 'The decay is added to the given gradient itself.',
    seen: 'pytorch issue 12218',
    refutedBy: 'decay/gradient-is-not-modified',
    of: answering('step', (_, args, tensors) => {
      for (const [name, w] of Object.entries(parametersOf(tensors))) {
        const g = tensors[`g:${name}`];
        const [decay, values] = [at(args['weight_decay'], 0), valuesOf(w)];
        g?.data.set(mapped(g, (slope, i) => slope + decay * values[i % values.length]).data);
      }
      return {};
    }),
  },
  {
    id: 'decay/parameters-in-place',
    what: 'The parameters that were given are overwritten with what becomes of them.',
    refutedBy: 'decay/gradient-is-not-modified',
    of: answering('step', (answer, _, tensors) => {
      for (const [name, w] of Object.entries(answer)) tensors[name].data.set(w.data);
      return {};
    }),
  },
  {
    id: 'decay/negative-rates-clamped',
    what: 'A negative lr or weight_decay is taken for 0 in silence.',
    refutedBy: 'decay/invalid-arguments-are-rejected',
    of: rates((rate) => (typeof rate === 'number' ? notBelowZero(rate) : rate.map(notBelowZero))),
  },
  {
    id: 'decay/short-schedule-continued',
    what: 'A schedule that is too short goes on with its last entry.',
    refutedBy: 'decay/invalid-arguments-are-rejected',
    of: rates((rate, args) =>
      typeof rate === 'number'
        ? rate
        : [...rate, ...Array<number>(Math.max(0, numberIn(args, 'steps') - rate.length)).fill(rate[rate.length - 1])],
    ),
  },
  {
    id: 'decay/state-lost-after-an-epoch',
    what: 'The optimizer is made anew every five steps, and forgets its momentum and its moments.',
    refutedBy: 'decay/golden',
    of: forgettingAfter(5),
  },
];
