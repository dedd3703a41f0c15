/** The judge bound to vitest: what the tests of this room share. */
import { budgetOf as budgetFor } from '../bin/budget.ts';
import type { ProfileName } from '../src/judge/profiles.ts';
import type { Budget } from '../src/judge/verify.ts';
import { connect } from '../src/protocol/connect.ts';
import { moduleChannel } from '../src/protocol/module.ts';
import type { Implementation, Subject } from '../src/subject.ts';

export const subjectOf = (implementation: Implementation): Promise<Subject> => connect(moduleChannel(implementation));

/** The budget of a run with a fixed seed: what the suite draws is then the same each time; subjects may still be random. */
export const budgetOf = (profile: ProfileName, seed = 1): Budget => budgetFor(profile, seed);
