/** Setting up an implementation: its commands are run where they have not been, or where its files have changed since. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, FoundImplementation } from './implementations.ts';
import { canKillGroups, guard } from './protocol/groups.ts';

/** Holds the fingerprint of the files that the folder was last set up from. */
const stampName = '.set-up';

/** Whether its commands have been run, with the files as they are now. */
export function isSetUp({ folder, manifest }: FoundImplementation): boolean {
  const stamp = join(folder, stampName);
  if (manifest.setup.length === 0) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprintOf({ folder, manifest });
}

/**
 * Runs the commands of the manifest in its folder, one after the other.
 *
 * @param write takes what they print
 * @throws Error that names the command which failed, and ends with what it printed last
 */
export async function setUp(found: FoundImplementation, write: (chunk: string) => void): Promise<void> {
  for (const command of found.manifest.setup) {
    write(`$ ${command.join(' ')}\n`);
    await run(command, found.folder, write);
  }
  writeFileSync(join(found.folder, stampName), fingerprintOf(found));
}

/** As much of a failed command's output as a message ends with, in lines. */
const lastLines = 12;

async function run([program, ...args]: Command, cwd: string, write: (chunk: string) => void): Promise<void> {
  // It leads a group of its own, with all that it starts: an interrupted set-up leaves none of them at work.
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: canKillGroups });
  guard(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed = (printed + chunk).slice(-10_000);
      write(chunk);
    });
  }
  const failed = (how: string) => {
    const last = printed.trimEnd().split('\n').slice(-lastLines).join('\n');
    return new Error(`${[program, ...args].join(' ')} ${how}${last === '' ? '' : `:\n${last}`}`);
  };
  const [code, signal] = await once(child, 'close').catch((error: Error) => {
    throw failed(`could not be run: ${error.message}`);
  });
  if (code !== 0) throw failed(`ended with ${signal ?? `exit code ${code}`}`);
}

/** A hash of all files that it is made from: those of its folder and of those that it uses. */
function fingerprintOf({ folder, manifest }: Pick<FoundImplementation, 'folder' | 'manifest'>): string {
  const hash = createHash('sha256');
  for (const room of ['.', ...(manifest.uses ?? [])]) {
    for (const file of filesIn(join(folder, room)))
      hash.update(`${file}\0`).update(readFileSync(join(folder, room, file)));
  }
  return hash.digest('hex');
}

/** Relative paths, sorted; what is made or installed has names that begin with a dot or with two underscores, or is a dependency. */
function filesIn(folder: string, within = ''): readonly string[] {
  const entries = readdirSync(join(folder, within), { withFileTypes: true })
    .filter(({ name }) => !/^(\.|__|node_modules$)/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(within, entry.name);
    return entry.isDirectory() ? filesIn(folder, path) : [path];
  });
}
