/** What becomes of a report: the failures in full, the files that were asked for, and an exit code. */
import { resolve } from 'node:path';
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
import { write } from './files.ts';
import type { KnownFile, ReportFile } from './options.ts';

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

/** The exit code of several runs: a violation before a breakage before what is undecided; 3 if nothing was judged. */
export function worst(reports: readonly Report[]): number {
  const codes = reports.map(exitCodeOf);
  return (
    [exitCodes.violates, exitCodes.broken, exitCodes.undecided].find((code) => codes.includes(code)) ??
    (codes.length > 0 ? exitCodes.conforms : exitCodes.undecided)
  );
}

/** A run that lacks what was asked of it does not end well, whatever it has found. */
const endingBadly = (code: number): number => (code === exitCodes.conforms ? exitCodes.undecided : code);

/**
 * What was asked for could not be written, after all was judged. This is no wrong usage, by whose exit code nothing would
 * have been.
 */
export class Unwritten extends Error {
  override readonly name = 'Unwritten';
  readonly code: number;

  /** @param code how the run would end otherwise */
  constructor(message: string, code: number) {
    super(message);
    this.code = endingBadly(code);
  }
}

/** Writes each, whatever becomes of the others. @throws Unwritten that says all that could not be */
export function writeEach(writings: readonly (() => void)[]): void {
  const failed: Unwritten[] = [];
  for (const writing of writings) {
    try {
      writing();
    } catch (error) {
      if (!(error instanceof Unwritten)) throw error;
      failed.push(error);
    }
  }
  if (failed.length > 0) throw new Unwritten(failed.map(({ message }) => message).join('\n'), failed[0].code);
}

/** Writes one. @throws Unwritten that says what could not be written, or not be made, and why */
function written(what: string, file: string, text: () => string, code: number): void {
  try {
    write(file, text());
  } catch (error) {
    throw new Unwritten(`${what} could not be written to ${file}: ${(error as Error).message}`, code);
  }
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

/**
 * Writes what a run has found to deviate, for the next one to expect.
 * @throws Unwritten also where the run was cut off, so that nobody knows what else deviates
 */
export function writeDeviations({ file, known }: KnownFile, done: Report): void {
  const { clauses: findings, seed, profile, started, complete } = done;
  const code = exitCodeOf(done);
  if (!complete) throw new Unwritten(`${file} was not written: the run did not come to its end`, code);
  const content = updated({ findings, known, seed, profile, today: new Date(started) });
  written('the deviations', file, () => `${JSON.stringify(content, null, 2)}\n`, code);
}

/**
 * Writes a report, or several, to the files that were asked for.
 * @param typed how the command line names each implementation
 * @throws Unwritten
 */
export type Writer = (content: Report | Reports, typed: readonly string[]) => void;

/**
 * Who writes to those files, at once, even while the process ends, and wherever a module may then have taken it: their
 * paths are of this folder. What draws is loaded only where it is needed.
 */
export async function writerTo(files: readonly ReportFile[]): Promise<Writer> {
  const page = files.some(({ format }) => format === 'html') ? (await import('./html.ts')).pageText : undefined;
  const absolute = files.map(({ format, file }) => ({ format, file: resolve(file) }));
  return (content, typed) => {
    const code = worst('reports' in content ? content.reports : [content]);
    const textAs = (format: ReportFile['format']): string =>
      format === 'html' ? (page?.(content, typed) ?? '') : reportText(format, content);
    writeEach(
      absolute.map(
        ({ format, file }) =>
          () =>
            written('the report', file, () => textAs(format), code),
      ),
    );
  };
}

/** Ctrl-C, a supervisor's wish, and a terminal that is closed. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const reportHolds = 'the report, where one was asked for, holds what was judged';

/**
 * On Ctrl-C, and where the terminal is closed: `save` keeps what was judged and says how it would end; a run cut off never
 * ends well.
 * @param kept what is said to be left of it
 */
export function onInterrupt(save: () => number | Promise<number>, kept = `${reportHolds} so far`): void {
  const end = async () => {
    try {
      const code = await save();
      process.stderr.write(`\ninterrupted: ${kept}\n`);
      process.exit(endingBadly(code));
    } catch (error) {
      process.stderr.write(`\nkeepprob: ${(error as Error).message}\n`);
      process.exit(error instanceof Unwritten ? error.code : exitCodes.undecided);
    }
  };
  for (const signal of endingSignals) process.once(signal, end);
}

/**
 * While an implementation runs in this process, it can end it: by process.exit, by an error thrown outside of any call,
 * by a promise that never settles. None of that may look like a verdict. Answers the call that says a verdict is there.
 * @param kept what is said to be left of the run
 */
export function onSuddenEnd(save: (why: string) => number, kept = `${reportHolds} before`): () => void {
  let isOver = false;
  const end = (why: string): void => {
    isOver = true;
    const { code, left } = saved(() => save(why), kept);
    process.exitCode = code;
    process.stderr.write(`\nkeepprob: ${printable(why)}; ${left}\n`);
  };
  const thrown = (error: unknown): void => {
    if (isOver) return;
    end(`the implementation failed outside of any call: ${error instanceof Error ? error.message : String(error)}`);
    process.exit();
  };
  process.on('exit', () => {
    if (!isOver) end('the implementation ended the process that judged it');
  });
  // Nothing is left to be done that could bring an answer: requests have a time limit, the loading of a module has none.
  process.on('beforeExit', () => {
    if (isOver) return;
    end('the module never came to its end: what it awaits at its top level never settles');
    process.exit();
  });
  process.on('uncaughtException', thrown);
  process.on('unhandledRejection', thrown);
  return () => {
    isOver = true;
  };
}

/** What comes of saving a run while the process ends, where nothing may be thrown. */
function saved(save: () => number, kept: string): { readonly code: number; readonly left: string } {
  try {
    return { code: save(), left: kept };
  } catch (error) {
    const { message } = error as Error;
    return { code: error instanceof Unwritten ? error.code : exitCodes.broken, left: message };
  }
}
