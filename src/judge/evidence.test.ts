import { describe, expect, it } from 'vitest';
import type { Claim, Tally } from '../clause.ts';
import { observe, undrawn } from '../statistics/claim.ts';
import { confidenceBand } from '../statistics/confidence.ts';
import { correlationBand } from '../statistics/pairs.ts';
import { detectable } from '../statistics/sample-size.ts';
import { count, deviationOf, evidenceOf, foundText, powerText, subjectOfClaim } from './evidence.ts';
import { rateOf } from './testing.ts';

const account = { falseAlarm: 1e-9, members: 20 };

const heads = rateOf('heads', 0.5, 0.01);
const pairs: Claim = { law: 'pairs', event: 'the element 3 before it', rate: 0.5, epsilon: 0.05 };
const triples: Claim = {
  law: 'histogram',
  event: 'elements that a call keeps',
  rate: 0.5,
  length: 3,
  cells: [1, 3, 3, 1].map((ways, kept) => ({ name: `${kept} of 3`, kept, ways })),
};

const found = (claim: Claim, tally: Tally) =>
  evidenceOf(claim, 'keep_prob 0.5', observe(claim, undrawn(claim), tally), account);

describe('the evidence of a claim', () => {
  it('of a rate is its share, its band and what would have been seen', () => {
    const evidence = found(heads, [100_000, 50_100]);
    expect(evidence).toEqual({
      experiment: 'keep_prob 0.5',
      event: 'heads',
      measure: 'rate',
      wanted: 0.5,
      found: 0.501,
      epsilon: 0.01,
      trials: 100_000,
      counts: [100_000, 50_100],
      logEvidence: expect.any(Number),
      band: confidenceBand({ trials: 100_000, successes: 50_100 }, 1e-9),
      certified: false,
      detectable: detectable(heads, 100_000, 1e-9 / 20),
    });
    expect(evidence.logEvidence).toBeLessThan(0);
    expect(evidence.band?.low).toBeLessThan(0.501);
    expect(found(heads, [1e6, 5e5])).toMatchObject({ certified: true });
  });

  it('of pairs is their correlation, its band and what would have been seen', () => {
    const evidence = found(pairs, [40_000, 20_000, 20_000, 10_200]);
    expect(evidence).toMatchObject({
      event: 'the element 3 before it',
      measure: 'correlation',
      wanted: 0,
      epsilon: 0.05,
      trials: 40_000,
      counts: [40_000, 20_000, 20_000, 10_200],
      band: correlationBand(pairs, { pairs: 40_000, contexts: 20_000, elements: 20_000, both: 10_200 }, 1e-9),
      certified: false,
      detectable: detectable(pairs, 40_000, 1e-9 / 20),
    });
    expect(evidence.found).toBeCloseTo(0.02, 12);
    expect(found(pairs, [1e5, 5e4, 5e4, 25_000])).toMatchObject({ certified: true });
  });

  it('of a histogram is the cell that stands out, without a band', () => {
    expect(found(triples, [120, 720, 240, 120])).toMatchObject({
      event: 'elements that a call keeps: 1 of 3',
      measure: 'rate',
      wanted: 0.375,
      found: 0.6,
      epsilon: null,
      trials: 1200,
      counts: [120, 720, 240, 120],
      band: null,
      certified: false,
      detectable: { above: null, below: null },
    });
  });

  it('of what is watched only certifies nothing, however much is counted', () => {
    const watched: Claim = { law: 'pairs', event: 'the element 3 before it', rate: 0.5 };
    expect(found(watched, [1e6, 5e5, 5e5, 25e4])).toMatchObject({ epsilon: null, certified: false });
    expect(found(watched, [1e6, 5e5, 5e5, 25e4]).band?.high).toBeLessThan(0.02);
    expect(found(rateOf('heads', 0.5), [1e6, 5e5])).toMatchObject({ epsilon: null, certified: false });
  });

  it('survives JSON, also where nothing was drawn and nothing could be seen', () => {
    for (const [claim, tally] of [
      [heads, [3, 1]],
      [pairs, [3, 1, 1, 0]],
      [triples, [1, 1, 0, 0]],
      [rateOf('always', 1, 0.1), [9, 8]],
    ] as const) {
      for (const evidence of [found(claim, tally), evidenceOf(claim, '', undrawn(claim), account)])
        expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
    }
    expect(evidenceOf(pairs, '', undrawn(pairs), account)).toMatchObject({
      found: 0,
      trials: 0,
      band: { low: -1, high: 1 },
      detectable: { above: null, below: null },
    });
  });
});

describe('what is refuted, in words', () => {
  const often = '(a correct implementation is this far off less than once in 2e10 runs)';
  const said = (claim: Claim, tally: Tally) => deviationOf(found(claim, tally), 0.5e-10).message;

  it('is a rate, as a share and as counts', () => {
    expect(said(heads, [4096, 1024])).toBe(
      `the rate of 'heads' (keep_prob 0.5) is 0.25, 1 024 of 4 096, but must be 0.5 ${often}`,
    );
    expect(said(rateOf('one', 1 / 3, 0.01), [3e6, 500_001])).toBe(
      `the rate of 'one' (keep_prob 0.5) is 0.166667, 500 001 of 3 000 000, but must be 0.333333333333 ${often}`,
    );
  });

  it('is a correlation, over so many pairs', () => {
    expect(said(pairs, [40_000, 20_000, 20_000, 15_000])).toBe(
      `the correlation with 'the element 3 before it' (keep_prob 0.5) is 0.5 over 40 000 pairs, but must be 0 ${often}`,
    );
    expect(said(pairs, [40_000, 20_000, 20_000, 0])).toContain(' is -1 over 40 000 pairs, but must be 0 ');
  });

  it('is a cell of a histogram, as a share and as counts', () => {
    expect(said(triples, [10, 80, 60, 10])).toBe(
      `the rate of 'elements that a call keeps: 1 of 3' (keep_prob 0.5) is 0.5, 80 of 160, but must be 0.375 ${often}`,
    );
    expect(said(triples, [100, 0, 0, 0])).toContain(
      `'elements that a call keeps: 0 of 3' (keep_prob 0.5) is 1, 100 of 100, but must be 0.125 `,
    );
  });

  it('is said of the claim and of what was found, one by one', () => {
    const evidence = found(pairs, [40_000, 20_000, 20_000, 15_000]);
    expect(subjectOfClaim(evidence)).toBe("the correlation with 'the element 3 before it'");
    expect(foundText(evidence)).toBe('0.5 over 40 000 pairs');
    expect(subjectOfClaim(found(heads, [2, 1]))).toBe("the rate of 'heads'");
    expect(foundText(found(heads, [2000, 999.5]))).toBe('0.49975, 1 000 of 2 000');
    expect(deviationOf(evidence, 1e-9)).toMatchObject({ where: expect.stringContaining('before it'), wanted: '0' });
  });
});

it('counts and powers are written for reading', () => {
  expect([0, 999, 1000, 1234567.8].map(count)).toEqual(['0', '999', '1 000', '1 234 568']);
  expect([1e9, 19526315789].map(powerText)).toEqual(['1e9', '2e10']);
});
