/** The command line as a user starts it: a process, with what it writes and how it ends. Built beforehand, into dist/. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../src/report/report.ts';
import { projectFile } from '../../src/root.ts';

export interface Ended {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly ended: Promise<Ended>;
  /** Resolves once that text has come from its stderr. Rejects if it ends before. */
  readonly says: (text: string) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly pid: number;
}

interface Surroundings {
  /** The project's root unless given. */
  readonly cwd?: string;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds after which it is killed, so that a test that fails leaves nothing running. */
const timeout = 60_000;

export function start(args: readonly string[], { cwd = projectFile(''), env = {} }: Surroundings = {}): Started {
  const options = { cwd, env: { ...process.env, ...env }, timeout, killSignal: 'SIGKILL' as const };
  const child = spawn(process.execPath, [projectFile('bin/keepprob.js'), ...args], options);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        child.stderr.on('data', () => stderr.includes(text) && resolve());
        void ended.then(({ code }) => reject(new Error(`it ended with ${code} without saying ${text}: ${stderr}`)));
      }),
    signal: (signal) => void child.kill(signal),
    pid: child.pid ?? 0,
  };
}

/** Runs it to its end. Throws if it shows a stack trace: whatever a user does, he gets a sentence. */
export async function keepprob(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const result = await start(args, surroundings).ended;
  const trace = /^\s+at .*$/m.exec(result.stdout + result.stderr);
  if (trace !== null)
    throw new Error(`keepprob ${args.join(' ')} shows a stack trace:\n${result.stdout}${result.stderr}`);
  return result;
}

/** Options of a check that ends soon and is the same every time. */
export const soon: readonly string[] = ['--profile', 'quick', '--seed', '1'];

/** A fixture of this folder, as the command line names it. */
export const fixture = (name: string): string => projectFile(`bin/testing/${name}`);

/** An adapter for the module of that name; in evaluation it may go wrong (`adapter.mjs`). */
export const adapter = (module: string, ...rest: readonly string[]): readonly string[] => [
  process.execPath,
  fixture('adapter.mjs'),
  fixture(module),
  ...rest,
];

/** A misbehaving adapter of the protocol's own tests. */
export const misbehaving = (fault: string): readonly string[] => [
  process.execPath,
  projectFile('src/protocol/testing/misbehaving.mjs'),
  fault,
];

const isReport = new Ajv2020().compile(JSON.parse(readFileSync(projectFile('spec/schema/report.json'), 'utf8')));

export interface Folder {
  /** The path of a file in it. */
  readonly file: (name: string) => string;
  /** A report in it, which must be as `spec/schema/report.json` says. */
  readonly report: (name: string) => Report;
  readonly remove: () => void;
}

/** A folder of its own, for what a test writes. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'keepprob-'));
  const file = (name: string) => join(path, name);
  return {
    file,
    report: (name) => {
      const content = JSON.parse(readFileSync(file(name), 'utf8'));
      for (const report of content.reports ?? [content]) {
        if (!isReport(report)) throw new Error(`${name} is no report: ${JSON.stringify(isReport.errors)}`);
      }
      return content;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
