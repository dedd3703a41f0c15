/** An implementation module in this process as a channel: the operations of the wire, without the wire. */
import { Breakage, Refusal } from '../errors.ts';
import { printable } from '../show.ts';
import type { Implementation, Operation } from '../subject.ts';
import { allocate, isDtype, sizeOf, type Tensor, type Tensors } from '../tensor.ts';
import { type Answer, type Channel, defaultTimeout, milliseconds, type Request } from './channel.ts';

interface ModuleOptions {
  /** Seconds that a promise may take to settle. An operation that never returns cannot be interrupted. */
  readonly timeout?: number;
}

/**
 * The channel to an implementation. It is handed the very tensors that are asked about, so that it shows whether it
 * modifies them. What it throws becomes a refusal: `invalid_argument` or `unsupported` if the error's `code` says so,
 * else `internal`.
 */
export function moduleChannel(
  implementation: Implementation,
  { timeout = defaultTimeout }: ModuleOptions = {},
): Channel {
  return {
    async ask(request) {
      const { op, tensors } = request;
      if (op === 'hello') return { result: greeting(implementation), tensors: {} };
      if (op === 'echo') return { result: {}, tensors };
      return call(implementation, { ...request, op: operationNamed(op) }, timeout);
    },
    close: async () => {},
  };
}

type OperationName = 'dropout' | 'penalty' | 'step' | 'network';

export const operationNames: readonly OperationName[] = ['dropout', 'penalty', 'step', 'network'];

function operationNamed(op: string): OperationName {
  const name = operationNames.find((each) => each === op);
  if (name === undefined) throw new Refusal('unsupported', `there is no operation ${op}`);
  return name;
}

/** What the implementation would answer to `hello`. */
export function greeting({ name, version, language, homepage, capabilities }: Implementation): Record<string, unknown> {
  const optional = { ...(language === undefined ? {} : { language }), ...(homepage === undefined ? {} : { homepage }) };
  return { protocol: 1, name, version, ...optional, capabilities };
}

async function call(
  implementation: Implementation,
  { op, args, tensors }: Request & { op: OperationName },
  timeout: number,
): Promise<Answer> {
  if (implementation[op] === undefined)
    throw new Refusal('unsupported', `${implementation.name} has no operation ${op}`);
  const answer = await within(
    timeout,
    op,
    settled(async () => implementation[op]?.(args, tensors)),
  );
  return { result: {}, tensors: checked(op, answer) };
}

/** What the operation answers; what it throws, as a refusal. */
async function settled(operation: () => Promise<Awaited<ReturnType<Operation>> | undefined>): Promise<unknown> {
  try {
    return await operation();
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown };
    const message = error instanceof Error ? error.message : String(error);
    throw new Refusal(code === 'invalid_argument' || code === 'unsupported' ? code : 'internal', printable(message));
  }
}

async function within<T>(timeout: number, op: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    const late = `${op} did not answer within ${timeout} s: the promise that it returned has not settled`;
    timer = setTimeout(() => reject(new Breakage(late, undefined, 'hung')), milliseconds(timeout));
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The answer, if it is an object of tensors. */
function checked(op: string, answer: unknown): Tensors {
  if (typeof answer !== 'object' || answer === null) {
    throw new Breakage(`${op} must return an object of tensors, got ${kindOf(answer)}`);
  }
  for (const [name, value] of Object.entries(answer)) {
    const fault = faultIn(value);
    if (fault !== undefined)
      throw new Breakage(`${op} must return tensors { dtype, shape, data }, but ${name} ${fault}`);
  }
  return answer as Tensors;
}

/** Why a value is no tensor. */
function faultIn(value: unknown): string | undefined {
  const { dtype, shape, data } = (value ?? {}) as Partial<Record<keyof Tensor, unknown>>;
  if (dtype === undefined || shape === undefined || data === undefined) return `is ${kindOf(value)}`;
  if (!isDtype(dtype)) return `has the unknown dtype ${JSON.stringify(dtype)}`;
  if (!Array.isArray(shape) || !shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0)) {
    return `has the shape ${JSON.stringify(shape)}, no array of integers from 0 on`;
  }
  const wanted = kindOf(allocate(dtype, 0));
  if (kindOf(data) !== wanted) return `of dtype ${dtype} has data in ${kindOf(data)}, not in ${wanted}`;
  const { length } = data as Tensor['data'];
  return length === sizeOf(shape) ? undefined : `of shape [${shape}] has ${length} elements, not ${sizeOf(shape)}`;
}

/** What a value is, in words: `a number`, `an Array`, `a Float64Array`. The tag also knows arrays of other realms. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const kind = typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
  return `${/^[aeio]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}
