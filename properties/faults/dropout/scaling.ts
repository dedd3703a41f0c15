/** Training that passes on other numbers than x / keep_prob. */
import { type Tensor, type Tensors, tensor, valuesOf } from '../../../src/tensor.ts';
import { answering, asking, type Fault, mapped } from '../fault.ts';
import { at, isDrawn, isLayer, onlyIf, output, times } from './parts.ts';

const kept = 'dropout/kept-are-scaled-by-inverse-keep-prob';

export const scalingFaults: readonly Fault[] = [
  {
    id: 'dropout/no-scale',
    what: 'Kept elements are not divided by keep_prob.',
    seen: 'shainet issue 106',
    mend: 'Divide what is kept by keep_prob in training.',
    refutedBy: kept,
    of: output(true, (y, keepProb) => times(y, keepProb)),
  },
  {
    id: 'dropout/scale-by-drop-prob',
    what: 'Kept elements are divided by the probability of dropping.',
    seen: 'kaldi pull request 2814, theanets pull request 123',
    mend: 'Divide by keep_prob, which is 1 − the probability of dropping.',
    refutedBy: kept,
    of: output(true, (y, keepProb) => times(y, keepProb / (1 - keepProb))),
  },
  {
    id: 'dropout/scaled-twice',
    what: 'Kept elements are divided by keep_prob twice.',
    seen: 'mlpractical issue 32',
    mend: 'Divide by keep_prob once: either the mask or the product, not both.',
    refutedBy: kept,
    of: output(true, (y, keepProb) => times(y, 1 / keepProb)),
  },
  {
    id: 'dropout/scale-by-keep-prob',
    what: 'Kept elements are multiplied by keep_prob instead of divided.',
    seen: 'paraphrase-id-tensorflow pull request 33',
    mend: 'Divide what is kept by keep_prob: it must grow, not shrink.',
    refutedBy: kept,
    of: output(true, (y, keepProb) => times(y, keepProb * keepProb)),
  },
  {
    id: 'dropout/scale-by-two',
    what: 'Kept elements are doubled, whatever keep_prob: the scale of keep_prob 0.5.',
    mend: 'Compute the scale from keep_prob instead of writing it down for one rate.',
    refutedBy: kept,
    of: output(true, (y, keepProb) => times(y, 2 * keepProb)),
  },
  {
    id: 'dropout/scale-by-the-root',
    what: 'Kept elements are divided by the square root of keep_prob, which keeps the mean square instead of the mean.',
    mend: 'Divide by keep_prob itself.',
    refutedBy: kept,
    of: output(true, (y, keepProb) => times(y, Math.sqrt(keepProb))),
  },
  {
    id: 'dropout/scaled-by-the-share-kept',
    what: 'Kept elements are divided by the share of elements that happened to be kept.',
    seen: 'neural-fortran pull request 194',
    mend: 'Divide by keep_prob, a constant, not by the share that was kept this time.',
    refutedBy: kept,
    of: output(true, (y, keepProb, { x }) =>
      callByCall(y, x, (values) => (keepProb * values.length) / values.filter((value) => value !== 0).length),
    ),
  },
  {
    id: 'dropout/scaled-to-the-same-sum',
    what: 'Kept elements are scaled so that the outputs have the sum of the inputs.',
    seen: 'neural-fortran pull request 195',
    mend: 'Divide by keep_prob: the mean over the masks must be kept, not the sum under each mask.',
    refutedBy: kept,
    of: output(true, (y, _, { x }) => callByCall(y, x, (values) => sum(valuesOf(x)) / (sum(values) || 1))),
  },
  {
    id: 'dropout/scale-in-half-precision',
    what: 'The scale is rounded to float16.',
    mend: 'Compute the scale in the dtype of x, or a finer one.',
    refutedBy: kept,
    of: output(true, (y, keepProb) =>
      keepProb > 0 ? times(y, keepProb * valuesOf(tensor('float16', [], [1 / keepProb]))[0]) : y,
    ),
  },
  {
    id: 'dropout/tail-not-scaled',
    what: 'The tail of a loop in steps of 8 is masked but not divided by keep_prob.',
    mend: 'Scale the elements after the last whole vector as well.',
    refutedBy: kept,
    of: onlyIf(
      isDrawn,
      output(true, (y, keepProb, { x }) => {
        const size = x.data.length;
        return mapped(y, (value, i) => (i % size >= size - (size % 8) ? value * keepProb : value));
      }),
    ),
  },
  {
    id: 'dropout/values-at-other-places',
    what: 'The output of an input of several axes lies in memory in another order than the input.',
    seen: 'pytorch issue 47176',
    mend: 'Index the input, the mask and the output by the same strides.',
    refutedBy: kept,
    of: output(true, (y, _, { x }) => transposed(y, x)),
  },
  {
    id: 'dropout/layers-use-the-first-keep-prob',
    what: 'All layers use the keep_prob of the one that was made first.',
    mend: 'Keep keep_prob with the layer, not in a place that all layers share.',
    refutedBy: kept,
    of: (correct) => {
      let first: unknown;
      return asking('dropout', (args, tensors) => {
        if (!isLayer(args) || !isDrawn(args, tensors)) return [args, tensors];
        first ??= args['keep_prob'];
        return [{ ...args, keep_prob: first }, tensors];
      })(correct);
    },
  },
  {
    id: 'dropout/multiplies-by-gaussian-noise',
    what: 'Elements are multiplied by Gaussian noise of the mean and the variance that a mask would have.',
    mend: 'Multiply by a mask of zeros and ones over keep_prob.',
    refutedBy: kept,
    of: output(true, (_, keepProb, { x }, { y }) =>
      mapped(y, (_value, i) => at(x, i) * (1 + Math.sqrt((1 - keepProb) / keepProb) * gaussian())),
    ),
  },
  {
    id: 'dropout/dropped-become-a-constant',
    what: 'Dropped elements become −1.758 instead of zero, as in alpha dropout.',
    mend: 'Put zero where an element is dropped.',
    refutedBy: kept,
    of: output(true, (y) => mapped(y, (value) => (value === 0 ? -1.758 : value))),
  },
  {
    id: 'dropout/leaks',
    what: 'Dropped elements are multiplied by a small number instead of zero.',
    mend: 'Multiply dropped elements by exactly zero, or write zero.',
    refutedBy: 'dropout/dropped-are-exactly-zero',
    of: output(true, (y, _, { x }) => mapped(y, (value, i) => (value === 0 ? at(x, i) * 1e-3 : value))),
  },
  {
    id: 'dropout/dropped-become-epsilon',
    what: 'Dropped elements become 10⁻⁷, lest somebody takes a logarithm.',
    mend: 'Put zero where an element is dropped.',
    refutedBy: 'dropout/dropped-are-exactly-zero',
    of: output(true, (y) => mapped(y, (value) => (value === 0 ? 1e-7 : value))),
  },
  {
    id: 'dropout/short-inputs-leak',
    what: 'The mask of an input of less than 8 elements holds small numbers instead of zeros, where no gradient is asked for.',
    mend: 'Multiply dropped elements by exactly zero, on the path for short inputs too.',
    refutedBy: 'dropout/dropped-are-exactly-zero',
    of: onlyIf(
      (args, tensors) => isShort(tensors) && isDrawn(args, tensors) && !tensors['dy'] && args['repeat'] === undefined,
      answering('dropout', ({ y, mask }, _, { x }) => ({
        y: mapped(y, (value, i) => (value === 0 ? at(x, i) * 1e-3 : value)),
        ...(mask ? { mask: mapped(mask, () => 1) } : {}),
      })),
    ),
  },
  {
    id: 'dropout/training-is-the-identity',
    what: 'Training changes nothing.',
    seen: 'clean-net issue 2',
    mend: 'Pass on what dropout answers, and have it know that it is training.',
    refutedBy: 'dropout/variance-is-that-of-the-mask',
    of: output(true, (y, _, { x }) => mapped(y, (_value, i) => at(x, i))),
  },
  {
    id: 'dropout/lanes-scaled-to-one-power',
    what: 'In a run of calls even elements are scaled by 1.4 and odd ones by 0.2 of what they should be: right in the mean square.',
    mend: 'Scale all elements by 1 / keep_prob, in a run of calls as in a single one.',
    refutedBy: 'dropout/mean-is-preserved',
    of: inRuns((i) => (i % 2 === 0 ? 1.4 : 0.2)),
  },
  {
    id: 'dropout/lanes-scaled-to-one-mean',
    what: 'In a run of calls even elements are scaled by 1.5 and odd ones by 0.5 of what they should be: right in the mean.',
    mend: 'Scale all elements by 1 / keep_prob, in a run of calls as in a single one.',
    refutedBy: 'dropout/variance-is-that-of-the-mask',
    of: inRuns((i) => (i % 2 === 0 ? 1.5 : 0.5)),
  },
  {
    id: 'dropout/scale-accumulates',
    what: 'In a run of calls each divides by keep_prob what the one before had divided: the scale grows from call to call.',
    mend: 'Begin each call from the mask of zeros and ones, not from the scaled one of the call before.',
    refutedBy: 'dropout/mean-is-preserved',
    of: output(true, (y, keepProb, { x }) => {
      let call = 0;
      // So that nothing overflows, the scale stays where it is after some calls.
      return callByCall(y, x, () => Math.min(1e6, keepProb ** -call++));
    }),
  },
];

const isShort = ({ x }: Tensors): boolean => x.data.length < 8;

/** Multiplies what is drawn in a run of calls by a factor of each place. */
function inRuns(factor: (i: number) => number): Fault['of'] {
  return onlyIf(
    (args, tensors) => isDrawn(args, tensors) && args['repeat'] !== undefined,
    output(true, (y, _, { x }) => mapped(y, (value, i) => value * factor(i % x.data.length))),
  );
}

const sum = (values: ArrayLike<number>): number => Float64Array.from(values).reduce((total, value) => total + value, 0);

/** Multiplies the outputs of each call by a factor that is made from them. */
function callByCall(y: Tensor, x: Tensor, factor: (values: Float64Array) => number): Tensor {
  const size = Math.max(1, x.data.length);
  const values = Float64Array.from(valuesOf(y));
  for (let from = 0; from < values.length; from += size) {
    const own = values.subarray(from, from + size);
    const by = factor(own);
    if (Number.isFinite(by)) for (let i = 0; i < size; i++) own[i] *= by;
  }
  return tensor(y.dtype, y.shape, values);
}

/** The outputs of each call with the last axis first. */
function transposed(y: Tensor, { shape, data }: Tensor): Tensor {
  const units = shape.length < 2 ? 1 : Math.max(1, shape.at(-1) ?? 1);
  const [size, values] = [Math.max(1, data.length), valuesOf(y)];
  const examples = size / units;
  return mapped(y, (_, i) => {
    const place = i % size;
    return values[i - place + (place % examples) * units + Math.floor(place / examples)];
  });
}

/** A standard normal draw (Box and Muller 1958). */
const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
