/** Known deviations as data: when a failure is the recorded one, and what is written down. */
import { describe, expect, it } from 'vitest';
import { type Deviation, isAsRecorded, updated } from './deviations.ts';
import { findingOf } from './testing.ts';

const id = 'dropout/golden';

/** How a clause looks at which the implementation broke in that way. */
const brokenBy = (breakage: string) =>
  findingOf({ id, verdict: 'broken', message: 'it broke', evidence: { cases: 1, facts: 0, breakage } });

const unasked = findingOf({ id, verdict: 'broken', message: 'not judged', evidence: {} });

const recorded = (...symptoms: readonly string[]): Deviation => ({
  clause: id,
  reason: 'Known upstream.',
  expires: '2999-01-01',
  found: { seed: 1, profile: 'quick', message: 'it broke', symptoms },
});

const today = new Date(Date.UTC(2026, 10, 23));
const update = (finding: Parameters<typeof findingOf>[0], known: readonly Deviation[] = []) =>
  updated({ findings: [findingOf({ id, ...finding })], known, seed: 7, profile: 'quick', today }).deviations;

describe('a breakage', () => {
  const [crash] = update(brokenBy('crashed'));

  it('is as recorded where the implementation breaks in the same way, and in no other', () => {
    expect(crash.found.symptoms).toEqual([`${id}: the implementation broke: it crashed`]);
    expect(isAsRecorded(crash, brokenBy('crashed'))).toBe(true);
    for (const other of ['hung', 'spoke wrongly', 'did not start'])
      expect(isAsRecorded(crash, brokenBy(other))).toBe(false);
  });

  it('of any kind is as recorded in a record that names none', () => {
    const old = recorded(`${id}: the implementation broke`);
    for (const kind of ['crashed', 'hung']) expect(isAsRecorded(old, brokenBy(kind))).toBe(true);
    expect(isAsRecorded(old, findingOf({ id, verdict: 'refuted' }))).toBe(false);
  });

  it('at an earlier clause says nothing of this one', () => {
    expect(isAsRecorded(crash, unasked)).toBe(false);
    expect(update(unasked)).toEqual([]);
    expect(update(unasked, [crash])).toEqual([crash]);
  });
});

describe('what is written down anew', () => {
  const known = [recorded(`${id}: at y`)];

  it('leaves out what is gone', () => {
    expect(update({}, known)).toEqual([]);
  });

  it('keeps what was not decided', () => {
    expect(update({ verdict: 'undecided' }, known)).toEqual(known);
    expect(update({ id: 'dropout/keep-rate' }, known)).toEqual(known);
  });
});
