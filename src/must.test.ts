import { describe, expect, it } from 'vitest';
import { Breakage, Deviation, Refusal } from './errors.ts';
import { assertions, element, type Must } from './must.ts';
import { tensor } from './tensor.ts';

const exactly = { within: 0, because: 'no rounding' };
const nearly = { within: 0.5, because: 'half' };

/** The message of the deviation that stating the fact brings; undefined if the fact is right. It is counted either way. */
async function said(state: (must: Must) => unknown): Promise<string | undefined> {
  const must = assertions();
  try {
    await state(must);
    return undefined;
  } catch (error) {
    if (error instanceof Deviation) return error.message;
    throw error;
  } finally {
    expect(must.facts).toBe(1);
  }
}

it('counts the facts, also the one that fails', () => {
  const must = assertions();
  must.equal('y', 1, 1);
  must.hold(true, { where: 'y', got: '1', wanted: '1' });
  expect(() => must.equal('y', 1, 2)).toThrow(Deviation);
  expect(must.facts).toBe(3);
});

describe('equal', () => {
  it('takes the same number', async () => {
    expect(await said((must) => must.equal('y', Number.NaN, Number.NaN))).toBeUndefined();
    expect(await said((must) => must.equal('y', -0, -0))).toBeUndefined();
  });

  it.each([
    [1, 2, 'y is 1, but must be 2'],
    [-0, 0, 'y is -0, but must be 0'],
    [Number.NaN, 0, 'y is NaN, but must be 0'],
  ])('%d is not %d', async (got, wanted, message) =>
    expect(await said((must) => must.equal('y', got, wanted))).toBe(message),
  );
});

describe('beNear', () => {
  it.each([
    [1.5, 1],
    [0.5, 1],
    [-0, 0],
    [Infinity, Infinity],
    [Number.NaN, Number.NaN],
  ])('%d is near enough to %d', async (got, wanted) =>
    expect(await said((must) => must.beNear('y', got, wanted, nearly))).toBeUndefined(),
  );

  it.each([
    [1.75, 1, 'y is 1.75, but must be 1 (off by 0.750, allowed 0.500: half)'],
    [Number.NaN, 1, 'y is NaN, but must be 1 (allowed 0.500: half)'],
    [Infinity, 1, 'y is Infinity, but must be 1 (allowed 0.500: half)'],
    [1, Infinity, 'y is 1, but must be Infinity (off by Infinity, allowed 0.500: half)'],
    [Infinity, -Infinity, 'y is Infinity, but must be -Infinity (allowed 0.500: half)'],
    [1, Number.NaN, 'y is 1, but must be NaN (off by NaN, allowed 0.500: half)'],
  ])('%d is not near %d', async (got, wanted, message) =>
    expect(await said((must) => must.beNear('y', got, wanted, nearly))).toBe(message),
  );

  it('allows a single number what element 0 is allowed', async () => {
    const within = (index: number) => index;
    expect(await said((must) => must.beNear('y', 1, 1.5, { within, because: 'i' }))).toBe(
      'y is 1, but must be 1.5 (off by 0.500, allowed 0.00: i)',
    );
  });

  it('takes no difference for near where none is allowed', async () => {
    expect(await said((must) => must.beNear('y', 1 + Number.EPSILON, 1, exactly))).toContain(
      'allowed 0.00: no rounding',
    );
  });
});

describe('equalTensor', () => {
  const wanted = tensor('float32', [2, 2], [1, 0.1, -0, Number.NaN]);

  it('takes the same', async () =>
    expect(await said((must) => must.equalTensor('y', { ...wanted }, wanted))).toBeUndefined());

  it.each([
    ['another shape', tensor('float32', [4], [1, 0.1, -0, Number.NaN]), 'y is float32 [4], but must be float32 [2,2]'],
    [
      'another dtype',
      tensor('float64', [2, 2], [1, 0.1, -0, Number.NaN]),
      'y is float64 [2,2], but must be float32 [2,2]',
    ],
    ['another number', tensor('float32', [2, 2], [1, 0.2, -0, Number.NaN]), 'y[0,1] is 0.2, but must be 0.1'],
    ['another zero', tensor('float32', [2, 2], [1, 0.1, 0, Number.NaN]), 'y[1,0] is 0, but must be -0'],
  ])('refuses %s', async (_, got, message) =>
    expect(await said((must) => must.equalTensor('y', got, wanted))).toBe(message),
  );
});

describe('beNearTensor', () => {
  const got = tensor('float64', [3], [1, 2, 3]);

  it('takes what is near, element by element', async () => {
    expect(await said((must) => must.beNearTensor('y', got, [1, 2.5, 3], nearly))).toBeUndefined();
    const within = (index: number) => index;
    expect(await said((must) => must.beNearTensor('y', got, [1, 3, 5], { within, because: 'i' }))).toBeUndefined();
    expect(await said((must) => must.beNearTensor('y', got, [1.5, 2, 3], { within, because: 'i' }))).toBe(
      'y[0] is 1, but must be 1.5 (off by 0.500, allowed 0.00: i)',
    );
  });

  it('says which element is too far', async () =>
    expect(await said((must) => must.beNearTensor('y', got, [1, 2, 4], nearly))).toBe(
      'y[2] is 3, but must be 4 (off by 1.00, allowed 0.500: half)',
    ));

  it('counts the elements', async () =>
    expect(await said((must) => must.beNearTensor('y', got, [1, 2], nearly))).toBe(
      'y is 3 elements, but must be 2 elements',
    ));
});

describe('hold', () => {
  const fact = { where: 'x', got: 'changed', wanted: 'unchanged' };

  it('is what the condition says', async () => {
    expect(await said((must) => must.hold(true, fact))).toBeUndefined();
    expect(await said((must) => must.hold(false, fact))).toBe('x is changed, but must be unchanged');
  });
});

describe('refuse', () => {
  const y = tensor('float64', [1], [1]);

  it('takes a refusal of the argument', async () => {
    const question = Promise.reject(new Refusal('invalid_argument', 'no'));
    expect(await said((must) => must.refuse('keep_prob 2', question))).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [{ y, dx: undefined }, 'y = [1] (float64)'],
    [{ value: 0.5, gradients: {} }, 'value = 0.5, gradients = an answer'],
    [{ masks: null }, 'masks = an answer'],
  ])('is told what was accepted: %j', async (answer, text) =>
    expect(await said((must) => must.refuse('keep_prob 2', Promise.resolve(answer)))).toBe(
      `keep_prob 2 is accepted, with ${text}, but must be refused with invalid_argument`,
    ),
  );

  it.each(['internal', 'unsupported'] as const)('takes no failure for a refusal: %s', async (code) => {
    const question = Promise.reject(new Refusal(code, 'division by zero'));
    expect(await said((must) => must.refuse('keep_prob 2', question))).toBe(
      `keep_prob 2 is answered with ${code} (division by zero), but must be refused with invalid_argument`,
    );
  });

  it('takes no breakage for a refusal either', async () => {
    for (const error of [new Breakage('it crashed'), new TypeError('a fault of the suite')]) {
      await expect(said((must) => must.refuse('keep_prob 2', Promise.reject(error)))).rejects.toBe(error);
    }
  });
});

it('names elements by their position', () => {
  expect(element('y', 0, { shape: [] })).toBe('y');
  expect(element('y', 3, { shape: [5] })).toBe('y[3]');
  expect(element('y', 23, { shape: [2, 3, 4] })).toBe('y[1,2,3]');
});

describe('what disappoints', () => {
  it('says how far off it is and what is allowed, where that is known', () => {
    const fact = { where: 'y', got: '1', wanted: '2' };
    expect(new Deviation(fact).message).toBe('y is 1, but must be 2');
    expect(new Deviation({ ...fact, distance: 'off by 1' }).message).toBe('y is 1, but must be 2 (off by 1)');
    expect(new Deviation({ ...fact, allowed: '0' })).toMatchObject({
      ...fact,
      allowed: '0',
      message: 'y is 1, but must be 2 (allowed 0)',
    });
  });

  it('keeps the last of what was written, if anything was', () => {
    expect(new Breakage('gone', 'the last words').stderr).toBe('the last words');
    expect(new Breakage('gone', '').stderr).toBeUndefined();
  });
});
