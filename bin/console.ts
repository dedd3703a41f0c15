/** What is printed, and how: results on stdout, progress on stderr and only on a terminal. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import picocolors from 'picocolors';
import type { Progress } from '../src/judge/verify.ts';
import type { Style } from '../src/report/terminal.ts';

/** Where they are wanted: on a terminal, unless NO_COLOR is set. picocolors alone would colour a pipe too, where CI is set. */
const colours = picocolors.createColors(process.stdout.isTTY === true && picocolors.isColorSupported);

export const style: Style = {
  good: colours.green,
  bad: colours.red,
  weak: colours.dim,
  strong: colours.bold,
};

export const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

interface StatusLine {
  readonly show: (text: string) => void;
  /** Clears the line, before something is printed. */
  readonly clear: () => void;
}

/** A line on stderr that overwrites itself; nothing where stderr is no terminal, or it is not wanted. */
export function statusLine(wanted: boolean): StatusLine {
  const isShown = wanted && process.stderr.isTTY === true;
  const write = (text: string) => {
    if (isShown) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  };
  return { show: write, clear: () => write('') };
}

export interface ProgressLine {
  /** Shows how far a clause has come, and lets signals and timers in. */
  readonly show: (progress: Pick<Progress, 'clause'> & Partial<Progress>) => Promise<void>;
  readonly clear: () => void;
}

/** The progress of a judgement on the status line, some times a second. */
export function progressLine(wanted: boolean): ProgressLine {
  const line = statusLine(wanted);
  let last = 0;
  return {
    async show({ clause, experiment, elements, logEvidence }) {
      await nextTurn();
      if (Date.now() - last < 100) return;
      last = Date.now();
      const drawn = elements === undefined ? '' : ` ${elements.toExponential(1)} elements`;
      const evidence = logEvidence === undefined ? '' : `, evidence against 10^${(logEvidence / Math.LN10).toFixed(1)}`;
      line.show(`… ${clause}${experiment === undefined ? '' : `: ${experiment},`}${drawn}${evidence}`);
    },
    clear: line.clear,
  };
}
