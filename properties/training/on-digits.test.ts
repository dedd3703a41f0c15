/** The trends hold of the reference, and not of networks whose regularization does nothing. */
import { describe, expect, it } from 'vitest';
import { verify } from '../../src/judge/verify.ts';
import { createReference } from '../../src/reference/implementation.ts';
import type { Implementation, Operation } from '../../src/subject.ts';
import { budgetOf, subjectOf } from '../testing.ts';
import { trends } from '../training.ts';

/** The reference with what its network is asked changed. */
function networkAsked(change: (args: Parameters<Operation>[0]) => Parameters<Operation>[0]): Implementation {
  const reference = createReference();
  const { network } = reference;
  if (network === undefined) throw new TypeError('the reference has a network');
  return { ...reference, network: (args, tensors) => network(change(args), tensors) };
}

/** So that fewer pairs suffice: how sure a verdict is has tests of its own. */
const falseAlarm = 1e-3;

describe('trends on real data', () => {
  it('hold of the reference', async () => {
    const subject = await subjectOf(createReference());
    for (const clause of trends) {
      const { verdict, message } = await verify(clause, subject, { ...budgetOf('quick'), falseAlarm });
      expect(`${clause.id} ${verdict}: ${message}`).toMatch(/ holds: .* of \d+ pairs/);
    }
  });

  it('are refuted where dropout and the penalty are ignored', async () => {
    const subject = await subjectOf(networkAsked((args) => ({ ...args, keep_probs: [1], lambda: 0 })));
    for (const clause of trends) {
      const { verdict, message } = await verify(clause, subject, { ...budgetOf('quick'), falseAlarm });
      expect(`${clause.id} ${verdict}: ${message}`).toMatch(/ refuted: .* must be more than half of them/);
    }
  });
});
