/** Specification, properties and golden vectors hold together, both ways. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Clause } from '../src/clause.ts';
import { projectFile } from '../src/root.ts';
import { specifiedClauses } from '../src/spec.ts';
import { decay } from './decay.ts';
import { dropout } from './dropout.ts';
import { registry } from './index.ts';
import { l2 } from './l2.ts';
import { training, trends } from './training.ts';

const stems: Readonly<Record<string, readonly Clause[]>> = {
  dropout,
  l2,
  decay,
  training: [...training, ...trends],
};
const read = (path: string) => readFileSync(projectFile(path), 'utf8');

describe.each(Object.entries(stems))('%s', (stem, properties) => {
  const specified = specifiedClauses(read(`spec/${stem}.md`));

  test('the specification and the properties name the same clauses, in the same order', () => {
    expect(properties.map(({ id }) => id)).toEqual(specified.map(({ id }) => id));
  });

  test.each(specified)('$id says the same sentence in both', ({ id, statement }) => {
    expect(properties.find((clause) => clause.id === id)?.statement).toBe(statement);
  });

  test.each(specified)('$id says why and what it rules out', ({ commentary }) => {
    expect(commentary).toMatch(/^\*Why\.\* /m);
    expect(commentary).toMatch(/^\*Not this\.\* /m);
  });

  test.each(properties)('$id has one key word, that of its level', ({ statement, level }) => {
    expect(statement.match(/\b(MUST|SHOULD|MAY|SHALL|REQUIRED|RECOMMENDED|OPTIONAL)\b/g)).toEqual([level]);
    expect(statement).toMatch(/^[A-Z].*\.$/);
  });

  test('the stem has its four rooms', () => {
    const reference = stem === 'training' ? 'network' : stem;
    for (const room of [
      `spec/${stem}.md`,
      `src/reference/${reference}.ts`,
      `properties/${stem}.ts`,
      `golden/${stem}.json`,
    ]) {
      expect(existsSync(projectFile(room)), room).toBe(true);
    }
  });

  test('a golden clause looks at the vectors', () => {
    const { evidence } = properties.find(({ id }) => id === `${stem}/golden`) ?? {};
    expect(evidence).toMatchObject({ kind: 'golden', stem });
  });
});

test('what was reported is an issue or a pull request, wherever it is cited', () => {
  const files = ['spec', 'properties/faults'].flatMap((folder) =>
    readdirSync(projectFile(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(md|ts)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const kinds = new Map<string, Set<string>>();
  for (const file of files) {
    for (const [, project, kind, number] of read(file).matchAll(/([\w.-]+)\s+(issue|pull\s+request)\s+(\d+)/g)) {
      const key = `${project} ${number}`;
      kinds.set(key, (kinds.get(key) ?? new Set()).add(kind.replace(/\s+/, ' ')));
    }
  }
  expect(kinds.size).toBeGreaterThan(100);
  expect([...kinds].filter(([, { size }]) => size > 1)).toEqual([]);
});

test('no id is used twice', () => {
  expect(new Set(registry.map(({ id }) => id)).size).toBe(registry.length);
});

test('every clause that the course is mapped to is there', () => {
  const named = [...read('spec/README.md').matchAll(/`((?:dropout|l2|decay|training)\/[a-z0-9-]+)`/g)].map(
    ([, id]) => id,
  );
  const ids = new Set<string>(registry.map(({ id }) => id));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});
