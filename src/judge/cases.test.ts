import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forAll, golden, type Vector } from '../clause.ts';
import { Breakage, Deviation, Refusal } from '../errors.ts';
import type { Must } from '../must.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { asDeviation, judgeGolden, judgeUniversal, replayCase } from './cases.ts';
import { subjectOf } from './testing.ts';

type Check = (number: number, must: Must) => void | Promise<void>;

const subject = subjectOf();
const numbers = (check: Check, arbitrary = fc.nat({ max: 1000 })) =>
  forAll(
    () => fc.record({ number: arbitrary }),
    async (_, { number }, must) => check(number, must),
  );
const judge = (check: Check, { runs = 50, seed = 1 } = {}) => judgeUniversal(numbers(check), subject, { runs, seed });

describe('a universal clause', () => {
  it('holds where every case does, and says how much was seen', async () => {
    const outcome = await judge((number, must) => {
      must.equal('the number', number, number);
      must.hold(number >= 0, { where: 'the number', got: 'negative', wanted: '0 or more' });
    });
    expect(outcome).toEqual({ kind: 'held', cases: 50, facts: 100 });
  });

  it('reports the case that was asked, whatever was done to its tensors', async () => {
    const squaring = forAll(
      () => fc.record({ x: fc.constant<Tensor>(tensor('float64', [1], [3])) }),
      async (_, { x }, must) => {
        x.data[0] *= x.data[0];
        must.equal('x', x.data[0], 3);
      },
    );
    const outcome = await judgeUniversal(squaring, subject, { runs: 2, seed: 1 });
    expect(outcome).toMatchObject({
      counterexample: { case: { x: { data: Float64Array.of(3) } }, deviation: { got: '9' } },
    });
  });

  it('has stated nothing where its check says nothing', async () => {
    expect(await judge(() => {})).toEqual({ kind: 'held', cases: 50, facts: 0 });
  });

  it('is refuted by the simplest case that fails, with what is wrong about that one', async () => {
    const outcome = await judge((number, must) => {
      must.hold(number < 10, { where: 'the number', got: `${number}`, wanted: 'below 10' });
    });
    if (outcome.kind !== 'refuted') throw new Error(outcome.kind);
    const { counterexample, cases } = outcome;
    expect(counterexample.case).toEqual({ number: 10 });
    expect(counterexample.deviation.message).toBe('the number is 10, but must be below 10');
    expect(counterexample.shrinks).toBeGreaterThan(0);
    expect(cases).toBeLessThan(50);
  });

  it('draws the same cases from the same seed, and others from another', async () => {
    const drawn = async (seed: number) => {
      const seen: number[] = [];
      await judge((number) => void seen.push(number), { seed });
      return seen;
    };
    expect(await drawn(7)).toEqual(await drawn(7));
    expect(await drawn(8)).not.toEqual(await drawn(7));
  });

  it('draws cases for what is declared', async () => {
    const declared = { dropout: { dtypes: ['float32'] as const } };
    let given: unknown;
    const evidence = forAll(
      (can) => {
        given = can;
        return fc.record({});
      },
      async () => {},
    );
    await judgeUniversal(evidence, subjectOf({ capabilities: declared }), { runs: 1, seed: 1 });
    expect(given).toBe(declared);
  });

  it.each([
    ['invalid_argument', 'the request is refused: no zeros, but must be answered'],
    ['unsupported', 'the request is answered as unsupported though declared: no zeros, but must be answered'],
    ['internal', 'the request is failed at: no zeros, but must be answered'],
  ] as const)('is refuted where a valid request comes back as %s', async (code, message) => {
    const outcome = await judge((number, must) => {
      must.hold(true, { where: '', got: '', wanted: '' });
      if (number > 20) throw new Refusal(code, 'no zeros');
    });
    if (outcome.kind !== 'refuted') throw new Error(outcome.kind);
    expect(outcome.counterexample.case).toEqual({ number: 21 });
    expect(outcome.counterexample.deviation.message).toBe(message);
  });

  it('breaks off at a breakage: it is not shrunk, and nothing more is asked', async () => {
    const asked: number[] = [];
    const outcome = await judge((number, must) => {
      asked.push(number);
      must.equal('the number', number, number);
      if (asked.length === 5) throw new Breakage('it crashed');
    });
    expect(asked).toHaveLength(5);
    expect(outcome).toMatchObject({ kind: 'broke', cases: 5, facts: 5, case: { number: asked[4] } });
    expect(outcome.kind === 'broke' && outcome.breakage.message).toBe('it crashed');
  });

  it('keeps its counterexample where a simpler case of it breaks', async () => {
    let failed = 0;
    let asked = 0;
    const outcome = await judge((number, must) => {
      asked++;
      if (failed > 0) throw new Breakage('it crashed');
      if (number > 100) failed = number;
      must.hold(number <= 100, { where: 'the number', got: `${number}`, wanted: 'at most 100' });
    });
    if (outcome.kind !== 'refuted') throw new Error(outcome.kind);
    expect(outcome.counterexample.case).toEqual({ number: failed });
    expect(outcome.counterexample.deviation.got).toBe(`${failed}`);
    // Once for the counterexample and each case before it, once for the simpler one, and never again.
    expect(asked).toBe(outcome.cases + 1);
  });

  it('passes on what is a fault of the suite', async () => {
    const fault = new TypeError('x is undefined');
    await expect(
      judge(() => {
        throw fault;
      }),
    ).rejects.toBe(fault);
  });

  it('does not take a property without cases for one that holds', async () => {
    await expect(judge(() => fc.pre(false))).rejects.toThrow('too few of the cases drawn meet the preconditions');
  });
});

describe('a golden clause', () => {
  const vector = (name: string): Vector => ({ name, op: 'penalty', args: {}, tensors: {}, expected: {} });
  const vectors = ['one', 'two', 'three'].map(vector);
  const judged = (check: (name: string, must: Must) => void) =>
    judgeGolden(
      golden('l2', async (_, { name }, must) => check(name, must)),
      subject,
      vectors,
    );

  it('holds where every vector does, and counts those about which something was said', async () => {
    const outcome = await judged((name, must) => {
      if (name !== 'two') must.equal(name, 1, 1);
    });
    expect(outcome).toEqual({ kind: 'held', cases: 2, facts: 2 });
  });

  it('has seen nothing without vectors', async () => {
    expect(
      await judgeGolden(
        golden('l2', async () => {}),
        subject,
        [],
      ),
    ).toEqual({ kind: 'held', cases: 0, facts: 0 });
  });

  it('is refuted by the first vector that fails', async () => {
    const asked: string[] = [];
    const outcome = await judged((name, must) => {
      asked.push(name);
      must.equal('value', name === 'one' ? 1 : 2, 1);
    });
    expect(asked).toEqual(['one', 'two']);
    expect(outcome).toMatchObject({
      kind: 'refuted',
      cases: 2,
      facts: 2,
      counterexample: { case: { vector: 'two' }, shrinks: 0 },
    });
    expect(outcome.kind === 'refuted' && outcome.counterexample.deviation.message).toBe('value is 2, but must be 1');
  });

  it('asks about the recorded numbers, whatever was done to them before', async () => {
    const recorded = { ...vector('one'), tensors: { W: tensor('float64', [1], [3]) } };
    const squared = golden('l2', async (_, { tensors: { W } }, must) => {
      W.data[0] *= 2;
      must.equal('W', W.data[0], 6);
    });
    for (const _ of [1, 2]) expect(await judgeGolden(squared, subject, [recorded])).toMatchObject({ kind: 'held' });
  });

  it('is refuted by a refusal, broken by a breakage, and passes on a fault of the suite', async () => {
    const throwing = (error: unknown) =>
      judged(() => {
        throw error;
      });
    expect(await throwing(new Refusal('internal', 'out of memory'))).toMatchObject({
      kind: 'refuted',
      counterexample: { deviation: { got: 'failed at: out of memory' } },
    });
    expect(await throwing(new Breakage('it hangs'))).toMatchObject({
      kind: 'broke',
      cases: 1,
      facts: 0,
      case: { vector: 'one' },
      breakage: { message: 'it hangs' },
    });
    await expect(throwing(new RangeError('a fault'))).rejects.toThrow('a fault');
  });
});

describe('a case asked again', () => {
  const again = (check: (must: Must) => void) => replayCase(async (must) => check(must));

  it('shows its deviation, or none, and whether anything was seen', async () => {
    expect(await again((must) => must.equal('y', 1, 1))).toEqual({ facts: 1 });
    expect(await again(() => {})).toEqual({ facts: 0 });
    expect(await again((must) => must.equal('y', 1, 2))).toMatchObject({ facts: 1, deviation: { got: '1' } });
    const refused = again(() => {
      throw new Refusal('unsupported', 'no');
    });
    expect(await refused).toMatchObject({
      facts: 0,
      deviation: { got: 'answered as unsupported though declared: no' },
    });
  });

  it('breaks where it breaks', async () => {
    const breakage = new Breakage('gone');
    const broken = again(() => {
      throw breakage;
    });
    await expect(broken).rejects.toBe(breakage);
  });
});

it('leaves a deviation as it is', () => {
  const deviation = new Deviation({ where: 'y', got: '1', wanted: '2' });
  expect(asDeviation(deviation)).toBe(deviation);
});
