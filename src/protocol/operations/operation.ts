/** An operation of the wire: how a typed question becomes a request, and an answer's tensors a typed answer. */
import type { Args, Capabilities } from '../../subject.ts';
import type { Tensors } from '../../tensor.ts';

export interface Operation<Call, Answer> {
  readonly op: string;
  readonly args: (call: Call) => Args;
  readonly tensors: (call: Call) => Tensors;
  /** @throws Deviation where a tensor is missing, or is not of the dtype, shape or kind that the protocol demands. */
  readonly answer: (tensors: Tensors, call: Call, can: Capabilities) => Answer;
}

/** The entries whose values are given. */
export function given<T>(entries: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, T] => entry[1] !== undefined));
}

/** The tensors with `prefix` before each name. */
export const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}${name}`, tensor]));
