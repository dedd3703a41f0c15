/** What NumPy computed. */
import { clause, golden } from '../../src/clause.ts';
import type { PenaltyCapabilities, Roles, Subject } from '../../src/subject.ts';
import { valuesOf } from '../../src/tensor.ts';
import { sum } from '../allowances.ts';
import { conventionOf, roundingsOf, slopes } from './calls.ts';

interface PenaltyArgs {
  readonly lambda: number;
  readonly roles: Roles;
  readonly examples?: number;
  readonly gradient?: boolean;
  readonly alias?: Readonly<Record<string, string>>;
}

export const goldenPenalty = clause({
  id: 'l2/golden',
  level: 'MUST',
  statement: 'Penalties and gradients MUST be those that NumPy computes under the declared convention.',
  needs: ['penalty'],
  evidence: golden('l2', async (subject, { args, convention, tensors, expected }, must) => {
    const { gradient: asked = false, ...call } = args as unknown as PenaltyArgs;
    const { dtypes, gradient: answered = false } = conventionOf(subject);
    const [{ dtype }] = Object.values(tensors);
    if (!dtypes.includes(dtype) || !isDeclared(subject, convention as Partial<PenaltyCapabilities>)) return;
    const gradient = asked && answered;
    const { value, gradients } = await subject.penalty({ parameters: tensors, ...call, gradient });
    const recorded = expected['value'];
    // A subject may round lambda, c and the quotient in another order than NumPy did: see roundingsOf.
    const roundings = Math.max(recorded.roundings, roundingsOf(...Object.values(tensors)));
    const magnitude = valuesOf(recorded.magnitude)[0];
    must.beNear('the penalty', value, valuesOf(recorded.tensor)[0], sum(dtype, roundings, magnitude));
    for (const [name, got] of Object.entries(gradients)) {
      const wanted = valuesOf(expected[`d:${name}`].tensor);
      must.beNearTensor(`d:${name}`, got, wanted, slopes(dtype, wanted));
    }
  }),
});

/** Whether the vector was recorded under the convention that the subject declares. */
function isDeclared(subject: Subject, recorded: Partial<PenaltyCapabilities>): boolean {
  const { coefficient, per_example = false, bias = false } = conventionOf(subject);
  return recorded.coefficient === coefficient && recorded.per_example === per_example && recorded.bias === bias;
}
