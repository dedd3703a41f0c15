/** Mistakes at the edges: keep_prob 1, 0 and out of range, shapes and dtypes, and an input that is overwritten. */
import type { Args } from '../../../src/subject.ts';
import { type Tensor, type Tensors, tensor, valuesOf } from '../../../src/tensor.ts';
import { answering, asking, type Fault, instead, mapped, mappedTensors } from '../fault.ts';
import { uniforms } from './law.ts';
import { at, gradient, isDrawn, isLayer, keepProbOf, onlyIf, output, times } from './parts.ts';

const one = 'dropout/keep-prob-one-is-identity';
const zero = 'dropout/keep-prob-zero-is-as-declared';
const range = 'dropout/keep-prob-out-of-range-is-rejected';
const shape = 'dropout/shape-and-dtype-are-preserved';

const isOutOfRange = (keepProb: number): boolean => !(keepProb >= 0 && keepProb <= 1);

/** The keep_prob that is asked for made into another one, in training. */
const taking = (change: (keepProb: number) => number) =>
  asking('dropout', (args, tensors) => [
    args['training'] === true ? { ...args, keep_prob: change(keepProbOf(args)) } : args,
    tensors,
  ]);

const at1 = (args: Args): boolean => args['training'] === true && keepProbOf(args) === 1;
const at0 = (args: Args): boolean => args['training'] === true && keepProbOf(args) === 0;

export const edgeFaults: readonly Fault[] = [
  {
    id: 'dropout/keep-prob-one-drops',
    what: 'keep_prob 1 still drops a little.',
    seen: 'mxnet issue 9816, boltz issue 553, tensorflow-upstream pull request 2128',
    mend: 'Keep where u < keep_prob, with u in [0, 1), so that 1 keeps everything.',
    refutedBy: one,
    of: (correct) => {
      const uniform = uniforms(1);
      const drops = output(true, (y) => mapped(y, (value) => (uniform() < 0.01 ? 0 : value)));
      return onlyIf((args, { u }) => at1(args) && u === undefined, drops)(correct);
    },
  },
  {
    id: 'dropout/keep-prob-one-has-no-gradient',
    what: 'With keep_prob 1 no mask is made, and without a mask no gradient is passed on.',
    mend: 'Pass dy on as it is where nothing is dropped.',
    refutedBy: one,
    of: onlyIf(
      at1,
      gradient(true, (dx) => times(dx, 0)),
    ),
  },
  {
    id: 'dropout/dropped-are-subtracted',
    what: 'What is dropped is subtracted from x instead of masked, so that infinities that are kept become NaN.',
    mend: 'Multiply by the mask, or select by it.',
    refutedBy: one,
    of: output(true, (y) => mapped(y, (value) => value - 0 * value)),
  },
  {
    id: 'dropout/keep-prob-one-is-refused',
    what: 'A probability of dropping of 0 is refused as out of range.',
    seen: 'pyod issue 118',
    mend: 'Take both ends of the range: to drop nothing is a valid wish.',
    refutedBy: one,
    of: instead('dropout', (correct) => (args, tensors) => {
      if (!at1(args)) return correct(args, tensors);
      throw Object.assign(new RangeError('the rate is 0, not in the range of (0, 1)'), { code: 'invalid_argument' });
    }),
  },
  {
    id: 'dropout/keep-prob-zero-is-nan',
    what: 'keep_prob 0 divides zero by zero.',
    seen: 'flax pull request 2055, pytorch pull request 1833',
    mend: 'Answer zeros for keep_prob 0 without dividing, or refuse it and declare so.',
    refutedBy: zero,
    of: onlyIf(
      at0,
      output(true, (y) => times(y, Number.NaN)),
    ),
  },
  {
    id: 'dropout/keep-prob-zero-is-the-identity',
    what: 'In a layer, keep_prob 0 counts as not set: nothing is dropped.',
    mend: 'Ask whether keep_prob was given, not whether it is truthy.',
    refutedBy: zero,
    of: onlyIf(
      (args) => at0(args) && isLayer(args),
      answering('dropout', (_, __, { x, dy }) => ({ y: x, ...(dy ? { dx: dy } : {}) })),
    ),
  },
  {
    id: 'dropout/keep-prob-zero-gradient-is-nan',
    what: 'With keep_prob 0 the outputs are zeros, but the gradient divides zero by zero.',
    mend: 'Treat keep_prob 0 in the backward pass as in the forward pass.',
    refutedBy: zero,
    of: onlyIf(
      at0,
      gradient(true, (dx) => times(dx, Number.NaN)),
    ),
  },
  {
    id: 'dropout/keep-prob-clamped',
    what: 'A keep_prob out of range is clamped in silence.',
    mend: 'Refuse a keep_prob that is no probability.',
    refutedBy: range,
    of: taking((keepProb) => (isOutOfRange(keepProb) ? (keepProb > 1 ? 1 : 0.5) : keepProb)),
  },
  {
    id: 'dropout/keep-prob-unchecked',
    what: 'A keep_prob out of range is taken as it is, for the mask and for the scale.',
    seen: 'burn issue 2694',
    mend: 'Check that keep_prob lies in [0, 1].',
    refutedBy: range,
    of: instead('dropout', (correct) => (args, tensors) => {
      const keepProb = keepProbOf(args);
      if (args['training'] !== true || !isOutOfRange(keepProb)) return correct(args, tensors);
      const kept = 0.5 < keepProb ? 1 / keepProb : 0;
      return correct(
        { ...args, training: false, keep_prob: 1 },
        mappedTensors(tensors, (each) => times(each, kept)),
      );
    }),
  },
  {
    id: 'dropout/keep-prob-in-percent',
    what: 'A keep_prob above 1 is taken for one in percent.',
    mend: 'Refuse a keep_prob above 1: nobody can tell 1.5 from 1.5 %.',
    refutedBy: range,
    of: taking((keepProb) => (keepProb > 1 && keepProb <= 100 ? keepProb / 100 : keepProb)),
  },
  {
    id: 'dropout/negative-keep-prob-means-off',
    what: 'A negative keep_prob switches dropout off.',
    seen: 'kge issue 132',
    mend: 'Refuse a negative keep_prob, and give those who want it a switch of its own.',
    refutedBy: range,
    of: taking((keepProb) => (keepProb < 0 ? 1 : keepProb)),
  },
  {
    id: 'dropout/keep-prob-nan-is-taken',
    what: 'A keep_prob that is not a number passes the check for < 0 and > 1, and drops everything.',
    mend: 'Demand keep_prob ≥ 0 and ≤ 1, which NaN is not.',
    refutedBy: range,
    profile: 'standard',
    of: taking((keepProb) => (Number.isNaN(keepProb) ? 0 : keepProb)),
  },
  {
    id: 'dropout/loses-an-axis',
    what: 'Axes of length 1 are lost, and a scalar comes back as a vector of one element.',
    mend: 'Answer the shape of x.',
    refutedBy: shape,
    of: answering('dropout', ({ y }) => ({
      y: { ...y, shape: y.shape.length === 0 ? [1] : y.shape.filter((length) => length !== 1) },
    })),
  },
  {
    id: 'dropout/empty-input-fails',
    what: 'An empty input makes it divide by the number of its elements, and fail.',
    seen: 'pytorch issue 20499',
    mend: 'Answer an empty input with an empty output before anything is computed.',
    refutedBy: shape,
    of: instead('dropout', (correct) => (args, tensors) => {
      if (tensors['x'].data.length > 0) return correct(args, tensors);
      throw new Error('floating point exception');
    }),
  },
  {
    id: 'dropout/empty-input-loses-its-axes',
    what: 'An empty input of several axes comes back with one.',
    mend: 'Answer the shape of x, also where it holds nothing.',
    refutedBy: shape,
    of: answering('dropout', ({ y }, _, { x }) =>
      x.data.length === 0 && x.shape.length > 1 ? { y: { ...y, shape: [0] } } : {},
    ),
  },
  {
    id: 'dropout/float32-comes-back-as-float64',
    what: 'The scale is of a wider dtype than x, and so is what comes back.',
    seen: 'mlx issue 1321',
    mend: 'Cast the mask and the scale to the dtype of x before multiplying.',
    refutedBy: shape,
    of: output(true, (y) => (y.dtype === 'float32' ? tensor('float64', y.shape, valuesOf(y)) : y)),
  },
  {
    id: 'dropout/in-place',
    what: 'The input itself is overwritten with the output.',
    seen: 'deeplearning4j issue 2469',
    mend: 'Write the output into memory of its own.',
    refutedBy: 'dropout/input-is-not-modified',
    of: answering('dropout', ({ y }, args, { x }) => {
      if (args['training'] === true && y.data.length === x.data.length) x.data.set(y.data);
      return {};
    }),
  },
  {
    id: 'dropout/mask-in-the-signs-of-the-input',
    what: 'Which elements were dropped is remembered in the signs of the input.',
    mend: 'Keep the mask in memory of its own.',
    refutedBy: 'dropout/input-is-not-modified',
    of: onlyIf(
      isUnseededSingleCall,
      answering('dropout', ({ y }, _, { x }) => {
        const outputs = valuesOf(y);
        for (let i = 0; i < outputs.length; i++) if (outputs[i] === 0) x.data[i] = -at(x, i);
        return {};
      }),
    ),
  },
];

/** A call by itself, in floats that can be negated in their place. */
function isUnseededSingleCall(args: Args, tensors: Tensors): boolean {
  const x: Tensor = tensors['x'];
  const isFloat = x.dtype === 'float64' || x.dtype === 'float32';
  return isDrawn(args, tensors) && isFloat && args['seed'] === undefined && args['repeat'] === undefined;
}
