/** Wrong penalties, each with the clause that must refute it. */
import type { Fault } from '../fault.ts';
import { gradientFaults } from './gradient.ts';
import { strengthFaults } from './strength.ts';
import { valueFaults } from './value.ts';
import { weightFaults } from './weights.ts';

export const l2Faults: readonly Fault[] = [...valueFaults, ...weightFaults, ...gradientFaults, ...strengthFaults];
