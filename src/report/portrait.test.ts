import { describe, expect, it } from 'vitest';
import { Breakage, Refusal } from '../errors.ts';
import { subjectOf } from '../judge/testing.ts';
import { connect } from '../protocol/connect.ts';
import { moduleChannel } from '../protocol/module.ts';
import { createReference } from '../reference/implementation.ts';
import type { Capabilities, DropoutCall, Subject } from '../subject.ts';
import { tensor } from '../tensor.ts';
import { type Portrait, portray } from './portrait.ts';

const reference = connect(moduleChannel(createReference()));

/** A dropout that keeps by a rule of the call and the position. */
const keeping = (rule: (call: number, position: number) => number, capabilities?: Capabilities): Subject => {
  let calls = 0;
  return subjectOf({
    ...(capabilities === undefined ? {} : { capabilities }),
    dropout: async ({ x, repeat = 1 }: DropoutCall) => {
      const [size] = x.shape;
      const values = Array.from({ length: repeat * size }, (_, i) => rule(calls + Math.floor(i / size), i % size));
      calls += repeat;
      return { y: tensor('float64', repeat === 1 ? [size] : [repeat, size], values) };
    },
  });
};

describe('the portrait of an implementation', () => {
  it('shows its masks, their rates and their pairs', async () => {
    const { masks, left } = await portray(await reference);
    const { first, calls, kept, lags, keepProb } = masks ?? expect.fail();
    expect(left).toEqual([]);
    expect([first.length, first[0].length, kept.length, lags.length]).toEqual([24, 64, 64, 32]);
    expect(first[0]).not.toBe(first[1]);
    expect(keepProb).toBe(0.8);
    const share = kept.reduce((sum, each) => sum + each, 0) / (calls * 64);
    expect(Math.abs(share - 0.8)).toBeLessThan(0.02);
    for (const [i, [pairs]] of lags.entries()) expect(pairs).toBe(calls * (63 - i));
  });

  it('counts what was kept, call by call, and pairs within a call alone', async () => {
    const every = keeping((_, position) => (position % 2 === 0 ? 1.25 : 0));
    const { masks } = await portray(every);
    const { first, kept, lags, calls } = masks ?? expect.fail();
    expect(first[23]).toBe('10'.repeat(32));
    expect(kept.slice(0, 4)).toEqual([calls, 0, calls, 0]);
    expect(lags.slice(0, 2)).toEqual([
      [63 * calls, 32 * calls, 31 * calls, 0],
      [62 * calls, 31 * calls, 31 * calls, 31 * calls],
    ]);
  });

  it('makes many calls at once where that is declared, and counts the same', async () => {
    const rule = (call: number, position: number) => ((call * 7 + position * 3) % 5 === 0 ? 0 : 1);
    const [one, many] = await Promise.all([
      portray(keeping(rule)),
      portray(keeping(rule, { dropout: { dtypes: ['float64'], repeat: true } })),
    ]);
    expect(one.masks?.first).toEqual(many.masks?.first);
    expect([one.masks?.calls, many.masks?.calls]).toEqual([256, 4096]);
  });

  it('shows how a weight shrinks, and the factor that is declared', async () => {
    const { decay } = await portray(await reference);
    const { optimizer, lr, weightDecay, weights, factor } = decay ?? expect.fail();
    expect({ optimizer, lr, weightDecay, factor }).toEqual({
      optimizer: 'sgd',
      lr: 0.5,
      weightDecay: 0.125,
      factor: 0.9375,
    });
    expect(weights).toHaveLength(31);
    for (const [step, weight] of weights.entries()) expect(weight).toBeCloseTo(0.9375 ** step, 12);
  });

  it.each([
    [{ adamw: { decay: 'decoupled', times_lr: true } }, 0.9375],
    [{ adamw: { decay: 'decoupled' } }, 0.875],
    [{ adam: { decay: 'coupled' } }, undefined],
  ] as const)('of an optimizer %j has the factor %d', async (optimizers, factor) => {
    const conventions = { optimizers };
    const { decay } = await portray(await connect(moduleChannel(createReference({ conventions }))));
    expect(decay?.factor).toBe(factor);
    if (factor !== undefined) expect(decay?.weights[3]).toBeCloseTo(factor ** 3, 12);
  });
});

describe('what cannot be drawn', () => {
  it('is left out with a sentence where it is not declared', async () => {
    expect(await portray(subjectOf({ capabilities: {} }))).toEqual({
      left: ['Masks could not be drawn: dropout is not declared', 'Decay could not be drawn: step is not declared'],
    });
  });

  it.each([
    ['a breakage', new Breakage('it crashed')],
    ['a refusal', new Refusal('internal', 'it crashed')],
    ['anything else', 'it crashed'],
  ])('is left out where the answer is %s', async (_, thrown) => {
    const broken: Subject = { ...(await reference), dropout: () => Promise.reject(thrown) };
    const { masks, decay, left } = await portray(broken);
    expect(masks).toBeUndefined();
    expect(left).toEqual(['Masks could not be drawn: it crashed']);
    expect(decay?.weights).toHaveLength(31);
  });

  it('is left out where what is kept cannot be told, or a weight is no number', async () => {
    const step = async () => ({ W: tensor('float64', [1], [Number.NaN]) });
    const { left } = await portray({ ...keeping(() => Number.NaN, (await reference).capabilities), step });
    expect(left).toEqual([
      'Masks could not be drawn: an answer holds a NaN, which is neither kept nor dropped',
      'Decay could not be drawn: a weight is no finite number',
    ]);
  });

  it('does not take what was drawn before with it', async () => {
    const parts: Portrait[] = [];
    const hanging: Subject = { ...(await reference), step: () => new Promise(() => {}) };
    void portray(hanging, (part) => parts.push(part));
    await expect.poll(() => parts[0]?.masks?.first.length, { timeout: 20_000 }).toBe(24);
  });
});
