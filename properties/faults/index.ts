/** Every fault there is, by stem. */
import { decayFaults } from './decay.ts';
import { dropoutFaults } from './dropout.ts';
import type { Fault } from './fault.ts';
import { l2Faults } from './l2.ts';
import { trainingFaults } from './training.ts';

export const faults: readonly Fault[] = [...dropoutFaults, ...l2Faults, ...decayFaults, ...trainingFaults];
