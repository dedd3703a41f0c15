/** How the steps of a correct implementation are made wrong. */
import type { Args, DecayConvention, Implementation, Optimizer, Roles } from '../../../src/subject.ts';
import { type Tensor, type Tensors, tensor, valuesOf } from '../../../src/tensor.ts';
import { declaring, instead, mapped, mappedTensors, numberIn } from '../fault.ts';

const everyOptimizer: readonly Optimizer[] = ['sgd', 'adam', 'adamw'];

export const isOneOf = (optimizers: readonly Optimizer[], args: Args): boolean =>
  optimizers.includes(args['optimizer'] as Optimizer);

/** The entry of step k, of a schedule or of a constant. */
export const at = (schedule: unknown, k: number): number => Number(Array.isArray(schedule) ? schedule[k] : schedule);

/** The entries of a schedule, or a constant once a step. */
export const entriesOf = (args: Args, name: 'lr' | 'weight_decay'): number[] =>
  Array.from({ length: numberIn(args, 'steps') }, (_, k) => at(args[name], k));

export const rolesOf = (args: Args): Roles => args['roles'] as Roles;

export const isGradient = (name: string): boolean => name.startsWith('g:');

export const parametersOf = (tensors: Tensors): Record<string, Tensor> =>
  mappedTensors(tensors, (each, name) => (isGradient(name) ? undefined : each));

/** Changes what is asked; what must be refused is refused as before. */
export const askingOnceValid = (change: (args: Args, tensors: Tensors) => readonly [Args, Tensors]) =>
  instead('step', (correct) => async (args, tensors) => {
    await correct(args, tensors);
    return correct(...change(args, tensors));
  });

/** Changes the weight_decay of each step of some optimizers. */
export const strength = (
  change: (decay: number, step: { readonly k: number; readonly lr: number }) => number,
  optimizers = everyOptimizer,
) =>
  askingOnceValid((args, tensors) => {
    if (!isOneOf(optimizers, args)) return [args, tensors];
    const changed = entriesOf(args, 'weight_decay').map((decay, k) => change(decay, { k, lr: at(args['lr'], k) }));
    return [{ ...args, weight_decay: changed }, tensors];
  });

/** Changes a schedule; a constant stays. */
export const schedule = (name: 'lr' | 'weight_decay', change: (entries: readonly number[]) => readonly number[]) =>
  askingOnceValid((args, tensors) => [
    Array.isArray(args[name]) ? { ...args, [name]: change(entriesOf(args, name)) } : args,
    tensors,
  ]);

/** An element of a parameter. */
interface Element {
  /** Its parameter's. */
  readonly name: string;
  /** Before the first step. */
  readonly w: number;
  /** Its place in its parameter, from 0. */
  readonly index: number;
  readonly role: string;
  /** Its parameter's place among those that have a gradient, from 0. */
  readonly parameter: number;
  /** Its gradient in the first step. */
  readonly gradient: number;
  /** How many there are. */
  readonly steps: number;
}

/** Changes what the decay alone does to each element in all steps together. */
export const effect = (change: (effect: number, element: Element) => number, optimizers = everyOptimizer) =>
  instead('step', (correct) => async (args, tensors) => {
    const decayed = await correct(args, tensors);
    if (!isOneOf(optimizers, args)) return decayed;
    const plain = await correct({ ...args, weight_decay: 0 }, tensors);
    const steps = numberIn(args, 'steps');
    const moving = Object.keys(decayed).filter((name) => `g:${name}` in tensors);
    return mappedTensors(decayed, (W, name) => {
      const parameter = moving.indexOf(name);
      if (parameter === -1) return W;
      const [without, start, g] = [plain[name], tensors[name], tensors[`g:${name}`]].map(valuesOf);
      return mapped(W, (w, i) => {
        const element = { name, w: start[i], index: i, role: rolesOf(args)[name], parameter, gradient: g[i], steps };
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
export const gradients = (
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

/** Declares other conventions of every optimizer, or of one. */
export const declaringOf =
  (declared: DecayConvention | Pick<DecayConvention, 'bias'>, optimizers = everyOptimizer) =>
  (implementation: Implementation): Implementation => {
    const own = implementation.capabilities.step?.optimizers ?? {};
    const others = Object.entries(own).map(([name, convention]) => [
      name,
      optimizers.includes(name as Optimizer) ? { ...convention, ...declared } : convention,
    ]);
    return declaring('step', { optimizers: Object.fromEntries(others) })(implementation);
  };
