/** What the measured matrix of faults and clauses must show; `keepprob faults --measure` measures it anew. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { projectFile, specification } from '../../src/root.ts';
import { saysWhyItStays } from '../../src/spec.ts';
import { clauses } from '../index.ts';
import { faults, gradedFaults } from './index.ts';
import { type Kills, ownFaults, shortcomings } from './matrix.ts';

const zoo = JSON.parse(readFileSync(projectFile('properties/faults/zoo.json'), 'utf8'));
const ids = new Set<string>(clauses.map(({ id }) => id));

/** Of each fault the symptoms that are clauses: those that refuted it. */
const kills: Kills = Object.fromEntries(
  Object.entries<Record<string, number>>(zoo.symptoms).map(([fault, symptoms]) => [
    fault,
    Object.fromEntries(Object.entries(symptoms).filter(([symptom]) => ids.has(symptom))),
  ]),
);
const staying = new Set(
  specification()
    .filter(saysWhyItStays)
    .map(({ id }) => id),
);

describe('the matrix as it was measured', () => {
  it('is that of the faults that there are', () => {
    expect(Object.keys(zoo.symptoms).sort()).toEqual(faults.map(({ id }) => id).sort());
    for (const by of Object.values(kills)) for (const clause of Object.keys(by)) expect(ids).toContain(clause);
  });

  it('falls short of nothing', () => {
    expect(shortcomings({ clauses, faults, kills, staying })).toEqual([]);
  });

  it('has the strengths of the graded faults that there are', () => {
    expect(Object.keys(zoo.strengths).sort()).toEqual(gradedFaults.map(({ id }) => id).sort());
  });

  it.each(clauses.filter(({ id }) => ownFaults(id, kills).length > 0).map(({ id }) => id))(
    'falls short without %s: deleted, or emptied so that it refutes nothing',
    (id) => {
      const others = clauses.filter((clause) => clause.id !== id);
      const own = ownFaults(id, kills);
      expect(shortcomings({ clauses: others, faults, kills, staying })).toContainEqual({
        about: own[0],
        what: 'is refuted by no MUST in every run',
      });
      const emptied = Object.fromEntries(
        Object.entries(kills).map(([fault, by]) => [
          fault,
          Object.fromEntries(Object.entries(by).filter(([clause]) => clause !== id)),
        ]),
      );
      expect(shortcomings({ clauses, faults, kills: emptied, staying }).map(({ about }) => about)).toContain(own[0]);
    },
  );
});

describe('a matrix', () => {
  const [one, other] = clauses.filter(({ level }) => level === 'MUST');
  const few = [one, other];
  const fault = (id: string, refutedBy: string) => ({ id, refutedBy });
  const both = [fault('a', one.id), fault('b', other.id)];
  const good: Kills = { a: { [one.id]: 1 }, b: { [other.id]: 1 } };
  const fallsShort = (change: Partial<Parameters<typeof shortcomings>[0]>) =>
    shortcomings({ clauses: few, faults: both, kills: good, staying: new Set(), ...change }).map(({ about }) => about);

  it('is good where each fault has its clause, and each clause a fault of its own', () => {
    expect(fallsShort({})).toEqual([]);
  });

  it('falls short of a fault that was not judged, or is refuted in some runs only, or by another clause', () => {
    expect(fallsShort({ kills: { a: good['a'] } })).toContain('b');
    expect(fallsShort({ kills: { ...good, b: { [other.id]: 0.9 } } })).toContain('b');
    expect(fallsShort({ faults: [...both, fault('c', one.id)], kills: { ...good, c: { [other.id]: 1 } } })).toEqual([
      'c',
    ]);
  });

  it('is good where a fault breaks a SHOULD, and no MUST', () => {
    const should = { ...other, level: 'SHOULD' as const };
    expect(fallsShort({ clauses: [one, should] })).toEqual([]);
    expect(fallsShort({ clauses: [one, should], kills: { ...good, b: {} } })).toEqual(['b']);
  });

  it('falls short of a clause that refutes nothing alone, unless its specification says why it stays', () => {
    const kills = { ...good, b: { [one.id]: 1, [other.id]: 1 } };
    expect(fallsShort({ kills })).toEqual([other.id]);
    expect(fallsShort({ kills, staying: new Set([other.id]) })).toEqual([]);
    expect(fallsShort({ kills: { ...kills, c: { [one.id]: 0.5, [other.id]: 1 } } })).toEqual([other.id]);
  });
});
