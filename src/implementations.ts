/** The room `implementations/`: which libraries there are to judge, and whether this machine can start them. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { projectFile } from './root.ts';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** What an `implementation.json` says, which `implementations/schema.json` describes. */
interface Manifest {
  readonly title: string;
  readonly language: string;
  /** An ES module in the folder, or a command to be run there. */
  readonly start: { readonly module: string } | { readonly command: Command };
  /** What the machine must have, and set-up does not bring. */
  readonly requires: readonly Requirement[];
  /** The commands, run in the folder, after which it can start. */
  readonly setup: readonly Command[];
  /** Other folders that it is made from, relative to its own. */
  readonly uses?: readonly string[];
  readonly notes?: string;
}

/** A command that succeeds or a package that resolves where something is there, and the words for who lacks it. */
type Requirement = { readonly missing: string } & ({ readonly command: Command } | { readonly package: string });

export interface FoundImplementation {
  /** The folder's name. */
  readonly name: string;
  /** The folder's absolute path. */
  readonly folder: string;
  readonly manifest: Manifest;
}

type Startability = { readonly ok: true } | { readonly ok: false; readonly missing: string };

const manifestName = 'implementation.json';

/**
 * The folders of `room` that hold a manifest, by name.
 * @throws Error that names the manifest and says what is wrong with it.
 */
export function findImplementations(room: string = projectFile('implementations')): readonly FoundImplementation[] {
  const names = readdirSync(room).filter((name) => existsSync(join(room, name, manifestName)));
  return names.sort().map((name) => {
    const folder = join(room, name);
    return { name, folder, manifest: readManifest(join(folder, manifestName)) };
  });
}

function readManifest(file: string): Manifest {
  const manifest = parse(file);
  const ajv = new Ajv2020();
  const schema = JSON.parse(readFileSync(projectFile('implementations/schema.json'), 'utf8'));
  if (ajv.validate<Manifest>(schema, manifest)) return manifest;
  throw new Error(`${file} is no manifest of an implementation: ${ajv.errorsText(ajv.errors, { dataVar: 'it' })}`);
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** Seconds that the check of one requirement may take: an interpreter on a busy machine starts well within them. */
const checkLimit = 30;

/** Whether this machine has what an implementation requires, and if not, what it lacks first, in the manifest's words. */
export async function meetsRequirements({ folder, manifest }: FoundImplementation): Promise<Startability> {
  for (const requirement of manifest.requires) {
    const met =
      'package' in requirement ? resolves(requirement.package, folder) : await succeeds(requirement.command, folder);
    if (!met) return { ok: false, missing: requirement.missing };
  }
  return { ok: true };
}

function resolves(name: string, folder: string): boolean {
  try {
    createRequire(join(folder, manifestName)).resolve(name);
    return true;
  } catch {
    return false;
  }
}

async function succeeds([program, ...args]: Command, cwd: string): Promise<boolean> {
  try {
    await promisify(execFile)(program, args, { cwd, timeout: checkLimit * 1000, killSignal: 'SIGKILL' });
    return true;
  } catch {
    return false;
  }
}
