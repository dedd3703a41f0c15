/**
 * The recurrences of `spec/decay.md` for one weight, in float64, with a running error bound (Higham 2002, §3.3): how far
 * a correct implementation may have come from them by its own roundings. They are accumulated to first order, each
 * term's roundings counted generously rather than in the order of any one implementation.
 */
import type { DecayConvention, Optimizer } from '../../src/subject.ts';

export interface Descent {
  readonly optimizer: Optimizer;
  readonly convention: DecayConvention;
  /** One entry a step. */
  readonly lr: readonly number[];
  readonly weightDecay: readonly number[];
  readonly momentum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Whether eps is added to the root, and only what it adds at another place is an error; else all of it is one. */
  readonly isEpsAsked?: boolean;
  /** The unit roundoff of the dtype. */
  readonly u: number;
}

/** A number, and how far a correct implementation's may be from it. */
interface Bounded {
  readonly value: number;
  readonly error: number;
}

/** The fraction of w that a decay takes away in a step, unless Adam normalizes it. */
export const fractionOf = ({ decay, times_lr }: DecayConvention, lr: number, weightDecay: number): number =>
  decay === 'coupled' || times_lr === true ? lr * weightDecay : weightDecay;

/** Whether Adam divides the decay by the gradient's magnitude, since it is part of the gradient. */
export const isNormalized = (optimizer: Optimizer, { decay }: DecayConvention): boolean =>
  optimizer !== 'sgd' && decay === 'coupled';

/** Where a weight that starts at `start` is after a step for each of its gradients. */
export function descend(descent: Descent, start: number, gradients: readonly number[]): Bounded {
  const { optimizer, convention, u } = descent;
  const coupled = convention.decay === 'coupled';
  const direction = optimizer === 'sgd' ? heavyBall(descent) : adam(descent);
  let [w, error] = [start, 0];
  gradients.forEach((g, k) => {
    const [lr, weightDecay] = [descent.lr[k], descent.weightDecay[k]];
    const pull = coupled ? weightDecay * w : 0;
    // Rounded: weight_decay, its product with w, the sum.
    const signal = {
      value: g + pull,
      error: 3 * u * (Math.abs(g) + Math.abs(pull)) + (coupled ? weightDecay * error : 0),
    };
    const step = direction(signal, k);
    const fraction = coupled ? 0 : fractionOf(convention, lr, weightDecay);
    // Rounded: lr, weight_decay, their product, 1 − that, its product with w; lr · step; the difference.
    const magnitude = Math.abs(w) + lr * Math.abs(step.value);
    const decays = (value: number) => value * (1 - fraction);
    const isAfter = convention.order === 'after';
    w = isAfter ? decays(w - lr * step.value) : decays(w) - lr * step.value;
    // What is off is multiplied by the decay, too: all that came before it.
    const scale = Math.abs(1 - fraction);
    const carried = isAfter ? (error + lr * step.error) * scale : error * scale + lr * step.error;
    error = carried + 6 * u * (1 + fraction) * magnitude;
  });
  return { value: w, error };
}

type Direction = (signal: Bounded, k: number) => Bounded;

/** v ← momentum · v + g, from v = 0. */
function heavyBall({ momentum, u }: Descent): Direction {
  let v: Bounded = { value: 0, error: 0 };
  return (g) => {
    const magnitude = momentum * Math.abs(v.value) + Math.abs(g.value);
    v = { value: momentum * v.value + g.value, error: momentum * v.error + g.error + 3 * u * magnitude };
    return v;
  };
}

/**
 * Kingma and Ba 2015, Algorithm 1, as if eps were 0 unless it is asked about: what it takes away from the step, here or
 * there, is an error.
 */
function adam({ beta1, beta2, eps, isEpsAsked = false, u }: Descent): Direction {
  const own = isEpsAsked ? eps : 0;
  let m: Bounded = { value: 0, error: 0 };
  let v: Bounded = { value: 0, error: 0 };
  return (g, k) => {
    m = average(m, g, beta1, u);
    v = average(v, { value: g.value ** 2, error: 2 * Math.abs(g.value) * g.error + u * g.value ** 2 }, beta2, u);
    if (v.value === 0) return { value: 0, error: 0 };
    const mean = corrected(m, beta1, k, u);
    const square = corrected(v, beta2, k, u);
    const magnitude = Math.sqrt(square.value);
    const root = magnitude + own;
    const value = mean.value / root;
    // eps adds to the root; or, as in Kingma and Ba's last lines of §2, before the correction: then it adds more.
    const ofEps = eps / Math.sqrt(1 - beta2 ** (k + 1)) - own;
    const ofRoot = square.error / (2 * magnitude) + ofEps + 3 * u * root;
    return { value, error: (mean.error + Math.abs(value) * ofRoot) / root + 2 * u * Math.abs(value) };
  };
}

/** β · average + (1 − β) · x. A rounded β moves both terms by u, however small 1 − β is. */
function average(old: Bounded, x: Bounded, beta: number, u: number): Bounded {
  const [kept, added] = [beta * old.value, (1 - beta) * x.value];
  const rounded = 3 * u * (Math.abs(kept) + Math.abs(added)) + u * (Math.abs(old.value) + Math.abs(x.value));
  return { value: kept + added, error: beta * old.error + (1 - beta) * x.error + rounded };
}

/** average / (1 − β^k). A rounded β moves β^k by k · u relatively, which 1 − β^k may make large. */
function corrected({ value, error }: Bounded, beta: number, k: number, u: number): Bounded {
  const power = beta ** (k + 1);
  const rounded = (2 + ((k + 1) * power) / (1 - power)) * u * Math.abs(value / (1 - power));
  return { value: value / (1 - power), error: error / (1 - power) + rounded };
}
