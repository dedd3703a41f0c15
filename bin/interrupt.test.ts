/** Ctrl-C: what was judged is kept, the run does not end well, and no adapter is left behind. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findImplementations } from '../src/implementations.ts';
import type { Reports } from './results.ts';
import { adapter, fixture, soon, start, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits for a condition that another process brings about. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await later(20);
}

/** Whether a process of that id is at work; a zombie that nobody has reaped is not. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a check that is interrupted', () => {
  const globs = ['--only', 'dropout/kept-*', '--only', 'dropout/evaluation-is-*', '--only', 'dropout/golden'];

  /** Interrupts the second of three clauses, in which the adapter hangs. */
  async function interrupted(module: string, signal: NodeJS.Signals, inEvaluation = 'hang') {
    const [pidFile, reportName] = [folder.file(`${module}-${inEvaluation}.pid`), `${module}-${inEvaluation}.json`];
    const report = ['--report', `json=${folder.file(reportName)}`];
    const run = start(['check', ...soon, ...globs, ...report, '--', ...adapter(module, inEvaluation, pidFile)]);
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const pids = readFileSync(pidFile, 'utf8').split(' ').map(Number);
    expect(pids.every(isRunning)).toBe(true);
    run.signal(signal);
    const ended = await run.ended;
    await until(() => !pids.some(isRunning));
    return { ...ended, report: folder.report(reportName) };
  }

  it('is not decided, and keeps what was judged', async () => {
    const { code, stderr, report } = await interrupted('inverted.mjs', 'SIGINT');
    expect(code).toBe(3);
    expect(stderr).toBe('\ninterrupted: the report, where one was asked for, holds what was judged so far\n');
    expect(report).toMatchObject({ verdict: 'undecided', complete: false, implementation: { name: 'inverted' } });
    expect(report.clauses.map(({ verdict }) => verdict)).toEqual(['holds']);
  });

  it('violates where a clause is refuted already', async () => {
    const { code, report } = await interrupted('unscaled.mjs', 'SIGTERM');
    expect(code).toBe(1);
    expect(report).toMatchObject({ verdict: 'violates', complete: false });
    expect(report.clauses.map(({ verdict }) => verdict)).toEqual(['refuted']);
  });

  it('leaves nothing that its adapter has started, also where its terminal is closed', async () => {
    const { code, report } = await interrupted('inverted.mjs', 'SIGHUP', 'breed');
    expect(code).toBe(3);
    expect(report).toMatchObject({ verdict: 'undecided', complete: false });
  });

  it('ends at once, also in the midst of a module and of millions of draws', async () => {
    const report = ['--report', `json=${folder.file('module.json')}`];
    const thorough = ['--profile', 'thorough', '--seed', '1', '--only', 'dropout/keep-rate'];
    const run = start(['check', ...thorough, ...report, fixture('announcing.mjs')]);
    await run.says('asked');
    await later(200);
    const time = Date.now();
    run.signal('SIGINT');
    expect((await run.ended).code).toBe(3);
    // A round of draws is a million elements; the whole clause is thousands of rounds, minutes at least.
    expect(Date.now() - time).toBeLessThan(10_000);
    expect(folder.report('module.json')).toMatchObject({ verdict: 'undecided', complete: false, clauses: [] });
  });
});

/** A room of one implementation, whose set-up or whose adapter is a script that starts another process and hangs. */
function roomOf(name: string): { readonly implementation: string; readonly pids: () => readonly number[] } {
  const implementation = folder.file(name);
  const pidFile = join(implementation, '.pids');
  mkdirSync(implementation);
  writeFileSync(
    join(implementation, 'hang.mjs'),
    `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 2 ** 30)'], { stdio: 'ignore' });
writeFileSync('.pids', \`\${process.pid} \${child.pid}\`);
setTimeout(() => {}, 2 ** 30);
`,
  );
  const manifest = {
    title: 'Hanging',
    language: 'javascript',
    start: { module: 'implementation.mjs' },
    requires: [],
    setup: [['node', 'hang.mjs']],
  };
  writeFileSync(join(implementation, 'implementation.json'), JSON.stringify(manifest));
  return {
    implementation,
    pids: () => (existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split(' ').map(Number) : []),
  };
}

it('a set-up that is interrupted leaves none of its processes', async () => {
  const { implementation, pids } = roomOf('hanging');
  const run = start(['check', ...soon, '--report', `json=${folder.file('set-up.json')}`, implementation]);
  await until(() => pids().length === 2);
  run.signal('SIGTERM');
  expect((await run.ended).code).toBe(3);
  await until(() => !pids().some(isRunning));
  expect(folder.report('set-up.json')).toMatchObject({ verdict: 'undecided', complete: false, clauses: [] });
});

/** The processes that a process has started, and theirs. */
function descendantsOf(pid: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): readonly number[] =>
    pairs.filter(([, of]) => of === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

it('a check of all that is interrupted keeps what its judges have, starts none, and leaves none', async () => {
  const report = ['--report', `json=${folder.file('all.json')}`];
  const run = start([
    'check',
    '--all',
    '--profile',
    'thorough',
    '--seed',
    '1',
    '--only',
    'dropout/keep-rate',
    ...report,
  ]);
  await until(() => descendantsOf(run.pid).some((pid) => commandOf(pid).includes('keepprob.js check')));
  await later(3000);
  const judges = descendantsOf(run.pid);
  run.signal('SIGINT');
  const { code, stderr } = await run.ended;
  await until(() => !judges.some(isRunning));
  expect([1, 3]).toContain(code);
  expect(stderr).toContain('interrupted: the report');
  const { reports, missing } = JSON.parse(readFileSync(folder.file('all.json'), 'utf8')) as Reports;
  // A judge that had not begun when the signal came has no report: then it says so among those that are missing.
  const cutOff = reports.filter(({ complete }) => !complete).map(({ implementation }) => implementation.name);
  const notReached = missing.filter(({ missing: why }) => why.includes('interrupted')).map(({ name }) => name);
  expect([...cutOff, ...notReached].length).toBeGreaterThan(0);
  expect(reports.length + missing.length).toBe(findImplementations().length);
});

function commandOf(pid: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}

it('a measurement that is interrupted tells what it has measured', async () => {
  const run = start(['faults', '--own', '--only', 'l2/*', '--runs', '100000']);
  await run.says('judgements; Ctrl-C ends them');
  run.signal('SIGINT');
  const { code, stdout } = await run.ended;
  expect(code).toBe(3);
  expect(stdout).toMatch(/^interrupted after \d+ of \d+00000 judgements: what stands above is of these/);
});
