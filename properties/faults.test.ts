/** Clauses can fail: each wrong implementation is refuted by the clause that is there for it. */
import { describe, expect, test } from 'vitest';
import { verify } from '../src/judge/verify.ts';
import { createReference } from '../src/reference/implementation.ts';
import { faults } from './faults/index.ts';
import { clauses } from './index.ts';
import { budgetOf, subjectOf } from './testing.ts';

describe('faults', () => {
  test.each(faults)('$id is refuted by $refutedBy', async ({ of, refutedBy, profile }) => {
    const clause = clauses.find(({ id }) => id === refutedBy);
    if (clause === undefined) throw new Error(`there is no clause ${refutedBy}`);
    const subject = await subjectOf(of(createReference()));
    const { verdict, message } = await verify(clause, subject, budgetOf(profile ?? 'quick'));
    expect(`${verdict}: ${message}`).toMatch(/^refuted/);
  });

  test('every clause refutes one', () => {
    const used = new Set(faults.map(({ refutedBy }) => refutedBy));
    expect(clauses.filter(({ id }) => !used.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test('ids are unique', () => {
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
  });
});
