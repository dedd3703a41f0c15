/** How the properties of the penalty ask, and what they allow. */
import type { Allowance } from '../../src/must.ts';
import type { PenaltyAnswer, PenaltyCall, PenaltyCapabilities, Role, Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, type Tensors, tensor, valuesOf } from '../../src/tensor.ts';
import { sum } from '../allowances.ts';
import type { Strength } from './cases.ts';

/** What the subject declares. Every clause here needs it. */
export function conventionOf({ capabilities }: Subject): PenaltyCapabilities {
  if (capabilities.penalty === undefined) throw new TypeError('no penalty is declared');
  return capabilities.penalty;
}

/**
 * The penalty of parameters that are all weights, unless `roles` says otherwise; the gradient only if asked for. The
 * subject is handed copies: what it may do to them changes nothing of what is compared with its answer.
 */
export const penaltyOf = (
  subject: Subject,
  parameters: Tensors,
  { lambda, examples, ...given }: Strength & Partial<PenaltyCall>,
): Promise<PenaltyAnswer> =>
  subject.penalty({ parameters: copyEach(parameters), roles: allOf(parameters, 'weight'), lambda, examples, ...given });

export const copyOf = (tensor: Tensor): Tensor => ({ ...tensor, data: tensor.data.slice() });

const copyEach = (tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, each]) => [name, copyOf(each)]));

const allOf = (parameters: Tensors, role: Role): Record<string, Role> =>
  Object.fromEntries(Object.keys(parameters).map((name) => [name, role]));

/** What Σ w² is multiplied by, as declared: c · lambda, divided by the examples or not. */
export function strengthOf(subject: Subject, { lambda, examples }: Strength): number {
  const { coefficient, per_example } = conventionOf(subject);
  return (coefficient * lambda) / (per_example === true ? examples : 1);
}

export const sumOfSquares = (...tensors: readonly Tensor[]): number =>
  tensors.flatMap((each) => Array.from(valuesOf(each))).reduce((total, w) => total + w * w, 0);

/**
 * The roundings of a penalty of n elements: n for the squares and their sum in any order; and 8 at most for lambda and
 * c · lambda, for the division by the examples and the product with the sum, and for a norm that is squared again.
 */
export const roundingsOf = (...tensors: readonly Tensor[]): number =>
  tensors.reduce((elements, { data }) => elements + data.length, 0) + 8;

/** For an element of the gradient: lambda, c · lambda, 2 c · lambda, the examples, the quotient and the product rounded. */
export const slopes = (dtype: Dtype, wanted: ArrayLike<number>): Allowance => sum(dtype, 6, magnitudes(wanted));

export const magnitudes = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, Math.abs);

/** f of each element, rounded to the dtype. */
export const map = (w: Tensor, f: (value: number, index: number) => number): Tensor =>
  tensor(w.dtype, w.shape, Float64Array.from(valuesOf(w), f));
