/** Faults with a strength: how weak a one each profile still refutes is measured, and is what the profile is worth. */

import { fixedCountUpToRounding } from './dropout/counts.ts';
import { copying, each, fair, fairMask, type Law, masking, rated, uniforms, unitsOf } from './dropout/law.ts';
import { gradient, isDrawn, onlyIf, output, times } from './dropout/parts.ts';
import { sharingWithNeighbours } from './dropout/seeds.ts';
import { answering, type GradedFault } from './fault.ts';

/** From gross to below what 2 · 10^10 draws tell. */
const thirds = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 3e-5] as const;

/** From gross to a unit in the last place of float64 and below, where 1 + δ is 1 and nothing is wrong any more. */
const roundings = [0.1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-13, 1e-14, 3e-15, 1e-15, 2 ** -52, 2 ** -54] as const;

/** Elements kept as those at another place, with a probability of ρ: their correlation. */
const correlated = (rho: number, lag: (call: Parameters<Law>[0]) => number) =>
  masking(() => copying((i, call) => (call.uniform() < rho ? i - lag(call) : -1)));

export const gradedFaults: readonly GradedFault[] = [
  {
    id: 'dropout/graded-rate-too-low',
    what: 'Elements are kept with a probability of keep_prob (1 − δ).',
    parameter: 'δ, how far the keep rate is off, relative to keep_prob',
    mend: 'Compare draws that are uniform in [0, 1) with keep_prob itself.',
    refutedBy: 'dropout/keep-rate',
    strengths: thirds,
    of: (delta) => masking(() => rated((keepProb) => keepProb * (1 - delta))),
  },
  {
    id: 'dropout/graded-rate-rounded',
    what: 'Elements are kept with keep_prob rounded to a multiple of q.',
    parameter: 'q, the quantum of keep_prob, a power of 2',
    seen: 'FlashAttention, apex pull request 1614',
    mend: 'Compare draws of at least 24 bits with keep_prob.',
    refutedBy: 'dropout/keep-rate',
    strengths: [3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16].map((bits) => 2 ** -bits),
    of: (quantum) => masking(() => rated((keepProb) => Math.round(keepProb / quantum) * quantum)),
  },
  {
    id: 'dropout/graded-correlation-at-lag-3',
    what: 'Each element is kept or dropped as the one three places before with a probability of ρ.',
    parameter: 'ρ, the correlation of elements three places apart',
    mend: 'Use each random number for one element only.',
    refutedBy: 'dropout/elements-are-independent',
    strengths: thirds,
    of: (rho) => correlated(rho, () => 3),
  },
  {
    id: 'dropout/graded-correlation-of-examples',
    what: 'Each unit is kept or dropped as that of the example before with a probability of ρ.',
    parameter: 'ρ, the correlation of neighbouring examples',
    mend: 'Draw anew for every unit of every example.',
    refutedBy: 'dropout/examples-are-independent',
    strengths: thirds,
    of: (rho) => correlated(rho, unitsOf),
  },
  {
    id: 'dropout/graded-correlation-of-calls',
    what: 'Each element is kept or dropped as in the call before with a probability of ρ.',
    parameter: 'ρ, the correlation of successive calls',
    mend: 'Write every element of the mask anew in each call.',
    refutedBy: 'dropout/calls-are-independent',
    strengths: thirds,
    of: (rho) =>
      masking(
        () => (call) => {
          const [last] = call.past;
          if (last === undefined) return fair(call);
          return each(call.size, (i) => (call.uniform() < rho ? last[i] === 1 : call.uniform() < call.keepProb));
        },
        1,
      ),
  },
  {
    id: 'dropout/graded-correlation-of-seeds',
    what: 'Layers with neighbouring seeds share a part ρ of their elements.',
    parameter: 'ρ, the correlation of neighbouring seeds',
    mend: 'Seed the generator through a hash, so that neighbouring seeds begin far apart.',
    refutedBy: 'dropout/different-seeds-different-masks',
    strengths: thirds,
    of: sharingWithNeighbours,
  },
  {
    id: 'dropout/graded-period',
    what: 'A layer has as many masks as its period N and goes through them again and again.',
    parameter: 'N, the number of calls after which masks come again: the fewer the stronger',
    mend: 'Draw each mask anew, from a counter that is wide enough for all calls.',
    refutedBy: 'dropout/calls-are-independent',
    strengths: [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 2 ** 20],
    of: (period) =>
      masking(() => (call) => {
        const { order, seed = order } = call.source;
        return fairMask(call, uniforms(seed, call.index % period));
      }),
  },
  {
    id: 'dropout/graded-one-position-off',
    what: 'The 33rd of 65 elements is kept with a probability of keep_prob − δ.',
    parameter: 'δ, how far the keep rate of one position of 65 is off',
    mend: 'Draw for every position alike.',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    strengths: thirds,
    of: (delta) =>
      masking(() => rated((keepProb, i, { size }) => (size === 65 && i === 32 ? keepProb - delta : keepProb))),
  },
  {
    id: 'dropout/graded-rate-depends-on-the-magnitude',
    what: 'Elements beyond ±1 are kept with a probability of keep_prob (1 − δ), the others with keep_prob (1 + δ).',
    parameter: 'δ, how far the keep rate depends on the magnitude of x, relative to keep_prob',
    mend: 'Decide the mask without looking at x.',
    refutedBy: 'dropout/mask-ignores-the-values',
    strengths: thirds,
    of: (delta) =>
      masking(() => rated((keepProb, i, { x }) => keepProb * (Math.abs(x[i]) > 1 ? 1 - delta : 1 + delta))),
  },
  {
    id: 'dropout/graded-fixed-count',
    what: 'In a part f of the calls a fixed number of elements is kept, rounded up or down by chance.',
    parameter: 'f, the part of the calls that keep a fixed number',
    mend: 'Draw each element by itself, and let the number that is kept vary.',
    refutedBy: 'dropout/count-varies-like-a-binomial',
    strengths: [1, ...thirds],
    of: (part) => masking(() => (call) => (call.uniform() < part ? fixedCountUpToRounding : fair)(call)),
  },
  {
    id: 'dropout/graded-scale-off',
    what: 'Kept elements are multiplied by (1 + δ) / keep_prob.',
    parameter: 'δ, the relative error of the scale',
    mend: 'Compute the scale in the dtype of x, or a finer one.',
    refutedBy: 'dropout/kept-are-scaled-by-inverse-keep-prob',
    strengths: roundings,
    of: (delta) =>
      onlyIf(
        isDrawn,
        output(true, (y) => times(y, 1 + delta)),
      ),
  },
  {
    id: 'dropout/graded-gradient-scale-off',
    what: 'Gradients are multiplied by (1 + δ) / keep_prob.',
    parameter: 'δ, the relative error of the scale of gradients',
    mend: 'Compute the scale in the dtype of dy, or a finer one.',
    refutedBy: 'dropout/gradient-is-scaled-like-the-output',
    strengths: roundings,
    of: (delta) =>
      onlyIf(
        isDrawn,
        gradient(true, (dx) => times(dx, 1 + delta)),
      ),
  },
  {
    id: 'dropout/graded-evaluation-scaled',
    what: 'Evaluation multiplies by 1 + δ.',
    parameter: 'δ, the relative error of evaluation',
    mend: 'Copy x in evaluation, and compute nothing.',
    refutedBy: 'dropout/evaluation-is-identity',
    strengths: roundings,
    of: (delta) =>
      answering('dropout', ({ y }, { training }) => (training === false ? { y: times(y, 1 + delta) } : {})),
  },
];
