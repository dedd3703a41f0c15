/** How long to look and how fine to see. */
import type { Resolution } from '../clause.ts';
import { mixer } from './seeds.ts';

/** The profiles: seconds, a minute or two, hours. */
export type ProfileName = 'quick' | 'standard' | 'thorough';

/** What a profile spends on a clause, and the deviation that it must see. */
export interface Profile {
  readonly name: ProfileName;
  /** Cases drawn for each universal clause. */
  readonly cases: number;
  /** Mask elements drawn for one experiment of a statistical clause, at most. */
  readonly mostElements: number;
  readonly resolution: Resolution;
}

/** keep_probs at which real implementations went wrong: simple ones, thirds, and rates that 8 bits cannot hold. */
const panel = [0.8, 0.5, 0.1, 0.17, 0.25, 1 / 3, 0.9, 0.99, 511 / 512, 0.999, 0.01, 0.001];

const profiles: Record<ProfileName, Profile> = {
  quick: {
    name: 'quick',
    cases: 40,
    mostElements: 2e7,
    resolution: { keepProbs: [0.8, 0.5, 0.1], rate: 0.005, correlation: 0.03, position: 0.1, relative: 0.2 },
  },
  standard: {
    name: 'standard',
    cases: 100,
    mostElements: 2e8,
    resolution: { keepProbs: panel, rate: 0.001, correlation: 0.01, position: 0.05, relative: 0.1 },
  },
  thorough: {
    name: 'thorough',
    cases: 1000,
    mostElements: 2e10,
    resolution: { keepProbs: panel, rate: 0.0001, correlation: 0.001, position: 0.02, relative: 0.03 },
  },
};

/** All profiles, the coarsest first. */
export const profileNames = Object.keys(profiles) as ProfileName[];

/** The profile, with keep_probs of its own for this run: a fixed panel alone could be hit by a lucky rounding. */
export function profileFor(name: ProfileName, seed: number): Profile {
  const profile = profiles[name];
  const random = mixer(seed);
  const drawn = [0, 1].map(() => Math.round((0.05 + 0.9 * random()) * 1e6) / 1e6);
  const { resolution } = profile;
  return { ...profile, resolution: { ...resolution, keepProbs: [...resolution.keepProbs, ...drawn] } };
}
