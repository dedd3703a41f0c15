/** Wrong penalties, each with the clause that must refute it. */
import type { Args, Operation, Roles } from '../../src/subject.ts';
import { round, type Tensor, type Tensors, valuesOf } from '../../src/tensor.ts';
import { answering, asking, declaring, type Fault, instead, mapped, mappedTensors, numberIn } from './fault.ts';

const lambdaOf = (args: Args): number => numberIn(args, 'lambda');

const rolesOf = (args: Args): Roles => args['roles'] as Roles;

/** Asks with another strength than was meant. */
const strength = (change: (lambda: number) => number) =>
  asking('penalty', (args, tensors) => [{ ...args, lambda: change(lambdaOf(args)) }, tensors]);

/** Asks as if biases and norms were weights. */
const withAllAsWeights = (args: Args): Args => ({
  ...args,
  roles: Object.fromEntries(Object.keys(rolesOf(args)).map((name) => [name, 'weight'])),
});

/** Changes the value alone; `weights` are the parameters that count, each once. */
const value = (change: (value: number, weights: readonly Tensor[], args: Args) => number) =>
  answering('penalty', ({ value: correct }, args, tensors) => {
    const alias = Object.keys(args['alias'] ?? {});
    const isWeight = ([name]: [string, Tensor]) => rolesOf(args)[name] === 'weight' && !alias.includes(name);
    const weights = Object.entries(tensors)
      .filter(isWeight)
      .map(([, w]) => w);
    return { value: mapped(correct, (penalty) => change(penalty, weights, args)) };
  });

/** The value alone is that of other weights. */
const counting = (change: (w: number, i: number, length: number) => number) =>
  instead('penalty', (correct) => async (args, tensors) => {
    const other = mappedTensors(tensors, (W) => mapped(W, (w, i) => change(w, i, W.data.length)));
    return { ...(await correct(args, tensors)), value: (await correct(args, other))['value'] };
  });

/** What an element of the gradient belongs to. */
interface Place {
  readonly w: number;
  /** The number of elements of its parameter. */
  readonly length: number;
  readonly args: Args;
}

/** Changes each element of the gradient alone. */
const gradient = (change: (slope: number, place: Place) => number) =>
  answering('penalty', (answer, args, tensors) =>
    mappedTensors(answer, (slopes, name) => {
      if (!name.startsWith('d:')) return undefined;
      const w = valuesOf(tensors[name.slice('d:'.length)]);
      return mapped(slopes, (slope, i) => change(slope, { w: w[i], length: w.length, args }));
    }),
  );

/** The square of each weight, rounded to its dtype. */
const squaresOf = (weights: readonly Tensor[]): number[] =>
  weights.flatMap((W) => Array.from(valuesOf(W), (w) => round(W.dtype, w * w)));

const total = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + term, 0);

/** A sum that carries its rounding error along (Kahan 1965): once it overflows, the error is ∞ − ∞. */
function compensatedSum(terms: readonly number[]): number {
  let [sum, error] = [0, 0];
  for (const term of terms) {
    const corrected = term - error;
    const next = sum + corrected;
    error = next - sum - corrected;
    sum = next;
  }
  return sum;
}

const norms = (weights: readonly Tensor[]): number[] => weights.map((W) => Math.sqrt(total(squaresOf([W]))));

/** The numbers of the value and of the gradient, all changed alike. */
const everything = (change: (number: number) => number) =>
  answering('penalty', (answer) => mappedTensors(answer, (numbers) => mapped(numbers, change)));

/** Refuses a negative lambda, and computes with NaN. */
const computesWithNaN: (correct: Operation) => Operation = (correct) => async (args, tensors) => {
  if (!Number.isNaN(lambdaOf(args))) return correct(args, tensors);
  return mappedTensors(await correct({ ...args, lambda: 1 }, tensors), (numbers) => mapped(numbers, () => Number.NaN));
};

/** The value of the weights alone, beside the gradient of everything. */
const gradientOfEverything: (correct: Operation) => Operation = (correct) => async (args, tensors) => ({
  ...(await correct(withAllAsWeights(args), tensors)),
  value: (await correct(args, tensors))['value'],
});

/** Squares the weights where they stand, after all has been computed. */
function squareInPlace(tensors: Tensors): void {
  for (const W of Object.values(tensors)) W.data.set(mapped(W, (w) => w * w).data);
}

export const l2Faults: readonly Fault[] = [
  {
    id: 'l2/no-effect',
    what: 'The penalty and its gradient are always zero.',
    seen: 'tinygrad pull request 17709, paddle issue 5836',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: everything(() => 0),
  },
  {
    id: 'l2/twice-the-coefficient',
    what: 'The penalty is that of coefficient 1 where 1/2 was declared.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: strength((lambda) => 2 * lambda),
  },
  {
    id: 'l2/not-divided-by-the-examples',
    what: 'The penalty is declared to be divided by the number of examples, and is not.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: declaring('penalty', { per_example: true }),
  },
  {
    id: 'l2/long-parameters-count-twice',
    what: 'A parameter of more than 128 elements is summed by two workers, each of which goes through all of it.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: counting((w, _, length) => (length > 128 ? Math.SQRT2 * w : w)),
  },
  {
    id: 'l2/sign',
    what: 'The penalty is a reward: it and its gradient have the wrong sign.',
    seen: 'chainer issue 261',
    refutedBy: 'l2/penalty-is-never-negative',
    of: everything((number) => -number),
  },
  {
    id: 'l2/compensated-sum-is-nan',
    what: 'The squares are added with Kahan’s compensation, which makes NaN of a sum that overflows.',
    refutedBy: 'l2/penalty-is-never-negative',
    of: value((penalty, weights) => {
      const sum = compensatedSum(squaresOf(weights));
      return Number.isFinite(sum) ? penalty : sum;
    }),
  },
  {
    id: 'l2/tiny-weights-ignored',
    what: 'Weights below 1e-12 count as zero.',
    refutedBy: 'l2/zero-only-at-zero',
    of: counting((w) => (Math.abs(w) < 1e-12 ? 0 : w)),
  },
  {
    id: 'l2/epsilon-under-the-root',
    what: 'The penalty is the square of a norm with 1e-12 under its root, which zeros have too.',
    refutedBy: 'l2/zero-only-at-zero',
    of: value((penalty, _, args) => penalty + lambdaOf(args) * 1e-12),
  },
  {
    id: 'l2/norm-instead-of-its-square',
    what: 'The root of the sum of squares is taken.',
    refutedBy: 'l2/quadratic-in-the-weights',
    of: value((penalty, weights) => penalty / (Math.sqrt(total(squaresOf(weights))) || 1)),
  },
  {
    id: 'l2/weights-clipped',
    what: 'Weights are clipped to ±1000 before they are squared.',
    refutedBy: 'l2/quadratic-in-the-weights',
    of: counting((w) => Math.min(1000, Math.max(-1000, w))),
  },
  {
    id: 'l2/lambda-squared',
    what: 'lambda is multiplied in twice.',
    refutedBy: 'l2/linear-in-lambda',
    of: strength((lambda) => lambda * Math.abs(lambda)),
  },
  {
    id: 'l2/lambda-clipped-to-one',
    what: 'A lambda above 1 is taken for 1, as if it were a probability.',
    refutedBy: 'l2/linear-in-lambda',
    of: strength((lambda) => (lambda > 1 && lambda < Infinity ? 1 : lambda)),
  },
  {
    id: 'l2/squares-overflow',
    what: 'The weights are squared before lambda makes them small, so that the penalty of large ones is infinite.',
    refutedBy: 'l2/extreme-weights-stay-finite',
    of: value((penalty, weights) => (Number.isFinite(total(squaresOf(weights))) ? penalty : Infinity)),
  },
  {
    id: 'l2/mean-over-parameters',
    what: 'The penalties of several parameters are averaged instead of added.',
    refutedBy: 'l2/adds-over-parameters',
    of: value((penalty, weights) => penalty / Math.max(1, weights.length)),
  },
  {
    id: 'l2/cross-terms',
    what: 'The norms of several parameters are added, and their sum is squared.',
    refutedBy: 'l2/adds-over-parameters',
    of: value((penalty, weights) =>
      weights.length < 2 || penalty === 0
        ? penalty
        : penalty * (total(norms(weights)) ** 2 / total(squaresOf(weights))),
    ),
  },
  {
    id: 'l2/remainder-left-out',
    what: 'A sum in blocks of 128 leaves out the remainder after the last whole block.',
    refutedBy: 'l2/invariant-under-permutation',
    of: counting((w, i, length) => (length > 128 && i >= length - (length % 128) ? 0 : w)),
  },
  {
    id: 'l2/absolute-values',
    what: 'L1 for L2: the value is the sum of the magnitudes.',
    seen: 'keras-adamw issue 39',
    refutedBy: 'l2/invariant-under-rotation',
    of: counting((w) => Math.sqrt(Math.abs(w))),
  },
  {
    id: 'l2/elastic-net',
    what: 'A hundredth of L1 is mixed in.',
    refutedBy: 'l2/invariant-under-rotation',
    of: counting((w) => Math.sqrt(w * w + Math.abs(w) / 100)),
  },
  {
    id: 'l2/biases-included',
    what: 'Biases and norms are penalised though declared exempt.',
    seen: 'transformers issue 4360',
    refutedBy: 'l2/biases-are-exempt-as-declared',
    of: asking('penalty', (args, tensors) => [withAllAsWeights(args), tensors]),
  },
  {
    id: 'l2/biases-in-the-gradient',
    what: 'Biases and norms are exempt in the value and penalised in the gradient.',
    refutedBy: 'l2/biases-are-exempt-as-declared',
    of: instead('penalty', gradientOfEverything),
  },
  {
    id: 'l2/shared-parameter-counts-twice',
    what: 'A shared parameter counts under each of its names.',
    seen: 'keras pull request 9098',
    refutedBy: 'l2/shared-parameter-counts-once',
    of: asking('penalty', ({ alias: _, ...args }, tensors) => [args, tensors]),
  },
  {
    id: 'l2/squares-in-place',
    what: 'The weights are overwritten with their squares.',
    refutedBy: 'l2/weights-are-not-modified',
    of: answering('penalty', (_, __, tensors) => {
      squareInPlace(tensors);
      return {};
    }),
  },
  {
    id: 'l2/gradient-twice-the-derivative',
    what: 'The value has the factor 1/2 and the gradient a 2 that should have cancelled it.',
    seen: 'CS231n issue 3',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    of: gradient((slope) => 2 * slope),
  },
  {
    id: 'l2/gradient-divided-by-the-examples',
    what: 'The gradient is divided by the number of examples, and the value is not.',
    seen: 'ConvNetJS',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    of: gradient((slope, { args }) => slope / (numberIn(args, 'examples') || 1)),
  },
  {
    id: 'l2/long-gradient-twice-the-derivative',
    what: 'The gradient of a parameter of more than 128 elements is added up by two workers, each of which has all of it.',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    of: gradient((slope, { length }) => (length > 128 ? 2 * slope : slope)),
  },
  {
    id: 'l2/gradient-clipped',
    what: 'The gradient is clipped to ±100.',
    refutedBy: 'l2/gradient-is-linear',
    of: gradient((slope) => Math.min(100, Math.max(-100, slope))),
  },
  {
    id: 'l2/gradient-quadratic',
    what: 'The gradient is that of a cube: it grows with the square of the weight.',
    refutedBy: 'l2/gradient-is-linear',
    of: gradient((slope, { w }) => slope * Math.abs(w)),
  },
  {
    id: 'l2/default-in-the-place-of-zero',
    what: 'lambda 0 counts as missing, and the default 0.01 takes its place.',
    refutedBy: 'l2/lambda-zero-is-no-penalty',
    of: strength((lambda) => (lambda === 0 ? 0.01 : lambda)),
  },
  {
    id: 'l2/negative-lambda-clamped',
    what: 'A negative lambda is taken for 0 in silence.',
    refutedBy: 'l2/invalid-lambda-is-rejected',
    of: strength((lambda) => Math.max(0, lambda)),
  },
  {
    id: 'l2/nan-lambda-accepted',
    what: 'Only lambda < 0 is refused, which NaN is not.',
    refutedBy: 'l2/invalid-lambda-is-rejected',
    of: instead('penalty', computesWithNaN),
  },
  {
    id: 'l2/empty-parameter-is-nan',
    what: 'The weights are scaled by the largest of them, which an empty parameter has not: its penalty is NaN.',
    refutedBy: 'l2/golden',
    of: value((penalty, weights) => (weights.some(({ data }) => data.length === 0) ? Number.NaN : penalty)),
  },
];
