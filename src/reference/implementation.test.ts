import { describe, expect, it } from 'vitest';
import type { Args, Operation } from '../subject.ts';
import { type Dtype, type Tensor, type Tensors, tensor } from '../tensor.ts';
import reference, { createReference } from './implementation.ts';
import { randomState } from './numpy-random.ts';

const vector = (...values: number[]): Tensor => tensor('float64', [values.length], values);
const bytes = (shape: number[], ...values: number[]): Tensor => tensor('uint8', shape, values);
const ones = (...shape: number[]): Tensor =>
  tensor('float64', shape, new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1));

/** Asks a fresh reference, or one that is given. */
const ask =
  (name: 'dropout' | 'penalty' | 'step' | 'network') =>
  (args: Args, tensors: Tensors, subject = createReference()): Tensors =>
    (subject[name] as Operation)(args, tensors) as Tensors;

describe('the default export', () => {
  const optimizers = {
    sgd: { decay: 'coupled', bias: true },
    adam: { decay: 'coupled', bias: true },
    adamw: { decay: 'decoupled', times_lr: true, order: 'before', bias: true },
  };

  it('declares all that the protocol knows', () => {
    expect(reference).toMatchObject({
      name: 'keepprob-reference',
      version: '0.1.0',
      language: 'typescript',
      capabilities: {
        dropout: {
          dtypes: ['float64', 'float32'],
          gradient: true,
          mask: true,
          seed: 'advances',
          uniforms: true,
          layer: true,
          repeat: true,
          keep_prob_zero: 'zeros',
        },
        penalty: { dtypes: ['float64', 'float32'], gradient: true, coefficient: 0.5, per_example: false, bias: false },
        step: { dtypes: ['float64', 'float32'], optimizers },
        network: { dtypes: ['float64', 'float32'], masks: true },
      },
    });
  });

  it('declares the conventions that it is made with', () => {
    const penalty = { coefficient: 1, per_example: true, bias: true };
    const { capabilities } = createReference({ conventions: { penalty } });
    expect(capabilities.penalty).toMatchObject(penalty);
    expect(capabilities.step?.optimizers).toEqual(optimizers);
  });
});

describe('dropout', () => {
  const dropout = ask('dropout');
  const training = { keep_prob: 0.5, training: true };

  it('takes the draws that are given', () => {
    const answer = dropout(training, { x: vector(1, 2, -3), u: vector(0.25, 0.5, 0), dy: vector(1, 1, 1) });
    expect(answer).toEqual({ y: vector(2, 0, -6), mask: bytes([3], 1, 0, 1), dx: vector(2, 0, 2) });
  });

  it('draws from its generator, in order', () => {
    const draws = [0.1, 0.9, 0.4].values();
    const subject = createReference({ random: () => draws.next().value ?? NaN });
    expect(dropout(training, { x: ones(1, 2) }, subject)['mask']).toEqual(bytes([1, 2], 1, 0));
    expect(dropout(training, { x: ones(1) }, subject)['mask']).toEqual(bytes([1], 1));
  });

  it('evaluates without drawing', () => {
    const random = (): number => expect.unreachable('a draw');
    const x = vector(-0, NaN, Infinity);
    const evaluated = dropout(
      { keep_prob: 0.5, training: false, repeat: 2 },
      { x, dy: x },
      createReference({ random }),
    );
    const twice = tensor('float64', [2, 3], [...x.data, ...x.data]);
    expect(evaluated).toEqual({ y: twice, mask: bytes([2, 3], 1, 1, 1, 1, 1, 1), dx: twice });
    const once = dropout({ keep_prob: 0.5, training: false }, { x });
    expect(once['y']).toEqual(x);
    expect(once['y'].data).not.toBe(x.data);
  });

  it('keeps scalars and empty tensors what they are', () => {
    expect(dropout({ ...training, keep_prob: 1 }, { x: tensor('float32', [], [3]) })['y']).toEqual(
      tensor('float32', [], [3]),
    );
    expect(dropout({ ...training, repeat: 2 }, { x: ones(3, 0) })['y']).toEqual(ones(2, 3, 0));
  });

  it('repeats calls as if they were made one after the other, and draws with `u` no other mask', () => {
    const seeded = { ...training, layer: 'a', seed: 7 };
    const one = createReference();
    const masks = [1, 2, 3].flatMap(() => [...dropout(seeded, { x: ones(5) }, one)['mask'].data]);
    expect(dropout({ ...seeded, repeat: 3 }, { x: ones(5) })['mask']).toEqual(bytes([3, 5], ...masks));
    expect(dropout({ ...training, repeat: 2 }, { x: vector(1, 2), u: vector(0, 0.75) })['y']).toEqual(
      tensor('float64', [2, 2], [2, 0, 2, 0]),
    );
  });

  it('gives a stateless call the stream of its seed', () => {
    const random = randomState(7);
    const wanted = Array.from({ length: 40 }, () => (random() < 0.5 ? 1 : 0));
    for (const _ of [1, 2])
      expect([...dropout({ ...training, seed: 7 }, { x: ones(40) })['mask'].data]).toEqual(wanted);
  });

  it('remembers nothing of a stateless call', () => {
    const subject = createReference();
    expect(dropout({ ...training, keep_prob: 0 }, { x: ones(2) }, subject)['mask']).toEqual(bytes([2], 0, 0));
    expect(dropout({ ...training, keep_prob: 1 }, { x: ones(2) }, subject)['mask']).toEqual(bytes([2], 1, 1));
  });

  it('makes a layer at its first use, which keeps its stream and its keep probability', () => {
    const subject = createReference();
    const call = (args: Args): number[] => [
      ...dropout({ ...training, ...args }, { x: ones(40) }, subject)['mask'].data,
    ];
    const random = randomState(7);
    const next = (): number[] => Array.from({ length: 40 }, () => (random() < 0.5 ? 1 : 0));
    expect(call({ layer: 'a', seed: 7 })).toEqual(next());
    expect(call({ layer: 'b', seed: 8 })).not.toEqual(call({ layer: 'a', training: false }));
    expect(call({ layer: 'a', seed: 9, keep_prob: 1 })).toEqual(next());
    expect(call({ layer: 'unseeded' })).toHaveLength(40);
  });

  it('does not modify its input', () => {
    const tensors = { x: vector(1, 2), dy: vector(3, 4), u: vector(0, 0.75) };
    dropout(training, tensors);
    expect(tensors).toEqual({ x: vector(1, 2), dy: vector(3, 4), u: vector(0, 0.75) });
  });

  it.each<[Args, Record<string, Tensor>, string]>([
    [{ keep_prob: 1.5 }, {}, 'keep_prob must be in [0, 1], got 1.5'],
    [{ keep_prob: NaN, training: false }, {}, 'keep_prob must be in [0, 1], got NaN'],
    [{ keep_prob: '0.5' }, {}, 'keep_prob must be a number, got "0.5"'],
    [{ training: undefined }, {}, 'training must be true or false, got nothing'],
    [{ seed: -1 }, {}, 'seed must be an integer in [0, 2^32), got -1'],
    [{ layer: 3 }, {}, 'layer must be a string, got 3'],
    [{ repeat: 0 }, {}, 'repeat must be a positive integer, got 0'],
    [{ repeat: 2.5 }, {}, 'repeat must be a positive integer, got 2.5'],
    [{}, { x: bytes([1], 1) }, 'x must be float64 or float32, got "uint8"'],
    [{}, { dy: ones(2) }, 'dy must have shape [1], got [2]'],
    [{}, { dy: tensor('float32', [1], [1]) }, 'dy must be float64, got "float32"'],
    [{}, { u: ones(1, 1) }, 'u must have shape [1], got [1,1]'],
    [{}, { u: tensor('float32', [1], [0]) }, 'u must be float64, got "float32"'],
    [{}, { u: vector(1) }, 'u must be in [0, 1), got 1'],
    [{}, { u: vector(NaN) }, 'u must be in [0, 1), got NaN'],
    [{}, { u: vector(-0.5) }, 'u must be in [0, 1), got -0.5'],
  ])('refuses %o %o', (args, tensors, message) => {
    expect(() => dropout({ ...training, ...args }, { x: ones(1), ...tensors })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message }),
    );
  });

  it('refuses a request without x', () => {
    expect(() => dropout(training, {})).toThrow('x must be given, got nothing');
  });
});

describe('penalty', () => {
  const penalty = ask('penalty');
  const args = { lambda: 0.5, roles: { W1: 'weight', b1: 'bias' } };
  const parameters = { W1: tensor('float32', [1, 2], [1, 3]), b1: vector(10) };

  it('answers the value, and the gradients where they are asked for', () => {
    const value = tensor('float64', [], [2.5]);
    expect(penalty(args, parameters)).toEqual({ value });
    expect(penalty({ ...args, gradient: false }, parameters)).toEqual({ value });
    expect(penalty({ ...args, gradient: true }, parameters)).toEqual({
      value,
      'd:W1': tensor('float32', [1, 2], [0.5, 1.5]),
      'd:b1': vector(0),
    });
  });

  it('divides by the examples under that convention', () => {
    const subject = createReference({ conventions: { penalty: { coefficient: 1, per_example: true, bias: false } } });
    expect(penalty({ ...args, examples: 5 }, parameters, subject)['value']).toEqual(tensor('float64', [], [1]));
    expect(() => penalty({ ...args, examples: 0.5 }, parameters, subject)).toThrow(
      'examples must be a positive integer, got 0.5',
    );
  });

  it('counts a parameter with two names once, under its own', () => {
    const shared = { ...args, gradient: true, alias: { W2: 'W1' } };
    const once = penalty({ ...args, gradient: true }, parameters);
    expect(penalty(shared, { ...parameters, W2: parameters.W1 })).toEqual(once);
    expect(penalty(shared, { W2: parameters.W1, ...parameters })).toEqual(once);
    expect(penalty(shared, parameters)).toEqual(once);
  });

  it.each<[string, Tensor]>([
    ['another number', tensor('float32', [1, 2], [1, 4])],
    ['another format', tensor('float64', [1, 2], [1, 3])],
    ['another shape', tensor('float32', [2], [1, 3])],
  ])('refuses %s under the second name of a parameter', (_, W2) => {
    expect(() => penalty({ ...args, alias: { W2: 'W1' } }, { ...parameters, W2 })).toThrow(
      'W2 and W1 are one parameter and must hold the same numbers',
    );
  });

  it.each<[Args, Record<string, Tensor>, string]>([
    [{ lambda: -1 }, {}, 'lambda must be finite and >= 0, got -1'],
    [{ lambda: undefined }, {}, 'lambda must be a number, got nothing'],
    [{ roles: undefined }, {}, 'roles must be an object, got nothing'],
    [{ roles: null }, {}, 'roles must be an object, got null'],
    [{ roles: { W1: 'weight' } }, {}, 'the role of b1 must be one of weight, bias, norm, frozen, got nothing'],
    [{ roles: { W1: 'wait', b1: 'bias' } }, {}, 'the role of W1 must be one of weight, bias, norm, frozen, got "wait"'],
    [{ gradient: 'yes' }, {}, 'gradient must be true or false, got "yes"'],
    [{}, { W1: bytes([1], 1) }, 'W1 must be float64 or float32, got "uint8"'],
    [{ alias: ['W2'] }, {}, 'alias must be an object, got ["W2"]'],
    [{ alias: { b1: 1 } }, {}, 'the alias b1 must name a parameter, got 1'],
    [{ alias: { b1: 'W1' } }, {}, 'b1 and W1 are one parameter and must hold the same numbers, got "[10] (float64)"'],
  ])('refuses %o %o', (change, tensors, message) => {
    expect(() => penalty({ ...args, ...change }, { ...parameters, ...tensors })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message }),
    );
  });
});

describe('step', () => {
  const step = ask('step');
  const args = { optimizer: 'sgd', lr: 0.5, weight_decay: 0, steps: 1, roles: { W1: 'weight', b1: 'bias' } };
  const parameters = { W1: tensor('float32', [1, 2], [1, 2]), b1: vector(10) };
  const gradient = tensor('float32', [1, 1, 2], [1, -1]);

  it('answers the parameters by name', () => {
    const moved = { W1: tensor('float32', [1, 2], [0.5, 2.5]), b1: vector(10) };
    expect(step(args, { ...parameters, 'g:W1': gradient })).toEqual(moved);
  });

  it('takes schedules and hyper-parameters', () => {
    const twice = tensor('float32', [2, 1, 2], [1, -1, 1, -1]);
    const change = { steps: 2, lr: [0.5, 0.25], weight_decay: [0, 0], momentum: 0.5 };
    expect(step({ ...args, ...change }, { ...parameters, 'g:W1': twice })['W1']).toEqual(
      tensor('float32', [1, 2], [1 - 0.5 - 0.375, 2 + 0.5 + 0.375]),
    );
    // The moments: 2 and 2², then (0.5 · 2 + 14) / 1.5 = 10 and 14². The steps: 0.5 · 2 / (2 + 2) and 0.5 · 10 / (14 + 2).
    const growing = tensor('float32', [2, 1, 2], [2, -2, 14, -14]);
    for (const optimizer of ['adam', 'adamw']) {
      const adam = { optimizer, steps: 2, beta1: 0.5, beta2: 0, eps: 2 };
      expect(step({ ...args, ...adam }, { ...parameters, 'g:W1': growing })['W1']).toEqual(
        tensor('float32', [1, 2], [1 - 0.25 - 0.3125, 2 + 0.25 + 0.3125]),
      );
    }
  });

  it('moves a parameter with two names once', () => {
    const shared = { ...args, alias: { W2: 'W1' } };
    const moved = step(args, { ...parameters, 'g:W1': gradient });
    expect(step(shared, { ...parameters, W2: parameters.W1, 'g:W1': gradient, 'g:W2': gradient })).toEqual(moved);
    expect(step(shared, { ...parameters, 'g:W2': gradient })).toEqual(moved);
  });

  it('answers `unsupported` for an optimizer that it was made without', () => {
    const subject = createReference({ conventions: { optimizers: {} } });
    expect(() => step(args, parameters, subject)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: 'optimizer sgd has no convention' }),
    );
  });

  it.each<[Args, Record<string, Tensor>, string]>([
    [{ optimizer: 'lion' }, {}, 'optimizer must be one of sgd, adam, adamw, got "lion"'],
    [{ lr: -1 }, {}, 'lr must be finite and >= 0, got -1'],
    [{ lr: ['1'] }, {}, 'lr must be a list of numbers, got ["1"]'],
    [{ weight_decay: [0, 0] }, {}, 'weight_decay must have one entry for each of the 1 steps, got 2'],
    [{ momentum: 1 }, {}, 'momentum must be in [0, 1), got 1'],
    [{ steps: 2 }, {}, 'g:W1 must have shape [2,1,2], got [1,1,2]'],
    [{}, { 'g:W3': gradient }, 'g:W3 must be the gradient of a parameter, got ["W1","b1"]'],
    [{}, { 'g:b1': tensor('float32', [1, 1], [1]) }, 'g:b1 must be float64, got "float32"'],
  ])('refuses %o %o', (change, tensors, message) => {
    expect(() => step({ ...args, ...change }, { ...parameters, 'g:W1': gradient, ...tensors })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message }),
    );
  });
});

describe('network', () => {
  const network = ask('network');
  const args = { layers: [1, 2, 1], activation: 'relu', loss: 'mse', keep_probs: [0.5], lambda: 0, training: true };
  const filled = (dtype: Dtype): Record<string, Tensor> => ({
    x: tensor(dtype, [1, 1], [2]),
    t: tensor(dtype, [1, 1], [1]),
    W1: tensor(dtype, [2, 1], [1, -1]),
    b1: tensor(dtype, [2], [0.5, 3]),
    W2: tensor(dtype, [1, 2], [2, 4]),
    b2: tensor(dtype, [1], [1]),
  });
  const tensors = filled('float64');

  it.each<Dtype>(['float64', 'float32'])('answers loss, output, masks and gradients in %s', (dtype) => {
    const mask1 = bytes([1, 2], 1, 0);
    expect(network(args, { ...filled(dtype), mask1 })).toEqual({
      loss: tensor('float64', [], [50]),
      y: tensor(dtype, [1, 1], [11]),
      mask1,
      'd:W1': tensor(dtype, [2, 1], [80, 0]),
      'd:b1': tensor(dtype, [2], [40, 0]),
      'd:W2': tensor(dtype, [1, 2], [50, 0]),
      'd:b2': tensor(dtype, [1], [10]),
    });
  });

  it('takes a linear model, which has no hidden layer', () => {
    const line = { ...args, layers: [1, 1], keep_probs: [] };
    const { x, t } = tensors;
    // y = 2 · 3 + 1 = 7, the error 6.
    expect(network(line, { x, t, W1: tensor('float64', [1, 1], [3]), b1: vector(1) })).toEqual({
      loss: tensor('float64', [], [18]),
      y: tensor('float64', [1, 1], [7]),
      'd:W1': tensor('float64', [1, 1], [12]),
      'd:b1': vector(6),
    });
  });

  it('draws the masks that are not given, and none in evaluation', () => {
    const draws = [0.75, 0.25].values();
    const subject = createReference({ random: () => draws.next().value ?? expect.unreachable('a third draw') });
    expect(network(args, tensors, subject)['mask1']).toEqual(bytes([1, 2], 0, 1));
    const evaluated = network({ ...args, training: false }, { ...tensors, mask1: bytes([1, 2], 0, 0) }, subject);
    expect(evaluated['y']).toEqual(tensor('float64', [1, 1], [10]));
    expect(Object.keys(evaluated).sort()).toEqual(['d:W1', 'd:W2', 'd:b1', 'd:b2', 'loss', 'y']);
  });

  it.each<[Args, Record<string, Tensor>, string]>([
    [{ layers: [1] }, {}, 'layers must name at least the input and the output, got [1]'],
    [{ layers: [1, 0, 1] }, {}, 'layers[1] must be a positive integer, got 0'],
    [{ layers: '1-2-1' }, {}, 'layers must be a list of numbers, got "1-2-1"'],
    [{ keep_probs: [] }, {}, 'keep_probs must have 1 entries, got []'],
    [{ keep_probs: [2] }, {}, 'keep_prob must be in [0, 1], got 2'],
    [{ activation: 'gelu' }, {}, 'activation must be one of relu, tanh, sigmoid, identity, got "gelu"'],
    [{ loss: 'hinge' }, {}, 'loss must be one of mse, softmax_cross_entropy, got "hinge"'],
    [{ lambda: -1 }, {}, 'lambda must be finite and >= 0, got -1'],
    [{ training: 1 }, {}, 'training must be true or false, got 1'],
    [{}, { x: ones(1, 2) }, 'x must have shape [1,1], got [1,2]'],
    [{}, { x: ones(0, 1) }, 'x must hold at least one example, got [0,1]'],
    [{}, { x: tensor('float64', [], [1]) }, 'x must hold at least one example, got []'],
    [{}, { t: ones(1, 2) }, 't must have shape [1,1], got [1,2]'],
    [{}, { W1: ones(1, 2) }, 'W1 must have shape [2,1], got [1,2]'],
    [{}, { b2: tensor('float32', [1], [1]) }, 'b2 must be float64, got "float32"'],
    [{}, { mask1: ones(1, 2) }, 'mask1 must be uint8, got "float64"'],
    [{}, { mask1: bytes([2], 1, 1) }, 'mask1 must have shape [1,2], got [2]'],
    [{}, { mask1: bytes([1, 2], 1, 2) }, 'mask1 must hold only 0 and 1, got 2'],
  ])('refuses %o %o', (change, sent, message) => {
    expect(() => network({ ...args, ...change }, { ...tensors, ...sent })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message }),
    );
  });
});
