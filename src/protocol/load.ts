/** Loading an implementation module, with every failure in one sentence. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Breakage } from '../errors.ts';
import type { Implementation } from '../subject.ts';
import { greeting, operationNames } from './module.ts';
import { faultBy } from './schema.ts';

/**
 * The implementation that a module exports by default.
 * @param module a path, relative to the current folder, or a `file:` URL.
 * @throws Breakage if there is none.
 */
export async function loadModule(module: string): Promise<Implementation> {
  const path = module.startsWith('file:') ? fileURLToPath(module) : resolve(module);
  if (!existsSync(path)) throw new Breakage(`could not load ${module}: no such file`);
  if (statSync(path).isDirectory()) throw new Breakage(`could not load ${module}: it is a folder, not a module`);
  const exported = await imported(module, path);
  if (exported === undefined) throw new Breakage(`${module} has no default export, but must export an implementation`);
  const fault = faultIn(exported);
  if (fault !== undefined) throw new Breakage(`the default export of ${module} is no implementation: ${fault}`);
  return exported as Implementation;
}

async function imported(module: string, path: string): Promise<unknown> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)).default;
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new Breakage(`could not load ${module}: ${message.split('\n')[0]}`);
  }
}

/** Why a value is no implementation. */
function faultIn(exported: unknown): string | undefined {
  if (typeof exported !== 'object' || exported === null) return `it must be an object, got ${typeof exported}`;
  const implementation = exported as Implementation;
  const wrong = operationNames.find((op) => !['function', 'undefined'].includes(typeof implementation[op]));
  if (wrong !== undefined) return `${wrong} must be a function, got ${typeof implementation[wrong]}`;
  return faultBy('hello', greeting(implementation));
}
