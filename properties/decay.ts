/** The clauses of `spec/decay.md`, in its order. */
import type { Clause } from '../src/clause.ts';
import { goldenDecay } from './decay/golden.ts';
import * as moving from './decay/moving.ts';
import * as parameters from './decay/parameters.ts';
import * as resting from './decay/resting.ts';

export const decay: readonly Clause[] = [
  resting.shrinksTheNorm,
  resting.keepsTheDirection,
  resting.factorIsAsDeclared,
  resting.isGeometricOverSteps,
  resting.isProportional,
  moving.lambdaZeroIsThePlainStep,
  moving.sgdL2EqualsDecay,
  moving.momentumCarriesTheDecay,
  moving.adamAndAdamwDiffer,
  moving.adamwIsDecoupled,
  moving.orderIsAsDeclared,
  moving.followsTheSchedule,
  parameters.biasesAsDeclared,
  parameters.frozenParametersStay,
  parameters.noGradientNoDecay,
  parameters.sharedParameterDecaysOnce,
  parameters.gradientIsNotModified,
  parameters.invalidArgumentsAreRejected,
  goldenDecay,
];
