/** Where this package lies: from the sources as from the build, `spec/` and the like are found beside package.json. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SpecifiedClause, specifiedClauses, stems } from './spec.ts';

const root = packageFolder(dirname(fileURLToPath(import.meta.url)));

/** The absolute path of a file of this package, e.g. `projectFile('spec/schema/hello.json')`. */
export const projectFile = (path: string): string => join(root, path);

function packageFolder(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'keepprob') return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('the package.json of keepprob is in no folder above its sources');
  return packageFolder(parent);
}

/** All clauses as the specification has them, in its order. */
export const specification = (): readonly SpecifiedClause[] =>
  stems.flatMap((stem) => specifiedClauses(readFileSync(projectFile(`spec/${stem}.md`), 'utf8')));
