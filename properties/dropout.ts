/** The clauses of `spec/dropout.md`, in its order. */
import type { Clause } from '../src/clause.ts';
import * as evaluation from './dropout/evaluation.ts';
import { goldenDropout } from './dropout/golden.ts';
import * as gradient from './dropout/gradient.ts';
import * as independence from './dropout/independence.ts';
import * as rates from './dropout/rates.ts';
import * as values from './dropout/values.ts';

export const dropout: readonly Clause[] = [
  values.keptAreScaled,
  values.droppedAreZero,
  rates.keepRate,
  rates.meanIsPreserved,
  rates.varianceIsThatOfTheMask,
  evaluation.evaluationIsIdentity,
  evaluation.evaluationLeavesTrainingAlone,
  values.keepProbOneIsIdentity,
  values.keepProbZeroIsAsDeclared,
  values.keepProbOutOfRangeIsRejected,
  values.shapeAndDtypeArePreserved,
  values.inputIsNotModified,
  gradient.gradientUsesTheSameMask,
  gradient.gradientIsScaledLikeTheOutput,
  gradient.gradientAtZeroInputs,
  evaluation.evaluationGradientIsIdentity,
  values.maskOutputMatches,
  independence.elementsAreIndependent,
  rates.everyPositionHasTheKeepRate,
  independence.callsAreIndependent,
  independence.examplesAreIndependent,
  independence.layersAreIndependent,
  rates.maskIgnoresTheValues,
  rates.countVariesLikeABinomial,
  independence.sameSeedSameMasks,
  independence.differentSeedsDifferentMasks,
  values.injectedUniformsDecide,
  goldenDropout,
];
