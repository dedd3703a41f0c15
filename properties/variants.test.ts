/** The judge does not cry wolf: whatever correct implementations differ in, every clause that applies holds. */
import { describe, expect, test } from 'vitest';
import { judgeAll } from '../src/judge/run.ts';
import { clauses } from './index.ts';
import { budgetOf, subjectOf } from './testing.ts';
import { isAcquitted, variants } from './variants.ts';

describe.each(variants)('$id', ({ implementation }) => {
  test('conforms', async () => {
    const seed = 1;
    const subject = await subjectOf(implementation(seed));
    const doubtful: string[] = [];
    for await (const finding of judgeAll(clauses, subject, budgetOf('quick', seed))) {
      if (!isAcquitted(finding)) doubtful.push(`${finding.id} ${finding.verdict}: ${finding.message}`);
    }
    expect(doubtful).toEqual([]);
  });
});

test('ids are unique', () => {
  expect(new Set(variants.map(({ id }) => id)).size).toBe(variants.length);
});
