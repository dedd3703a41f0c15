import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clause, type Experiment, forAll, golden, type Need, overAllMasks, type Vector } from '../clause.ts';
import { Breakage, Deviation, Refusal } from '../errors.ts';
import type { Must } from '../must.ts';
import type { Capabilities, Subject } from '../subject.ts';
import { tensor } from '../tensor.ts';
import { budget, clauseOf, coin, half, rateOf, subjectOf, tossing } from './testing.ts';
import { shardLeftTo, unjudged, verify, whyInapplicable } from './verify.ts';

const subject = subjectOf();
const about = (check: (must: Must) => void) =>
  clauseOf(
    forAll(
      () => fc.record({ x: fc.constant(tensor('float64', [1], [-0])), keepProb: fc.constant(0.5) }),
      async (_, __, must) => check(must),
    ),
  );
const throwing = (error: unknown) => () => {
  throw error;
};
const drawing = (draw: Experiment['draw']) => clauseOf(tossing(coin(half, { draw })));
const judged = (clause: Clause, rest = {}) => verify(clause, subject, { ...budget, ...rest });

it('a finding says what was judged, and how long that took', async () => {
  const clause = about((must) => must.equal('y', 1, 1));
  const { milliseconds, ...finding } = await judged(clause);
  expect(finding).toEqual({
    id: 'dropout/by-hand',
    level: 'MUST',
    statement: 'It MUST be as it is.',
    kind: 'universal',
    verdict: 'holds',
    evidence: { cases: 40, facts: 40 },
    message: '40 cases, 40 facts',
  });
  expect(milliseconds).toBeGreaterThanOrEqual(0);
});

describe('a universal clause', () => {
  it('is refuted by a counterexample that is plain JSON', async () => {
    const fact = { where: 'y[0]', got: '1', wanted: '2', distance: 'off by 1', allowed: '0: nothing is rounded' };
    const finding = await judged(about(throwing(new Deviation(fact))));
    expect(finding).toMatchObject({
      verdict: 'refuted',
      evidence: { cases: 1, facts: 0 },
      message: 'y[0] is 1, but must be 2 (off by 1, allowed 0: nothing is rounded)',
    });
    expect(JSON.parse(JSON.stringify(finding.counterexample))).toEqual({
      case: { x: { dtype: 'float64', shape: [1], data: ['-0'] }, keepProb: 0.5 },
      ...fact,
    });
    const bare = await judged(about((must) => must.equal('y', 1, 2)));
    expect(Object.keys(bare.counterexample ?? {})).toEqual(['case', 'where', 'got', 'wanted']);
  });

  it.each([
    ['unsupported', 'the request is answered as unsupported though declared: not yet, but must be answered'],
    ['internal', 'the request is failed at: not yet, but must be answered'],
    ['invalid_argument', 'the request is refused: not yet, but must be answered'],
  ] as const)('is refuted where what is declared is answered with %s', async (code, message) => {
    expect(await judged(about(throwing(new Refusal(code, 'not yet'))))).toMatchObject({ verdict: 'refuted', message });
  });

  it('is called exhaustive where every case enumerates all masks, and judged alike', async () => {
    const evidence = overAllMasks(
      () => fc.record({}),
      async (_, __, must) => must.equal('the sum', 1, 1),
    );
    expect(await judged(clauseOf(evidence))).toMatchObject({
      verdict: 'holds',
      kind: 'exhaustive',
      evidence: { cases: 40 },
    });
  });

  it('is broken where the implementation broke, with the end of what it wrote', async () => {
    const silent = await judged(about(throwing(new Breakage('it crashed'))));
    expect(silent).toMatchObject({ verdict: 'broken', message: 'it crashed' });
    expect(silent.evidence).toEqual({ cases: 1, facts: 0, breakage: 'spoke wrongly' });
    expect(silent).not.toHaveProperty('counterexample');
    const { message } = await judged(about(throwing(new Breakage('it crashed', 'one\ntwo\nthree\nfour\n'))));
    expect(message).toBe('it crashed; its stderr ended: two | three | four');
  });

  it('is undecided where nothing was said', async () => {
    const finding = await judged(about(() => {}));
    expect(finding).toMatchObject({ verdict: 'undecided', message: 'nothing could be seen in 40 cases, 0 facts' });
  });

  it('draws as many cases as the profile says, from a seed of its own', async () => {
    const seen = async (id: Clause['id'], seed: number) => {
      const numbers: number[] = [];
      const evidence = forAll(
        () => fc.record({ number: fc.nat() }),
        async (_, { number }) => void numbers.push(number),
      );
      const profile = { ...budget.profile, cases: 7 };
      await verify(clauseOf(evidence, { id }), subject, { ...budget, profile, seed });
      return numbers;
    };
    const drawn = await seen('dropout/one', 1);
    expect(drawn).toHaveLength(7);
    expect(await seen('dropout/one', 1)).toEqual(drawn);
    expect(await seen('dropout/other', 1)).not.toEqual(drawn);
    expect(await seen('dropout/one', 2)).not.toEqual(drawn);
  });
});

describe('a golden clause', () => {
  const vector: Vector = { name: 'the first', op: 'penalty', args: {}, tensors: {}, expected: {} };
  const asked: string[] = [];
  const read = async (stem: string) => {
    asked.push(stem);
    return [vector];
  };
  const judgedBy = (check: (must: Must) => void) =>
    judged(clauseOf(golden('l2', async (_, __, must) => check(must))), { golden: read });

  it('is judged by the vectors of its stem', async () => {
    const finding = await judgedBy((must) => must.equal('value', 1, 1));
    expect(finding).toMatchObject({ verdict: 'holds', message: '1 vector, 1 facts', kind: 'golden' });
    expect(asked).toEqual(['l2']);
  });

  it('is refuted by the name of a vector', async () => {
    const finding = await judgedBy((must) => must.equal('value', 2, 1));
    expect(finding).toMatchObject({ verdict: 'refuted', counterexample: { case: { vector: 'the first' } } });
  });

  it('does not apply where no vector fits what is declared', async () => {
    expect(await judgedBy(() => {})).toMatchObject({
      verdict: 'unsupported',
      message: 'not applicable: no vector was recorded for what is declared',
    });
  });

  it('is broken by a breakage', async () => {
    expect(await judgedBy(throwing(new Breakage('gone')))).toMatchObject({ verdict: 'broken', message: 'gone' });
  });
});

describe('a statistical clause', () => {
  it('holds, with what was counted and its share of the false-alarm probability', async () => {
    const finding = await judged(clauseOf(tossing(coin(half))));
    expect(finding).toMatchObject({
      verdict: 'holds',
      kind: 'statistical',
      message: expect.stringMatching(/^'heads': 0\.50000 of [\d ]+, within ±0\.010 of 0\.5 \(a coin\)$/),
      evidence: { falseAlarm: 0.5e-9, claims: 1, strongest: { event: 'heads' } },
    });
    expect(finding).not.toHaveProperty('counterexample');
  });

  it('speaks of the furthest off of many claims, and of rates as people do', async () => {
    const third = coin((elements) => elements * 0.335, { claims: [rateOf('one', 1 / 3, 0.01)] });
    const { message } = await judged(clauseOf(tossing(coin(half), third)));
    expect(message).toMatch(
      /^2 claims; furthest off 'one': 0\.33500 of [\d ]+, within ±0\.010 of 0\.333333 \(a coin\)$/,
    );
  });

  it('is refuted by an experiment and an event', async () => {
    const finding = await judged(clauseOf(tossing(coin((elements) => elements))));
    expect(finding).toMatchObject({
      verdict: 'refuted',
      message: expect.stringContaining("the rate of 'heads' (a coin) is 1, 4 096 of 4 096, but must be 0.5"),
      counterexample: { case: { experiment: 'a coin', event: 'heads' }, wanted: '0.5' },
      evidence: { elements: 4096 },
    });
  });

  it('is undecided where the draws ran out, and says between what', async () => {
    const profile = { ...budget.profile, mostElements: 4096 };
    const finding = await judged(clauseOf(tossing(coin(half))), { profile });
    expect(finding).toMatchObject({
      verdict: 'undecided',
      message: expect.stringMatching(
        /^the rate of 'heads' is between 0\.4\d+ and 0\.5\d+ after 4 096 draws \(a coin\): too few to certify 0\.5 ± 0\.010, about [\d ]+ more would decide$/,
      ),
      evidence: { elements: 4096 },
    });
  });

  it('is undecided where a claim was never drawn', async () => {
    const profile = { ...budget.profile, mostElements: 4096 };
    const none = drawing(async () => [[0, 0]]);
    expect(await judged(none, { profile })).toMatchObject({
      verdict: 'undecided',
      message: expect.stringContaining('is between 0.000 and 1.000 after 0 draws'),
    });
  });

  it('is undecided where it claims nothing', async () => {
    expect(await judged(clauseOf(tossing()))).toMatchObject({
      verdict: 'undecided',
      message: 'nothing could be counted',
      evidence: { elements: 0, claims: 0 },
    });
  });

  const failing = (error: unknown) =>
    drawing(async (_, trials, { id }) => {
      if (id.endsWith('/1')) throw error;
      return [[trials, trials / 2]];
    });

  it('is broken by a breakage between draws, with what was drawn before', async () => {
    const finding = await judged(failing(new Breakage('it crashed', 'Killed\n')));
    expect(finding).toMatchObject({
      verdict: 'broken',
      message: 'it crashed; its stderr ended: Killed',
      evidence: { elements: 4096 },
    });
    expect(finding).not.toHaveProperty('counterexample');
  });

  it('is refuted by an answer that is wrong in itself', async () => {
    const deviation = new Deviation({ where: 'y[0]', got: 'NaN', wanted: 'a number' });
    expect(await judged(failing(deviation))).toMatchObject({
      verdict: 'refuted',
      message: 'y[0] is NaN, but must be a number',
      counterexample: { case: {}, where: 'y[0]' },
      // It had its share, and would have spent it.
      evidence: { elements: 4096, falseAlarm: 0.5e-9 },
    });
    expect(await judged(failing(new Refusal('unsupported', 'no repeat')))).toMatchObject({
      verdict: 'refuted',
      message: 'the request is answered as unsupported though declared: no repeat, but must be answered',
    });
  });

  it('passes on what is a fault of the suite', async () => {
    await expect(judged(failing(new TypeError('a fault')))).rejects.toThrow('a fault');
  });

  it('tells its progress under its name, and waits for whoever shows it', async () => {
    const told: unknown[] = [];
    const onProgress = async (progress: unknown) => {
      await Promise.resolve();
      told.push(progress);
    };
    await judged(clauseOf(tossing(coin(half))), { onProgress });
    expect(told[0]).toMatchObject({ clause: 'dropout/by-hand', experiment: 'a coin', elements: 4096 });
    expect(told.length).toBeGreaterThan(1);
  });
});

describe('in a shard', () => {
  const shards = [1, 2].map((index) => ({ shard: { index, of: 2 } }));

  it('a clause that is no matter of counts is judged by one of them', async () => {
    const findings = await Promise.all(
      shards.map((rest) =>
        judged(
          about((must) => must.equal('y', 1, 1)),
          rest,
        ),
      ),
    );
    const turn = findings.findIndex(({ verdict }) => verdict === 'holds');
    const [left] = findings.filter((_, i) => i !== turn);
    expect(left).toMatchObject({
      verdict: 'undecided',
      evidence: { shard: turn + 1 },
      message: `not judged here: shard ${turn + 1} of 2 judges it`,
    });
    expect(shardLeftTo(left)).toBe(turn + 1);
    expect(shardLeftTo(findings[turn])).toBeUndefined();
  });

  it('what is not declared is unsupported in each', async () => {
    const clause = { ...about(() => {}), needs: ['step' as const] };
    for (const rest of shards) expect(await judged(clause, rest)).toMatchObject({ verdict: 'unsupported' });
  });

  it('a statistical clause is counted, and not decided', async () => {
    const findings = await Promise.all(shards.map((rest) => judged(clauseOf(tossing(coin((n) => n))), rest)));
    for (const [i, { verdict, evidence, message }] of findings.entries()) {
      expect({ verdict, alpha: evidence['falseAlarm'] }).toEqual({ verdict: 'undecided', alpha: 0.5e-9 });
      const chunks = evidence['chunks'] as { readonly id: string; readonly counts: readonly number[] }[];
      expect(message).toBe(`${chunks.length} chunks drawn for shard ${i + 1} of 2: a merge decides`);
      for (const { id, counts } of chunks) {
        expect(id).toMatch(/^dropout\/by-hand\/0\/\d+$/);
        expect(counts).toEqual([counts[0], counts[0]]);
      }
    }
  });

  it('a wrong answer refutes, and what was counted before is kept', async () => {
    const late = drawing(async (_, trials, { id }) => {
      if (id.endsWith('/3')) throw new Deviation({ where: 'y[0]', got: 'NaN', wanted: 'a number' });
      return [[trials, trials / 2]];
    });
    const whole = { shard: { index: 1, of: 1 } };
    const finding = await judged(late, whole);
    expect(finding).toMatchObject({ verdict: 'refuted', message: 'y[0] is NaN, but must be a number' });
    expect(finding.evidence['chunks']).toHaveLength(3);
  });
});

describe('what a clause needs', () => {
  const everything: Capabilities = {
    dropout: {
      dtypes: ['float64'],
      gradient: true,
      mask: true,
      seed: 'repeats',
      uniforms: true,
      layer: true,
      repeat: true,
      keep_prob_zero: 'error',
    },
    penalty: { dtypes: ['float64'], gradient: true, coefficient: 0.5 },
    step: { dtypes: ['float64'], optimizers: { sgd: { decay: 'coupled' } } },
    network: { dtypes: ['float64'], masks: true },
  };
  const nothing: Capabilities = {};
  const little: Capabilities = {
    dropout: { dtypes: ['float64'], gradient: false },
    penalty: { dtypes: ['float64'], coefficient: 1 },
    step: { dtypes: ['float64'], optimizers: {} },
    network: { dtypes: ['float64'], masks: false },
  };
  const operations: readonly Need[] = ['dropout', 'penalty', 'step', 'network'];
  const keys: readonly Need[] = [
    'dropout.gradient',
    'dropout.mask',
    'dropout.seed',
    'dropout.uniforms',
    'dropout.layer',
    'dropout.repeat',
    'dropout.keep_prob_zero',
    'penalty.gradient',
    'step.sgd',
    'network.masks',
  ];
  const missing = (capabilities: Capabilities) =>
    [...operations, ...keys].filter((need) =>
      whyInapplicable(clauseOf(tossing(), { needs: [need] }), { capabilities }),
    );

  it('is missing where it is absent or denied', () => {
    expect(missing(everything)).toEqual([]);
    expect(missing(nothing)).toEqual([...operations, ...keys]);
    expect(missing(little)).toEqual(keys);
  });

  it('is named, the first that is missing', () => {
    const clause = clauseOf(tossing(), { needs: ['dropout', 'step.adam', 'step.adamw'] });
    expect(whyInapplicable(clause, { capabilities: everything })).toBe('step.adam is not declared');
    expect(whyInapplicable(clauseOf(tossing(), { needs: [] }), { capabilities: nothing })).toBeUndefined();
  });

  it('may be that its memory is in sight, or something else instead', () => {
    const why = (need: Need, subject: Pick<Subject, 'capabilities' | 'sharesMemory'>) =>
      whyInapplicable(clauseOf(tossing(), { needs: ['penalty', need] }), subject);
    const outOfSight = 'its memory is out of sight';
    expect(why('memory', { capabilities: everything, sharesMemory: true })).toBeUndefined();
    expect(why('memory', { capabilities: everything, sharesMemory: false })).toBe(outOfSight);
    expect(why('memory', { capabilities: everything })).toBe(outOfSight);
    const either = 'dropout.repeat or memory';
    expect(why(either, { capabilities: everything })).toBeUndefined();
    expect(why(either, { capabilities: little, sharesMemory: true })).toBeUndefined();
    expect(why(either, { capabilities: little })).toBe(`dropout.repeat is not declared, and ${outOfSight}`);
  });

  it('makes a clause unsupported, which is then not asked', async () => {
    const clause = clauseOf(
      forAll(() => fc.record({}), throwing(new Error('asked'))),
      { needs: ['dropout', 'dropout.layer'] },
    );
    expect(await judged(clause)).toMatchObject({
      verdict: 'unsupported',
      message: 'not applicable: dropout.layer is not declared',
      evidence: {},
    });
  });
});

it('a clause that was not put to the subject has its reason', () => {
  expect(unjudged(clauseOf(tossing(), { level: 'SHOULD' }), 'broken', 'it was gone')).toEqual({
    id: 'dropout/by-hand',
    level: 'SHOULD',
    statement: 'It MUST be as it is.',
    verdict: 'broken',
    kind: 'statistical',
    evidence: {},
    message: 'it was gone',
    milliseconds: 0,
  });
});
