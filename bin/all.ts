/** `keepprob check --all`: every implementation in a process of its own, as many side by side as there are cores. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type FoundImplementation, meetsRequirements } from '../src/implementations.ts';
import { type Report, reportOf } from '../src/report/report.ts';
import { closingText } from '../src/report/terminal.ts';
import { isSetUp } from '../src/set-up.ts';
import { version } from '../src/version.ts';
import { print, statusLine, style } from './console.ts';
import type { CheckOptions } from './options.ts';
import { failuresText, onInterrupt, worst, writerTo } from './results.ts';
import { tableText } from './several.ts';
import { implementations, prepare } from './targets.ts';

/** How long a judge may take to write its report when it is told to end, in milliseconds. */
const grace = 3000;

/** Judges all, printing each as it is done. A module that crashes or hangs takes nobody with it. */
export async function checkAll(options: CheckOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'keepprob-'));
  const line = statusLine(options.progress);
  const judges = new Map<FoundImplementation, ChildProcess>();
  // However this ends, nothing of it is left.
  process.once('exit', () => {
    for (const child of judges.values()) child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const done = new Map<FoundImplementation, Report>();
  const missing: { name: string; missing: string }[] = [];
  const write = await writerTo(options.reports);
  const fileOf = ({ name }: FoundImplementation) => join(folder, `${name}.json`);
  const found = implementations();
  let isInterrupted = false;

  const conclude = (): number => {
    const judged = found.filter((each) => done.has(each));
    const reports = judged.map((each) => done.get(each)).filter((report) => report !== undefined);
    write({ format: 'keepprob-reports/1', reports, missing }, judged.map(typedOf));
    return worst(reports);
  };
  onInterrupt(async () => {
    // Each judge, told to end, writes what it has; one that does not within its grace is killed, and none is started.
    isInterrupted = true;
    line.clear();
    const running = [...judges.keys()];
    for (const child of judges.values()) child.kill('SIGTERM');
    await Promise.race([Promise.all([...judges.values()].map((child) => once(child, 'close'))), setTimeout(grace)]);
    for (const child of judges.values()) child.kill('SIGKILL');
    for (const each of running) if (existsSync(fileOf(each))) done.set(each, read(fileOf(each)));
    for (const each of found) {
      const { title } = each.manifest;
      if (!done.has(each) && !missing.some(({ name }) => name === title))
        missing.push({ name: title, missing: 'the run was interrupted before it was judged' });
    }
    return conclude();
  });
  if (options.setUp) await setUpAll(found);

  async function judge(each: FoundImplementation): Promise<void> {
    const { title } = each.manifest;
    const typed = typedOf(each);
    const lacks = await lackOf(each);
    if (isInterrupted) return;
    if (lacks !== undefined) {
      // The table at the end says so: nothing was judged.
      missing.push({ name: title, missing: lacks });
      return;
    }
    const failure = await judged(each, [
      'check',
      typed,
      '--report',
      `json=${fileOf(each)}`,
      '--no-progress',
      ...passedOn(options),
      ...deviationsOf(each, options),
    ]);
    if (isInterrupted) return;
    const report = existsSync(fileOf(each)) ? read(fileOf(each)) : unjudged(title, failure, options);
    done.set(each, report);
    line.clear();
    const failures = failuresText(report, typed);
    print(`\n${[failures, closingText(report, style)].filter((text) => text !== '').join('\n\n')}`);
  }

  /** Runs a judge to its end. Resolves to what it wrote to stderr. */
  function judged(each: FoundImplementation, args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [process.argv[1], ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    judges.set(each, child);
    line.show(`judging ${[...judges.keys()].map(({ manifest }) => manifest.title).join(', ')}`);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    return new Promise((resolve) => {
      child.on('close', (code, signal) => {
        judges.delete(each);
        resolve(`its judge ended with ${signal ?? `exit code ${code}`}: ${stderr.trim()}`);
      });
    });
  }

  await sideBySide(found, judge);
  // Who was interrupted ends by what the interruption finds.
  if (isInterrupted) return new Promise<never>(() => {});
  line.clear();
  print(`\n${tableText([...done.values()], missing)}`);
  return conclude();
}

/** How the command line names one. */
const typedOf = ({ folder }: FoundImplementation): string => relative('', folder) || '.';

/** What keeps one from being judged, in words. */
async function lackOf(each: FoundImplementation): Promise<string | undefined> {
  const able = await meetsRequirements(each);
  if (!able.ok) return able.missing;
  return isSetUp(each) ? undefined : 'not set up yet: keepprob check --all --set-up does it';
}

/** Sets up all that can be, one after the other; one that fails is said, and is then missing. */
async function setUpAll(found: readonly FoundImplementation[]): Promise<void> {
  for (const each of found) {
    if (isSetUp(each) || !(await meetsRequirements(each)).ok) continue;
    await prepare(each).catch((error: Error) => print(style.bad(error.message)));
  }
}

/** As many at once as there are cores, in their order. */
async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

const passedOn = ({ only, strict, seed, profile, falseAlarm, timeout, portrait }: CheckOptions): readonly string[] => [
  ...only.flatMap((glob) => ['--only', glob]),
  ...(strict ? ['--strict'] : []),
  ...['--seed', String(seed), '--profile', profile, '--false-alarm', String(falseAlarm)],
  ...(timeout === undefined ? [] : ['--timeout', String(timeout)]),
  ...(portrait ? ['--portrait'] : []),
  '--no-shard',
];

/** The file of known deviations in its own folder, if it has one, or is to have one. */
function deviationsOf({ folder }: FoundImplementation, { deviations }: CheckOptions): readonly string[] {
  if (deviations === undefined) return [];
  const file = join(folder, deviations.file);
  if (!deviations.update && !existsSync(file)) return [];
  return ['--deviations', file, ...(deviations.update ? ['--update'] : [])];
}

const read = (file: string): Report => JSON.parse(readFileSync(file, 'utf8'));

/** The report on an implementation that brought down its judge. */
const unjudged = (name: string, error: string, { seed, profile, falseAlarm, strict }: CheckOptions): Report =>
  reportOf({
    ...{ version, seed, profile, falseAlarm, strict, error },
    started: new Date(),
    implementation: { name, version: '' },
    findings: [],
    diagnosis: [],
    complete: false,
  });
