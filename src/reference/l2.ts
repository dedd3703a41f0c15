/**
 * The L2 penalty: value = c · lambda · Σ w², divided by the number of examples where the convention says so, and its
 * gradient 2 · c · lambda · w. Weights only; biases and norms too where the convention says so; never what is frozen.
 * Krogh and Hertz 1991 (c = 1/2); Goodfellow et al. 2016, §7.1.1.
 */
import type { PenaltyCapabilities, Role, Roles } from '../subject.ts';
import { demandCount, demandStrength } from './demand.ts';
import { type Floats, map, mapValues, type NamedFloats, sum, zerosLike } from './floats.ts';

/** What correct libraries differ in, in the words of the capabilities. */
export type PenaltyConvention = Pick<PenaltyCapabilities, 'coefficient' | 'per_example' | 'bias'>;

export interface Penalty {
  readonly parameters: NamedFloats;
  /** One for each parameter. */
  readonly roles: Roles;
  /** Finite, >= 0. */
  readonly lambda: number;
  /** The number of training examples: needed where the convention divides by it. */
  readonly examples?: number | undefined;
  readonly convention: PenaltyConvention;
}

/** c · lambda · Σ w² (/ examples), in float64. */
export function penalty({ parameters, roles, lambda, examples, convention }: Penalty): number {
  const divisor = demandDivisor({ lambda, examples, convention });
  const names = Object.keys(parameters).filter((name) => isDecayed(roles[name], convention.bias));
  const { total, scale } = sumOfSquares(names.map((name) => parameters[name]));
  return ((lambda * scale * convention.coefficient) / divisor) * total * scale;
}

/** d value / d w = 2 · c · lambda · w (/ examples), for each parameter; zeros where it is not penalised. */
export function penaltyGradient({ parameters, roles, lambda, examples, convention }: Penalty): Record<string, Floats> {
  const divisor = demandDivisor({ lambda, examples, convention });
  const slope = (w: number) => (2 * convention.coefficient * (lambda * w)) / divisor;
  return mapValues(parameters, (values, name) =>
    isDecayed(roles[name], convention.bias) ? map(values, slope) : zerosLike(values),
  );
}

/** Whether a role is penalised or decayed: a bias or a norm only where the convention says so. */
export const isDecayed = (role: Role, bias: boolean | undefined): boolean =>
  role === 'weight' || (bias === true && (role === 'bias' || role === 'norm'));

function demandDivisor({ lambda, examples, convention }: Pick<Penalty, 'lambda' | 'examples' | 'convention'>): number {
  demandStrength('lambda', lambda);
  if (convention.per_example !== true) return 1;
  demandCount('examples', examples);
  return examples;
}

/**
 * Σ w² = total · scale²: scale, a power of two, is near the largest |w|, so that no square overflows or vanishes that
 * matters (as LAPACK's dlassq). Scaling by a power of two rounds nothing: ordinary sums keep their bits.
 */
function sumOfSquares(vectors: readonly Floats[]): { total: number; scale: number } {
  let largest = 0;
  for (const vector of vectors) for (const w of vector) largest = Math.max(largest, Math.abs(w));
  const scale = largest > 0 ? 2 ** Math.min(Math.floor(Math.log2(largest)), 1023) : 1;
  const ofEach = vectors.map((vector) => sum(vector, (w) => (w / scale) * (w / scale)));
  return { total: ofEach.reduce((total, one) => total + one, 0), scale };
}
