/** Clauses can fail: each wrong implementation is refuted by the clause that is there for it. */
import { describe, expect, test } from 'vitest';
import type { ProfileName } from '../src/judge/profiles.ts';
import { verify } from '../src/judge/verify.ts';
import { createReference } from '../src/reference/implementation.ts';
import { fair, masking } from './faults/dropout/law.ts';
import type { Fault } from './faults/fault.ts';
import { faults, gradedFaults } from './faults/index.ts';
import { clauses } from './index.ts';
import { budgetOf, subjectOf } from './testing.ts';

/** What a clause finds in the reference, made wrong. */
async function judged(of: Fault['of'], clauseId: string, profile: ProfileName): Promise<string> {
  const clause = clauses.find(({ id }) => id === clauseId);
  if (clause === undefined) throw new Error(`there is no clause ${clauseId}`);
  const { verdict, message } = await verify(clause, await subjectOf(of(createReference())), budgetOf(profile));
  return `${verdict}: ${message}`;
}

describe('faults', () => {
  test.each(faults)('$id is refuted by $refutedBy', async ({ of, refutedBy, profile }) => {
    expect(await judged(of, refutedBy, profile ?? 'quick')).toMatch(/^refuted/);
  });

  test.each(gradedFaults)('$id is refuted by $refutedBy where it is strong', async ({ of, refutedBy, strengths }) => {
    expect(await judged(of(strengths[0]), refutedBy, 'quick')).toMatch(/^refuted/);
  });

  test.each(gradedFaults)('$id is not refuted where it is too weak', async ({ of, refutedBy, strengths }) => {
    expect(await judged(of(strengths[strengths.length - 1]), refutedBy, 'quick')).toMatch(/^holds/);
  });

  const laws = clauses.filter(({ id, evidence }) => evidence.kind === 'statistical' && id.startsWith('dropout/'));
  test.each(laws)('$id acquits a subject of the same make whose masks follow the law', async ({ id }) => {
    expect(
      await judged(
        masking(() => fair),
        id,
        'quick',
      ),
    ).toMatch(/^holds/);
  });

  test('every clause refutes one', () => {
    const used = new Set(faults.map(({ refutedBy }) => refutedBy));
    expect(clauses.filter(({ id }) => !used.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test('ids are unique', () => {
    const ids = [...faults, ...gradedFaults].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
