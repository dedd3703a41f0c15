/** `keepprob check`: judges one implementation, or all that this machine can start. */
import { renameSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { findImplementations } from '../src/implementations.ts';
import { killAdapters } from '../src/protocol/groups.ts';
import type { RunVerdict } from '../src/judge/run.ts';
import type { Report } from '../src/report/report.ts';
import { print, style } from './console.ts';
import { judgement } from './judgement.ts';
import { type CheckOptions, checkOptions, type TypedOptions } from './options.ts';
import { implementationTarget, type Target, targetOf } from './targets.ts';
import { UsageError } from './usage.ts';

/** What a run's verdict is as an exit code. 2, wrong usage, is never a verdict. */
const exitCodes: Record<RunVerdict, number> = { conforms: 0, violates: 1, undecided: 3, broken: 4 };

/** Judges what the command line names. Resolves to the exit code. */
export async function check(
  operand: string | undefined,
  command: readonly string[] | undefined,
  typed: TypedOptions,
): Promise<number> {
  const options = checkOptions(typed);
  if (!typed.all) return checkOne(targetOf(operand, command), options);
  if (operand !== undefined || command !== undefined) {
    throw new UsageError(`--all judges every implementation of this project: it takes no module and no command, got ${operand ?? command?.join(' ')}`);
  }
  return checkAll(options);
}

async function checkOne(target: Target, options: CheckOptions): Promise<number> {
  const { finish, report } = judgement(target, options, 'all');
  onInterrupt(() => conclude(report(), options));
  return conclude(await finish(), options);
}

/** Writes what was asked for, and says how the run ended. */
function conclude(report: Report, { reports }: CheckOptions): number {
  for (const { file } of reports) writeWhole(file, report);
  return exitCodes[report.verdict];
}

/** Several reports as one file: what `--all` writes. */
interface Reports {
  readonly format: 'keepprob-reports/1';
  readonly reports: readonly Report[];
  /** Implementations that this machine cannot start, with what is missing. */
  readonly missing: readonly { readonly name: string; readonly missing: string }[];
}

async function checkAll(options: CheckOptions): Promise<number> {
  const done: Report[] = [];
  const missing: { name: string; missing: string }[] = [];
  let current: (() => Report) | undefined;
  const save = () => {
    const reports = [...done, ...(current ? [current()] : [])];
    for (const { file } of options.reports) writeWhole(file, { format: 'keepprob-reports/1', reports, missing } satisfies Reports);
    return worst(reports);
  };
  onInterrupt(save);
  for (const found of findImplementations()) {
    const folder = relative('', found.folder) || '.';
    print(`\n${style.strong(found.title)} ${style.weak(folder)}`);
    const run = judgement(implementationTarget(found, folder), options, 'failures');
    current = run.report;
    try {
      done.push(await run.finish());
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      print(error.message);
      missing.push({ name: found.title, missing: error.message });
    }
    current = undefined;
  }
  print(`\n${tableText(done, missing)}`);
  return save();
}

/** One line an implementation. */
function tableText(reports: readonly Report[], missing: Reports['missing']): string {
  const rows = [
    ...reports.map(({ implementation: { name, version }, verdict, clauses }) => {
      const refuted = clauses.filter((finding) => finding.verdict === 'refuted').length;
      const held = clauses.filter((finding) => finding.verdict === 'holds').length;
      return [`${name} ${version}`, verdict, `${held} hold, ${refuted} refuted`] as const;
    }),
    ...missing.map(({ name }) => [name, 'not judged', 'see above for what is missing'] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, verdict, counts]) => `${name.padEnd(width)}  ${verdict.padEnd(10)}  ${style.weak(counts)}`).join('\n');
}

/** The exit code of several runs: a violation before a breakage before what is undecided; 3 if nothing was judged. */
function worst(reports: readonly Report[]): number {
  const codes = reports.map(({ verdict }) => exitCodes[verdict]);
  return [1, 4, 3].find((code) => codes.includes(code)) ?? (codes.length > 0 ? 0 : 3);
}

/** On Ctrl-C: what was judged is kept, and no child is left behind. */
function onInterrupt(save: () => number): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killAdapters();
      const code = save();
      process.stderr.write('\ninterrupted: the report, where one was asked for, holds what was judged so far\n');
      process.exit(code === 0 ? exitCodes.undecided : code);
    });
  }
}

/** Writes JSON beside the file first, so that no reader ever finds half a report. */
function writeWhole(file: string, content: Report | Reports): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(partial, file);
}
