/** The command line on a terminal of a given size, which `script` of util-linux makes. */
import { spawnSync } from 'node:child_process';
import { projectFile } from '../../src/root.ts';

const words = (args: readonly string[]): string => args.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

/** Whether this machine has a `script` that makes a terminal for a command and hands on its exit code. */
export const hasTerminal = spawnSync('script', ['-qfec', 'exit 7', '/dev/null']).status === 7;

interface Screen {
  readonly columns: number;
  readonly rows?: number;
  /** Variables; '' stands for one that is not set. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs it to its end. Answers all that it wrote, to either stream, as the terminal received it. */
export function onTerminal(args: readonly string[], { columns, rows = 24, env = {} }: Screen) {
  const command = `stty cols ${columns} rows ${rows}; ${words([process.execPath, projectFile('bin/keepprob.js'), ...args])}`;
  const plain = { TERM: 'xterm-256color', NO_COLOR: '', FORCE_COLOR: '', CI: '' };
  const { status, stdout } = spawnSync('script', ['-qfec', command, '/dev/null'], {
    cwd: projectFile('.'),
    encoding: 'utf8',
    env: { ...process.env, ...plain, ...env },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { status, text: stdout };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const styles = /\x1b\[\d*m/g;

/** Text without its colours. */
export const unstyled = (text: string): string => text.replaceAll(styles, '');

/** What the status line showed, one after the other: what was overwritten before a new line began. */
export const statusesIn = (text: string): readonly string[] =>
  unstyled(text)
    .split('\r\x1b[2K')
    .slice(1)
    .filter((shown) => shown !== '' && !shown.includes('\n'));

/** How many rows a text takes on a terminal so wide. */
export const rowsOf = (text: string, columns: number): number =>
  unstyled(text)
    .split(/\r?\n/)
    .reduce((rows, line) => rows + Math.max(1, Math.ceil(Array.from(line).length / columns)), 0);
