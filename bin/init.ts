/** `keepprob init`: a working adapter to start from. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectFile } from '../src/root.ts';
import { print } from './console.ts';
import { UsageError } from './usage.ts';

interface Scaffold {
  readonly files: readonly string[];
  readonly start: string;
  readonly needs: string;
}

const scaffolds: Readonly<Record<string, Scaffold>> = {
  python: {
    files: ['implementations/python/template/adapter.py', 'implementations/python/keepprob_adapter.py'],
    start: 'python3 adapter.py',
    needs: 'python3 with NumPy',
  },
};

/** Copies the scaffold of a language into a folder. Overwrites nothing. */
export function init(language: string, folder: string): void {
  const scaffold = scaffolds[language];
  if (scaffold === undefined) {
    throw new UsageError(
      `init knows ${Object.keys(scaffolds).join(', ')}, got ${language}; for others, spec/protocol.md says all that an adapter needs`,
    );
  }
  const targets = scaffold.files.map((file) => [projectFile(file), join(folder, basename(file))] as const);
  const taken = targets.find(([, target]) => existsSync(target));
  if (taken !== undefined)
    throw new UsageError(`${taken[1]} exists already, and nothing is overwritten; choose another folder`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const [source, target] of targets) copyFileSync(source, target);
  } catch (error) {
    throw new UsageError(`${folder} cannot be written: ${(error as Error).message}`);
  }
  for (const [, target] of targets) print(`wrote ${target}`);
  print(`It needs ${scaffold.needs}. Put your implementation in its place, and judge it:`);
  print(`  ${folder === '.' ? '' : `cd ${folder} && `}npx keepprob check -- ${scaffold.start}`);
}
