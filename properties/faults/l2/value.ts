/** Wrong values: what is added up is no sum of squares, or not all of it, or with another factor. */
import { declaring, type Fault } from '../fault.ts';
import { counting, everything, examplesOf, gradient, lambdaOf, squaresOf, strength, total, value } from './changes.ts';

/** A sum that carries its rounding error along (Kahan 1965): once it overflows, the error is ∞ − ∞. */
function compensatedSum(terms: readonly number[]): number {
  let [sum, error] = [0, 0];
  for (const term of terms) {
    const corrected = term - error;
    const next = sum + corrected;
    error = next - sum - corrected;
    sum = next;
  }
  return sum;
}

/** How many numbers a vector register holds. */
const lanes = 4;

/** Parameters of more elements than this are spread over two replicas. */
const mostOfAReplica = 128;

/** The examples of a batch. */
const batchSize = 10;

export const valueFaults: readonly Fault[] = [
  {
    id: 'l2/no-effect',
    what: 'The penalty and its gradient are always zero.',
    seen: 'tinygrad pull request 17709, paddle issue 5836',
    mend: 'Add the penalty to what is answered: lambda is taken and never used.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: everything(() => 0),
  },
  {
    id: 'l2/twice-the-coefficient',
    what: 'The penalty is that of coefficient 1 where 1/2 was declared.',
    seen: 'mlcommons hpc issue 22',
    mend: 'Multiply by the coefficient that is declared, or declare the one that is used: a 1/2 is missing.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: strength((lambda) => 2 * lambda),
  },
  {
    id: 'l2/not-divided-by-the-examples',
    what: 'The penalty is declared to be divided by the number of examples, and is not.',
    mend: 'Divide the penalty and its gradient by the number of examples, or declare that they are not.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: declaring('penalty', { per_example: true }),
  },
  {
    id: 'l2/once-a-batch',
    what: 'The penalty is added once for each batch of ten examples, and so counts several times.',
    seen: 'kge issue 35',
    mend: 'Add the penalty once, however many batches the examples are cut into.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: everything((number, args) => number * Math.ceil(examplesOf(args) / batchSize)),
  },
  {
    id: 'l2/once-a-replica',
    what: 'A parameter of more than 128 elements is spread over two replicas, each of which adds its whole penalty.',
    seen: 'tensorflow models pull request 6195',
    mend: 'Divide the penalty by the number of replicas before their losses are added, or add it on one of them.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: (correct) => {
      const doubled = gradient((slope, { length }) => (length > mostOfAReplica ? 2 * slope : slope))(correct);
      return counting((w, _, length) => (length > mostOfAReplica ? Math.SQRT2 * w : w))(doubled);
    },
  },
  {
    id: 'l2/long-parameters-count-twice',
    what: 'A parameter of more than 128 elements is summed by two workers, each of which goes through all of it.',
    mend: 'Give each worker a part of the parameter of its own to sum.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: counting((w, _, length) => (length > 128 ? Math.SQRT2 * w : w)),
  },
  {
    id: 'l2/mean-of-squares',
    what: 'The squares of a parameter are averaged instead of added.',
    mend: 'Add the squares: a mean makes a weight of a large layer cost less than one of a small.',
    refutedBy: 'l2/penalty-is-the-sum-of-squares',
    of: counting((w, _, length) => w / Math.sqrt(length)),
  },
  {
    id: 'l2/sign',
    what: 'The penalty is a reward: it and its gradient have the wrong sign.',
    seen: 'chainer issue 261',
    mend: 'Turn the sign around: the penalty is added to the loss, and its gradient to the gradient.',
    refutedBy: 'l2/penalty-is-never-negative',
    of: everything((number) => -number),
  },
  {
    id: 'l2/compensated-sum-is-nan',
    what: 'Beyond the four lanes of a register, the squares are added with Kahan’s compensation, which makes NaN of a sum that overflows.',
    mend: 'Leave the compensation out once the sum is infinite, or scale by the largest weight before squaring.',
    refutedBy: 'l2/penalty-is-never-negative',
    of: value((penalty, weights) => {
      const squares = squaresOf(weights);
      const sum = compensatedSum(squares);
      return squares.length <= lanes || Number.isFinite(sum) ? penalty : sum;
    }),
  },
  {
    id: 'l2/tiny-weights-ignored',
    what: 'Weights below 1e-12 count as zero.',
    mend: 'Drop the threshold: every weight that is not zero has a penalty.',
    refutedBy: 'l2/zero-only-at-zero',
    of: counting((w) => (Math.abs(w) < 1e-12 ? 0 : w)),
  },
  {
    id: 'l2/epsilon-under-the-root',
    what: 'The penalty is the square of a norm with 1e-12 under its root, which zeros have too.',
    mend: 'Sum the squares themselves: without a root, nothing needs an epsilon.',
    refutedBy: 'l2/zero-only-at-zero',
    of: value((penalty, _, args) => penalty + lambdaOf(args) * 1e-12),
  },
  {
    id: 'l2/norm-instead-of-its-square',
    what: 'The root of the sum of squares is taken.',
    seen: 'dm-haiku pull request 178',
    mend: 'Take no root: the penalty is the square of the norm.',
    refutedBy: 'l2/quadratic-in-the-weights',
    of: value((penalty, weights) => penalty / (Math.sqrt(total(squaresOf(weights))) || 1)),
  },
  {
    id: 'l2/weights-clipped',
    what: 'Weights are clipped to ±1000 before they are squared.',
    mend: 'Square the weights as they are: it is the large ones that should cost most.',
    refutedBy: 'l2/quadratic-in-the-weights',
    of: counting((w) => Math.min(1000, Math.max(-1000, w))),
  },
  {
    id: 'l2/unscaled-weights-clipped',
    what: 'Weights that are not so large as to be scaled before squaring, those below 2^40, are clipped to ±1000.',
    mend: 'Square the weights as they are on every path.',
    refutedBy: 'l2/quadratic-in-the-weights',
    of: counting((w) => (Math.abs(w) < 2 ** 40 ? Math.min(1000, Math.max(-1000, w)) : w)),
  },
  {
    id: 'l2/squares-overflow',
    what: 'The weights are squared before lambda makes them small, so that the penalty of large ones is infinite.',
    mend: 'Scale by the largest weight before squaring, as LAPACK’s dlassq does.',
    refutedBy: 'l2/extreme-weights-stay-finite',
    of: value((penalty, weights) => (Number.isFinite(total(squaresOf(weights))) ? penalty : Infinity)),
  },
  {
    id: 'l2/absolute-values',
    what: 'L1 for L2: the value is the sum of the magnitudes.',
    seen: 'keras-adamw issue 39',
    mend: 'Square the weights instead of taking their magnitudes.',
    refutedBy: 'l2/invariant-under-rotation',
    of: counting((w) => Math.sqrt(Math.abs(w))),
  },
  {
    id: 'l2/elastic-net',
    what: 'A hundredth of L1 is mixed in.',
    mend: 'Leave the magnitudes out of the penalty: the elastic net is another regularizer.',
    refutedBy: 'l2/invariant-under-rotation',
    of: counting((w) => Math.sqrt(w * w + Math.abs(w) / 100)),
  },
  {
    id: 'l2/empty-parameter-is-nan',
    what: 'The weights are scaled by the largest of them, which an empty parameter has not: its penalty is NaN.',
    mend: 'Answer 0 for a parameter without elements, before its largest one is looked for.',
    refutedBy: 'l2/golden',
    of: value((penalty, weights) => (weights.some(({ data }) => data.length === 0) ? Number.NaN : penalty)),
  },
];
