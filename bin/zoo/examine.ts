/** Judges wrong implementations: each by the clauses that its mistake may concern. */
import type { Fault } from '../../properties/faults/fault.ts';
import { clauses } from '../../properties/index.ts';
import type { Clause } from '../../src/clause.ts';
import type { ProfileName } from '../../src/judge/profiles.ts';
import { type Budget, type Finding, verify } from '../../src/judge/verify.ts';
import { connect } from '../../src/protocol/connect.ts';
import { moduleChannel } from '../../src/protocol/module.ts';
import { createReference } from '../../src/reference/implementation.ts';
import type { Implementation } from '../../src/subject.ts';

const operations = ['dropout', 'penalty', 'step', 'network'] as const;

/** The clauses that ask an operation in which an implementation differs from a correct one, in what it does or declares. */
export function clausesConcerned(correct: Implementation, wrong: Implementation): readonly Clause[] {
  const changed = operations.filter(
    (name) => correct[name] !== wrong[name] || correct.capabilities[name] !== wrong.capabilities[name],
  );
  return clauses.filter(({ needs }) => needs.some((need) => changed.some((name) => need.split('.')[0] === name)));
}

/**
 * What each clause concerned finds in the reference with that mistake, the others being what they are of the reference.
 * The clause that is there for the fault looks as finely as that fault needs, all others as `quick` does.
 */
export async function examine(
  { of, refutedBy, profile }: Pick<Fault, 'of' | 'refutedBy' | 'profile'>,
  budgetOf: (profile: ProfileName) => Budget,
): Promise<readonly Finding[]> {
  const correct = createReference();
  const wrong = of(correct);
  const subject = await connect(moduleChannel(wrong));
  const findings: Finding[] = [];
  for (const clause of clausesConcerned(correct, wrong)) {
    findings.push(await verify(clause, subject, budgetOf((clause.id === refutedBy ? profile : undefined) ?? 'quick')));
  }
  return findings;
}
