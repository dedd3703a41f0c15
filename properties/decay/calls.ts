/** How the properties of decay ask, and what the recurrences say of what they asked. */
import type { Allowance } from '../../src/must.ts';
import type { DecayConvention, Optimizer, Role, StepCall, Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, type Tensors, tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { smallestNormal } from '../allowances.ts';
import { descend } from './model.ts';

/** What is asked, but for the tensors: all parameters are weights unless `roles` says otherwise. */
export interface Asked {
  readonly optimizer: Optimizer;
  readonly lr: number | readonly number[];
  readonly weightDecay: number | readonly number[];
  readonly steps?: number;
  /** sgd only. Left out, it is not said either: it then means 0. */
  readonly momentum?: number | undefined;
  /** adam and adamw only, where its size is asked about; else a small one is said, and what it does is allowed for. */
  readonly eps?: number | undefined;
}

/** Neither β nor 1 − β is rounded in any dtype. */
const betas = { beta1: 0.5, beta2: 0.75 };

/** As usual; in float16 its smallest normal number, since 1e-8 would be 0 and Adam's step without a gradient 0 / 0. */
const epsOf = (dtype: Dtype): number => Math.max(1e-8, smallestNormal(dtype));

/** What Adam is always asked with: no clause is about its defaults. */
export const hyperOf = (optimizer: Optimizer, dtype: Dtype): Partial<StepCall> =>
  optimizer === 'sgd' ? {} : { ...betas, eps: epsOf(dtype) };

/** What the subject declares of an optimizer. The cases draw declared ones only. */
export function conventionOf({ capabilities }: Subject, optimizer: Optimizer): DecayConvention {
  const convention = capabilities.step?.optimizers[optimizer];
  if (convention === undefined) throw new TypeError(`${optimizer} is not declared`);
  return convention;
}

/**
 * The parameters after the steps. A gradient has a leading axis of `steps`, which is 1 unless it is given. The subject
 * is handed copies: what it may do to them changes nothing of what is compared with its answer.
 */
export function step(
  subject: Subject,
  { momentum, eps, steps = 1, ...asked }: Asked,
  { parameters, gradients, ...given }: Pick<StepCall, 'parameters' | 'gradients'> & Partial<StepCall>,
): Promise<Record<string, Tensor>> {
  const roles = Object.fromEntries(Object.keys(parameters).map((name): [string, Role] => [name, 'weight']));
  const [{ dtype }] = Object.values(parameters);
  const hyper = { ...hyperOf(asked.optimizer, dtype), ...(eps === undefined ? {} : { eps }) };
  const rolling = momentum === undefined ? {} : { momentum };
  const copied = { parameters: copyEach(parameters), gradients: copyEach(gradients) };
  return subject.step({ ...asked, steps, ...hyper, ...rolling, roles, ...copied, ...given });
}

/** The beginning of a fact, e.g. `after 3 steps of sgd`: a tensor's name follows. */
export const after = ({ optimizer, steps = 1 }: Asked): string =>
  `after ${steps === 1 ? 'a step' : `${steps} steps`} of ${optimizer}`;

export const copyOf = (tensor: Tensor): Tensor => ({ ...tensor, data: tensor.data.slice() });

const copyEach = (tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, each]) => [name, copyOf(each)]));

/** Gradients of zero for each parameter: what then moves a weight is its decay. */
export const noGradients = (parameters: Tensors, steps = 1): Tensors =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { dtype, shape, data }]) => [
      name,
      tensor(dtype, [steps, ...shape], new Float64Array(steps * data.length)),
    ]),
  );

/** What the recurrences say: where each element should be, and how far off its roundings may take it. */
export interface Prediction {
  readonly values: Float64Array;
  readonly allowance: Allowance & { readonly within: (index: number) => number };
}

/** For a subject's weights W under gradients of shape [steps, …W.shape]; `convention` unless given as declared. */
export function predict(
  subject: Subject,
  { optimizer, lr, weightDecay, steps = 1, momentum = 0, eps }: Asked,
  {
    W,
    gradient,
    convention = conventionOf(subject, optimizer),
  }: { W: Tensor; gradient: Tensor; convention?: DecayConvention },
): Prediction {
  const at = (schedule: number | readonly number[]): readonly number[] =>
    typeof schedule === 'number' ? Array<number>(steps).fill(schedule) : schedule;
  const ofRoot = eps === undefined ? { eps: epsOf(W.dtype) } : { eps, isEpsAsked: true };
  const hyper = { momentum, ...betas, ...ofRoot, u: unitRoundoff(W.dtype) };
  const descent = { optimizer, convention, lr: at(lr), weightDecay: at(weightDecay), ...hyper };
  const [start, g] = [valuesOf(W), valuesOf(gradient)];
  const reached = Array.from(start, (w, i) => {
    const ofElement = Array.from({ length: steps }, (_, k) => g[k * start.length + i]);
    return descend(descent, w, ofElement);
  });
  return {
    values: Float64Array.from(reached, ({ value }) => value),
    allowance: {
      within: (i) => reached[i].error,
      because: `the roundings of ${steps === 1 ? 'one step' : `${steps} steps`} in ${W.dtype}`,
    },
  };
}

/** Whether an answer at `other` would be seen not to be the predicted one: rounding does not hide the difference. */
export const excludes = ({ values, allowance }: Prediction, other: Prediction): boolean =>
  values.some((value, i) => Math.abs(value - other.values[i]) > allowance.within(i));
