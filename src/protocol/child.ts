/** One run of an adapter: its process, its pipes, and how it may end. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Breakage, type BreakageKind } from '../errors.ts';
import { milliseconds } from './channel.ts';
import { decoder, excerpt, type Message, stdoutAdvice } from './framing.ts';
import { canKillGroups, guard, killGroup } from './groups.ts';
import { tailOf } from './tail.ts';

export interface Command {
  readonly command: string;
  readonly args?: readonly string[];
  /** The folder in which it runs; this process's own unless given. */
  readonly cwd?: string;
}

interface Exchange {
  /** Names the request in messages, e.g. `dropout (request 7)`. */
  readonly question: string;
  readonly bytes: readonly Uint8Array[];
  /** Seconds until the answer must be complete. */
  readonly timeout: number;
  /** What is wrong with the message that came as an answer; undefined if nothing is. */
  readonly faultIn: (message: Message) => string | undefined;
}

export interface Child {
  /** Sends a request and resolves to the message that comes back. Rejects with a Breakage, and the process is dead. */
  exchange(exchange: Exchange): Promise<Message>;
  /** Ends its stdin, waits for it to exit, and kills it if it will not. */
  stop(): Promise<void>;
}

/** How much of its stderr is kept, in bytes. */
const stderrKept = 64 * 1024;

/** How long a process may take to exit after its stdin or its stdout has ended, in milliseconds. */
const grace = 1000;

interface Waiting extends Pick<Exchange, 'question' | 'faultIn'> {
  readonly timer: NodeJS.Timeout;
  readonly resolve: (message: Message) => void;
  readonly reject: (breakage: Breakage) => void;
}

/**
 * Starts the command. That there is no such command shows in the first exchange.
 * @throws Breakage if it cannot even be tried.
 */
export function startChild(command: Command): Child {
  const stderr = tailOf(stderrKept);
  const reader = decoder();
  let heard = 0;
  let waiting: Waiting | undefined;
  let stopping = false;
  // The first thing that went wrong counts; it becomes a breakage when the process has ended and its stderr with it.
  let fault: { readonly message: string; readonly kind: BreakageKind } | undefined;
  let breakage: Breakage | undefined;

  const child = spawned(command);
  guard(child);

  const settle = (): void => {
    if (fault === undefined || breakage !== undefined) return;
    breakage = new Breakage(fault.message, stderr.text(), fault.kind);
    clearTimeout(waiting?.timer);
    waiting?.reject(breakage);
    waiting = undefined;
    destroyPipes(child);
  };
  const fail = (message: string, kind: BreakageKind = 'spoke wrongly'): void => {
    if (fault !== undefined || stopping) return;
    fault = { message, kind };
    killGroup(child);
    // A process that has left the group may hold the pipes open: they are not waited for longer than this.
    setTimeout(settle, grace).unref();
  };
  const hear = (chunk: Uint8Array, { question, timer, faultIn, resolve }: Waiting): void => {
    const taken = reader.take(chunk);
    if (taken === undefined) return;
    const wrong = faultIn(taken.message);
    if (wrong !== undefined) throw new Breakage(wrong);
    if (taken.rest.length > 0) {
      fail(`the adapter wrote more than its answer to ${question}: ${excerpt(taken.rest)} after its end`);
      return;
    }
    clearTimeout(timer);
    waiting = undefined;
    resolve(taken.message);
  };

  child.stdout.on('data', (chunk: Uint8Array) => {
    if (fault !== undefined) return;
    heard += chunk.length;
    if (waiting === undefined) {
      fail(`the adapter wrote to stdout though nothing was asked: ${excerpt(chunk)} (${stdoutAdvice})`);
      return;
    }
    try {
      hear(chunk, waiting);
    } catch (error) {
      // Whatever an answer brings about in here, a stack that overflows included, it is the answer's doing.
      fail(`the adapter answered ${waiting.question} wrongly: ${(error as Error).message}`);
    }
  });
  child.stdout.on('end', () => {
    setTimeout(() => fail(`the adapter closed its stdout and lived on`), grace).unref();
  });
  child.stderr.on('data', (chunk: Uint8Array) => stderr.add(chunk));
  // A broken pipe is only the shadow of a process's end, which `close` reports with its cause.
  for (const pipe of child.stdio) pipe?.on('error', () => {});
  child.on('error', (error: NodeJS.ErrnoException) => {
    fail(couldNotStart(command, error), 'did not start');
    settle();
  });
  child.on('close', (code, signal) => {
    const end = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
    const before = waiting === undefined ? 'after its last answer' : `before it had answered ${waiting.question}`;
    const missing = reader.unfinished() ?? (heard === 0 ? 'nothing came from its stdout' : undefined);
    fail(`the adapter ${end} ${before}${missing === undefined ? '' : `: ${missing}`}`, 'crashed');
    settle();
  });

  return {
    exchange: ({ question, bytes, timeout, faultIn }) =>
      new Promise((resolve, reject) => {
        if (breakage !== undefined) {
          reject(breakage);
          return;
        }
        const timer = setTimeout(() => {
          const missing = reader.unfinished();
          fail(
            `the adapter did not answer ${question} within ${timeout} s and was killed${missing === undefined ? '' : `: ${missing}`}`,
            'hung',
          );
        }, milliseconds(timeout));
        waiting = { question, timer, faultIn, resolve, reject };
        if (fault === undefined) send(child, bytes);
      }),
    stop: () =>
      new Promise((resolve) => {
        if (waiting !== undefined) fail(`the adapter was stopped before it had answered ${waiting.question}`);
        stopping = true;
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
          destroyPipes(child);
          resolve();
          return;
        }
        const timer = setTimeout(() => killGroup(child), grace);
        child.once('exit', () => {
          clearTimeout(timer);
          settle();
          destroyPipes(child);
          resolve();
        });
        child.stdin.end();
      }),
  };
}

function spawned(command: Command): ChildProcessWithoutNullStreams {
  const folder = command.cwd === undefined ? {} : { cwd: command.cwd };
  try {
    return spawn(command.command, command.args ?? [], { detached: canKillGroups, ...folder });
  } catch (error) {
    throw new Breakage(couldNotStart(command, error as NodeJS.ErrnoException), undefined, 'did not start');
  }
}

/** In one system call where possible. Nothing else is sent until the answer has come, so no more than this is queued. */
function send({ stdin }: ChildProcessWithoutNullStreams, bytes: readonly Uint8Array[]): void {
  stdin.cork();
  for (const part of bytes) stdin.write(part);
  stdin.uncork();
}

function destroyPipes(child: ChildProcessWithoutNullStreams): void {
  for (const pipe of child.stdio) pipe?.destroy();
}

function couldNotStart({ command, cwd }: Command, { code, message }: NodeJS.ErrnoException): string {
  const folder = cwd === undefined ? '' : ` in ${cwd}`;
  if (code === 'ENOENT') {
    return `could not start ${command}${folder}: no such command (is it installed, spelt right, and on the PATH or given with its folder?)`;
  }
  if (code === 'EACCES') {
    return `could not start ${command}${folder}: it is not executable (chmod +x it, or start it by its interpreter: python3 ${command})`;
  }
  return `could not start ${command}${folder}: ${message}`;
}
