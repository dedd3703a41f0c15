/** The judge bound to vitest: what the tests of this room share. */
import { readFileSync } from 'node:fs';
import { decodeVectors } from '../src/golden.ts';
import { type ProfileName, profileFor } from '../src/judge/profiles.ts';
import { totalWeightOf } from '../src/judge/run.ts';
import type { Budget } from '../src/judge/verify.ts';
import { connect } from '../src/protocol/connect.ts';
import { moduleChannel } from '../src/protocol/module.ts';
import { projectFile } from '../src/root.ts';
import type { Implementation, Subject } from '../src/subject.ts';
import { clauses } from './index.ts';

export const subjectOf = (implementation: Implementation): Promise<Subject> => connect(moduleChannel(implementation));

/** The budget of a run with a fixed seed: what the suite draws is then the same each time; subjects may still be random. */
export const budgetOf = (profile: ProfileName, seed = 1): Budget => ({
  profile: profileFor(profile, seed),
  seed,
  falseAlarm: 1e-9,
  totalWeight: totalWeightOf(clauses),
  golden: async (stem) => decodeVectors(JSON.parse(readFileSync(projectFile(`golden/${stem}.json`), 'utf8'))),
});
