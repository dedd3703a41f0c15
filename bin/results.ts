/** What becomes of a report: the failures in full, the files that were asked for, and an exit code. */
import { renameSync, writeFileSync } from 'node:fs';
import type { RunVerdict } from '../src/judge/run.ts';
import { checkLine } from '../src/report/again.ts';
import { badge } from '../src/report/badge.ts';
import { updated } from '../src/report/deviations.ts';
import type { Missing } from '../src/report/html/scoreboard.ts';
import { junit } from '../src/report/junit.ts';
import { markdown } from '../src/report/markdown.ts';
import { failuresOf, type Report } from '../src/report/report.ts';
import { failureText } from '../src/report/terminal.ts';
import { printable } from '../src/show.ts';
import { style } from './console.ts';
import type { KnownFile, ReportFile } from './options.ts';
import { UsageError } from './usage.ts';

/** What a run's verdict is as an exit code. 2, wrong usage, is never a verdict. */
export const exitCodes: Record<RunVerdict, number> = { conforms: 0, violates: 1, undecided: 3, broken: 4 };

/**
 * The exit code of a run. Where a deviation is recorded that is there no more, the run fails though all holds: the record
 * is to be taken out.
 */
export function exitCodeOf({ verdict, clauses }: Report): number {
  const isOutdated = clauses.some(({ known }) => known?.status === 'gone');
  return verdict === 'conforms' && isOutdated ? exitCodes.violates : exitCodes[verdict];
}

/** Several reports as one file: what `--all` writes, and `merge` of several implementations. */
export interface Reports {
  readonly format: 'keepprob-reports/1';
  readonly reports: readonly Report[];
  /** Implementations that this machine cannot start, with what is missing. */
  readonly missing: readonly Missing[];
}

/** Every refuted or broken clause in full, each with the line that asks again. */
export const failuresText = (report: Report, typed: string): string =>
  failuresOf(report)
    .map((finding) => failureText(finding, (each) => checkLine(each, report, typed), style))
    .join('\n\n');

/** Of the JSON: indented for people; where it holds the counts of thousands of chunks, which nobody reads, on one line. */
function reportText(format: Exclude<ReportFile['format'], 'html'>, content: Report | Reports): string {
  const reports = 'reports' in content ? content.reports : [content];
  switch (format) {
    case 'json':
      return `${JSON.stringify(content, null, 'shard' in content ? 0 : 2)}\n`;
    case 'junit':
      return junit(reports);
    case 'markdown':
      return markdown(reports);
    case 'badge':
      return badge(reports);
  }
}

/** Writes a file by way of another beside it, so that no reader ever finds half of it. */
function write(file: string, text: string): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}

/** Writes what a run has found to deviate, for the next one to expect. */
export function writeDeviations(
  { file, known }: KnownFile,
  { clauses: findings, seed, profile, started }: Report,
): void {
  const today = new Date(started);
  const content = updated({ findings, known, seed, profile, today });
  try {
    write(file, `${JSON.stringify(content, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`the deviations could not be written to ${file}: ${(error as Error).message}`);
  }
}

/**
 * Writes a report, or several, to the files that were asked for.
 * @param typed how the command line names each implementation
 */
export type Writer = (content: Report | Reports, typed: readonly string[]) => void;

/** Who writes to those files, at once, even while the process ends. What draws is loaded only where it is needed. */
export async function writerTo(files: readonly ReportFile[]): Promise<Writer> {
  const page = files.some(({ format }) => format === 'html') ? (await import('./html.ts')).pageText : undefined;
  return (content, typed) => {
    const failed = files.flatMap(({ format, file }) => {
      try {
        write(file, format === 'html' ? (page?.(content, typed) ?? '') : reportText(format, content));
        return [];
      } catch (error) {
        return [`the report could not be written to ${file}: ${(error as Error).message}`];
      }
    });
    if (failed.length > 0) throw new UsageError(failed.join('\n'));
  };
}

/** Ctrl-C, a supervisor's wish, and a terminal that is closed. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** On Ctrl-C, and where the terminal is closed: `save` keeps what was judged and says how it would end; a run cut off never ends well. */
export function onInterrupt(save: () => number | Promise<number>): void {
  const end = async () => {
    try {
      const code = await save();
      process.stderr.write('\ninterrupted: the report, where one was asked for, holds what was judged so far\n');
      process.exit(code === exitCodes.conforms ? exitCodes.undecided : code);
    } catch (error) {
      process.stderr.write(`\nkeepprob: ${(error as Error).message}\n`);
      process.exit(exitCodes.undecided);
    }
  };
  for (const signal of endingSignals) process.once(signal, end);
}

/**
 * While an implementation runs in this process, it can end it: by process.exit, by an error thrown outside of any call,
 * by a promise that never settles. None of that may look like a verdict. Answers the call that says a verdict is there.
 */
export function onSuddenEnd(save: (why: string) => number): () => void {
  let isOver = false;
  const end = (why: string): void => {
    if (isOver) return;
    isOver = true;
    process.exitCode = save(why);
    process.stderr.write(
      `\nkeepprob: ${printable(why)}; the report, where one was asked for, holds what was judged before\n`,
    );
  };
  const thrown = (error: unknown): void => {
    end(`the implementation failed outside of any call: ${error instanceof Error ? error.message : String(error)}`);
    process.exit();
  };
  process.on('exit', () => end('the implementation ended the process that judged it'));
  process.on('uncaughtException', thrown);
  process.on('unhandledRejection', thrown);
  return () => {
    isOver = true;
  };
}
