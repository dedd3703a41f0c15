/** Wrong dropouts, each with the clause that must refute it, by what goes wrong. */
import type { Fault } from '../fault.ts';
import { callFaults } from './calls.ts';
import { countFaults } from './counts.ts';
import { edgeFaults } from './edges.ts';
import { elementFaults } from './elements.ts';
import { evaluationFaults } from './evaluation.ts';
import { gradientFaults } from './gradient.ts';
import { rateFaults } from './rates.ts';
import { scalingFaults } from './scaling.ts';
import { seedFaults } from './seeds.ts';
import { tensorFaults } from './tensors.ts';

export const dropoutFaults: readonly Fault[] = [
  ...scalingFaults,
  ...evaluationFaults,
  ...edgeFaults,
  ...gradientFaults,
  ...tensorFaults,
  ...rateFaults,
  ...elementFaults,
  ...countFaults,
  ...callFaults,
  ...seedFaults,
];
