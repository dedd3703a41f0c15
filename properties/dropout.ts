/** The clauses of `spec/dropout.md`, in its order. */
import type { Clause } from '../src/clause.ts';
import { countVariesLikeABinomial } from './dropout/counts.ts';
import * as evaluation from './dropout/evaluation.ts';
import { goldenDropout } from './dropout/golden.ts';
import * as gradient from './dropout/gradient.ts';
import * as independence from './dropout/independence.ts';
import { meanIsPreserved, varianceIsThatOfTheMask } from './dropout/moments.ts';
import * as rates from './dropout/rates.ts';
import * as values from './dropout/values.ts';

export const dropout: readonly Clause[] = [
  values.keptAreScaled,
  values.droppedAreZero,
  rates.keepRate,
  meanIsPreserved,
  varianceIsThatOfTheMask,
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
  countVariesLikeABinomial,
  independence.sameSeedSameMasks,
  independence.differentSeedsDifferentMasks,
  values.injectedUniformsDecide,
  goldenDropout,
];
