/**
 * Gradient descent with weight decay: SGD with momentum, Adam, AdamW; each with a decay that is coupled (it enters the
 * gradient, as an L2 penalty does) or decoupled (the weight is shrunk on its own). Loshchilov and Hutter 2019,
 * "Decoupled Weight Decay Regularization", Algorithms 1 and 2.
 */
import type { DecayConvention, Optimizer, Roles } from '../subject.ts';
import { demand, demandCount, demandStrength } from './demand.ts';
import { type Floats, mapValues, type NamedFloats } from './floats.ts';
import { isDecayed } from './l2.ts';

/** One number, or one entry a step. */
export type Schedule = number | readonly number[];

export interface Hyperparameters {
  /** sgd: in [0, 1), 0 unless given. */
  readonly momentum?: number | undefined;
  /** adam, adamw: in [0, 1), 0.9 unless given. */
  readonly beta1?: number | undefined;
  /** adam, adamw: in [0, 1), 0.999 unless given. */
  readonly beta2?: number | undefined;
  /** adam, adamw: finite and > 0, 1e-8 unless given. With 0, a gradient of 0 would be 0 / 0. */
  readonly eps?: number | undefined;
}

export interface Descent extends Hyperparameters {
  readonly optimizer: Optimizer;
  readonly convention: DecayConvention;
  readonly lr: Schedule;
  readonly weightDecay: Schedule;
  readonly steps: number;
  readonly parameters: NamedFloats;
  /** One for each parameter. */
  readonly roles: Roles;
  /** By the parameter's name, [steps, …its shape]. A parameter without an entry has no gradient, and is left alone. */
  readonly gradients: NamedFloats;
}

/** What an optimizer makes of element i's gradient in step k = 0, 1, …: the direction whose lr-fold is subtracted. */
type Direction = (gradient: number, i: number, k: number) => number;

const directions: Readonly<Record<Optimizer, (size: number, hyperparameters: Hyperparameters) => Direction>> = {
  sgd: heavyBall,
  adam,
  adamw: adam,
};

/** The parameters after `steps` steps from fresh optimizer state, in their own format, rounded to it in each step. */
export function descend(descent: Descent): Record<string, Floats> {
  const { optimizer, steps, parameters, roles, gradients } = descent;
  demandCount('steps', steps);
  demand(Object.hasOwn(directions, optimizer), 'optimizer must be sgd, adam or adamw', optimizer);
  demandSchedule('lr', descent.lr, steps);
  demandSchedule('weight_decay', descent.weightDecay, steps);
  for (const [name, g] of Object.entries(gradients)) {
    const size = Object.hasOwn(parameters, name) ? steps * parameters[name].length : undefined;
    demand(size !== undefined, 'every gradient must belong to a parameter', name);
    demand(g.length === size, `the gradient of ${name} must have ${size} elements`, g.length);
  }
  return mapValues(parameters, (initial, name) => {
    const direction = directions[optimizer](initial.length, descent);
    const moves = Object.hasOwn(gradients, name) && roles[name] !== 'frozen';
    const decayed = isDecayed(roles[name], descent.convention.bias);
    return moves ? walk({ initial, gradient: gradients[name], direction, decayed, descent }) : initial.slice();
  });
}

/** One parameter's steps. */
function walk({
  initial,
  gradient,
  direction,
  decayed,
  descent,
}: {
  initial: Floats;
  gradient: Floats;
  direction: Direction;
  decayed: boolean;
  descent: Descent;
}): Floats {
  const { steps, convention } = descent;
  const w = initial.slice();
  for (let k = 0; k < steps; k++) {
    const lr = at(descent.lr, k);
    const decay = decayed ? at(descent.weightDecay, k) : 0;
    const coupled = convention.decay === 'coupled' ? decay : 0;
    const shrink = convention.decay === 'decoupled' ? 1 - (convention.times_lr ? lr : 1) * decay : 1;
    const after = convention.order === 'after';
    for (let i = 0; i < w.length; i++) {
      if (!after) w[i] *= shrink;
      w[i] -= lr * direction(gradient[k * w.length + i] + coupled * w[i], i, k);
      if (after) w[i] *= shrink;
    }
  }
  return w;
}

/** v ← momentum · v + g, from 0: Polyak 1964, in the form of PyTorch, where lr multiplies the whole of v. */
function heavyBall(size: number, { momentum = 0 }: Hyperparameters): Direction {
  demandFraction('momentum', momentum);
  const v = new Float64Array(size);
  return (g, i) => {
    v[i] = momentum * v[i] + g;
    return v[i];
  };
}

/** Kingma and Ba 2015, Algorithm 1: bias-corrected moments, eps outside the root. */
function adam(size: number, { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: Hyperparameters): Direction {
  demandFraction('beta1', beta1);
  demandFraction('beta2', beta2);
  demand(Number.isFinite(eps) && eps > 0, 'eps must be finite and > 0', eps);
  const m = new Float64Array(size);
  const v = new Float64Array(size);
  return (g, i, k) => {
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    const mean = m[i] / (1 - beta1 ** (k + 1));
    const square = v[i] / (1 - beta2 ** (k + 1));
    return mean / (Math.sqrt(square) + eps);
  };
}

const at = (schedule: Schedule, k: number): number => (typeof schedule === 'number' ? schedule : schedule[k]);

function demandSchedule(name: string, schedule: Schedule, steps: number): void {
  if (typeof schedule === 'number') {
    demandStrength(name, schedule);
    return;
  }
  demand(schedule.length === steps, `${name} must have one entry for each of the ${steps} steps`, schedule.length);
  for (const [k, value] of schedule.entries()) demandStrength(`${name}[${k}]`, value);
}

function demandFraction(name: string, value: number): void {
  demand(value >= 0 && value < 1, `${name} must be in [0, 1)`, value);
}
