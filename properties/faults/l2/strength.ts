/** Wrong strengths: lambda is another number than was asked for, or should have been refused. */
import type { Operation } from '../../../src/subject.ts';
import { type Fault, instead, mapped, mappedTensors } from '../fault.ts';
import { lambdaOf, strength } from './changes.ts';

/** Refuses a negative lambda, and computes with NaN. */
const computesWithNaN: (correct: Operation) => Operation = (correct) => async (args, tensors) => {
  if (!Number.isNaN(lambdaOf(args))) return correct(args, tensors);
  return mappedTensors(await correct({ ...args, lambda: 1 }, tensors), (numbers) => mapped(numbers, () => Number.NaN));
};

export const strengthFaults: readonly Fault[] = [
  {
    id: 'l2/lambda-squared',
    what: 'lambda is multiplied in twice.',
    mend: 'Multiply by lambda once: either the sum of squares or each of them.',
    refutedBy: 'l2/linear-in-lambda',
    of: strength((lambda) => lambda * Math.abs(lambda)),
  },
  {
    id: 'l2/lambda-clipped',
    what: 'A lambda above 10 is taken for 10, as the end of a range.',
    mend: 'Take lambda as it is: it has no upper bound.',
    refutedBy: 'l2/linear-in-lambda',
    of: strength((lambda) => (lambda > 10 && lambda < Infinity ? 10 : lambda)),
  },
  {
    id: 'l2/default-in-the-place-of-zero',
    what: 'lambda 0 counts as missing, and the default 0.01 takes its place.',
    mend: 'Ask whether lambda was given, not whether it is truthy.',
    refutedBy: 'l2/lambda-zero-is-no-penalty',
    of: strength((lambda) => (lambda === 0 ? 0.01 : lambda)),
  },
  {
    id: 'l2/default-in-the-kernel',
    what: 'A kernel that serves parameters of 16 elements and more takes lambda 0 for its default of 0.01.',
    mend: 'Pass lambda 0 to the kernel as a strength, not as a sign that none was given.',
    refutedBy: 'l2/lambda-zero-is-no-penalty',
    of: strength((lambda, parameters) =>
      lambda === 0 && parameters.some(({ data }) => data.length >= 16) ? 0.01 : lambda,
    ),
  },
  {
    id: 'l2/negative-lambda-clamped',
    what: 'A negative lambda is taken for 0 in silence.',
    mend: 'Refuse a negative lambda.',
    refutedBy: 'l2/invalid-lambda-is-rejected',
    of: strength((lambda) => Math.max(0, lambda)),
  },
  {
    id: 'l2/nan-lambda-accepted',
    what: 'Only lambda < 0 is refused, which NaN is not.',
    mend: 'Refuse unless lambda >= 0 and finite: every comparison with NaN is false.',
    refutedBy: 'l2/invalid-lambda-is-rejected',
    of: instead('penalty', computesWithNaN),
  },
];
