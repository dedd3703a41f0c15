import { describe, expect, it } from 'vitest';
import { decodeTensor, decodeVectors, encodeTensor } from './golden.ts';
import { type Dtype, tensor } from './tensor.ts';

describe('encodeTensor and decodeTensor', () => {
  it.each<Dtype>(['float64', 'float32', 'float16', 'bfloat16'])('carry every number of %s through JSON', (dtype) => {
    const given = tensor(dtype, [2, 4], [1 / 3, -0, 0, NaN, Infinity, -Infinity, 2 ** -14, -1]);
    expect(decodeTensor(JSON.parse(JSON.stringify(encodeTensor(given))))).toEqual(given);
  });

  it('write numbers as numbers, and by name what JSON.stringify would lose', () => {
    const given = tensor('float32', [5], [0.1, -0, NaN, Infinity, -Infinity]);
    const data = [Math.fround(0.1), '-0', 'NaN', 'Infinity', '-Infinity'];
    expect(encodeTensor(given)).toEqual({ dtype: 'float32', shape: [5], data });
  });

  it('read the minus zero of a golden file', () => {
    expect(decodeTensor(JSON.parse('{"dtype":"float64","shape":[],"data":[-0.0]}'))).toEqual(
      tensor('float64', [], [-0]),
    );
  });

  it('carry scalars, empty tensors and masks', () => {
    for (const given of [tensor('float64', [], [2]), tensor('float32', [3, 0], []), tensor('uint8', [2], [0, 255])]) {
      expect(decodeTensor(encodeTensor(given))).toEqual(given);
    }
  });

  it.each<[unknown, string]>([
    [null, 'tensor must be an object, got null'],
    [[], 'tensor must be an object, got []'],
    [{ dtype: 'int8', shape: [], data: [1] }, 'tensor.dtype must be a dtype, got "int8"'],
    [{ dtype: 'uint8', shape: [-1], data: [] }, 'tensor.shape must be a list of sizes, got [-1]'],
    [{ dtype: 'uint8', shape: 1, data: [1] }, 'tensor.shape must be a list of sizes, got 1'],
    [{ dtype: 'uint8', shape: [2] }, 'tensor.data must be a list of numbers, got nothing'],
    [{ dtype: 'uint8', shape: [2], data: [1] }, 'tensor.data must have 2 elements, got 1'],
    [{ dtype: 'uint8', shape: [1], data: [256] }, 'tensor.data[0] must be a number of uint8, got 256'],
    [{ dtype: 'float32', shape: [2], data: [1, 0.1] }, 'tensor.data[1] must be a number of float32, got 0.1'],
    [{ dtype: 'float64', shape: [1], data: ['1'] }, 'tensor.data[0] must be a number of float64, got "1"'],
  ])('refuse %j', (json, message) => {
    expect(() => decodeTensor(json)).toThrow(new TypeError(message));
  });
});

describe('decodeVectors', () => {
  const one = { dtype: 'float64', shape: [1], data: [1] };
  const vector = {
    name: 'one',
    op: 'step',
    args: { optimizer: 'sgd', lr: ['Infinity', 1], steps: 2, weight_decay: 'NaN' },
    convention: { decay: 'coupled' },
    tensors: { W: one },
    expected: { W: { tensor: one, roundings: 0 }, V: { tensor: one, roundings: 3, magnitude: one } },
  };
  const file = (...vectors: unknown[]): unknown => ({
    format: 'keepprob-golden/1',
    stem: 'decay',
    numpy: '2.4.6',
    vectors,
  });

  it('gives vectors whose numbers are numbers', () => {
    const wanted = tensor('float64', [1], [1]);
    expect(decodeVectors(file(vector))).toEqual([
      {
        name: 'one',
        op: 'step',
        args: { optimizer: 'sgd', lr: [Infinity, 1], steps: 2, weight_decay: NaN },
        convention: { decay: 'coupled' },
        tensors: { W: wanted },
        expected: {
          W: { tensor: wanted, roundings: 0, magnitude: tensor('float64', [1], [0]) },
          V: { tensor: wanted, roundings: 3, magnitude: wanted },
        },
      },
    ]);
    const { convention: _, ...without } = vector;
    expect(decodeVectors(file(without))[0]).not.toHaveProperty('convention');
  });

  it.each<[unknown, string]>([
    ['golden', 'golden file must be an object, got "golden"'],
    [{ format: 'keepprob-golden/2' }, 'golden file.format must be keepprob-golden/1, got "keepprob-golden/2"'],
    [{ format: 'keepprob-golden/1' }, 'golden file.vectors must be a list, got nothing'],
    [file(vector, 1), 'vectors[1] must be an object, got 1'],
    [file({ ...vector, name: 1 }), 'vectors[0].name must be a text, got 1'],
    [
      file({ ...vector, op: 'hello' }),
      'vectors[0].op must be one of dropout, penalty, step, network, train, got "hello"',
    ],
    [file({ ...vector, args: [] }), 'vectors[0].args must be an object, got []'],
    [file({ ...vector, convention: 1 }), 'vectors[0].convention must be an object, got 1'],
    [file({ ...vector, tensors: { W: 1 } }), 'vectors[0].tensors.W must be an object, got 1'],
    [file({ ...vector, expected: undefined }), 'vectors[0].expected must be an object, got nothing'],
    [
      file({ ...vector, expected: { W: { tensor: one } } }),
      'vectors[0].expected.W.roundings must be a number >= 0, got nothing',
    ],
    [
      file({ ...vector, expected: { W: { tensor: one, roundings: 1 } } }),
      'vectors[0].expected.W.magnitude must be an object, got nothing',
    ],
    [
      file({ ...vector, expected: { W: { tensor: one, roundings: 1, magnitude: { ...one, shape: [1, 1] } } } }),
      'vectors[0].expected.W.magnitude must have shape [1], got [1,1]',
    ],
  ])('refuses %j', (json, message) => {
    expect(() => decodeVectors(json)).toThrow(new TypeError(message));
  });
});
