import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Deviation, Refusal } from '../errors.ts';
import { projectFile } from '../root.ts';
import type { Capabilities, Subject } from '../subject.ts';
import { type Tensors, tensor } from '../tensor.ts';
import type { Channel, Request } from './channel.ts';
import { connect } from './connect.ts';
import { compareEcho, echoTensors } from './echo.ts';
import { encode } from './framing.ts';
import { faultBy } from './schema.ts';

const everything: Capabilities = {
  dropout: { dtypes: ['float64'], gradient: true, mask: true, repeat: true },
  penalty: { dtypes: ['float64'], gradient: true, coefficient: 0.5 },
  step: { dtypes: ['float64'], optimizers: { sgd: { decay: 'coupled' } } },
  network: { dtypes: ['float64'], masks: true },
};

/** A subject whose every operation answers `tensors`, and what it has been asked. */
async function answering(
  tensors: Tensors,
  capabilities: Capabilities = everything,
): Promise<{ subject: Subject; asked: Request[] }> {
  const asked: Request[] = [];
  const channel: Channel = {
    async ask(request) {
      asked.push(request);
      if (request.op === 'hello')
        return { result: { protocol: 1, name: 'n', version: '1', capabilities, pid: 7 }, tensors: {} };
      return { result: {}, tensors: request.op === 'echo' ? request.tensors : tensors };
    },
    close: async () => {},
  };
  return { subject: await connect(channel), asked };
}

const f64 = (shape: readonly number[], ...values: number[]) => tensor('float64', shape, values);
const u8 = (shape: readonly number[], ...values: number[]) => tensor('uint8', shape, values);

const x = f64([2], 1, 2);
const inTraining = { x, keepProb: 0.5, training: true };
const parameters = { W1: f64([1, 2], 3, 4), b1: f64([1], 5), W2: f64([1, 2], 3, 4) };
const roles = { W1: 'weight', b1: 'bias', W2: 'weight' } as const;
const penalty = { parameters, roles, alias: { W2: 'W1' }, lambda: 0.1, examples: 4, gradient: true };
const gradients = { W1: f64([2, 1, 2], 1, 2, 3, 4), b1: f64([2, 1], 5, 6) };
const step = {
  optimizer: 'sgd',
  lr: [0.1, NaN],
  weightDecay: 0.01,
  roles,
  steps: 2,
  momentum: 0.9,
  parameters,
  gradients,
} as const;
const network = {
  layers: [2, 3, 1],
  activation: 'relu',
  loss: 'mse',
  keepProbs: [0.8],
  lambda: 0,
  training: true,
  x: f64([2, 2], 1, 2, 3, 4),
  t: f64([2, 1], 1, 2),
  parameters: { W1: f64([3, 2], 1, 2, 3, 4, 5, 6), b1: f64([3], 1, 2, 3), W2: f64([1, 3], 1, 2, 3), b2: f64([1], 1) },
  masks: [u8([2, 3], 1, 0, 1, 0, 1, 0)],
} as const;
const networkAnswer = {
  loss: f64([], NaN),
  y: f64([2, 1], 1, 2),
  mask1: network.masks[0],
  'd:W1': network.parameters.W1,
  'd:b1': network.parameters.b1,
  'd:W2': network.parameters.W2,
  'd:b2': network.parameters.b2,
};

describe('questions', () => {
  test('become requests in the words of the wire', async () => {
    const { subject, asked } = await answering({});
    await Promise.allSettled([
      subject.dropout({ ...inTraining, dy: x, u: x, layer: 'a', seed: 7, repeat: 3 }),
      subject.penalty(penalty),
      subject.step(step),
      subject.network(network),
    ]);
    expect(asked.map(({ op, args, tensors }) => [op, args, Object.keys(tensors)])).toEqual([
      ['hello', { protocol: 1 }, []],
      ['echo', {}, Object.keys(echoTensors())],
      ['dropout', { keep_prob: 0.5, training: true, layer: 'a', seed: 7, repeat: 3 }, ['x', 'dy', 'u']],
      ['penalty', { lambda: 0.1, roles, alias: { W2: 'W1' }, examples: 4, gradient: true }, ['W1', 'b1', 'W2']],
      [
        'step',
        { optimizer: 'sgd', lr: [0.1, NaN], weight_decay: 0.01, roles, steps: 2, momentum: 0.9 },
        ['W1', 'b1', 'W2', 'g:W1', 'g:b1'],
      ],
      [
        'network',
        { layers: [2, 3, 1], activation: 'relu', loss: 'mse', keep_probs: [0.8], lambda: 0, training: true },
        ['x', 't', 'W1', 'b1', 'W2', 'b2', 'mask1'],
      ],
    ]);
  });

  test('keep to the schema of requests', async () => {
    const { subject, asked } = await answering({});
    await Promise.allSettled([
      subject.dropout({ ...inTraining, keepProb: NaN }),
      subject.dropout({ ...inTraining, dy: x, u: x, layer: 'a', seed: 7, repeat: 3 }),
      subject.penalty(penalty),
      subject.step(step),
      subject.network(network),
    ]);
    expect(asked).toHaveLength(7);
    for (const { op, args, tensors } of asked) {
      const header = JSON.parse(new TextDecoder().decode(encode({ id: 1, op, args }, tensors)[0]));
      expect(faultBy('request', header)).toBeUndefined();
    }
    expect(faultBy('request', { id: 1, op: 'dropout', args: { keep_prob: 'high', training: true } })).toBeDefined();
    expect(faultBy('request', { id: 1, op: 'drop', args: {} })).toBeDefined();
  });
});

describe('answers', () => {
  test('of dropout are validated', async () => {
    const mask = u8([2], 1, 0);
    const { subject } = await answering({ y: x, mask, dx: x, extra: x });
    expect(await subject.dropout({ ...inTraining, dy: x })).toEqual({ y: x, mask, dx: x });
    expect(await subject.dropout(inTraining)).toEqual({ y: x, mask });
    await expect(subject.dropout({ ...inTraining, repeat: 2 })).rejects.toEqual(
      new Deviation({ where: 'y', got: 'a float64 tensor of shape [2]', wanted: 'a float64 tensor of shape [2,2]' }),
    );
  });

  test('of dropout have a mask where it is declared; in evaluation they may leave it out', async () => {
    const { subject } = await answering({ y: x });
    await expect(subject.dropout(inTraining)).rejects.toThrow(
      'mask is missing in the answer, but must be a uint8 tensor of shape [2]',
    );
    expect(await subject.dropout({ ...inTraining, training: false })).toEqual({ y: x });
    const { subject: undeclared } = await answering({ y: x, mask: x }, { dropout: { dtypes: ['float64'] } });
    expect(await undeclared.dropout(inTraining)).toEqual({ y: x });
  });

  test('of dropout have masks of zeros and ones', async () => {
    const { subject } = await answering({ y: x, mask: u8([2], 1, 255) });
    await expect(subject.dropout(inTraining)).rejects.toThrow('mask[1] is 255, but must be 0 or 1');
    const { subject: repeated } = await answering({ y: f64([1, 2], 1, 2), mask: u8([1, 2], 1, 2) });
    await expect(repeated.dropout({ ...inTraining, repeat: 1 })).rejects.toThrow('mask[0,1] is 2, but must be 0 or 1');
  });

  test('of dropout have a gradient where one was asked for', async () => {
    const { subject } = await answering({ y: x, mask: u8([2], 1, 0), dx: tensor('float32', [2], [1, 2]) });
    await expect(subject.dropout({ ...inTraining, dy: x })).rejects.toThrow(
      'dx is a float32 tensor of shape [2], but must be a float64',
    );
  });

  test('of penalty have a scalar and the distinct parameters’ gradients', async () => {
    const derivatives = { 'd:W1': parameters.W1, 'd:b1': parameters.b1 };
    const { subject } = await answering({ value: f64([], 3), ...derivatives });
    expect(await subject.penalty(penalty)).toEqual({ value: 3, gradients: { W1: parameters.W1, b1: parameters.b1 } });
    expect(await subject.penalty({ ...penalty, gradient: false })).toEqual({ value: 3, gradients: {} });
    const { alias, ...separate } = penalty;
    await expect(subject.penalty(separate)).rejects.toThrow(
      'd:W2 is missing in the answer, but must be a float64 tensor of shape [1,2]',
    );
    const { subject: vector } = await answering({ value: f64([1], 3) });
    await expect(vector.penalty(penalty)).rejects.toThrow(
      'value is a float64 tensor of shape [1], but must be a float64 tensor of shape []',
    );
  });

  test('of step have every distinct parameter', async () => {
    const { subject } = await answering({ W1: parameters.W1, b1: parameters.b1, W2: parameters.W2 });
    expect(await subject.step({ ...step, alias: { W2: 'W1' } })).toEqual({ W1: parameters.W1, b1: parameters.b1 });
    expect(await subject.step(step)).toEqual(parameters);
    const { subject: lost } = await answering({ W1: parameters.b1 });
    await expect(lost.step(step)).rejects.toThrow(
      'W1 is a float64 tensor of shape [1], but must be a float64 tensor of shape [1,2]',
    );
  });

  test('of network have loss, output, masks and gradients', async () => {
    const { subject } = await answering(networkAnswer);
    const expected = { loss: NaN, y: networkAnswer.y, masks: network.masks, gradients: network.parameters };
    expect(await subject.network(network)).toEqual(expected);
    expect(await subject.network({ ...network, training: false })).toEqual({ ...expected, masks: [] });
    const { 'd:b2': _, ...withoutBias } = networkAnswer;
    const { subject: lost } = await answering(withoutBias);
    await expect(lost.network(network)).rejects.toThrow('d:b2 is missing');
    const { subject: maskless } = await answering({ ...networkAnswer, mask1: u8([3, 2], 1, 0, 1, 0, 1, 0) });
    await expect(maskless.network(network)).rejects.toThrow(
      'mask1 is a uint8 tensor of shape [3,2], but must be a uint8 tensor of shape [2,3]',
    );
  });

  test('that refuse what was declared surface as refusals', async () => {
    const channel: Channel = {
      async ask({ op, tensors }) {
        if (op === 'hello')
          return { result: { protocol: 1, name: 'n', version: '1', capabilities: everything }, tensors: {} };
        if (op === 'echo') return { result: {}, tensors };
        throw new Refusal('unsupported', 'no');
      },
      close: async () => {},
    };
    const subject = await connect(channel);
    await expect(subject.step(step)).rejects.toMatchObject({ name: 'Refusal', code: 'unsupported' });
  });
});

describe('the echo', () => {
  test('holds every dtype, special values, nothing, and more than a pipe does', () => {
    const sent = echoTensors();
    expect(new Set(Object.values(sent).map(({ dtype }) => dtype)).size).toBe(5);
    const doubles = [...sent['float64'].data];
    for (const special of [0, -0, 5e-324, Infinity, -Infinity, NaN, Number.MAX_VALUE]) {
      expect(doubles.some((value) => Object.is(value, special))).toBe(true);
    }
    expect(sent['float16'].data.byteLength).toBeGreaterThan(65536);
    expect(sent['empty'].data).toHaveLength(0);
    expect(sent['scalar'].shape).toEqual([]);
  });

  test('compares the bits, also those of a NaN', () => {
    const sent = echoTensors();
    expect(() => compareEcho(sent, echoTensors())).not.toThrow();
    const quiet = echoTensors();
    new Uint32Array(quiet['float32'].data.buffer)[14] = 0x7fc00000;
    expect(() => compareEcho(sent, quiet)).toThrow('float32[2,2] is 0x7fc00000, not 0x7fc00001 (float32)');
  });
});

test('the files of the project are found', () => {
  expect(existsSync(projectFile('spec/schema/hello.json'))).toBe(true);
});
