/** Masks as tensors: the one that is answered, and the uniforms that are given to decide one. */
import { type Tensor, valuesOf } from '../../../src/tensor.ts';
import { answering, asking, type Fault, mapped } from '../fault.ts';
import { gradient, isDrawn, keepProbOf, maskOutput, onlyIf, times } from './parts.ts';

const maskMatches = 'dropout/mask-output-matches-the-result';
const uniformsDecide = 'dropout/injected-uniforms-decide-the-mask';

export const tensorFaults: readonly Fault[] = [
  {
    id: 'dropout/mask-output-all-zeros',
    what: 'The mask that is answered is all zeros.',
    seen: 'mxnet issue 15659',
    mend: 'Write the mask that was drawn into the mask that is answered.',
    refutedBy: maskMatches,
    of: maskOutput((mask) => times(mask, 0)),
  },
  {
    id: 'dropout/mask-output-inverted',
    what: 'The mask that is answered is 1 where an element was dropped.',
    mend: 'Answer 1 for kept and 0 for dropped.',
    refutedBy: maskMatches,
    of: maskOutput((mask) => mapped(mask, (kept) => 1 - kept)),
  },
  {
    id: 'dropout/mask-output-all-ones-without-gradient',
    what: 'Where no gradient is asked for no mask is written, and the one that is answered is all ones.',
    mend: 'Write the mask in every training call.',
    refutedBy: maskMatches,
    of: onlyIf(
      (args, tensors) => isDrawn(args, tensors) && tensors['dy'] === undefined,
      maskOutput((mask) => mapped(mask, () => 1)),
    ),
  },
  {
    id: 'dropout/mask-output-read-from-the-output',
    what: 'The mask that is answered is 0 wherever the output is zero, also where x was zero and kept.',
    mend: 'Answer the mask that was drawn.',
    refutedBy: 'dropout/gradient-at-zero-inputs',
    of: maskOutput((mask, _, __, { y }) => mapped(mask, (_kept, i) => (valuesOf(y)[i] === 0 ? 0 : 1))),
  },
  {
    id: 'dropout/boundary-kept',
    what: 'An element is kept where u equals keep_prob.',
    seen: 'nd4j issue 1373',
    mend: 'Keep where u < keep_prob, not where u ≤ keep_prob.',
    refutedBy: uniformsDecide,
    of: given((u, keepProb) => mapped(u, (draw) => (draw === keepProb ? 0 : draw))),
  },
  {
    id: 'dropout/given-uniforms-compared-the-other-way',
    what: 'With given uniforms an element is kept where u ≥ 1 − keep_prob.',
    mend: 'Keep where u < keep_prob.',
    refutedBy: uniformsDecide,
    of: given((u, keepProb) => mapped(u, (draw) => (draw >= 1 - keepProb ? 0 : largest))),
  },
  {
    id: 'dropout/given-uniforms-shifted-from-128-on',
    what: 'Given uniforms are copied in blocks of 128, and all but the first block begin one element too early.',
    mend: 'Use each given uniform for the element of its own place.',
    refutedBy: uniformsDecide,
    of: given((u) => mapped(u, (draw, i) => (i < 128 ? draw : valuesOf(u)[i - 1]))),
  },
  {
    id: 'dropout/gradient-without-scale-for-given-uniforms',
    what: 'With given uniforms the gradient is masked but not divided by keep_prob.',
    mend: 'Divide the gradient by keep_prob, wherever the mask comes from.',
    refutedBy: 'dropout/golden',
    of: onlyIf(
      (_, { u }) => u !== undefined,
      gradient(true, (dx, keepProb) => times(dx, keepProb)),
    ),
  },
  {
    id: 'dropout/scaled-by-a-rounded-keep-prob',
    what: 'The scale is taken from keep_prob rounded to three decimals.',
    mend: 'Divide by keep_prob as it was given.',
    refutedBy: 'dropout/golden',
    of: answering('dropout', ({ y, dx }, args) => {
      const keepProb = keepProbOf(args);
      if (args['training'] !== true || !(keepProb > 0.001)) return {};
      const ratio = keepProb / (Math.round(keepProb * 1000) / 1000);
      return { y: times(y, ratio), ...(dx ? { dx: times(dx, ratio) } : {}) };
    }),
  },
];
/** The largest uniform draw. */
const largest = 1 - 2 ** -53;

/** Changes the uniforms that are given, where there are any and keep_prob is inside of (0, 1). */
function given(change: (u: Tensor, keepProb: number) => Tensor): Fault['of'] {
  return asking('dropout', (args, tensors) => {
    const { u } = tensors;
    const keepProb = keepProbOf(args);
    return [args, u && keepProb > 0 && keepProb < 1 ? { ...tensors, u: change(u, keepProb) } : tensors];
  });
}
