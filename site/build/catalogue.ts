/** The clauses and the faults as lists, with which refutes which as it was measured. */
import { readdirSync, readFileSync } from 'node:fs';
import { zoo } from '../../bin/zoo/data.ts';
import { faults } from '../../properties/faults/index.ts';
import { registry } from '../../properties/index.ts';
import { projectFile } from '../../src/root.ts';
import { stems } from '../../src/spec.ts';
import type { Catalogue, ListedClause } from '../catalogue.ts';
import { type Property, propertiesIn } from './source.ts';

export function catalogue(): Catalogue {
  const refutersOf = new Map(
    faults.map(({ id }) => [id, registry.filter((clause) => (zoo().symptoms[id]?.[clause.id] ?? 0) > 0)]),
  );
  return {
    clauses: registry.map((clause): ListedClause => {
      const refuted = faults.filter(({ id }) => refutersOf.get(id)?.includes(clause)).map(({ id }) => id);
      const alone = refuted.filter((id) => refutersOf.get(id)?.length === 1);
      const others = refuted.filter((id) => !alone.includes(id));
      return { id: clause.id, kind: clause.evidence.kind, refutes: [...alone, ...others], alone: alone.length };
    }),
    faults: faults.map(({ id, what, seen, profile }) => ({
      id,
      what,
      ...(seen === undefined ? {} : { seen }),
      ...(profile === undefined ? {} : { profile }),
    })),
  };
}

/**
 * The source of every clause's property.
 * @throws Error if a clause has none that is found.
 */
export function properties(): ReadonlyMap<string, Property> {
  const files = stems.flatMap((stem) =>
    readdirSync(projectFile(`properties/${stem}`))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => `properties/${stem}/${name}`),
  );
  const found = new Map(files.flatMap((file) => [...propertiesIn(file, readFileSync(projectFile(file), 'utf8'))]));
  const missing = registry.filter(({ id }) => !found.has(id));
  if (missing.length > 0) throw new Error(`no property was found of ${missing.map(({ id }) => id).join(', ')}`);
  return found;
}
