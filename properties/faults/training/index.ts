/** Wrong networks, each with the clause that must refute it. */
import type { Fault } from '../fault.ts';
import { evaluationFaults } from './evaluation.ts';
import { gradientFaults } from './gradient.ts';
import { maskFaults } from './masks.ts';
import { penaltyFaults } from './penalty.ts';
import { thinningFaults } from './thinning.ts';

export const trainingFaults: readonly Fault[] = [
  ...maskFaults,
  ...thinningFaults,
  ...evaluationFaults,
  ...gradientFaults,
  ...penaltyFaults,
];
