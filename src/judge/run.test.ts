import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clause, forAll, type Level } from '../clause.ts';
import { Breakage, Deviation } from '../errors.ts';
import { judgeAll, totalWeightOf, verdictOfRun } from './run.ts';
import { budget, clauseOf, coin, half, subjectOf, tossing } from './testing.ts';
import type { Finding, Verdict } from './verify.ts';

const verdicts: readonly Verdict[] = ['holds', 'refuted', 'undecided', 'unsupported', 'broken'];

/** Clauses that come to those verdicts where they are asked, and the ids of those that were. */
function coming(...wanted: readonly Verdict[]): { clauses: readonly Clause[]; asked: string[] } {
  const asked: string[] = [];
  const clauses = wanted.map((verdict, i) => {
    const id: Clause['id'] = `dropout/${i}`;
    const check: Parameters<typeof forAll>[1] = async (_, __, must) => {
      if (!asked.includes(id)) asked.push(id);
      if (verdict === 'broken') throw new Breakage('it crashed');
      if (verdict === 'refuted') throw new Deviation({ where: 'y', got: '1', wanted: '2' });
      if (verdict === 'holds') must.equal('y', 1, 1);
    };
    const needs = verdict === 'unsupported' ? ['step' as const] : ['dropout' as const];
    return clauseOf(
      forAll(() => fc.record({}), check),
      { id, needs },
    );
  });
  return { clauses, asked };
}

async function findings(clauses: readonly Clause[]): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const finding of judgeAll(clauses, subjectOf(), budget)) all.push(finding);
  return all;
}

describe('a run', () => {
  it('judges every clause in its order', async () => {
    const { clauses } = coming(...verdicts);
    const all = await findings(clauses);
    expect(all.map(({ id }) => id)).toEqual(clauses.map(({ id }) => id));
    expect(all.map(({ verdict }) => verdict)).toEqual(verdicts);
  });

  it('hands over each finding before it asks on', async () => {
    const { clauses, asked } = coming('holds', 'holds');
    const run = judgeAll(clauses, subjectOf(), budget);
    await run.next();
    expect(asked).toEqual(['dropout/0']);
  });

  it('asks no more after three breakages in a row', async () => {
    const { clauses, asked } = coming('holds', 'broken', 'broken', 'broken', 'holds', 'unsupported', 'refuted');
    const all = await findings(clauses);
    expect(asked).toEqual(['dropout/0', 'dropout/1', 'dropout/2', 'dropout/3']);
    const order: Verdict[] = ['holds', 'broken', 'broken', 'broken', 'broken', 'unsupported', 'broken'];
    expect(all.map(({ verdict }) => verdict)).toEqual(order);
    expect(all[3].message).toBe('it crashed');
    expect(all[4].message).toBe('not judged: the implementation broke at 3 clauses in a row');
    expect(all[5].message).toBe('not applicable: step is not declared');
  });

  it('goes on where an answer came in between', async () => {
    for (const answered of ['holds', 'refuted', 'undecided'] as const) {
      const { clauses, asked } = coming('broken', 'broken', answered, 'broken', 'broken', 'holds');
      await findings(clauses);
      expect(asked).toHaveLength(6);
    }
  });

  it('does not take a clause that was not asked for an answer', async () => {
    const { clauses, asked } = coming('broken', 'broken', 'unsupported', 'broken', 'holds');
    await findings(clauses);
    expect(asked).toEqual(['dropout/0', 'dropout/1', 'dropout/3']);
  });
});

describe("a run's verdict", () => {
  const found = (...given: readonly (Verdict | readonly [Verdict, Level])[]) =>
    given.map((each) => {
      const [verdict, level] = typeof each === 'string' ? [each, 'MUST' as const] : each;
      return { verdict, level } as Finding;
    });

  it.each<[string, readonly (Verdict | readonly [Verdict, Level])[], string]>([
    ['nothing was judged', [], 'undecided'],
    ['nothing applied', ['unsupported', 'unsupported'], 'undecided'],
    ['everything that applied held', ['holds', 'unsupported'], 'conforms'],
    ['one is undecided', ['holds', 'undecided'], 'undecided'],
    ['one broke', ['holds', 'undecided', 'broken'], 'broken'],
    ['one is refuted', ['holds', 'undecided', 'broken', 'refuted'], 'violates'],
    ['a SHOULD is refuted', ['holds', ['refuted', 'SHOULD']], 'conforms'],
    ['a SHOULD broke', ['holds', ['broken', 'SHOULD']], 'conforms'],
    ['only a SHOULD was judged', [['holds', 'SHOULD']], 'undecided'],
    ['a MAY is refuted', ['holds', ['refuted', 'MAY']], 'conforms'],
  ])('where %s', (_, given, verdict) => expect(verdictOfRun(found(...given))).toBe(verdict));

  it.each<[string, readonly (Verdict | readonly [Verdict, Level])[], string]>([
    ['a SHOULD is refuted', ['holds', ['refuted', 'SHOULD']], 'violates'],
    ['a SHOULD broke', ['holds', ['broken', 'SHOULD']], 'broken'],
    ['a SHOULD is undecided', ['holds', ['undecided', 'SHOULD']], 'undecided'],
    ['only a SHOULD was judged', [['holds', 'SHOULD']], 'conforms'],
    ['a MAY is refuted', ['holds', ['refuted', 'MAY']], 'conforms'],
  ])('strictly, where %s', (_, given, verdict) =>
    expect(verdictOfRun(found(...given), { strict: true })).toBe(verdict),
  );

  it('never conforms where the run was cut off, and violates all the same', () => {
    expect(verdictOfRun(found('holds'), { complete: false })).toBe('undecided');
    expect(verdictOfRun(found('holds', 'broken'), { complete: false })).toBe('broken');
    expect(verdictOfRun(found('holds', 'refuted'), { complete: false })).toBe('violates');
  });
});

it('only statistical clauses have a share of the false-alarm probability', () => {
  const statistical = clauseOf({ ...tossing(coin(half)), weight: 3 });
  expect(totalWeightOf([statistical, ...coming('holds').clauses, statistical])).toBe(6);
  expect(totalWeightOf([])).toBe(0);
});
