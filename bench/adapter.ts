/**
 * The other end of the pipes: answers each request with x as y; or, told to be `bare`, so many bytes with the same
 * bytes, once all of them have come, as a request is read to its end before it is answered.
 */
import { decoder, encode } from '../src/protocol/framing.ts';

const { stdin, stdout } = process;

const bare = Number(process.argv[2] ?? 0);

if (bare > 0) {
  let chunks: Uint8Array[] = [];
  let missing = bare;
  stdin.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    missing -= chunk.length;
    if (missing > 0) return;
    for (const each of chunks) stdout.write(each);
    chunks = [];
    missing = bare;
  });
} else {
  const messages = decoder();
  stdin.on('data', (chunk: Uint8Array) => {
    let rest = chunk;
    for (let taken = messages.take(rest); taken !== undefined; taken = messages.take(rest)) {
      rest = taken.rest;
      const { x } = taken.message.tensors;
      for (const bytes of encode({ id: taken.message.fields.id, ok: true, result: {} }, { y: x })) stdout.write(bytes);
    }
  });
}
