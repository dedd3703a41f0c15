/** What wrong dropouts are made of. */
import type { Args } from '../../../src/subject.ts';
import { type Tensor, type Tensors, tensor, valuesOf } from '../../../src/tensor.ts';
import { answering, asking, type Fault, instead, numberIn } from '../fault.ts';

export const keepProbOf = (args: Args): number => numberIn(args, 'keep_prob');

/** Whether a request makes the implementation draw a mask that keeps some and drops some. */
export const isDrawn = (args: Args, tensors: Tensors): boolean =>
  args['training'] === true && !tensors['u'] && keepProbOf(args) > 0 && keepProbOf(args) < 1;

type Change = (of: Tensor, keepProb: number, tensors: Tensors, answer: Tensors) => Tensor;

/** Changes the outputs of training alone, or of evaluation alone. */
export const output = (training: boolean, change: Change) =>
  answering('dropout', (answer, args, tensors) =>
    args['training'] === training ? { y: change(answer['y'], keepProbOf(args), tensors, answer) } : {},
  );

/** Changes the gradients of training alone, or of evaluation alone. */
export const gradient = (training: boolean, change: Change) =>
  answering('dropout', (answer, args, tensors) =>
    answer['dx'] && args['training'] === training
      ? { dx: change(answer['dx'], keepProbOf(args), tensors, answer) }
      : {},
  );

/** Changes the mask that is answered in training. */
export const maskOutput = (change: Change) =>
  answering('dropout', (answer, args, tensors) =>
    answer['mask'] && args['training'] === true
      ? { mask: change(answer['mask'], keepProbOf(args), tensors, answer) }
      : {},
  );

/** A tensor times a number. */
export function times(of: Tensor, factor: number): Tensor {
  const values = valuesOf(of);
  const products = new Float64Array(values.length);
  for (let i = 0; i < products.length; i++) products[i] = values[i] * factor;
  return tensor(of.dtype, of.shape, products);
}

/** The element of an input, or of dy, to which element i of its successive calls belongs. */
export const at = (of: Tensor, i: number): number => valuesOf(of)[i % of.data.length];

/** Wrong for some requests, and correct for the others. */
export const onlyIf =
  (applies: (args: Args, tensors: Tensors) => boolean, wrong: Fault['of']): Fault['of'] =>
  (correct) => {
    const { dropout } = wrong(correct);
    return instead('dropout', (right) => (args, tensors) => {
      const operation = applies(args, tensors) ? dropout : right;
      return (operation ?? right)(args, tensors);
    })(correct);
  };

/** The args without some of them. */
export const without = (args: Args, ...names: readonly string[]): Args =>
  Object.fromEntries(Object.entries(args).filter(([name]) => !names.includes(name)));

/** A layer's operation that forgets which layer, seed or call it is. */
export const forgetting = (...names: readonly string[]) =>
  asking('dropout', (args, tensors) => [without(args, ...names), tensors]);

/** Changes the seed that is given, if one is. */
export const reseeding = (change: (seed: number) => number) =>
  asking('dropout', (args, tensors) => [
    args['seed'] === undefined ? args : { ...args, seed: change(numberIn(args, 'seed')) },
    tensors,
  ]);

export const isLayer = ({ layer }: Args): boolean => layer !== undefined;
export const isFunction = ({ layer }: Args): boolean => layer === undefined;
