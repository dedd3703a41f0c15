/** The clauses of `spec/training.md`, in its order. */
import type { Clause } from '../src/clause.ts';
import { evaluationIsTheFullNetwork } from './training/evaluation.ts';
import * as expectation from './training/expectation.ts';
import { goldenTraining } from './training/golden.ts';
import { gradientIsTheDerivative } from './training/gradient.ts';
import * as loss from './training/loss.ts';
import * as masks from './training/masks.ts';
import { nodesAreIndependent } from './training/nodes.ts';
import * as onDigits from './training/on-digits.ts';
import * as thinning from './training/thinning.ts';

export const training: readonly Clause[] = [
  masks.eachLayerHasItsKeepProb,
  masks.eachExampleHasItsMask,
  nodesAreIndependent,
  thinning.drawsAThinnedNetwork,
  thinning.droppedNodeLosesItsConnections,
  thinning.outputLayerIsNotDropped,
  thinning.answeredMasksAreThoseThatActed,
  evaluationIsTheFullNetwork,
  loss.lossIsThatOfTheOutput,
  gradientIsTheDerivative,
  loss.penaltyEntersLossAndGradients,
  expectation.linearEnsembleMeanIsTheFullNetwork,
  expectation.dropoutOnLinearRegressionIsAdaptiveL2,
  goldenTraining,
];

/** Those of its last part, which train on real data. */
export const trends: readonly Clause[] = [
  onDigits.dropoutNarrowsTheGap,
  onDigits.l2NarrowsTheGap,
  onDigits.dropoutGeneralizesBetter,
  onDigits.l2GeneralizesBetter,
  onDigits.l2ShrinksTheWeights,
  onDigits.dropoutSpreadsTheWeights,
  onDigits.dropoutSteadiesThePredictions,
];
