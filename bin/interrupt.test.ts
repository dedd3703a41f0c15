/** Ctrl-C: what was judged is kept, the run does not end well, and no adapter is left behind. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
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
  async function interrupted(module: string, signal: NodeJS.Signals) {
    const [pidFile, reportName] = [folder.file(`${module}.pid`), `${module}.json`];
    const report = ['--report', `json=${folder.file(reportName)}`];
    const run = start(['check', ...soon, ...globs, ...report, '--', ...adapter(module, 'hang', pidFile)]);
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isRunning(pid)).toBe(true);
    run.signal(signal);
    const ended = await run.ended;
    await until(() => !isRunning(pid));
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
