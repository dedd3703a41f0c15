/** What an answer's tensors must be like before anything is read from them. A deviation says what they are instead. */
import { Deviation } from '../errors.ts';
import { element } from '../must.ts';
import { type Dtype, sameShape, type Tensor, type Tensors } from '../tensor.ts';

interface Wanted {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** The tensor of that name, dtype and shape. */
export function expectTensor(tensors: Tensors, name: string, { dtype, shape }: Wanted): Tensor {
  const wanted = `a ${dtype} tensor of shape [${shape}]`;
  if (!Object.hasOwn(tensors, name)) throw new Deviation({ where: name, got: 'missing in the answer', wanted });
  const tensor = tensors[name];
  if (tensor.dtype === dtype && sameShape(tensor.shape, shape)) return tensor;
  throw new Deviation({ where: name, got: `a ${tensor.dtype} tensor of shape [${tensor.shape}]`, wanted });
}

/** The uint8 tensor of that name and shape, which holds only zeros and ones. */
export function expectMask(tensors: Tensors, name: string, shape: readonly number[]): Tensor {
  const mask = expectTensor(tensors, name, { dtype: 'uint8', shape });
  // A plain loop: it passes over every element that is drawn.
  let odd = 0;
  while (odd < mask.data.length && mask.data[odd] <= 1) odd++;
  if (odd === mask.data.length) return mask;
  throw new Deviation({ where: element(name, odd, mask), got: String(mask.data[odd]), wanted: '0 or 1' });
}

/** The number in the float64 scalar of that name. */
export const expectScalar = (tensors: Tensors, name: string): number =>
  expectTensor(tensors, name, { dtype: 'float64', shape: [] }).data[0];

/** For each of the tensors, the one of the same dtype and shape that `prefix` and its name name. */
export const expectLike = (tensors: Tensors, like: Tensors, prefix = ''): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(like).map(([name, tensor]) => [name, expectTensor(tensors, `${prefix}${name}`, tensor)]),
  );

/** The tensors whose names are not aliases of others. */
export const distinct = (tensors: Tensors, alias: Readonly<Record<string, string>> = {}): Tensors =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !Object.hasOwn(alias, name)));
