/** The trends hold of the reference, and not of networks whose regularization does nothing. */
import { describe, expect, it } from 'vitest';
import { verify } from '../../src/judge/verify.ts';
import { createReference } from '../../src/reference/implementation.ts';
import type { Implementation, Operation } from '../../src/subject.ts';
import { mapped, mappedTensors } from '../faults/fault.ts';
import { budgetOf, subjectOf } from '../testing.ts';
import { trends } from '../training.ts';

/** The reference with another network, made of its own. */
function withNetwork(change: (correct: Operation) => Operation): Implementation {
  const reference = createReference();
  const { network } = reference;
  if (network === undefined) throw new TypeError('the reference has a network');
  return { ...reference, network: change(network) };
}

/** Dropout and the penalty do nothing. */
const withoutRegularization = withNetwork(
  (correct) => (args, tensors) => correct({ ...args, keep_probs: [1], lambda: 0 }, tensors),
);

/** Nothing is learnt where dropout or the penalty is at work: no gap, and the same predictions, by the first weights. */
const unteachable = withNetwork((correct) => async (args, tensors) => {
  const answer = await correct(args, tensors);
  const [keepProb] = args['keep_probs'] as readonly number[];
  if (keepProb === 1 && args['lambda'] === 0) return answer;
  return mappedTensors(answer, (each, name) => (name.startsWith('d:') ? mapped(each, () => 0) : each));
});

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
    const subject = await subjectOf(withoutRegularization);
    for (const clause of trends) {
      const { verdict, message } = await verify(clause, subject, { ...budgetOf('quick'), falseAlarm });
      expect(`${clause.id} ${verdict}: ${message}`).toMatch(/ refuted: .* must be more than half of them/);
    }
  });

  it('see a network that learns nothing by its loss on other images, if not by its gap', async () => {
    const subject = await subjectOf(unteachable);
    const verdicts: Record<string, string> = {};
    for (const clause of trends.filter(({ id }) => /-(gap|better)$/.test(id))) {
      verdicts[clause.id] = (await verify(clause, subject, { ...budgetOf('quick'), falseAlarm })).verdict;
    }
    expect(verdicts).toEqual({
      'training/dropout-narrows-the-gap': 'holds',
      'training/l2-narrows-the-gap': 'holds',
      'training/dropout-generalizes-better': 'refuted',
      'training/l2-generalizes-better': 'refuted',
    });
  });
});
