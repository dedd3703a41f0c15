/** Loading an implementation module, with every failure in one sentence. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Breakage } from '../errors.ts';
import { printable } from '../show.ts';
import type { Implementation } from '../subject.ts';
import { greeting, operationNames, textOf } from './module.ts';
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
  if (exported === undefined)
    throw new Breakage(`${module} has no default export, but must export an implementation${toStartFrom}`);
  const fault = faultOf(exported);
  if (fault !== undefined)
    throw new Breakage(`the default export of ${module} is no implementation: ${fault}${toStartFrom}`);
  return exported as Implementation;
}

const toStartFrom = '; keepprob init javascript writes one to start from';

async function imported(module: string, path: string): Promise<unknown> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)).default;
  } catch (error) {
    throw new Breakage(`could not load ${module}: ${reasonOf(error, module)}`);
  }
}

/** What Node.js says of a file that is no module of JavaScript at all. */
const otherFile = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_IMPORT_ATTRIBUTE_MISSING', 'ERR_IMPORT_ASSERTION_TYPE_MISSING'];

function reasonOf(error: unknown, module: string): string {
  if (!(error instanceof Error)) return textOf(error);
  if (otherFile.includes((error as NodeJS.ErrnoException).code ?? ''))
    return 'it is no JavaScript module; a program in any other language is judged by the command that starts it, after --';
  const message = printable(`${error.name}: ${error.message.split('\n', 1)[0]}`);
  return error instanceof SyntaxError ? `${message} (node --check ${module} shows where)` : message;
}

function faultOf(exported: unknown): string | undefined {
  try {
    return faultIn(exported);
  } catch (error) {
    return `it cannot be read: ${textOf(error)}`;
  }
}

/** Why a value is no implementation. @throws whatever it throws when it is read */
function faultIn(exported: unknown): string | undefined {
  if (exported === null) return 'it must be an object, got null';
  if (typeof exported !== 'object') return `it must be an object, got ${typeof exported}`;
  const implementation = exported as Implementation;
  const wrong = operationNames.find((op) => !['function', 'undefined'].includes(typeof implementation[op]));
  if (wrong !== undefined) return `${wrong} must be a function, got ${typeof implementation[wrong]}`;
  return faultBy('hello', greeting(implementation));
}
