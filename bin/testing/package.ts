/** The package as npm packs it, unpacked into a project of a user's. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFile } from '../../src/root.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

export interface Packed {
  /** The path of the tarball. */
  readonly tarball: string;
  /** What is in it, with the size of all of it as a tarball, in bytes. */
  readonly files: readonly string[];
  readonly size: number;
  readonly remove: () => void;
}

/** Packs what is built, without building it anew: other tests run it at the same time. */
export function pack(): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'keepprob-pack-'));
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const output = JSON.parse(execFileSync('npm', args, { cwd: projectFile('.'), encoding: 'utf8', stdio: 'pipe' }));
  // By the version of npm, an array, or an object by the packages' names.
  const [{ filename, files, size }] = Object.values(output) as readonly {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
    readonly size: number;
  }[];
  return {
    tarball: join(folder, filename),
    files: files.map(({ path }) => path),
    size,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Project {
  readonly folder: string;
  readonly write: (file: string, text: string) => void;
  /** Runs a program in it to its end. */
  readonly run: (
    command: string,
    ...args: readonly string[]
  ) => { readonly status: number | null; readonly stdout: string; readonly stderr: string };
  readonly remove: () => void;
}

/**
 * An empty project in which the tarball is installed as npm does, but from this checkout's packages rather than from a
 * registry: of these only those that the package declares, and what they depend on, so that a dependency which it uses and
 * does not declare is not found. `others` are packages that the project has of its own.
 */
export function projectWith(tarball: string, others: readonly string[] = []): Project {
  const folder = mkdtempSync(join(tmpdir(), 'keepprob-user-'));
  const modules = join(folder, 'node_modules');
  const installed = join(modules, 'keepprob');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  const { dependencies = {}, bin = {} }: Manifest = manifestIn(installed);
  for (const name of [...Object.keys(dependencies), ...others])
    link(projectFile(`node_modules/${name}`), join(modules, name));
  for (const [name, path] of Object.entries(bin)) link(join(installed, path), join(modules, '.bin', name));
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
  return {
    folder,
    write: (file, text) => writeFileSync(join(folder, file), text),
    run: (command, ...args) => spawnSync(command, args, { cwd: folder, encoding: 'utf8' }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
