/** Wrong weights: some are left out of the penalty, or count that should not, or count twice. */
import type { Args, Operation } from '../../../src/subject.ts';
import type { Tensor, Tensors } from '../../../src/tensor.ts';
import { answering, asking, type Fault, instead, mapped } from '../fault.ts';
import { aliasesOf, counting, rolesOf, squaresOf, total, value } from './changes.ts';

/** Asks as if biases and norms were weights. */
const withAllAsWeights = (args: Args): Args => ({
  ...args,
  roles: Object.fromEntries(Object.keys(rolesOf(args)).map((name) => [name, 'weight'])),
});

/** The value of the weights alone, beside the gradient of everything. */
const gradientOfEverything: (correct: Operation) => Operation = (correct) => async (args, tensors) => ({
  ...(await correct(withAllAsWeights(args), tensors)),
  value: (await correct(args, tensors))['value'],
});

/** Takes a bias or a norm for one by its name, whatever its role; what has another name counts as a weight. */
const exemptByName = asking('penalty', (args, tensors) => {
  const roles = Object.entries(rolesOf(args)).map(([name, role]) => [
    name,
    (role === 'bias' || role === 'norm') && !/^(b|gamma|norm)/.test(name) ? 'weight' : role,
  ]);
  return [{ ...args, roles: Object.fromEntries(roles) }, tensors];
});

const norms = (weights: readonly Tensor[]): number[] => weights.map((W) => Math.sqrt(total(squaresOf([W]))));

/** The value alone is that of some of the weights, chosen by their place among `count`, from 0. */
const valueOfSome = (isCounted: (place: number, count: number) => boolean) =>
  value((penalty, weights) => {
    const counted = weights.filter((_, place) => isCounted(place, weights.length));
    return counted.length === weights.length ? penalty : penalty * shareOf(counted, weights);
  });

/** What a part of the weights has of the sum of all squares. */
const shareOf = (part: readonly Tensor[], all: readonly Tensor[]): number =>
  total(squaresOf(part)) / (total(squaresOf(all)) || 1);

/** Squares the weights where they stand, after all has been computed. */
function squareInPlace(tensors: Tensors): void {
  for (const W of Object.values(tensors)) W.data.set(mapped(W, (w) => w * w).data);
}

export const weightFaults: readonly Fault[] = [
  {
    id: 'l2/mean-over-parameters',
    what: 'The penalties of several parameters are averaged instead of added.',
    mend: 'Add the penalties of the parameters up, and do not divide by their number.',
    refutedBy: 'l2/adds-over-parameters',
    of: value((penalty, weights) => penalty / Math.max(1, weights.length)),
  },
  {
    id: 'l2/cross-terms',
    what: 'The norms of several parameters are added, and their sum is squared.',
    mend: 'Square before adding: the penalty of two parameters is the sum of the penalties of each.',
    refutedBy: 'l2/adds-over-parameters',
    of: value((penalty, weights) =>
      weights.length < 2 || penalty === 0
        ? penalty
        : penalty * (total(norms(weights)) ** 2 / total(squaresOf(weights))),
    ),
  },
  {
    id: 'l2/only-the-first-parameter',
    what: 'Only the first of several parameters is penalised.',
    seen: 'gcn issue 108, google-research issue 95',
    mend: 'Go through all layers, not only through the first.',
    refutedBy: 'l2/adds-over-parameters',
    of: valueOfSome((place) => place === 0),
  },
  {
    id: 'l2/only-the-outer-layers',
    what: 'Of three parameters and more, only the first and the last are penalised.',
    mend: 'Go through all layers, those in the middle too.',
    refutedBy: 'l2/adds-over-parameters',
    of: valueOfSome((place, count) => place === 0 || place === count - 1),
  },
  {
    id: 'l2/remainder-left-out',
    what: 'A sum in blocks of 128 leaves out the remainder after the last whole block.',
    mend: 'Add what remains after the last whole block.',
    refutedBy: 'l2/invariant-under-permutation',
    of: counting((w, i, length) => (length > 128 && i >= length - (length % 128) ? 0 : w)),
  },
  {
    id: 'l2/remainder-cut-at-a-warp',
    what: 'What remains after whole blocks of 64 is summed by one warp of 32: no more of it counts than that.',
    mend: 'Let the warp go on until all of the remainder is summed.',
    refutedBy: 'l2/invariant-under-permutation',
    of: counting((w, i, length) => (length > 64 && i >= length - (length % 64) + 32 ? 0 : w)),
  },
  {
    id: 'l2/last-block-left-out',
    what: 'A sum in blocks of 128 takes the last block for a remainder, and so leaves it out where there is none.',
    mend: 'Count the whole blocks as ⌊n / 128⌋, also where n is a multiple of 128.',
    refutedBy: 'l2/invariant-under-rotation',
    of: counting((w, i, length) => (length % 128 === 0 && i >= length - 128 ? 0 : w)),
  },
  {
    id: 'l2/biases-included',
    what: 'Biases and norms are penalised though declared exempt.',
    seen: 'transformers issue 4360',
    mend: 'Leave biases and norms out of the penalty, or declare that they count.',
    refutedBy: 'l2/biases-are-exempt-as-declared',
    of: asking('penalty', (args, tensors) => [withAllAsWeights(args), tensors]),
  },
  {
    id: 'l2/biases-in-the-gradient',
    what: 'Biases and norms are exempt in the value and penalised in the gradient.',
    mend: 'Leave biases and norms out of the gradient too.',
    refutedBy: 'l2/biases-are-exempt-as-declared',
    of: instead('penalty', gradientOfEverything),
  },
  {
    id: 'l2/exempt-by-name',
    what: 'Norms are found by their names, and those that are called otherwise are penalised though declared exempt.',
    seen: 'transformers issue 16908, DeepSpeedExamples pull request 755',
    mend: 'Go by what a parameter is, not by what it is called.',
    refutedBy: 'l2/biases-are-exempt-as-declared',
    of: exemptByName,
  },
  {
    id: 'l2/shared-parameter-counts-twice',
    what: 'A shared parameter counts under each of its names.',
    seen: 'keras issue 8807 and pull request 9098',
    mend: 'Collect the parameters as a set, so that a shared one is in it once.',
    refutedBy: 'l2/shared-parameter-counts-once',
    of: asking('penalty', ({ alias: _, ...args }, tensors) => [args, tensors]),
  },
  {
    id: 'l2/shared-vector-counts-twice',
    what: 'Tied weights are looked for among matrices only: a shared vector counts under each of its names.',
    mend: 'Look for shared parameters among all, whatever their shape.',
    refutedBy: 'l2/shared-parameter-counts-once',
    of: asking('penalty', ({ alias, ...args }, tensors) => {
      const areMatrices = aliasesOf({ alias }).every((name) => tensors[name].shape.length === 2);
      return [areMatrices ? { ...args, alias } : args, tensors];
    }),
  },
  {
    id: 'l2/squares-in-place',
    what: 'The weights are overwritten with their squares.',
    mend: 'Square a copy of the weights.',
    refutedBy: 'l2/weights-are-not-modified',
    of: answering('penalty', (_, __, tensors) => {
      squareInPlace(tensors);
      return {};
    }),
  },
];
