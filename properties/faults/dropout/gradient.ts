/** Gradients that do not belong to the output. */
import type { Operation } from '../../../src/subject.ts';
import { type Tensor, tensor, valuesOf } from '../../../src/tensor.ts';
import { answering, type Fault, instead, mapped } from '../fault.ts';
import { at, gradient, isDrawn, isLayer, keepProbOf, onlyIf, times, without } from './parts.ts';

const sameMask = 'dropout/gradient-uses-the-same-mask';
const scaled = 'dropout/gradient-is-scaled-like-the-output';
const atZero = 'dropout/gradient-at-zero-inputs';

export const gradientFaults: readonly Fault[] = [
  {
    id: 'dropout/gradient-with-a-new-mask',
    what: 'The gradient uses a mask that was drawn for it.',
    seen: 'guided-diffusion issue 167, OLMo-core pull request 828, mamba pull request 1023',
    mend: 'Keep the mask for the backward pass, or restore the generator before it is drawn again.',
    refutedBy: sameMask,
    of: instead('dropout', freshGradient),
  },
  {
    id: 'dropout/gradient-without-mask',
    what: 'The gradient is divided by keep_prob but not masked.',
    seen: 'numpy-ml issue 94',
    mend: 'Multiply dy by the mask of the forward pass.',
    refutedBy: sameMask,
    of: onlyIf(
      ({ training }) => training === true,
      answering('dropout', ({ dx }, args, { dy }) =>
        dx && keepProbOf(args) > 0 ? { dx: mapped(dx, (_, i) => at(dy, i) / keepProbOf(args)) } : {},
      ),
    ),
  },
  {
    id: 'dropout/gradient-is-the-identity',
    what: 'The gradient passes as if there were no dropout.',
    mend: 'Multiply dy by the mask of the forward pass, and divide by keep_prob.',
    refutedBy: sameMask,
    of: gradient(true, (dx, _, { dy }) => mapped(dx, (_value, i) => at(dy, i))),
  },
  {
    id: 'dropout/gradient-where-dropped',
    what: 'The gradient passes where an element was dropped, and vanishes where it was kept.',
    mend: 'Multiply dy by the mask, not by its complement.',
    refutedBy: sameMask,
    of: gradient(true, (dx, keepProb, { dy }) =>
      mapped(dx, (value, i) => (value === 0 && keepProb > 0 ? at(dy, i) / keepProb : 0)),
    ),
  },
  {
    id: 'dropout/gradient-accumulates',
    what: 'A layer adds its gradient to that of its call before.',
    mend: 'Begin the gradient of each call at zero.',
    refutedBy: sameMask,
    of: instead('dropout', accumulating),
  },
  {
    id: 'dropout/gradient-out-of-step',
    what: 'A layer reads its packed mask one place too far on in the backward pass where the length is odd.',
    mend: 'Read the mask at the place at which it was written.',
    refutedBy: sameMask,
    of: onlyIf(
      (args, tensors) => isLayer(args) && isDrawn(args, tensors) && tensors['x'].data.length % 2 === 1,
      gradient(true, (dx, keepProb, { dy }, { mask }) =>
        mapped(dx, (_, i) => (at(dy, i) * valuesOf(mask)[(i + 1) % mask.data.length]) / keepProb),
      ),
    ),
  },
  {
    id: 'dropout/gradient-without-scale',
    what: 'The gradient is masked but not divided by keep_prob.',
    mend: 'Divide the gradient by keep_prob as well.',
    refutedBy: scaled,
    of: gradient(true, (dx, keepProb) => times(dx, keepProb)),
  },
  {
    id: 'dropout/gradient-scaled-by-drop-prob',
    what: 'The gradient is divided by the probability of dropping.',
    seen: 'apex pull request 816',
    mend: 'Divide the gradient by keep_prob, as the output.',
    refutedBy: scaled,
    of: gradient(true, (dx, keepProb) => times(dx, keepProb / (1 - keepProb))),
  },
  {
    id: 'dropout/gradient-scaled-twice',
    what: 'The gradient is divided by keep_prob twice: the mask that was kept had been scaled.',
    mend: 'Scale either the mask that is kept or the gradient, not both.',
    refutedBy: scaled,
    of: gradient(true, (dx, keepProb) => times(dx, 1 / keepProb)),
  },
  {
    id: 'dropout/layer-gradient-without-scale',
    what: 'A layer does not divide its gradient by keep_prob; the function does.',
    mend: 'Divide the gradient by keep_prob in the layer too.',
    refutedBy: scaled,
    of: onlyIf(
      isLayer,
      gradient(true, (dx, keepProb) => times(dx, keepProb)),
    ),
  },
  {
    id: 'dropout/mask-inferred-from-zeros',
    what: 'The gradient vanishes wherever the output is zero, also where x was.',
    seen: 'nnabla pull request 884, tensorflow-upstream pull request 1012',
    mend: 'Keep the mask for the backward pass instead of reading it from the output.',
    refutedBy: atZero,
    of: gradient(true, (dx, _, { x }) => mapped(dx, (value, i) => (at(x, i) === 0 ? 0 : value))),
  },
  {
    id: 'dropout/gradient-passes-at-zeros',
    what: 'Where x is zero the gradient passes as it is, whether x was dropped or not.',
    seen: 'kaldi issue 3890',
    mend: 'Keep the mask for the backward pass instead of dividing the output by the input.',
    refutedBy: atZero,
    of: gradient(true, (dx, _, { x, dy }) => mapped(dx, (value, i) => (at(x, i) === 0 ? at(dy, i) : value))),
  },
  {
    id: 'dropout/no-gradient-for-an-input-of-zeros',
    what: 'An input that is zero everywhere passes no gradient on.',
    mend: 'Take no short cut for an input of zeros: its gradient is that of any other.',
    refutedBy: atZero,
    of: onlyIf(
      (_, { x, u }) => u === undefined && valuesOf(x).every((value: number) => value === 0),
      gradient(true, (dx) => times(dx, 0)),
    ),
  },
];

/** The gradient that ignores the call's mask: that of a call of its own. */
function freshGradient(correct: Operation): Operation {
  return async (args, tensors) => {
    const answer = await correct(args, tensors);
    if (args['training'] !== true || !answer['dx']) return answer;
    return { ...answer, dx: (await correct(without(args, 'layer', 'seed'), tensors))['dx'] };
  };
}

/** The gradient of a layer's call added to the sum of those before, as long as they are of one shape. */
function accumulating(correct: Operation): Operation {
  const sums = new Map<unknown, Tensor>();
  return async (args, tensors) => {
    const answer = await correct(args, tensors);
    const { dx } = answer;
    const { layer } = args;
    if (args['training'] !== true || dx === undefined || layer === undefined) return answer;
    const before = sums.get(layer);
    const fits = before?.data.length === dx.data.length && keepProbOf(args) < 1;
    const own = fits ? mapped(dx, (value, i) => value + valuesOf(before)[i]) : tensor(dx.dtype, dx.shape, valuesOf(dx));
    sums.set(layer, own);
    return { ...answer, dx: own };
  };
}
