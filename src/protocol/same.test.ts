import { expect, test } from 'vitest';
import { isSameJson } from './same.ts';

test.each([
  [1, 1, true],
  [0, -0, false],
  ['1', 1, false],
  [null, {}, false],
  [[], {}, false],
  [[1, [2]], [1, [2]], true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{ a: 1, b: { c: [true] } }, { b: { c: [true] }, a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: undefined }, { b: undefined }, false],
  [{ toString: 1 }, {}, false],
])('%j and %j: %s', (one, other, same) => {
  expect(isSameJson(one, other)).toBe(same);
});
