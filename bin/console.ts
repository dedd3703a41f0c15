/** What is printed, and how: results on stdout, progress on stderr and only on a terminal. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import colours from 'picocolors';
import type { Progress } from '../src/judge/verify.ts';
import type { Style } from '../src/report/terminal.ts';

/** Colours where they are wanted: on a terminal, unless NO_COLOR is set. */
export const style: Style = {
  good: colours.green,
  bad: colours.red,
  weak: colours.dim,
  strong: colours.bold,
};

export const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

export interface ProgressLine {
  /** Shows how far a clause has come, and lets signals and timers in. */
  readonly show: (progress: Pick<Progress, 'clause'> & Partial<Progress>) => Promise<void>;
  /** Clears the line, before something is printed. */
  readonly clear: () => void;
}

/** A line on stderr that overwrites itself; nothing where stderr is no terminal, or `wanted` is false. */
export function progressLine(wanted: boolean): ProgressLine {
  const isShown = wanted && process.stderr.isTTY === true;
  let last = 0;
  return {
    async show({ clause, experiment, elements, logEvidence }) {
      await nextTurn();
      if (!isShown || Date.now() - last < 100) return;
      last = Date.now();
      const drawn = elements === undefined ? '' : ` ${elements.toExponential(1)} elements`;
      const evidence = logEvidence === undefined ? '' : `, evidence against 10^${(logEvidence / Math.LN10).toFixed(1)}`;
      const text = `… ${clause}${experiment === undefined ? '' : `: ${experiment},`}${drawn}${evidence}`;
      process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    },
    clear() {
      if (isShown) process.stderr.write('\r\x1b[2K');
    },
  };
}
