/** `spec/protocol.md` is what adapters are written from: its conversation is held with a real one, byte for byte. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { projectFile } from '../root.ts';
import { bytesOf, decoder, encode, type Message } from './framing.ts';
import { faultBy } from './schema.ts';

const text = readFileSync(projectFile('spec/protocol.md'), 'utf8');

interface Turn {
  readonly side: '>' | '<';
  readonly bytes: Uint8Array;
}

/** The messages of the fenced blocks of `wire`: a header line, then lines of hexadecimal. */
function conversation(): Turn[] {
  const lines = [...text.matchAll(/^```wire\n(.*?)^```$/gms)].flatMap(([, block]) => block.trim().split('\n'));
  const turns: { side: '>' | '<'; parts: Buffer[] }[] = [];
  for (const line of lines) {
    const side = line.startsWith('>') ? '>' : '<';
    const content = line.slice(2);
    if (content.startsWith('{')) turns.push({ side, parts: [Buffer.from(`${content}\n`)] });
    else turns.at(-1)?.parts.push(Buffer.from(content.replaceAll(' ', ''), 'hex'));
  }
  return turns.map(({ side, parts }) => ({ side, bytes: Buffer.concat(parts) }));
}

/** The one message in the bytes. */
function decode(bytes: Uint8Array): Message {
  const reader = decoder();
  const taken = reader.take(bytes);
  if (taken === undefined) throw new Error(`not a whole message: ${reader.unfinished()}`);
  expect(taken.rest).toHaveLength(0);
  return taken.message;
}

const turns = conversation();
const requests = turns.filter(({ side }) => side === '>').map(({ bytes }) => bytes);
const answers = turns.filter(({ side }) => side === '<').map(({ bytes }) => bytes);

describe('the conversation in spec/protocol.md', () => {
  test('has a request of each kind, and an answer to each', () => {
    expect(requests.map((bytes) => decode(bytes).fields['op'])).toEqual([
      'hello',
      'echo',
      'dropout',
      'dropout',
      'penalty',
      'step',
    ]);
    expect(answers.map((bytes) => decode(bytes).fields['id'])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(turns.map(({ side }) => side).join('')).toBe('><'.repeat(6));
  });

  test('keeps to the schemas', () => {
    for (const bytes of requests) expect(faultBy('request', headerOf(bytes))).toBeUndefined();
    for (const bytes of answers) expect(faultBy('answer', headerOf(bytes))).toBeUndefined();
    expect(faultBy('hello', decode(answers[0]).fields['result'])).toBeUndefined();
  });

  test('is what the suite would send', () => {
    for (const bytes of requests) {
      const { fields, tensors } = decode(bytes);
      expect(Buffer.concat(encode(fields, tensors)).toString('latin1')).toBe(Buffer.from(bytes).toString('latin1'));
    }
  });

  test('is what a correct adapter answers', async () => {
    const path = fileURLToPath(new URL('./testing/adapter.mjs', import.meta.url));
    const adapter = spawn(process.execPath, [path]);
    for (const [i, bytes] of requests.entries()) {
      adapter.stdin.write(bytes);
      expect(readable(await nextMessage(adapter))).toEqual(readable(decode(answers[i])));
    }
    adapter.stdin.end();
    expect(await once(adapter, 'exit')).toEqual([0, null]);
  });
});

test('the error that spec/protocol.md shows keeps to the schema', () => {
  const [shown] = text.match(/^ {4}\{"id":7,.*$/m) ?? [];
  expect(faultBy('answer', JSON.parse(shown ?? ''))).toBeUndefined();
});

test('spec/protocol.md names every key of the schemas, and no other capability', () => {
  const keysIn = (schema: unknown): string[] => {
    if (typeof schema !== 'object' || schema === null) return [];
    const { properties } = schema as { properties?: object };
    return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(keysIn)];
  };
  for (const name of ['hello', 'request', 'answer']) {
    const schema = JSON.parse(readFileSync(projectFile(`spec/schema/${name}.json`), 'utf8'));
    for (const key of keysIn(schema)) expect(text).toMatch(new RegExp(`\\b${key}\\b`));
  }
});

const headerOf = (bytes: Uint8Array): unknown =>
  JSON.parse(Buffer.from(bytes.subarray(0, bytes.indexOf(10))).toString());

const readable = ({ fields, tensors }: Message) => ({
  fields,
  tensors: Object.entries(tensors).map(([name, each]) => [
    name,
    each.dtype,
    each.shape,
    Buffer.from(bytesOf(each)).toString('hex'),
  ]),
});

async function nextMessage({ stdout }: ChildProcessWithoutNullStreams): Promise<Message> {
  const reader = decoder();
  for (;;) {
    const [chunk] = await once(stdout, 'data');
    const taken = reader.take(chunk);
    if (taken !== undefined) return taken.message;
  }
}
