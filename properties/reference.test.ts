/** The reference keeps every clause, and every clause looks at something. */
import { describe, expect, test } from 'vitest';
import { verify } from '../src/judge/verify.ts';
import { createReference } from '../src/reference/implementation.ts';
import { clauses } from './index.ts';
import { budgetOf, subjectOf } from './testing.ts';

describe('the reference', async () => {
  const subject = await subjectOf(createReference());
  test.each(clauses)('$id', async (clause) => {
    const { verdict, message, evidence } = await verify(clause, subject, budgetOf('quick'));
    expect(`${verdict}: ${message}`).toMatch(/^holds/);
    // A clause that states no fact, or counts nothing, would have been undecided; this says so twice.
    expect(Number(evidence['facts'] ?? evidence['elements'])).toBeGreaterThan(0);
  });
});
