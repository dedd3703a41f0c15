/** Steps that move what should rest, refuse nothing, or write where they should only read. */
import type { Args } from '../../../src/subject.ts';
import { sameShape, type Tensor, tensor, valuesOf } from '../../../src/tensor.ts';
import { answering, asking, type Fault, instead, mapped, mappedTensors, numberIn } from '../fault.ts';
import { at, declaringOf, effect, parametersOf, rolesOf } from './changes.ts';

/** The names of shared parameters, each with the name that it stands for. */
const aliasesOf = (args: Args): Readonly<Record<string, string>> =>
  (args['alias'] ?? {}) as Readonly<Record<string, string>>;

/** Gradients of zero for parameters that should rest, so that nothing but their decay moves them. */
const disturbing = (isDisturbed: (role: string, hasGradient: boolean) => boolean) =>
  asking('step', (args, tensors) => {
    const roles = rolesOf(args);
    const disturbed = Object.entries(parametersOf(tensors)).filter(
      ([name]) => !(name in aliasesOf(args)) && isDisturbed(roles[name], `g:${name}` in tensors),
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

/** A parameter without a gradient takes the one of the last trained parameter before it, where it fits. */
const withStaleGradients = asking('step', (args, tensors) => {
  const stale: Record<string, Tensor> = {};
  let last: Tensor | undefined;
  for (const [name, W] of Object.entries(parametersOf(tensors))) {
    if (rolesOf(args)[name] === 'frozen') continue;
    const g = tensors[`g:${name}`] ?? last;
    if (g !== undefined && sameShape(g.shape.slice(1), W.shape)) stale[`g:${name}`] = g;
    last = g;
  }
  return [args, { ...tensors, ...stale }];
});

/** Takes each step for a shared parameter once more, since it stands in the list of parameters under two names. */
const steppingOnceAName = instead('step', (correct) => async (args, tensors) => {
  const once = await correct(args, tensors);
  const alias = Object.entries(aliasesOf(args));
  if (alias.length === 0) return once;
  const moved = Object.fromEntries(alias.flatMap(([name, own]) => [name, own].map((each) => [each, once[own]])));
  const again = await correct(args, { ...tensors, ...moved });
  return { ...once, ...Object.fromEntries(alias.map(([, own]) => [own, again[own]])) };
});

/** Adds a shared parameter's gradient once for each of its names. */
const gradientsOnceAName = asking('step', (args, tensors) => {
  const shared = Object.values(aliasesOf(args)).map((own) => `g:${own}`);
  return [args, mappedTensors(tensors, (each, name) => (shared.includes(name) ? mapped(each, (g) => 2 * g) : each))];
});

/** Changes every number of lr and weight_decay. */
const rates = (change: (rate: number | readonly number[], args: Args) => number | readonly number[]) =>
  asking('step', (args, tensors) => {
    const { lr, weight_decay } = args as { lr: number | readonly number[]; weight_decay: number | readonly number[] };
    return [{ ...args, lr: change(lr, args), weight_decay: change(weight_decay, args) }, tensors];
  });

const notBelowZero = (rate: number): number => Math.max(0, rate);

export const parameterFaults: readonly Fault[] = [
  {
    id: 'decay/biases-exempt',
    what: 'Biases and norms do not decay though declared to.',
    mend: 'Decay biases and norms too, or declare that they are exempt.',
    refutedBy: 'decay/biases-as-declared',
    of: effect((change, { role }) => (role === 'weight' ? change : 0)),
  },
  {
    id: 'decay/biases-included',
    what: 'Biases and norms decay though declared exempt.',
    seen: 'transformers issue 4360',
    mend: 'Leave biases and norms out of the decay, or declare that they decay.',
    refutedBy: 'decay/biases-as-declared',
    of: declaringOf({ bias: false }),
  },
  {
    id: 'decay/exempt-by-name',
    what: 'Norms are found by their names, and those that are called otherwise decay though declared exempt.',
    seen: 'transformers issue 16908, DeepSpeedExamples pull request 755',
    mend: 'Go by what a parameter is, not by what it is called.',
    refutedBy: 'decay/biases-as-declared',
    of: (correct) => {
      const isExempt = (name: string, role: string) => role !== 'weight' && /^(b|gamma|norm)/.test(name);
      const byName = effect((change, { name, role }) => (isExempt(name, role) ? 0 : change));
      return declaringOf({ bias: false })(byName(correct));
    },
  },
  {
    id: 'decay/frozen-parameters-decay',
    what: 'The decay runs over all parameters, also over those that are frozen.',
    mend: 'Leave frozen parameters out of the loop that decays.',
    refutedBy: 'decay/frozen-parameters-stay',
    of: disturbing((role) => role === 'frozen'),
  },
  {
    id: 'decay/frozen-without-a-gradient',
    what: 'A frozen parameter decays where it has no gradient: only the gradient’s step asks whether it is frozen.',
    mend: 'Ask whether a parameter is frozen before it is decayed, too.',
    refutedBy: 'decay/frozen-parameters-stay',
    of: disturbing((role, hasGradient) => role === 'frozen' && !hasGradient),
  },
  {
    id: 'decay/without-a-gradient',
    what: 'Parameters that have no gradient decay.',
    seen: 'Muon issue 54',
    mend: 'Leave parameters out that have no gradient: skip the decay where the step is skipped.',
    refutedBy: 'decay/no-gradient-no-decay',
    of: disturbing((role, hasGradient) => role !== 'frozen' && !hasGradient),
  },
  {
    id: 'decay/stale-gradient',
    what: 'A parameter without a gradient is stepped with the one that the buffer still holds, that of the parameter before it, where it fits.',
    mend: 'Skip a parameter that has no gradient, or clear the buffer.',
    refutedBy: 'decay/no-gradient-no-decay',
    of: withStaleGradients,
  },
  {
    id: 'decay/shared-parameter-decays-twice',
    what: 'A shared parameter is stepped under each of its names.',
    seen: 'keras pull request 9098',
    mend: 'Collect the parameters as a set, so that a shared one is stepped once.',
    refutedBy: 'decay/shared-parameter-decays-once',
    of: steppingOnceAName,
  },
  {
    id: 'decay/shared-gradient-counts-twice',
    what: 'The gradient of a shared parameter is added once for each of its names.',
    mend: 'Take the gradient of a shared parameter once: it is already the sum over its uses.',
    refutedBy: 'decay/shared-parameter-decays-once',
    of: gradientsOnceAName,
  },
  {
    id: 'decay/gradient-in-place',
    what: 'The decay is added to the given gradient itself.',
    seen: 'pytorch issue 12218',
    mend: 'Add the decay to a copy of the gradient.',
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
    mend: 'Answer new parameters, and leave those that were given as they are.',
    refutedBy: 'decay/gradient-is-not-modified',
    of: answering('step', (answer, _, tensors) => {
      for (const [name, w] of Object.entries(answer)) tensors[name].data.set(w.data);
      return {};
    }),
  },
  {
    id: 'decay/negative-rates-clamped',
    what: 'A negative lr or weight_decay is taken for 0 in silence.',
    mend: 'Refuse a negative lr or weight_decay.',
    refutedBy: 'decay/invalid-arguments-are-rejected',
    of: rates((rate) => (typeof rate === 'number' ? notBelowZero(rate) : rate.map(notBelowZero))),
  },
  {
    id: 'decay/short-schedule-continued',
    what: 'A schedule that is too short goes on with its last entry.',
    mend: 'Refuse a schedule that has not one entry for each step.',
    refutedBy: 'decay/invalid-arguments-are-rejected',
    of: rates((rate, args) =>
      typeof rate === 'number'
        ? rate
        : [...rate, ...Array<number>(Math.max(0, numberIn(args, 'steps') - rate.length)).fill(rate[rate.length - 1])],
    ),
  },
];
