/**
 * Messages as bytes (`spec/protocol.md`, "Framing"): one line of JSON, then the raw data of the tensors that it lists.
 * Pure, and free of Node: it runs in a browser too.
 */
import { Breakage } from '../errors.ts';
import { allocate, bytesPerElement, type Dtype, isDtype, sizeOf, type Tensor, type Tensors } from '../tensor.ts';

/** The most bytes that a header line may have, its line feed included. */
export const longestHeader = 2 ** 20;

/** The fields of a header line but `tensors` and `bytes`, which belong to the framing. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Message {
  readonly fields: Fields;
  readonly tensors: Tensors;
}

/** A tensor as a header lists it. */
interface Listed {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** Said where something else than a message came. */
export const stdoutAdvice = 'stdout is for messages alone, logs belong on stderr';

const lineFeed = 10;
const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * The bytes of a message: its header line, then each tensor's data. On a little-endian machine the data are views of
 * the tensors, not copies. Non-finite numbers become the strings `NaN`, `Infinity` and `-Infinity`.
 * @throws RangeError if the header is longer than `longestHeader`.
 */
export function encode(fields: Fields, tensors: Tensors = {}): Uint8Array[] {
  const payload = Object.values(tensors).map(bytesOf);
  const listed = Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const framing = listed.length === 0 ? {} : { tensors: listed, bytes: sum(payload.map((bytes) => bytes.length)) };
  const line = new TextEncoder().encode(`${JSON.stringify({ ...fields, ...framing }, finite)}\n`);
  if (line.length > longestHeader)
    throw new RangeError(`a header of ${line.length} bytes is longer than ${longestHeader}`);
  return [line, ...payload.filter((bytes) => bytes.length > 0)];
}

/** The raw data of a tensor: row-major, little-endian. */
export function bytesOf({ dtype, data }: Pick<Tensor, 'dtype' | 'data'>): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return hostIsLittleEndian ? bytes : swapBytes(bytes.slice(), bytesPerElement(dtype));
}

/** Reverses the bytes of every element in place: from one byte order to the other. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
  return bytes;
}

interface Decoder {
  /**
   * Takes the next bytes of a stream. Answers the message that they complete, and the bytes that follow it (not yet
   * taken); undefined as long as more must come. A chunk must stay as it is until then. A decoder that has thrown is
   * of no further use.
   * @throws Breakage that says what was expected and what came.
   */
  take(chunk: Uint8Array): { readonly message: Message; readonly rest: Uint8Array } | undefined;
  /** What is missing of the message that has begun, in words; undefined between messages. */
  unfinished(): string | undefined;
}

/** Reads messages from chunks cut anywhere. Each byte of payload is copied once, to its place in an aligned tensor. */
export function decoder(): Decoder {
  let line = lineReader();
  let payload: PayloadReader | undefined;
  return {
    take(chunk) {
      let rest = chunk;
      if (payload === undefined) {
        const taken = line.take(rest);
        if (taken === undefined) return undefined;
        payload = payloadReader(taken.line);
        rest = taken.rest;
      }
      rest = payload.take(rest);
      if (!payload.complete()) return undefined;
      const message = payload.message();
      line = lineReader();
      payload = undefined;
      return { message, rest };
    },
    unfinished: () => (payload ?? line).unfinished(),
  };
}

/** Collects bytes up to a line feed. The chunks are joined once, at its end. */
function lineReader() {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const keep = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    length += chunk.length;
    if (length < longestHeader || (length === longestHeader && chunk.at(-1) === lineFeed)) return;
    throw new Breakage(
      `a header line of at most ${longestHeader} bytes was expected, but a longer one came: ${excerpt(join(chunks))}`,
    );
  };
  return {
    take(chunk: Uint8Array): { line: Uint8Array; rest: Uint8Array } | undefined {
      const end = chunk.indexOf(lineFeed) + 1;
      if (end === 0) {
        if (chunk.length > 0) keep(chunk);
        return undefined;
      }
      keep(chunk.subarray(0, end));
      return { line: chunks.length === 1 ? chunks[0] : join(chunks), rest: chunk.subarray(end) };
    },
    unfinished: () => (length === 0 ? undefined : `a header line was not ended: ${excerpt(join(chunks))}`),
  };
}

type PayloadReader = ReturnType<typeof payloadReader>;

/** Reads a header line, makes room for its tensors and fills them. */
function payloadReader(line: Uint8Array) {
  const { fields, listed, bytes } = readHeader(line);
  const room = listed.map(allocated);
  const targets = room.map((tensor) => new Uint8Array(tensor.data.buffer));
  let current = 0;
  let filled = 0;
  let taken = 0;
  const skipFull = (): void => {
    while (current < targets.length && filled === targets[current].length) {
      current++;
      filled = 0;
    }
  };
  skipFull();
  return {
    complete: () => current === targets.length,
    /** Takes what belongs to this message, and answers what does not. */
    take(chunk: Uint8Array): Uint8Array {
      let rest = chunk;
      while (rest.length > 0 && current < targets.length) {
        const part = rest.subarray(0, targets[current].length - filled);
        targets[current].set(part, filled);
        filled += part.length;
        taken += part.length;
        rest = rest.subarray(part.length);
        skipFull();
      }
      return rest;
    },
    message(): Message {
      if (!hostIsLittleEndian) {
        for (const [i, target] of targets.entries()) swapBytes(target, bytesPerElement(room[i].dtype));
      }
      return { fields, tensors: Object.fromEntries(listed.map(({ name }, i) => [name, room[i]])) };
    },
    unfinished: () => `of the ${bytes} bytes that the header announces, only ${taken} came`,
  };
}

function allocated({ name, dtype, shape }: Listed): Tensor {
  try {
    return { dtype, shape, data: allocate(dtype, sizeOf(shape)) };
  } catch {
    throw new Breakage(`tensor ${quote(name)} of shape [${shape}] is larger than this machine can hold`);
  }
}

function readHeader(line: Uint8Array): { fields: Fields; listed: Listed[]; bytes: number } {
  const { tensors = [], bytes = 0, ...fields } = parseObject(line);
  if (!Array.isArray(tensors)) throw new Breakage(`"tensors" must be an array, got ${quote(tensors)}`);
  const listed = tensors.map(readListed);
  const names = new Set<string>();
  const twice = listed.find(({ name }) => names.size === names.add(name).size);
  if (twice) throw new Breakage(`tensor ${quote(twice.name)} is listed twice`);
  const total = sum(listed.map(({ dtype, shape }) => sizeOf(shape) * bytesPerElement(dtype)));
  if (bytes === total) return { fields, listed, bytes: total };
  throw new Breakage(
    `"bytes" must be ${total}, the sum of the tensors' sizes, got ${quote(bytes)} in ${excerpt(line)}`,
  );
}

function parseObject(line: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    throw new Breakage(`a line of JSON was expected, but this came: ${excerpt(line)} (${stdoutAdvice})`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Breakage(`a JSON object was expected, but this came: ${excerpt(line)}`);
}

function readListed(entry: unknown): Listed {
  const { name, dtype, shape } = (entry ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string') throw new Breakage(`each of "tensors" must have a "name", got ${quote(entry)}`);
  if (!isDtype(dtype)) throw new Breakage(`tensor ${quote(name)} has the unknown dtype ${quote(dtype)}`);
  if (!isShape(shape)) {
    throw new Breakage(
      `the shape of tensor ${quote(name)} must be an array of integers from 0 on, got ${quote(shape)}`,
    );
  }
  return { name, dtype, shape };
}

const isShape = (shape: unknown): shape is readonly number[] =>
  Array.isArray(shape) && shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0);

/** The first bytes of what came, as quoted text, and how many there were. */
export function excerpt(bytes: Uint8Array, most = 80): string {
  const text = new TextDecoder().decode(bytes.subarray(0, most)).replace(/\r?\n$/, '');
  return bytes.length > most ? `${JSON.stringify(text)}… (${bytes.length} bytes)` : JSON.stringify(text);
}

function quote(value: unknown, most = 80): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(sum(chunks.map((chunk) => chunk.length)));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A number as JSON can carry it. */
const finite = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
