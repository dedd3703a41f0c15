/** Who is judged: a module in this process, a command that speaks the protocol, or an implementation of this project. */
import { existsSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type FoundImplementation, findImplementations, meetsRequirements } from '../src/implementations.ts';
import type { Channel } from '../src/protocol/channel.ts';
import { loadModule } from '../src/protocol/load.ts';
import { moduleChannel } from '../src/protocol/module.ts';
import { processChannel } from '../src/protocol/process.ts';
import { isSetUp, setUp } from '../src/set-up.ts';
import { errorStyle } from './console.ts';
import { quoted } from './shell.ts';
import { UsageError } from './usage.ts';

export interface Target {
  /** What to call it before it has said its name. */
  readonly title: string;
  /** How the command line names it, to be typed again. */
  readonly typed: string;
  /** Whether it runs in this very process, which it can then end. */
  readonly inProcess: boolean;
  readonly open: (timeout: number | undefined) => Promise<Channel>;
}

/** `MODULE`, an implementation's folder, or the command after `--`. */
export function targetOf(operand: string | undefined, command: readonly string[] | undefined): Target {
  if (command !== undefined && operand !== undefined) {
    throw new UsageError(
      `expected either a module or a command after --, got both: ${operand} and ${command.join(' ')}`,
    );
  }
  if (command !== undefined) return commandTarget(command);
  if (operand === undefined) {
    throw new UsageError('nothing to judge: give a module, or a command after --, or --all; see keepprob check --help');
  }
  if (!existsSync(operand)) throw new UsageError(`no such module: ${operand}; to judge a command, put it after --`);
  if (!statSync(operand).isDirectory()) return moduleTarget(operand);
  const found = implementations(resolve(operand, '..')).find(({ folder }) => folder === resolve(operand));
  if (found === undefined)
    throw new UsageError(`${operand} is a folder without an implementation.json: give a module, or a command after --`);
  return implementationTarget(found, operand);
}

/** The implementations of a room; by default that of this project. */
export function implementations(room?: string): readonly FoundImplementation[] {
  try {
    return findImplementations(room);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function commandTarget([command, ...args]: readonly string[]): Target {
  if (command === undefined) throw new UsageError('expected a command after --, got nothing');
  const typed = `-- ${[command, ...args].map(quoted).join(' ')}`;
  return {
    title: [command, ...args].join(' '),
    typed,
    inProcess: false,
    open: async (timeout) => processChannel({ command, args, ...limit(timeout) }),
  };
}

function moduleTarget(module: string): Target {
  return {
    title: module,
    typed: quoted(module),
    inProcess: true,
    open: async (timeout) => moduleChannel(await loadModule(module), limit(timeout)),
  };
}

/** An implementation that has a manifest, set up where it is not. Refuses with what is missing, if it cannot be started. */
export function implementationTarget(found: FoundImplementation, typed: string): Target {
  const {
    folder,
    manifest: { title, start },
  } = found;
  return {
    title,
    typed: quoted(typed),
    inProcess: 'module' in start,
    open: async (timeout) => {
      await prepare(found);
      if ('module' in start) return moduleChannel(await loadModule(join(folder, start.module)), limit(timeout));
      const [command, ...args] = start.command;
      return processChannel({ command, args, cwd: folder, ...limit(timeout) });
    },
  };
}

/** Sets an implementation up where it is not, saying what is run and showing on stderr what that prints. */
export async function prepare(found: FoundImplementation): Promise<void> {
  const { folder, manifest } = found;
  const able = await meetsRequirements(found);
  if (!able.ok) throw new UsageError(`${manifest.title} cannot be started here: ${able.missing}`);
  if (isSetUp(found)) return;
  const write = (chunk: string) => void process.stderr.write(errorStyle.weak(chunk));
  write(`${manifest.title} is set up first, in ${relative('', folder) || '.'}:\n`);
  try {
    await setUp(found, write);
  } catch (error) {
    throw new UsageError(`${manifest.title} could not be set up: ${(error as Error).message}`);
  }
}

const limit = (timeout: number | undefined) => (timeout === undefined ? {} : { timeout });
