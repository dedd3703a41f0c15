/** What a run of the whole specification may spend. */
import { registry } from '../properties/index.ts';
import { type ProfileName, profileFor } from '../src/judge/profiles.ts';
import { totalWeightOf } from '../src/judge/run.ts';
import type { Budget } from '../src/judge/verify.ts';
import { digits, goldenVectors } from './golden.ts';

/** The budget of a run by its profile, its seed and its false-alarm probability. */
export const budgetOf = (profile: ProfileName, seed: number, falseAlarm = 1e-9): Budget => ({
  profile: profileFor(profile, seed),
  seed,
  falseAlarm,
  totalWeight: totalWeightOf(registry),
  golden: goldenVectors,
  digits,
});
