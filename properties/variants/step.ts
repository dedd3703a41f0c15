/** Steps of SGD and Adam as correct libraries take them: lr in the velocity, eps in either place, decay in three forms. */
import type { Args, DecayConvention, Operation, Roles, StepCapabilities } from '../../src/subject.ts';
import type { Tensor } from '../../src/tensor.ts';
import {
  type Arithmetic,
  type ArithmeticStyle,
  arithmeticOf,
  like,
  numbersOf,
  refuseUnless,
  refuseUnlessStrength,
} from './arithmetic.ts';
import { ownParameters } from './penalty.ts';

export interface StepStyle {
  /** PyTorch multiplies the velocity by lr, Keras what enters it. They are the same where lr is constant. */
  readonly velocity: 'times lr' | 'with lr in it';
  /** Kingma and Ba 2015: in Algorithm 1 after the correction, in the last lines of §2 before it. */
  readonly eps: 'after the correction' | 'before the correction';
  /** w · (1 − f), w − f · w. */
  readonly decay: 'factor' | 'difference';
}

/** The entries of a schedule, or a constant once a step. */
function entriesOf(args: Args, name: 'lr' | 'weight_decay'): readonly number[] {
  const [given, steps] = [args[name], Number(args['steps'])];
  const entries = Array.isArray(given) ? given.map(Number) : Array<number>(steps).fill(Number(given));
  refuseUnless(entries.length === steps, `${name} must have one entry a step`);
  for (const entry of entries) refuseUnlessStrength(name, entry);
  return entries;
}

/** What is subtracted from element i in step k, lr included. */
type Move = (gradient: number, lr: number, i: number, k: number) => number;

function sgd(args: Args, { velocity }: StepStyle, { of }: Arithmetic): Move {
  const momentum = of(Number(args['momentum'] ?? 0));
  const v: number[] = [];
  return (g, lr, i) => {
    const entering = velocity === 'times lr' ? g : of(lr * g);
    v[i] = of(of(momentum * (v[i] ?? 0)) + entering);
    return velocity === 'times lr' ? of(lr * v[i]) : v[i];
  };
}

function adam(args: Args, style: StepStyle, { of }: Arithmetic): Move {
  const [beta1, beta2, eps] = (['beta1', 'beta2', 'eps'] as const).map((name) =>
    Number(args[name] ?? { beta1: 0.9, beta2: 0.999, eps: 1e-8 }[name]),
  );
  const m: number[] = [];
  const q: number[] = [];
  /** a + (1 − β) · (x − a). */
  const towards = (a: number, x: number, beta: number): number => of(a + of(of(1 - of(beta)) * of(x - a)));
  return (g, lr, i, k) => {
    m[i] = towards(m[i] ?? 0, g, beta1);
    q[i] = towards(q[i] ?? 0, of(g * g), beta2);
    const [first, second] = [of(1 - beta1 ** (k + 1)), of(1 - beta2 ** (k + 1))];
    if (style.eps === 'before the correction') {
      const rate = of(of(lr * of(Math.sqrt(second))) / first);
      return of(of(rate * m[i]) / of(of(Math.sqrt(q[i])) + of(eps)));
    }
    return of(of(lr * of(m[i] / first)) / of(of(Math.sqrt(of(q[i] / second))) + of(eps)));
  };
}

/** A parameter after all steps. */
function walk(
  W: Tensor,
  gradient: Tensor,
  {
    args,
    convention,
    decays,
    how,
  }: {
    args: Args;
    convention: DecayConvention;
    decays: boolean;
    how: { arithmetic: ArithmeticStyle; style: StepStyle };
  },
): Tensor {
  const arithmetic = arithmeticOf(how.arithmetic, W.dtype);
  const { of } = arithmetic;
  const { decay, times_lr = false, order = 'before' } = convention;
  const [lrs, strengths] = [entriesOf(args, 'lr'), entriesOf(args, 'weight_decay')];
  const move = (args['optimizer'] === 'sgd' ? sgd : adam)(args, how.style, arithmetic);
  const g = numbersOf(gradient);
  const w = [...numbersOf(W)];
  for (const [k, rate] of lrs.entries()) {
    const lr = of(rate);
    const strength = of(decays ? strengths[k] : 0);
    const fraction = times_lr ? of(lr * strength) : strength;
    const shrunk = (value: number): number =>
      how.style.decay === 'factor' ? of(value * of(1 - fraction)) : of(value - of(fraction * value));
    for (let i = 0; i < w.length; i++) {
      const own = g[k * w.length + i];
      if (decay === 'decoupled' && order === 'before') w[i] = shrunk(w[i]);
      const signal = decay === 'coupled' ? of(own + of(strength * w[i])) : own;
      w[i] = of(w[i] - move(signal, lr, i, k));
      if (decay === 'decoupled' && order === 'after') w[i] = shrunk(w[i]);
    }
  }
  return like(W, w);
}

/** The operation of the protocol. */
export const stepOperation =
  (declared: StepCapabilities, how: { arithmetic: ArithmeticStyle; style: StepStyle }): Operation =>
  (args, tensors) => {
    const convention = declared.optimizers[args['optimizer'] as keyof StepCapabilities['optimizers']];
    if (convention === undefined) throw Object.assign(new Error('no such optimizer'), { code: 'unsupported' });
    for (const name of ['lr', 'weight_decay'] as const) entriesOf(args, name);
    const roles = args['roles'] as Roles;
    const parameters = Object.entries(ownParameters(args, tensors)).filter(([name]) => !name.startsWith('g:'));
    const moved = parameters.map(([name, W]): [string, Tensor] => {
      const gradient = tensors[`g:${name}`];
      if (gradient === undefined || roles[name] === 'frozen') return [name, { ...W, data: W.data.slice() }];
      const decays = roles[name] === 'weight' || convention.bias === true;
      return [name, walk(W, gradient, { args, convention, decays, how })];
    });
    return Object.fromEntries(moved);
  };
