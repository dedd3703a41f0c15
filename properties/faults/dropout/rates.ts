/** Masks that are kept too often or too seldom: everywhere, at some positions, or for some values. */
import { tensor, valuesOf } from '../../../src/tensor.ts';
import type { Fault } from '../fault.ts';
import { type Call, fair, masking, rated, unitsOf } from './law.ts';
import { isFunction, onlyIf, output } from './parts.ts';

const rate = 'dropout/keep-rate';
const position = 'dropout/every-position-has-the-keep-rate';
const value = 'dropout/mask-ignores-the-values';

/** The implementation with elements that are kept with rates of their own, independent of each other. */
const keeping = (rateOf: (keepProb: number, i: number, call: Call) => number) => masking(() => rated(rateOf));

/** keep_prob rounded to a multiple of 1 / parts. */
const rounded = (keepProb: number, parts: number): number => Math.round(keepProb * parts) / parts;

export const rateFaults: readonly Fault[] = [
  {
    id: 'dropout/rate-half',
    what: 'The mask is kept with probability 0.5, whatever keep_prob.',
    seen: 'neuralnets issue 1',
    mend: 'Compare the uniform draws with keep_prob instead of 0.5.',
    refutedBy: rate,
    of: keeping(() => 0.5),
  },
  {
    id: 'dropout/rate-in-8-bits',
    what: 'keep_prob is rounded to a multiple of 1/256.',
    seen: 'FlashAttention, apex pull request 1614',
    mend: 'Compare draws of at least 24 bits with keep_prob.',
    refutedBy: rate,
    profile: 'standard',
    of: keeping((keepProb) => rounded(keepProb, 256)),
  },
  {
    id: 'dropout/rate-in-7-bits-near-one',
    what: 'A keep_prob of 0.99 is rounded to a multiple of 1/128.',
    mend: 'Compare draws of at least 24 bits with keep_prob.',
    refutedBy: rate,
    profile: 'standard',
    of: keeping((keepProb) => (keepProb === 0.99 ? rounded(keepProb, 128) : keepProb)),
  },
  {
    id: 'dropout/mask-confuses-keep-and-drop',
    what: 'Elements are kept with the probability of dropping, and scaled by 1 / keep_prob.',
    seen: 'electra pull request 61, tiny-dnn issue 961',
    mend: 'Keep where u < keep_prob: the mask takes the probability of keeping.',
    refutedBy: 'dropout/mean-is-preserved',
    of: keeping((keepProb) => 1 - keepProb),
  },
  {
    id: 'dropout/keep-and-drop-confused',
    what: 'keep_prob is taken for the probability of dropping, in the mask and in the scale.',
    seen: 'Inception-v4 issue 5, DeepLearningZeroToAll issue 122',
    mend: 'Translate between keeping and dropping once, where the argument comes in.',
    refutedBy: rate,
    of: (correct) => ({
      ...correct,
      dropout: (args, tensors) => {
        const keepProb = Number(args['keep_prob']);
        return correct.dropout?.({ ...args, keep_prob: isInside(keepProb) ? 1 - keepProb : keepProb }, tensors) ?? {};
      },
    }),
  },
  {
    id: 'dropout/function-ignores-keep-prob',
    what: 'The stateless function keeps 0.8 of the elements whatever keep_prob; layers are right.',
    mend: 'Hand keep_prob to the mask of the function too.',
    refutedBy: rate,
    of: onlyIf(
      isFunction,
      keeping(() => 0.8),
    ),
  },
  {
    id: 'dropout/rate-slightly-low',
    what: 'The keep rate is 0.2 % too low.',
    mend: 'Compare draws that are uniform in [0, 1) with keep_prob itself.',
    refutedBy: rate,
    profile: 'standard',
    of: keeping((keepProb) => 0.998 * keepProb),
  },
  {
    id: 'dropout/rate-sinks',
    what: 'The keep rate sinks by a part in 100 000 with each call.',
    mend: 'Take keep_prob anew in each call, and change nothing in it.',
    refutedBy: rate,
    profile: 'standard',
    of: keeping((keepProb, _, { index }) => keepProb * (1 - 1e-5 * index)),
  },
  {
    id: 'dropout/rate-has-a-floor',
    what: 'A keep_prob below 0.05 is taken for 0.05 in the mask.',
    mend: 'Use keep_prob as it is, however small.',
    refutedBy: rate,
    profile: 'standard',
    of: keeping((keepProb) => Math.max(keepProb, 0.05)),
  },
  {
    id: 'dropout/tail-left-out',
    what: 'The tail of a loop in steps of 8 is never dropped.',
    mend: 'Treat the elements after the last whole vector as well.',
    refutedBy: position,
    of: keeping((keepProb, i, { size }) => (i >= size - (size % 8) ? 1 : keepProb)),
  },
  {
    id: 'dropout/first-of-33-never-kept',
    what: 'Of 33 elements the first is never kept.',
    mend: 'Write the mask of every block from its first element on.',
    refutedBy: position,
    of: keeping((keepProb, i, { size }) => (size === 33 && i === 0 ? 0 : keepProb)),
  },
  {
    id: 'dropout/last-of-odd-lengths-always-kept',
    what: 'The last element of an odd length is always kept.',
    mend: 'Draw for the last element too where two are drawn at a time.',
    refutedBy: position,
    of: keeping((keepProb, i, { size }) => (size % 2 === 1 && i === size - 1 ? 1 : keepProb)),
  },
  {
    id: 'dropout/never-dropped-from-4093-on',
    what: 'Elements from the 4 093rd on are never dropped.',
    mend: 'Launch as many threads as there are elements.',
    refutedBy: position,
    of: keeping((keepProb, i) => (i >= 4092 ? 1 : keepProb)),
  },
  {
    id: 'dropout/never-dropped-beyond-16-bits',
    what: 'Elements from the 65 537th on are never dropped: the index has 16 bits.',
    mend: 'Count elements in an integer that holds their number.',
    refutedBy: position,
    of: keeping((keepProb, i) => (i >= 65_536 ? 1 : keepProb)),
  },
  {
    id: 'dropout/tail-of-rows-kept-less',
    what: 'The 97th unit of each example is kept with a probability of 0.2.',
    mend: 'Treat the units after the last whole vector of each row as the others.',
    refutedBy: position,
    profile: 'standard',
    of: keeping((keepProb, i, call) => (call.shape.length === 2 && i % unitsOf(call) === 96 ? 0.2 : keepProb)),
  },
  {
    id: 'dropout/last-of-six-or-seven-never-dropped',
    what: 'The last of six or seven elements is never dropped.',
    mend: 'Test the path for short inputs at each length.',
    refutedBy: position,
    profile: 'standard',
    of: keeping((keepProb, i, { size }) => ((size === 6 || size === 7) && i === size - 1 ? 1 : keepProb)),
  },
  {
    id: 'dropout/first-of-23-kept-too-often',
    what: 'The first of 23 elements is kept with a probability of 0.75 where keep_prob is 0.25.',
    mend: 'Compare the first draw with keep_prob, as the others.',
    refutedBy: position,
    profile: 'standard',
    of: keeping((keepProb, i, { size }) => (size === 23 && i === 0 && keepProb === 0.25 ? 0.75 : keepProb)),
  },
  {
    id: 'dropout/one-lane-slightly-low',
    what: 'The fourth of each eight lanes is kept with a probability that is 0.01 too low.',
    mend: 'Give every lane a random number of the same quality.',
    refutedBy: position,
    of: keeping((keepProb, i) => (i % 8 === 3 ? keepProb - 0.01 : keepProb)),
  },
  {
    id: 'dropout/redrawn-where-nothing-is-dropped',
    what: 'A mask that would drop nothing is drawn again until it drops something.',
    mend: 'Take the mask that was drawn, also where it happens to keep everything.',
    refutedBy: position,
    of: masking(() => (call) => {
      let mask = fair(call);
      while (!mask.includes(0)) mask = fair(call);
      return mask;
    }),
  },
  {
    id: 'dropout/outliers-become-zero',
    what: 'Outputs beyond a million are taken for outliers and become zero; mask and gradient know nothing of it.',
    mend: 'Let no value decide what is dropped.',
    refutedBy: value,
    of: output(true, (y) =>
      tensor(
        y.dtype,
        y.shape,
        Float64Array.from(valuesOf(y), (v) => (Math.abs(v) > 1e6 ? 0 : v)),
      ),
    ),
  },
  {
    id: 'dropout/rate-depends-on-the-sign',
    what: 'Negative elements are dropped a little more often than positive ones.',
    mend: 'Decide the mask without looking at x.',
    refutedBy: value,
    of: keeping((keepProb, i, { x }) => keepProb + (x[i] < 0 ? -0.05 : 0.05)),
  },
  {
    id: 'dropout/rate-depends-on-the-magnitude',
    what: 'Elements beyond ±1 are kept by 2 % less often than those within.',
    mend: 'Decide the mask without looking at x.',
    refutedBy: value,
    of: keeping((keepProb, i, { x }) => keepProb * (Math.abs(x[i]) > 1 ? 0.99 : 1.01)),
  },
  {
    id: 'dropout/zeros-kept-less-often',
    what: 'Zeros are kept a little less often.',
    mend: 'Decide the mask without looking at x.',
    refutedBy: value,
    of: keeping((keepProb, i, { x }) => keepProb - (x[i] === 0 ? 0.01 : 0)),
  },
  {
    id: 'dropout/large-values-always-kept',
    what: 'Values beyond 10 000 are always kept.',
    mend: 'Decide the mask without looking at x.',
    refutedBy: value,
    of: keeping((keepProb, i, { x }) => (Math.abs(x[i]) > 1e4 ? 1 : keepProb)),
  },
];

const isInside = (keepProb: number): boolean => keepProb > 0 && keepProb < 1;
