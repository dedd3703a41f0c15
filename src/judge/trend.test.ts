import { describe, expect, it } from 'vitest';
import { clause, type Pair, trend } from '../clause.ts';
import { budget, subjectOf } from './testing.ts';
import { verify } from './verify.ts';

/** Judges a trend whose k-th pair is that; the suite does not look at what trains. */
async function judged(pairs: (k: number) => Pair | Promise<Pair>) {
  let k = 0;
  const falling = clause({
    id: 'training/falls',
    level: 'SHOULD',
    statement: 'It SHOULD fall.',
    needs: [],
    evidence: trend('the measure', async () => pairs(k++)),
  });
  return { finding: await verify(falling, subjectOf({}), budget), asked: k };
}

const pair = (isSmaller: boolean): Pair => ({ regularized: isSmaller ? 1 : 2, plain: 1.5 });

describe('a trend', () => {
  it('holds where the measure falls in most pairs', async () => {
    const { finding, asked } = await judged((k) => pair(k % 10 !== 0));
    expect(finding).toMatchObject({ kind: 'trend', verdict: 'holds', evidence: { pairs: asked } });
    expect(finding.message).toMatch(
      /^the measure is smaller in \d+ of \d+ pairs of trainings: 1\.\d+ with regularization, 1\.50 without, on average$/,
    );
  });

  it.each([
    ['rises', pair(false)],
    ['stays', { regularized: 1, plain: 1 }],
    ['is no number', { regularized: Number.NaN, plain: 1 }],
  ])('is refuted where the measure %s', async (_, each) => {
    const { finding, asked } = await judged(() => each);
    expect(finding.verdict).toBe('refuted');
    expect(finding.counterexample).toMatchObject({ wanted: 'more than half of them' });
    expect(asked).toBeLessThan(50);
  });

  it('is undecided where it falls in half of the pairs', async () => {
    const { finding, asked } = await judged((k) => pair(k % 2 === 0));
    expect(finding.verdict).toBe('undecided');
    expect(finding.message).toContain('too near to one half to tell');
    expect(asked).toBe(300);
  });
});
