/**
 * The protocol as somebody would write it who has only read `spec/protocol.md`: nothing here comes from the suite.
 * Tensors are { dtype, shape, bytes } with raw bytes.
 */

const widths = { float64: 8, float32: 4, float16: 2, bfloat16: 2, uint8: 1 };

/** Answers the requests of stdin, one after the other, until its end. `answer` writes what it likes. */
export async function serve(answer) {
  const reader = readerOf(process.stdin);
  for (;;) {
    const line = await reader.line();
    if (line === undefined) return;
    const { tensors = [], bytes = 0, ...fields } = JSON.parse(line);
    await answer({ ...fields, tensors: tensorsIn(tensors, await reader.bytes(bytes)) });
  }
}

function readerOf(stream) {
  const chunks = stream[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  const more = async () => (await chunks.next()).value;
  return {
    async line() {
      while (!rest.includes(10)) {
        const chunk = await more();
        if (chunk === undefined) return undefined;
        rest = Buffer.concat([rest, chunk]);
      }
      const end = rest.indexOf(10) + 1;
      const line = rest.toString('utf8', 0, end);
      rest = rest.subarray(end);
      return line;
    },
    async bytes(count) {
      const parts = [rest];
      for (let length = rest.length; length < count; length += parts.at(-1).length) parts.push(await more());
      const whole = Buffer.concat(parts);
      rest = whole.subarray(count);
      return whole.subarray(0, count);
    },
  };
}

function tensorsIn(listed, bytes) {
  let at = 0;
  const entries = listed.map(({ name, dtype, shape }) => {
    const start = at;
    at += shape.reduce((size, axis) => size * axis, 1) * widths[dtype];
    return [name, { dtype, shape, bytes: bytes.subarray(start, at) }];
  });
  return Object.fromEntries(entries);
}

/** The bytes of an answer. */
export function message(fields, tensors = {}) {
  const listed = Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const payload = Buffer.concat(Object.values(tensors).map(({ bytes }) => bytes));
  const framing = listed.length > 0 ? { tensors: listed, bytes: payload.length } : {};
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...fields, ...framing })}\n`), payload]);
}

/** Writes, and waits until it is written. */
export const write = (bytes) => new Promise((resolve) => process.stdout.write(bytes, resolve));
