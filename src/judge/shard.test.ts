import { expect, it } from 'vitest';
import { turnOf } from './shard.ts';

it('turns go round among all shards', () => {
  const turns = Array.from({ length: 10 }, (_, step) => turnOf('dropout/keep-rate', step, 5));
  expect(turns.slice(0, 5).sort()).toEqual([1, 2, 3, 4, 5]);
  expect(turns.slice(5)).toEqual(turns.slice(0, 5));
  expect(turnOf('dropout/keep-rate', 3, 1)).toBe(1);
});

it('clauses begin at different ones', () => {
  const names = Array.from({ length: 200 }, (_, i) => `dropout/${i}`);
  const counts = [1, 2, 3, 4].map((shard) => names.filter((name) => turnOf(name, 0, 4) === shard).length);
  for (const number of counts) expect(number).toBeGreaterThan(25);
});
