/** What NumPy computed. */
import { clause, golden } from '../../src/clause.ts';
import type { DecayConvention, Optimizer, StepCall, Subject } from '../../src/subject.ts';
import { type Tensors, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { sum } from '../allowances.ts';
import { conventionOf } from './calls.ts';
import { type Descent, descend } from './model.ts';

/** A request's args, in the protocol's words. */
interface StepArgs extends Pick<StepCall, 'optimizer' | 'lr' | 'roles' | 'steps' | 'alias'> {
  readonly weight_decay: number | readonly number[];
  readonly momentum?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
}

export const goldenDecay = clause({
  id: 'decay/golden',
  level: 'MUST',
  statement: 'Parameters after ten steps MUST be those that NumPy computes under the declared convention.',
  needs: ['step'],
  evidence: golden('decay', async (subject, { args, convention, tensors, expected }, must) => {
    const { weight_decay: weightDecay, ...asked } = args as unknown as StepArgs;
    const [{ dtype }] = Object.values(tensors);
    const recorded = convention as unknown as DecayConvention;
    if (!subject.capabilities.step?.dtypes.includes(dtype) || !isDeclared(subject, asked.optimizer, recorded)) return;
    const { parameters, gradients } = split(tensors);
    const got = await subject.step({ ...asked, weightDecay, parameters, gradients });
    const descent: Descent = {
      momentum: 0,
      beta1: 0,
      beta2: 0,
      eps: 0,
      ...asked,
      convention: recorded,
      lr: entries(asked.lr, asked.steps),
      weightDecay: entries(weightDecay, asked.steps),
      u: unitRoundoff(dtype),
    };
    for (const [name, { tensor: wanted, roundings, magnitude }] of Object.entries(expected)) {
      if (roundings === 0) {
        must.equalTensor(name, got[name], wanted);
        continue;
      }
      const recordedBound = sum(dtype, roundings, valuesOf(magnitude)).within;
      const decays = asked.roles[name] === 'weight' || (recorded.bias ?? false);
      const own = decays ? descent : { ...descent, weightDecay: entries(0, asked.steps) };
      const [start, g] = [valuesOf(parameters[name]), valuesOf(gradients[name])];
      const errors = Array.from(start, (w, i) => {
        const ofElement = Array.from({ length: asked.steps }, (_, k) => g[k * start.length + i]);
        return descend(own, w, ofElement).error;
      });
      must.beNearTensor(name, got[name], valuesOf(wanted), {
        within: (i) => (typeof recordedBound === 'number' ? recordedBound : recordedBound(i)) + errors[i],
        because: `${roundings} roundings of ${dtype} in NumPy, and those of another order, with eps at another place`,
      });
    }
  }),
});

/** Whether the vector was recorded under the convention that the subject declares for its optimizer. */
function isDeclared(subject: Subject, optimizer: Optimizer, recorded: DecayConvention): boolean {
  if (subject.capabilities.step?.optimizers[optimizer] === undefined) return false;
  const { decay, times_lr = false, order = 'before', bias = false } = conventionOf(subject, optimizer);
  if (decay !== recorded.decay || bias !== (recorded.bias ?? false)) return false;
  return decay === 'coupled' || (times_lr === recorded.times_lr && order === recorded.order);
}

/** The parameters, and the gradients by their parameters' names. */
function split(tensors: Tensors): { parameters: Tensors; gradients: Tensors } {
  const named = Object.entries(tensors);
  return {
    parameters: Object.fromEntries(named.filter(([name]) => !name.startsWith('g:'))),
    gradients: Object.fromEntries(
      named.filter(([name]) => name.startsWith('g:')).map(([name, g]) => [name.slice('g:'.length), g]),
    ),
  };
}

const entries = (schedule: number | readonly number[], steps: number): readonly number[] =>
  typeof schedule === 'number' ? Array<number>(steps).fill(schedule) : schedule;
