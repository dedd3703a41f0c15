/**
 * The judge does not cry wolf: correct generators of six kinds conform. `bench/simulate.mjs acquittal` does it in
 * hundreds of runs; here it is two runs each, always the same ones where the generator can be seeded.
 */
import { describe, expect, test } from 'vitest';
import { judgeAll } from '../src/judge/run.ts';
import { generators, philox } from './generators.ts';
import { clauses } from './index.ts';
import { budgetOf, subjectOf } from './testing.ts';

const laws = clauses.filter(({ id, evidence }) => evidence.kind === 'statistical' && id.startsWith('dropout/'));

describe.each(generators)('$name', ({ implementation }) => {
  test.each([1, 2])('keeps every law of the masks, in run %d', async (seed) => {
    const subject = await subjectOf(implementation(seed));
    const found: string[] = [];
    for await (const { id, verdict, message } of judgeAll(laws, subject, budgetOf('quick', seed))) {
      if (verdict === 'holds') found.push(id);
      else expect(`${id} ${verdict}: ${message}`).toMatch(/unsupported: not applicable: dropout.seed/);
    }
    const { seed: seeding } = subject.capabilities.dropout ?? {};
    const needed = laws.filter(({ needs }) => seeding !== undefined || !needs.includes('dropout.seed'));
    expect(found).toEqual(needed.map(({ id }) => id));
  });
});

/** The known answers for philox4x32-10 that Random123 publishes in `tests/kat_vectors`. */
const knownAnswers = [
  {
    counter: '00000000 00000000 00000000 00000000',
    key: '00000000 00000000',
    words: '6627e8d5 e169c58d bc57ac4c 9b00dbd8',
  },
  {
    counter: 'ffffffff ffffffff ffffffff ffffffff',
    key: 'ffffffff ffffffff',
    words: '408f276d 41c83b0e a20bc7c6 6d5451fd',
  },
  {
    counter: '243f6a88 85a308d3 13198a2e 03707344',
    key: 'a4093822 299f31d0',
    words: 'd16cfe09 94fdcceb 5001e420 24126ea1',
  },
];

test.each(knownAnswers)('Philox of the counter $counter is what Random123 answers', ({ counter, key, words }) => {
  const block = Uint32Array.from(wordsOf(counter));
  const [k0, k1] = wordsOf(key);
  philox(block, [k0, k1]);
  expect([...block]).toEqual(wordsOf(words));
});

const wordsOf = (text: string): readonly number[] => text.split(' ').map((word) => Number.parseInt(word, 16));
