/** What is done to the tensors of a call is judged where it can be seen, and never said to hold where it cannot. */
import { describe, expect, test } from 'vitest';
import { verify } from '../src/judge/verify.ts';
import type { Channel } from '../src/protocol/channel.ts';
import { connect } from '../src/protocol/connect.ts';
import { moduleChannel } from '../src/protocol/module.ts';
import { createReference } from '../src/reference/implementation.ts';
import type { Implementation } from '../src/subject.ts';
import { tensor, valuesOf } from '../src/tensor.ts';
import { declaring, instead } from './faults/fault.ts';
import { clauses } from './index.ts';
import { budgetOf } from './testing.ts';

/** As over the wire: what is asked about is copied. */
function elsewhere(implementation: Implementation): Channel {
  const { ask, close } = moduleChannel(implementation);
  return { ask: (request) => ask(structuredClone(request)), close };
}

async function judged(id: string, channel: Channel): Promise<string> {
  const clause = clauses.find((each) => each.id === id);
  if (clause === undefined) throw new Error(`there is no clause ${id}`);
  const { verdict, message, evidence } = await verify(clause, await connect(channel), budgetOf('quick'));
  return `${verdict} of ${evidence['facts'] ?? 'no'} facts: ${message}`;
}

const withoutRepeat = declaring('dropout', { repeat: false })(createReference());

/** Calls in a row, each of which drops in the very input. */
const inPlace = instead('dropout', (correct) => async ({ repeat, ...args }, { x, ...rest }) => {
  if (repeat === undefined) return correct(args, { x, ...rest });
  const own = { ...x, data: x.data.slice() };
  const outputs: number[] = [];
  const calls = Number(repeat);
  for (let call = 0; call < calls; call++) {
    const { y } = await correct(args, { x: own, ...rest });
    own.data.set(y.data);
    outputs.push(...valuesOf(y));
  }
  return { y: tensor(x.dtype, [calls, ...x.shape], outputs) };
})(declaring('dropout', { gradient: false, mask: false })(createReference()));

describe('in another process', () => {
  test.each([
    ['l2/weights-are-not-modified', createReference(), /^unsupported of no facts: .*its memory is out of sight$/],
    ['decay/gradient-is-not-modified', createReference(), /^unsupported of no facts: .*its memory is out of sight$/],
    [
      'dropout/input-is-not-modified',
      withoutRepeat,
      /: dropout.repeat is not declared, and its memory is out of sight$/,
    ],
    ['dropout/input-is-not-modified', createReference(), /^holds of \d+ facts/],
    ['dropout/input-is-not-modified', inPlace, /^refuted .* in successive calls on the same x/],
  ])('%s', async (id, implementation, wanted) => {
    expect(await judged(id, elsewhere(implementation))).toMatch(wanted);
  });
});

test('in this process, calls by themselves are looked at', async () => {
  expect(await judged('dropout/input-is-not-modified', moduleChannel(withoutRepeat))).toMatch(/^holds of \d+ facts/);
});
