import { describe, expect, test } from 'vitest';
import { Breakage, Refusal } from '../errors.ts';
import type { Implementation, Operation } from '../subject.ts';
import { type Tensors, tensor } from '../tensor.ts';
import { connect } from './connect.ts';
import { moduleChannel } from './module.ts';

const x = tensor('float64', [2], [1, 2]);

const withDropout = (dropout: Operation): Implementation => ({
  name: 'module',
  version: '1',
  homepage: 'https://example.org',
  capabilities: { dropout: { dtypes: ['float64'] } },
  dropout,
});

/** What a JavaScript module may return, whatever its type should be. */
const returning = (answer: unknown): Implementation => withDropout(() => answer as Tensors);

const askDropout = async (implementation: Implementation, timeout = 1) =>
  (await connect(moduleChannel(implementation, { timeout }))).dropout({ x, keepProb: Infinity, training: true });

/** An object whose property of that name throws when it is read. */
const throwingAt = (name: string, rest: object = {}): object =>
  Object.defineProperty({ ...rest }, name, {
    enumerable: true,
    get() {
      throw new Error('do not look');
    },
  });

/** An object that throws whatever is done to it, also where it is asked of what class it is. */
const untouchable = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('a module as a channel', () => {
  test('greets with its fields and answers with its tensors', async () => {
    const subject = await connect(moduleChannel(withDropout((_, { x }) => ({ y: x }))));
    expect(subject.identity).toEqual({ name: 'module', version: '1', homepage: 'https://example.org' });
    expect(subject.capabilities).toEqual({ dropout: { dtypes: ['float64'] } });
    const { y } = await subject.dropout({ x, keepProb: 0.5, training: true });
    expect(y).toEqual(x);
    expect(y.data).toBe(x.data);
  });

  test('is given the numbers and the very tensors that are asked about', async () => {
    const seen: unknown[] = [];
    await askDropout(
      withDropout(async (args, tensors) => {
        seen.push(args, tensors['x']);
        return { y: tensors['x'] };
      }),
    );
    expect(seen).toEqual([{ keep_prob: Infinity, training: true }, x]);
    expect(seen[1]).toBe(x);
  });

  test('may be an object of a class', async () => {
    const prototype = {
      dropout(this: { factor: number }, _: unknown, tensors: Tensors) {
        return {
          y: tensor(
            'float64',
            [2],
            Array.from(tensors['x'].data, (value) => value * this.factor),
          ),
        };
      },
    };
    const object = Object.assign(Object.create(prototype), {
      ...withDropout(() => ({})),
      dropout: prototype.dropout,
      factor: 3,
    });
    expect((await askDropout(object)).y).toEqual(tensor('float64', [2], [3, 6]));
  });

  const invalid = Object.assign(new Error('keep_prob must be in [0, 1]'), { code: 'invalid_argument' });
  const unsupported = Object.assign(new Error('not yet'), { code: 'unsupported' });

  test.each([
    [invalid, 'invalid_argument', 'keep_prob must be in [0, 1]'],
    [unsupported, 'unsupported', 'not yet'],
    [new RangeError('index 3'), 'internal', 'index 3'],
    [Object.assign(new Error('gone'), { code: 'ENOENT' }), 'internal', 'gone'],
    ['a string', 'internal', 'a string'],
    [undefined, 'internal', 'undefined'],
    [Object.create(null), 'internal', 'something was thrown that has no text'],
    [Object.assign(new Error(), { message: Symbol('odd') }), 'internal', 'Symbol(odd)'],
    [throwingAt('toString'), 'internal', 'something was thrown that has no text'],
    [throwingAt('code'), 'internal', '[object Object]'],
  ])('that throws refuses: case %#', async (thrown, code, message) => {
    const now = withDropout(() => {
      throw thrown;
    });
    const later = withDropout(() => Promise.reject(thrown));
    for (const implementation of [now, later]) {
      const refusal = await askDropout(implementation).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Refusal);
      expect(refusal).toMatchObject({ code, message });
    }
  });

  test('refuses an operation that it does not have as unsupported', async () => {
    const channel = moduleChannel(returning({}));
    await expect(channel.ask({ op: 'step', args: {}, tensors: {} })).rejects.toMatchObject({
      code: 'unsupported',
      message: 'module has no operation step',
    });
    await expect(channel.ask({ op: 'name', args: {}, tensors: {} })).rejects.toMatchObject({
      code: 'unsupported',
      message: 'there is no operation name',
    });
    await channel.close();
  });

  test('whose promise never settles breaks at the time limit', async () => {
    const never = withDropout(() => new Promise(() => {}));
    await expect(askDropout(never, 0.05)).rejects.toEqual(
      new Breakage(
        'dropout did not answer within 0.05 s: the promise that it returned has not settled',
        undefined,
        'hung',
      ),
    );
  });

  test.each([
    [undefined, 'dropout must return an object of tensors, got undefined'],
    [7, 'dropout must return an object of tensors, got a number'],
    [{ y: [1, 2] }, 'but y is an Array'],
    [{ y: null }, 'but y is null'],
    [{ y: new Float64Array(2) }, 'but y is a Float64Array'],
    [{ y: { ...x, dtype: 'double' } }, 'but y has the unknown dtype "double"'],
    [{ y: { ...x, shape: 2 } }, 'but y has the shape 2, no array of integers from 0 on'],
    [{ y: { ...x, shape: [3] } }, 'but y of shape [3] has 2 elements, not 3'],
    [{ y: { ...x, data: [1, 2] } }, 'but y of dtype float64 has data in an Array, not in a Float64Array'],
    [{ y: { ...x, dtype: 'uint8' } }, 'but y of dtype uint8 has data in a Float64Array, not in a Uint8Array'],
  ])('that returns %j breaks', async (answer, sentence) => {
    const breakage = await askDropout(returning(answer)).catch((error: unknown) => error);
    expect(breakage).toBeInstanceOf(Breakage);
    expect(breakage).toHaveProperty('message', expect.stringContaining(sentence));
  });

  const unreadable = 'dropout must return tensors { dtype, shape, data }, but reading what it returned throws: ';

  test.each([
    ['has a getter that throws', throwingAt('y'), `${unreadable}do not look`],
    ['holds a tensor that has one', { y: throwingAt('shape', x) }, `${unreadable}do not look`],
    ['is a proxy whose keys cannot be told', new Proxy({}, { ownKeys: () => [1] as never }), unreadable],
    ['holds an untouchable tensor', { y: untouchable() }, unreadable],
    ['holds an untouchable shape', { y: { ...x, shape: untouchable() } }, unreadable],
    ['has a dtype that is no text', { y: { ...x, dtype: 1n } }, unreadable],
    [
      'holds data that only call themselves so',
      { y: { ...x, data: { length: 2, [Symbol.toStringTag]: 'Float64Array' } } },
      'but y of dtype float64 has data in a Float64Array, not in a Float64Array',
    ],
  ])('whose answer %s breaks', async (_, answer, sentence) => {
    const breakage = await askDropout(returning(answer)).catch((error: unknown) => error);
    expect(breakage).toBeInstanceOf(Breakage);
    expect(breakage).toHaveProperty('message', expect.stringContaining(sentence));
  });

  test('whose answer throws as soon as it is awaited fails at the request', async () => {
    await expect(askDropout(returning(untouchable()))).rejects.toMatchObject({ name: 'Refusal', code: 'internal' });
    await expect(askDropout(returning(throwingAt('then')))).rejects.toEqual(new Refusal('internal', 'do not look'));
  });

  test('whose answers change is taken by its first word', async () => {
    let looks = 0;
    const answer = {
      get y() {
        looks++;
        return looks === 1 ? x : undefined;
      },
    };
    expect((await askDropout(returning(answer))).y).toEqual(x);
    expect(looks).toBe(1);
  });

  test.each([
    ['declares what cannot be read', { capabilities: throwingAt('dropout') }, 'do not look'],
    [
      'declares what cannot be copied',
      { capabilities: { dropout: { dtypes: ['float64'], extra: () => 1 } } },
      'cloned',
    ],
    ['declares a proxy', { capabilities: new Proxy({}, {}) }, 'cloned'],
  ])('that %s does not connect', async (_, declared, sentence) => {
    const implementation = { ...returning({}), ...declared } as Implementation;
    const breakage = await connect(moduleChannel(implementation)).catch((error: unknown) => error);
    expect(breakage).toBeInstanceOf(Breakage);
    expect((breakage as Breakage).message).toMatch(
      new RegExp(`^what the implementation declares cannot be read: .*${sentence}`),
    );
  });

  test('whose operation cannot be read fails at it', async () => {
    const implementation = throwingAt('dropout', returning({})) as Implementation;
    await expect(askDropout(implementation)).rejects.toEqual(new Refusal('internal', 'do not look'));
  });
});
