/** What is printed, and how: results on stdout, progress on stderr and only on a terminal. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import cliTruncate from 'cli-truncate';
import picocolors from 'picocolors';
import type { Progress } from '../src/judge/verify.ts';
import type { Style } from '../src/report/terminal.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Whether colours are wanted: never with NO_COLOR, always with FORCE_COLOR (but 0), else on a terminal that is not dumb. A
 * variable that is empty is not set. (picocolors alone would colour a pipe too, where CI is set.)
 */
export function wantsColour({ NO_COLOR, FORCE_COLOR, TERM }: Variables, isTerminal: boolean): boolean {
  if (NO_COLOR) return false;
  return FORCE_COLOR ? !['0', 'false'].includes(FORCE_COLOR) : isTerminal && TERM !== 'dumb';
}

/** How text is styled on a stream: what one of them wants, the other may not. */
function styleOn({ isTTY }: NodeJS.WriteStream): Style {
  const colours = picocolors.createColors(wantsColour(process.env, isTTY === true));
  return { good: colours.green, bad: colours.red, weak: colours.dim, strong: colours.bold };
}

export const style = styleOn(process.stdout);
export const errorStyle = styleOn(process.stderr);

export const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

/** A row of a table: cut to the terminal's width, where some characters take two columns, and whole where the output is no terminal. */
export const fitted = (row: string): string =>
  process.stdout.isTTY === true ? cliTruncate(row, process.stdout.columns ?? 80) : row;

const isLost = new Set<NodeJS.WriteStream>();

/** Whether something that was printed has not arrived, though there was somebody to read it. */
export const isOutputLost = (): boolean => isLost.has(process.stdout);

/**
 * From now on, what cannot be printed ends nothing: the run goes on to its report and its exit code. A reader that has seen
 * enough, such as head, is no error, nor is a terminal that was closed; a full disk is said, once.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      if (['EPIPE', 'EIO'].includes(code) || isLost.has(stream)) return;
      isLost.add(stream);
      process.stderr.write(`keepprob: the output could not be written: ${message}\n`);
    });
  }
}

/** Resolves once all that was printed is out of this process, or lost. */
export async function flushed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((done) => stream.write('', () => done()));
}

interface StatusLine {
  readonly show: (text: string) => void;
  /** Clears the line, before something is printed. */
  readonly clear: () => void;
}

/**
 * A line on stderr that overwrites itself; nothing where stderr is no terminal or a dumb one, or it is not wanted. It is
 * shorter than the terminal is wide now, since what wraps could not be overwritten.
 */
export function statusLine(wanted: boolean): StatusLine {
  const isShown = wanted && process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  const write = (text: string) => {
    if (isShown) process.stderr.write(`\r\x1b[2K${cliTruncate(text, (process.stderr.columns ?? 80) - 1)}`);
  };
  return { show: write, clear: () => write('') };
}

export interface ProgressLine {
  /** Shows how far a clause has come, and lets signals and timers in. */
  readonly show: (progress: Pick<Progress, 'clause'> & Partial<Progress>) => Promise<void>;
  /** Says how many of how many are done. */
  readonly done: (number: number, of: number) => void;
  readonly clear: () => void;
}

/** The progress of a judgement on the status line, some times a second. */
export function progressLine(wanted: boolean): ProgressLine {
  const line = statusLine(wanted);
  let last = 0;
  let count = '';
  return {
    async show({ clause, experiment, elements, logEvidence }) {
      await nextTurn();
      if (Date.now() - last < 100) return;
      last = Date.now();
      // The experiment stands last: it is what a narrow terminal can do without.
      const drawn = elements === undefined ? '' : `, ${elements.toExponential(1)} draws`;
      const evidence = logEvidence === undefined ? '' : `, evidence against 10^${(logEvidence / Math.LN10).toFixed(1)}`;
      line.show(`${count}… ${clause}${drawn}${evidence}${experiment === undefined ? '' : ` (${experiment})`}`);
    },
    done(number, of) {
      count = `${number}/${of} `;
    },
    clear: line.clear,
  };
}
