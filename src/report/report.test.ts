import { describe, expect, it } from 'vitest';
import { type RunFacts, reportOf, strictly } from './report.ts';
import { findingOf } from './testing.ts';

const facts: RunFacts = {
  version: '0.1.0',
  seed: 42,
  profile: 'quick',
  falseAlarm: 1e-9,
  started: new Date(Date.UTC(2026, 10, 22, 14)),
  implementation: { name: 'numpy', version: '2.4.6', language: 'python' },
  findings: [findingOf()],
  diagnosis: [],
  complete: true,
  strict: false,
};

it('a report is what other programs rely on', () => {
  const diagnosis = [
    { fault: 'dropout/no-scale', agreement: 1, advice: 'divide', clauses: ['dropout/a'], because: 'y is 1' },
  ];
  expect(JSON.parse(JSON.stringify(reportOf({ ...facts, diagnosis })))).toEqual({
    format: 'keepprob-report/1',
    suite: { version: '0.1.0', spec: '1.0' },
    seed: 42,
    profile: 'quick',
    started: '2026-11-22T14:00:00.000Z',
    implementation: { name: 'numpy', version: '2.4.6', language: 'python' },
    verdict: 'conforms',
    clauses: [findingOf()],
    diagnosis,
    budget: { falseAlarm: 1e-9, spent: 0 },
    complete: true,
  });
});

describe("a report's verdict", () => {
  it('is that of its findings', () => {
    const findings = [findingOf(), findingOf({ verdict: 'refuted' })];
    expect(reportOf({ ...facts, findings }).verdict).toBe('violates');
  });

  it('counts SHOULD where that is asked for', () => {
    const findings = [findingOf(), findingOf({ verdict: 'refuted', level: 'SHOULD' })];
    expect(reportOf({ ...facts, findings }).verdict).toBe('conforms');
    const strict = reportOf({ ...facts, findings, strict: true });
    expect(strict).toMatchObject({ verdict: 'violates', strict: true });
    // Later as well: what was judged is the same.
    expect(strictly(reportOf({ ...facts, findings }))).toEqual(strict);
  });

  it('is no better where SHOULD counts later', () => {
    const part = { ...facts, shard: { of: 2, parts: [1] } };
    for (const each of [facts, part, { ...facts, complete: false }, { ...facts, error: 'no such command' }])
      expect(strictly(reportOf(each))).toEqual(reportOf({ ...each, strict: true }));
  });

  it('is undecided where the run was cut off', () => {
    expect(reportOf({ ...facts, complete: false })).toMatchObject({ verdict: 'undecided', complete: false });
  });

  it('is broken where nothing could be judged, and says why', () => {
    const report = reportOf({ ...facts, findings: [], complete: false, error: 'no such command' });
    expect(report).toMatchObject({ verdict: 'broken', error: 'no such command', clauses: [], complete: false });
    expect(reportOf(facts)).not.toHaveProperty('error');
  });
});

describe('the report of a shard', () => {
  const shard = { of: 2, parts: [1] };

  it('names it, and never conforms: what it has not refuted, another may', () => {
    expect(reportOf({ ...facts, shard })).toMatchObject({ verdict: 'undecided', complete: true, shard });
    expect(reportOf({ ...facts, shard: { of: 2, parts: [1, 2] } }).verdict).toBe('conforms');
  });

  it('violates where a clause is refuted', () => {
    expect(reportOf({ ...facts, shard, findings: [findingOf({ verdict: 'refuted' })] }).verdict).toBe('violates');
  });
});

it('spent is what its statistical clauses had as their shares', () => {
  const findings = [findingOf(), ...[2e-10, 3e-10].map((falseAlarm) => findingOf({ evidence: { falseAlarm } }))];
  expect(reportOf({ ...facts, findings }).budget).toEqual({ falseAlarm: 1e-9, spent: 2e-10 + 3e-10 });
});
