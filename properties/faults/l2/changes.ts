/** How the penalty of a correct implementation is made wrong. */
import type { Args, Roles } from '../../../src/subject.ts';
import { round, type Tensor, valuesOf } from '../../../src/tensor.ts';
import { answering, asking, instead, mapped, mappedTensors, numberIn } from '../fault.ts';

export const lambdaOf = (args: Args): number => numberIn(args, 'lambda');

export const examplesOf = (args: Args): number => numberIn(args, 'examples') || 1;

export const rolesOf = (args: Args): Roles => args['roles'] as Roles;

/** The names under which another parameter is meant. */
export const aliasesOf = (args: Args): readonly string[] => Object.keys(args['alias'] ?? {});

/** Asks with another strength than was meant. */
export const strength = (change: (lambda: number, parameters: readonly Tensor[]) => number) =>
  asking('penalty', (args, tensors) => [{ ...args, lambda: change(lambdaOf(args), Object.values(tensors)) }, tensors]);

/** Changes the value alone; `weights` are the parameters that count, each once. */
export const value = (change: (value: number, weights: readonly Tensor[], args: Args) => number) =>
  answering('penalty', ({ value: correct }, args, tensors) => {
    const isWeight = ([name]: [string, Tensor]) => rolesOf(args)[name] === 'weight' && !aliasesOf(args).includes(name);
    const weights = Object.entries(tensors)
      .filter(isWeight)
      .map(([, w]) => w);
    return { value: mapped(correct, (penalty) => change(penalty, weights, args)) };
  });

/** The value alone is that of other weights. */
export const counting = (change: (w: number, i: number, length: number) => number) =>
  instead('penalty', (correct) => async (args, tensors) => {
    const other = mappedTensors(tensors, (W) => mapped(W, (w, i) => change(w, i, W.data.length)));
    return { ...(await correct(args, tensors)), value: (await correct(args, other))['value'] };
  });

/** What an element of the gradient belongs to. */
interface Place {
  readonly w: number;
  /** The number of elements of its parameter. */
  readonly length: number;
  /** Its parameter's place among all, from 1. */
  readonly parameter: number;
  readonly args: Args;
}

/** Changes each element of the gradient alone. */
export const gradient = (change: (slope: number, place: Place) => number) =>
  answering('penalty', (answer, args, tensors) =>
    mappedTensors(answer, (slopes, name) => {
      if (!name.startsWith('d:')) return undefined;
      const own = name.slice('d:'.length);
      const [w, parameter] = [valuesOf(tensors[own]), Object.keys(tensors).indexOf(own) + 1];
      return mapped(slopes, (slope, i) => change(slope, { w: w[i], length: w.length, parameter, args }));
    }),
  );

/** The numbers of the value and of the gradient, all changed alike. */
export const everything = (change: (number: number, args: Args) => number) =>
  answering('penalty', (answer, args) =>
    mappedTensors(answer, (numbers) => mapped(numbers, (number) => change(number, args))),
  );

/** The square of each weight, rounded to its dtype. */
export const squaresOf = (weights: readonly Tensor[]): number[] =>
  weights.flatMap((W) => Array.from(valuesOf(W), (w) => round(W.dtype, w * w)));

export const total = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + term, 0);
