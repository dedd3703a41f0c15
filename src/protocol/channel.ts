/** What lies between a subject and an implementation: a process over the wire, or a module in this process. */
import type { Args } from '../subject.ts';
import type { Tensors } from '../tensor.ts';

export interface Request {
  readonly op: string;
  readonly args: Args;
  readonly tensors: Tensors;
}

/** An answer that is well-formed; what it says has not been looked at. */
export interface Answer {
  readonly result: Readonly<Record<string, unknown>>;
  readonly tensors: Tensors;
}

/** The way to an implementation: requests go in, answers come out. */
export interface Channel {
  /**
   * Whether the other side is handed the very tensors that are asked about, so that what it does to them is seen. Absent
   * means that it is not.
   */
  readonly sharesMemory?: boolean;
  /**
   * Sends a request and resolves to its answer; one request is in flight at a time. Rejects with a `Refusal`, after
   * which the other side lives on, or with a `Breakage`, after which it is gone: the next request meets a fresh one,
   * which must be greeted again.
   */
  ask(request: Request): Promise<Answer>;
  /** Ends the other side. Nothing may be asked afterwards. */
  close(): Promise<void>;
}

/** The time limit of a request in seconds, unless told otherwise: what a large framework needs to be imported in. */
export const defaultTimeout = 60;

/** Seconds as the delay of a timer, which holds no more than 2^31 − 1 milliseconds. */
export const milliseconds = (seconds: number): number => Math.min(seconds * 1000, 2 ** 31 - 1);
