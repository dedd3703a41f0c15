/** What the tests of this room share: findings as the judge would make them. */
import type { Finding, FoundCounterexample } from '../judge/verify.ts';

/** A finding that holds, with what is told to be otherwise. */
export const findingOf = (rest: Partial<Finding> = {}): Finding => ({
  id: 'dropout/keep-rate',
  level: 'MUST',
  statement: 'Each element MUST be kept with probability keep_prob.',
  verdict: 'holds',
  kind: 'universal',
  evidence: { cases: 40, facts: 80 },
  message: '40 cases, 80 facts',
  milliseconds: 1.5,
  ...rest,
});

/** The finding of a clause that a number refuted. */
export const refutedBy = (
  id: string,
  counterexample: Pick<FoundCounterexample, 'got' | 'wanted' | 'case'>,
): Finding => {
  const { got, wanted } = counterexample;
  const message = `y[0] is ${got}, but must be ${wanted}`;
  return findingOf({ id, verdict: 'refuted', message, counterexample: { where: 'y[0]', ...counterexample } });
};
