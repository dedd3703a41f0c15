/** Every fault there is, by stem. */
import { decayFaults } from './decay/index.ts';
import { dropoutFaults } from './dropout/index.ts';
import type { Fault, GradedFault } from './fault.ts';
import { gradedFaults as gradedDropoutFaults } from './graded.ts';
import { gradedTrainingFaults } from './graded-training.ts';
import { l2Faults } from './l2/index.ts';
import { trainingFaults } from './training/index.ts';

export const faults: readonly Fault[] = [...dropoutFaults, ...l2Faults, ...decayFaults, ...trainingFaults];

/** Those that may be strong or weak. */
export const gradedFaults: readonly GradedFault[] = [...gradedDropoutFaults, ...gradedTrainingFaults];
