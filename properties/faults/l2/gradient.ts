/** Wrong gradients beside a correct value. */
import type { Fault } from '../fault.ts';
import { examplesOf, gradient } from './changes.ts';

export const gradientFaults: readonly Fault[] = [
  {
    id: 'l2/gradient-twice-the-derivative',
    what: 'The value has the factor 1/2 and the gradient a 2 that should have cancelled it.',
    seen: 'CS231n issue 3',
    mend: 'Derive the gradient from the value that is reported: with the factor 1/2 it is lambda · w.',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    of: gradient((slope) => 2 * slope),
  },
  {
    id: 'l2/gradient-divided-by-the-examples',
    what: 'The gradient is divided by the number of examples, and the value is not.',
    seen: 'ConvNetJS',
    mend: 'Divide both the value and the gradient by the number of examples, or neither.',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    of: gradient((slope, { args }) => slope / examplesOf(args)),
  },
  {
    id: 'l2/gradient-of-the-index',
    what: 'The gradient has a parameter’s index in the place of the parameter.',
    seen: 'R torch issue 821',
    mend: 'Multiply by the parameter, not by the index that counts the loop.',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    of: gradient((slope, { w, parameter }) => (w === 0 ? slope : (slope / w) * parameter)),
  },
  {
    id: 'l2/long-gradient-twice-the-derivative',
    what: 'The gradient of a parameter of more than 128 elements is added up by two workers, each of which has all of it.',
    mend: 'Give each worker a part of the gradient of its own, or average what they have.',
    refutedBy: 'l2/gradient-is-the-derivative-of-the-value',
    of: gradient((slope, { length }) => (length > 128 ? 2 * slope : slope)),
  },
  {
    id: 'l2/gradient-clipped',
    what: 'The gradient is clipped to ±100.',
    mend: 'Clip the gradient of the loss, if at all, before the penalty’s is added.',
    refutedBy: 'l2/gradient-is-linear',
    of: gradient((slope) => Math.min(100, Math.max(-100, slope))),
  },
  {
    id: 'l2/gradient-quadratic',
    what: 'The gradient is that of a cube: it grows with the square of the weight.',
    mend: 'Make the gradient proportional to the weight: the penalty is a square.',
    refutedBy: 'l2/gradient-is-linear',
    of: gradient((slope, { w }) => slope * Math.abs(w)),
  },
];
