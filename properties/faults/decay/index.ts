/** Wrong weight decays, each with the clause that must refute it. */
import type { Fault } from '../fault.ts';
import { movingFaults } from './moving.ts';
import { parameterFaults } from './parameters.ts';
import { restingFaults } from './resting.ts';

export const decayFaults: readonly Fault[] = [...restingFaults, ...movingFaults, ...parameterFaults];
