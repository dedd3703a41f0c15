/** The clauses of `spec/l2.md`, in its order. */
import type { Clause } from '../src/clause.ts';
import { goldenPenalty } from './l2/golden.ts';
import * as gradient from './l2/gradient.ts';
import * as lambda from './l2/lambda.ts';
import * as parameters from './l2/parameters.ts';
import * as values from './l2/values.ts';

export const l2: readonly Clause[] = [
  values.isTheSumOfSquares,
  values.isNeverNegative,
  values.isZeroOnlyAtZero,
  values.isQuadratic,
  lambda.isLinearInLambda,
  values.staysFinite,
  parameters.addsOverParameters,
  parameters.isInvariantUnderPermutation,
  parameters.isInvariantUnderRotation,
  parameters.biasesAreExempt,
  parameters.sharedParameterCountsOnce,
  parameters.weightsAreNotModified,
  gradient.isTheDerivative,
  gradient.isLinear,
  lambda.lambdaZeroIsNoPenalty,
  lambda.invalidLambdaIsRejected,
  goldenPenalty,
];
