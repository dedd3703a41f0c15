/** An implementation module in this process as a channel: the operations of the wire, without the wire. */
import { Breakage, Refusal, type RefusalCode } from '../errors.ts';
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
    sharesMemory: true,
    async ask(request) {
      const { op, tensors } = request;
      if (op === 'hello') return { result: declared(implementation), tensors: {} };
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

/** The greeting as it is now. What cannot be read or copied, such as a getter that throws or a function, is no declaration. */
function declared(implementation: Implementation): Record<string, unknown> {
  try {
    return structuredClone(greeting(implementation));
  } catch (error) {
    throw new Breakage(`what the implementation declares cannot be read: ${textOf(error)}`);
  }
}

async function call(
  implementation: Implementation,
  { op, args, tensors }: Request & { op: OperationName },
  timeout: number,
): Promise<Answer> {
  const operation: Operation = (...asked) => {
    if (implementation[op] === undefined)
      throw new Refusal('unsupported', `${implementation.name} has no operation ${op}`);
    return implementation[op](...asked);
  };
  const answer = await within(
    timeout,
    op,
    settled(async () => operation(args, tensors)),
  );
  return { result: {}, tensors: checked(op, answer) };
}

/** What the operation answers; what it throws, as a refusal. */
async function settled(operation: () => Promise<Awaited<ReturnType<Operation>>>): Promise<unknown> {
  try {
    return await operation();
  } catch (error) {
    throw new Refusal(codeOf(error), textOf(error));
  }
}

function codeOf(thrown: unknown): RefusalCode {
  try {
    const { code } = (thrown ?? {}) as { code?: unknown };
    return code === 'invalid_argument' || code === 'unsupported' ? code : 'internal';
  } catch {
    return 'internal';
  }
}

/** What was thrown, in words. It can be anything, also an object that throws again when it is asked for them. */
export function textOf(thrown: unknown): string {
  try {
    return printable(String(thrown instanceof Error ? thrown.message : thrown));
  } catch {
    return 'something was thrown that has no text';
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

/**
 * The answer, if it is an object of tensors: as it is now, and plain. What stands there may be a getter or a proxy, which says
 * something else when it is asked again, or throws; the data alone are the very ones that were answered.
 */
function checked(op: string, answer: unknown): Tensors {
  const found = tensorsIn(answer);
  if (typeof found === 'string') throw new Breakage(`${op} must return ${found}`);
  return found;
}

/** The tensors of an answer; or, in words, what was expected and what is there instead. */
function tensorsIn(answer: unknown): Tensors | string {
  const expected = 'tensors { dtype, shape, data }';
  try {
    if (typeof answer !== 'object' || answer === null) return `an object of tensors, got ${kindOf(answer)}`;
    const tensors: [string, Tensor][] = [];
    for (const [name, value] of Object.entries(answer)) {
      const tensor = tensorIn(value);
      if (typeof tensor === 'string') return `${expected}, but ${name} ${tensor}`;
      tensors.push([name, tensor]);
    }
    return Object.fromEntries(tensors);
  } catch (error) {
    return `${expected}, but reading what it returned throws: ${textOf(error)}`;
  }
}

/** The tensor that a value is, or why it is none. */
function tensorIn(value: unknown): Tensor | string {
  const { dtype, shape, data } = (value ?? {}) as Partial<Record<keyof Tensor, unknown>>;
  if (dtype === undefined || shape === undefined || data === undefined) return `is ${kindOf(value)}`;
  if (!isDtype(dtype)) return `has the unknown dtype ${JSON.stringify(dtype)}`;
  const axes: unknown = Array.isArray(shape) ? [...shape] : shape;
  if (!isShape(axes)) return `has the shape ${JSON.stringify(axes)}, no array of integers from 0 on`;
  const wanted = allocate(dtype, 0);
  if (!isSameArray(data, wanted)) return `of dtype ${dtype} has data in ${kindOf(data)}, not in ${kindOf(wanted)}`;
  const size = sizeOf(axes);
  const { length } = data;
  return length === size ? { dtype, shape: axes, data } : `of shape [${axes}] has ${length} elements, not ${size}`;
}

const isShape = (axes: unknown): axes is readonly number[] =>
  Array.isArray(axes) && axes.every((axis) => Number.isSafeInteger(axis) && axis >= 0);

/** The getter that all typed arrays inherit tells what an array really is, also one of another realm, and no proxy. */
const isSameArray = (data: unknown, wanted: Tensor['data']): data is Tensor['data'] =>
  nameOfArray(data) === nameOfArray(wanted);

const nameOfArray = (value: unknown): unknown =>
  Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, value);

/** What a value is, in words: `a number`, `an Array`, `a Float64Array`. The tag also knows arrays of other realms. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const kind = typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
  return `${/^[aeio]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}
