import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate, type Dtype, sizeOf, type Tensor, tensor } from '../tensor.ts';
import { bytesOf, decoder, encode, excerpt, longestHeader, type Message, swapBytes } from './framing.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** All messages in the chunks. */
function decodeAll(chunks: readonly Uint8Array[]): Message[] {
  const reader = decoder();
  const messages: Message[] = [];
  for (const chunk of chunks) {
    for (let taken = reader.take(chunk); taken !== undefined; taken = reader.take(taken.rest)) {
      messages.push(taken.message);
      if (taken.rest.length === 0) break;
    }
  }
  return messages;
}

const decodeText = (text: string): Message[] => decodeAll([utf8(text)]);

/** Any bits at all: NaNs of every payload, subnormals, infinities. */
const anyTensor = (): fc.Arbitrary<Tensor> =>
  fc
    .record({
      dtype: fc.constantFrom<Dtype>('float64', 'float32', 'float16', 'bfloat16', 'uint8'),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
      seed: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    })
    .map(({ dtype, shape, seed }) => {
      const data = allocate(dtype, sizeOf(shape));
      bytesOf({ dtype, data }).forEach((_, i, bytes) => {
        bytes[i] = seed[i % seed.length] ^ i;
      });
      return { dtype, shape, data };
    });

const anyMessage = (): fc.Arbitrary<Message> =>
  fc.record({
    fields: fc.record({
      id: fc.nat(),
      op: fc.string(),
      args: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())),
    }),
    tensors: fc.dictionary(fc.string(), anyTensor(), { maxKeys: 4 }),
  });

/** The bytes, cut at arbitrary places. */
const cutAt = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((cut, i) => bytes.subarray(cuts[i], cut));
};

const bitsOf = ({ fields, tensors }: Message) => ({
  fields: JSON.parse(JSON.stringify(fields)),
  tensors: Object.entries(tensors).map(([name, each]) => [name, each.dtype, each.shape, [...bytesOf(each)]]),
});

describe('framing', () => {
  test('messages survive the wire bit for bit, however their bytes are cut', () => {
    const cases = [fc.array(anyMessage(), { maxLength: 3 }), fc.array(fc.nat(), { maxLength: 12 })] as const;
    fc.assert(
      fc.property(...cases, (messages, places) => {
        const bytes = concat(messages.flatMap(({ fields, tensors }) => encode(fields, tensors)));
        expect(decodeAll(cutAt(bytes, places)).map(bitsOf)).toEqual(messages.map(bitsOf));
      }),
    );
  });

  test('a message is a line of JSON and little-endian, row-major, unpadded data', () => {
    const tensors = {
      x: tensor('float32', [2], [1, -2]),
      m: tensor('uint8', [3], [1, 0, 1]),
      e: tensor('float64', [0], []),
    };
    const bytes = concat(encode({ id: 7, op: 'echo', args: {} }, tensors));
    const line =
      '{"id":7,"op":"echo","args":{},"tensors":[{"name":"x","dtype":"float32","shape":[2]},' +
      '{"name":"m","dtype":"uint8","shape":[3]},{"name":"e","dtype":"float64","shape":[0]}],"bytes":11}\n';
    expect([...bytes]).toEqual([...utf8(line), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1, 0, 1]);
  });

  test('a message without tensors is a line alone', () => {
    expect(encode({ id: 1, ok: true })).toEqual([utf8('{"id":1,"ok":true}\n')]);
    expect(decodeText('{"id":1,"ok":true}\r\n')).toEqual([{ fields: { id: 1, ok: true }, tensors: {} }]);
  });

  test('numbers that JSON has no words for travel as strings', () => {
    const [line] = encode({ args: { keep_prob: NaN, lr: [1, Infinity], lambda: -Infinity } });
    expect(new TextDecoder().decode(line)).toBe(
      '{"args":{"keep_prob":"NaN","lr":[1,"Infinity"],"lambda":"-Infinity"}}\n',
    );
  });

  test('the data of an encoded message are not copied, those of a decoded one are aligned', () => {
    const x = tensor('float64', [2], [1, 2]);
    expect(encode({}, { x })[1].buffer).toBe(x.data.buffer);
    const [{ tensors }] = decodeAll([concat(encode({}, { m: tensor('uint8', [1], [1]), x }))]);
    expect(tensors['x'].data).toEqual(x.data);
  });

  test('a tensor may have any name', () => {
    const tensors = Object.fromEntries([['__proto__', tensor('uint8', [1], [1])]]);
    expect(Object.keys(decodeAll([concat(encode({}, tensors))])[0].tensors)).toEqual(['__proto__']);
  });

  test('bytes are swapped element by element', () => {
    expect([...swapBytes(Uint8Array.of(1, 2, 3, 4), 2)]).toEqual([2, 1, 4, 3]);
    expect([...swapBytes(Uint8Array.of(1, 2, 3, 4), 4)]).toEqual([4, 3, 2, 1]);
  });

  test('what is missing of a message is said in words', () => {
    const reader = decoder();
    expect(reader.unfinished()).toBeUndefined();
    reader.take(utf8('{"id":1'));
    expect(reader.unfinished()).toBe('a header line was not ended: "{\\"id\\":1"');
    reader.take(utf8(',"tensors":[{"name":"y","dtype":"uint8","shape":[5]}],"bytes":5}\nab'));
    expect(reader.unfinished()).toBe('of the 5 bytes that the header announces, only 2 came');
    reader.take(utf8('cde'));
    expect(reader.unfinished()).toBeUndefined();
  });

  test('a header line may have 1 MiB, and no byte more', () => {
    const header = (length: number) => `{"a":"${'x'.repeat(length - 9)}"}\n`;
    expect(decodeText(header(longestHeader))).toHaveLength(1);
    expect(() => decodeText(header(longestHeader + 1))).toThrow(
      'at most 1048576 bytes was expected, but a longer one came: "{\\"a',
    );
    expect(() => decodeText('x'.repeat(longestHeader))).toThrow('a longer one came: "xxx');
    expect(encode({ a: 'x'.repeat(longestHeader - 9) })).toHaveLength(1);
    expect(() => encode({ a: 'x'.repeat(longestHeader - 8) })).toThrow(RangeError);
  });

  const listing = (tensors: string, bytes: string) => `{"id":1,"tensors":${tensors},"bytes":${bytes}}\n`;

  test.each([
    [
      'Loading…\n',
      'a line of JSON was expected, but this came: "Loading…" (stdout is for messages alone, logs belong on stderr)',
    ],
    ['\n', 'a line of JSON was expected, but this came: ""'],
    ['7\n', 'a JSON object was expected, but this came: "7"'],
    ['null\n', 'a JSON object was expected, but this came: "null"'],
    [listing('{}', '0'), '"tensors" must be an array, got {}'],
    [listing('[null]', '0'), 'each of "tensors" must have a "name", got null'],
    [listing('[{"name":"y","dtype":"float8","shape":[]}]', '1'), 'tensor "y" has the unknown dtype "float8"'],
    [
      listing('[{"name":"y","dtype":"uint8","shape":[1.5]}]', '1'),
      'tensor "y" must be an array of integers from 0 on, got [1.5]',
    ],
    [
      listing('[{"name":"y","dtype":"uint8","shape":[-1]}]', '1'),
      'tensor "y" must be an array of integers from 0 on, got [-1]',
    ],
    [listing('[{"name":"y","dtype":"uint8"}]', '1'), 'tensor "y" must be an array of integers from 0 on, got nothing'],
    [
      listing('[{"name":"y","dtype":"float32","shape":[2]}]', '4'),
      '"bytes" must be 8, the sum of the tensors\' sizes, got 4 in',
    ],
    [
      listing('[{"name":"y","dtype":"uint8","shape":[2]}]', '"2"'),
      '"bytes" must be 2, the sum of the tensors\' sizes, got "2" in',
    ],
    ['{"id":1,"bytes":4}\n', '"bytes" must be 0, the sum of the tensors\' sizes, got 4 in "{'],
    [
      listing('[{"name":"y","dtype":"uint8","shape":[0]},{"name":"y","dtype":"uint8","shape":[0]}]', '0'),
      'tensor "y" is listed twice',
    ],
    [
      listing('[{"name":"y","dtype":"uint8","shape":[1125899906842624]}]', '1125899906842624'),
      'tensor "y" of shape [1125899906842624] is larger than this machine can hold',
    ],
  ])('refuses %j', (text, sentence) => {
    expect(() => decodeText(text)).toThrow(sentence);
  });

  test('refuses bytes that are no UTF-8', () => {
    expect(() => decodeAll([Uint8Array.of(0x22, 0xff, 0x22, 10)])).toThrow('a line of JSON was expected');
  });

  test('an excerpt is one line of text and says how long the whole is', () => {
    expect(excerpt(utf8('a\nb\r\n'))).toBe('"a\\nb"');
    expect(excerpt(utf8('a'.repeat(100)), 3)).toBe('"aaa"… (100 bytes)');
  });
});
