/** All clauses of the specification. */
import type { Clause } from '../src/clause.ts';
import { decay } from './decay.ts';
import { dropout } from './dropout.ts';
import { l2 } from './l2.ts';
import { training, trends } from './training.ts';

/** In the order in which they are judged and listed: rate before position before dependence. */
export const clauses: readonly Clause[] = [...dropout, ...l2, ...decay, ...training];

/** The clauses and the trends, which take minutes: those are judged where the profile is thorough, or by name. */
export const registry: readonly Clause[] = [...clauses, ...trends];
