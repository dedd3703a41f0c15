/** Wrong penalties, decays and networks by degrees: how weak a mistake may be and still be seen. */
import { valuesOf } from '../../src/tensor.ts';
import { declaringOf, effect, isOneOf } from './decay/changes.ts';
import { answering, type GradedFault, instead, mapped, mappedTensors } from './fault.ts';
import { gradient, value } from './l2/changes.ts';
import { drawing, inParts } from './training/changes.ts';

/** Relative deviations down to those that a rounding of float64, of 1.1e-16, hides. */
const downToRounding = [1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15, 1.5e-16, 1.5e-17];

/** Parts of a step of Adam, down to those that its eps, 1e-8, hides: it may stand in two places. */
const downToEps = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10];

export const gradedTrainingFaults: readonly GradedFault[] = [
  {
    id: 'l2/value-off',
    what: 'The penalty is 1 + δ times what it should be.',
    parameter: 'δ, how far the penalty is off, relatively',
    mend: 'Compute the penalty in the precision of its dtype, with the constants as they are declared.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    strengths: downToRounding,
    of: (delta) => value((penalty) => penalty * (1 + delta)),
  },
  {
    id: 'l2/gradient-off',
    what: 'The gradient of the penalty is 1 + δ times what it should be.',
    parameter: 'δ, how far the gradient is off, relatively',
    mend: 'Compute the gradient with the same constants as the penalty.',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    strengths: downToRounding,
    of: (delta) => gradient((slope) => slope * (1 + delta)),
  },
  {
    id: 'decay/fraction-off',
    what: 'The decay takes 1 + δ times as much of a weight as it should.',
    parameter: 'δ, how far what is taken is off, relatively',
    mend: 'Multiply the weight by lr and weight_decay as they were given.',
    refutedBy: 'decay/factor-is-as-declared',
    strengths: downToRounding,
    of: (delta) => effect((change) => change * (1 + delta)),
  },
  {
    id: 'decay/biases-decay-in-part',
    what: 'Biases and norms, declared exempt, decay by φ of what weights do.',
    parameter: 'φ, the part of the decay that they get',
    mend: 'Leave biases and norms out of the decay altogether.',
    refutedBy: 'decay/biases-as-declared',
    strengths: downToRounding,
    of: (phi) => (correct) =>
      declaringOf({ bias: false })(effect((change, { role }) => (role === 'weight' ? change : phi * change))(correct)),
  },
  {
    id: 'decay/adamw-partly-coupled',
    what: 'AdamW goes φ of Adam’s step, whose decay is part of the gradient, and the rest of its own.',
    parameter: 'φ, the part of Adam’s step',
    mend: 'Keep all of the decay out of AdamW’s gradient.',
    refutedBy: 'decay/adam-and-adamw-differ-as-declared',
    strengths: downToEps,
    of: (phi) =>
      instead('step', (correct) => async (args, tensors) => {
        const own = await correct(args, tensors);
        if (!isOneOf(['adamw'], args)) return own;
        const coupled = await correct({ ...args, optimizer: 'adam' }, tensors);
        return mappedTensors(own, (W, name) => {
          const other = valuesOf(coupled[name]);
          return mapped(W, (w, i) => w + phi * (other[i] - w));
        });
      }),
  },
  {
    id: 'training/keep-prob-of-a-layer-off',
    what: 'The nodes of the first hidden layer are kept with a probability that is δ below its keep_prob.',
    parameter: 'δ, how far the keep rate is off',
    mend: 'Draw the masks of a layer with its keep_prob, unrounded.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    strengths: [0.2, 0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 3e-5],
    of: (delta) =>
      drawing(
        () =>
          ({ layer, keepProb }) =>
            keepProb === 1 || Math.random() < keepProb - (layer === 1 ? delta : 0),
      ),
  },
  {
    id: 'training/masks-shared-in-part',
    what: 'A node of an example gets, with probability q, the same bit as in the example before.',
    parameter: 'q, the probability that a bit is shared',
    mend: 'Draw a bit of its own for every node of every example.',
    refutedBy: 'training/each-example-has-its-mask',
    strengths: [0.5, 0.2, 0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4],
    of: (q) =>
      drawing(() => {
        const last = new Map<string, boolean>();
        return ({ layer, node, keepProb }) => {
          const place = `${layer},${node}`;
          const before = Math.random() < q ? last.get(place) : undefined;
          const isKept = before ?? Math.random() < keepProb;
          last.set(place, isKept);
          return isKept;
        };
      }),
  },
  {
    id: 'training/coins-shared-in-part',
    what: 'A node gets, with probability q, the same bit as the node before it in its layer.',
    parameter: 'q, the probability that a bit is shared',
    mend: 'Draw a bit of its own for every node of a layer.',
    refutedBy: 'training/nodes-are-independent',
    strengths: [0.5, 0.2, 0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4],
    of: (q) =>
      drawing(() => {
        let last = true;
        return ({ node, keepProb }) => {
          last = node > 0 && Math.random() < q ? last : Math.random() < keepProb;
          return last;
        };
      }),
  },
  {
    id: 'training/loss-without-part-of-the-penalty',
    what: 'The loss has only 1 − φ of the penalty in it.',
    parameter: 'φ, the part of the penalty that is missing',
    mend: 'Add all of the penalty to the loss that is reported.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    strengths: downToRounding,
    of: (phi) =>
      inParts(
        (correct) => correct,
        answering('penalty', ({ value: penalty }) => ({ value: mapped(penalty, (number) => number * (1 - phi)) })),
      ),
  },
];
