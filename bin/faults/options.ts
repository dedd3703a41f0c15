/** The options of `keepprob faults`, checked: none is passed over in silence. */
import { type ProfileName, profileNames } from '../../src/judge/profiles.ts';
import { UsageError } from '../usage.ts';

/** As commander hands them over. */
export interface FaultsOptions {
  readonly measure?: boolean;
  readonly keep?: boolean;
  readonly strengths?: boolean;
  readonly diagnosis?: boolean;
  readonly own?: boolean;
  readonly acquittal?: boolean;
  readonly only: readonly string[];
  readonly runs?: string;
  readonly profile?: string;
  readonly progress: boolean;
}

/** What there is to be shown: the matrix where nothing else is asked for. */
const screens = ['strengths', 'diagnosis', 'own', 'acquittal'] as const;

/** What is asked for. */
export interface Asked {
  readonly screen: 'matrix' | (typeof screens)[number];
  /** Whether it is measured now, rather than shown as it was measured. */
  readonly measure: boolean;
  /** Whether what is measured becomes what is shown. */
  readonly keep: boolean;
  /** The globs as typed. */
  readonly only: readonly string[];
  readonly runs: number;
  readonly profiles: readonly ProfileName[];
  readonly progress: boolean;
}

/** @throws UsageError where two screens are asked for, or with one an option that it has no use for */
export function askedFor(typed: FaultsOptions): Asked {
  const { measure = false, keep = false, only, runs, profile, progress } = typed;
  const [screen = 'matrix', other] = screens.filter((each) => typed[each]);
  if (other !== undefined) throw new UsageError(`--${screen} and --${other} show one thing each: ask for one of them`);
  const idle = Object.keys(uses).find((option) => isTyped(typed, option) && !uses[option].by(screen, measure));
  if (idle !== undefined) {
    const command = ['faults', ...(screen === 'matrix' ? [] : [`--${screen}`]), ...(measure ? ['--measure'] : [])];
    throw new UsageError(`--${idle} goes with ${uses[idle].with}: it does nothing in keepprob ${command.join(' ')}`);
  }
  return { screen, measure, keep, only, runs: runsFrom(runs), profiles: profilesFrom(profile), progress };
}

/** What has a use for each option, in words and by the screen and whether it is measured. */
const uses: Readonly<
  Record<string, { readonly with: string; readonly by: (screen: Asked['screen'], measure: boolean) => boolean }>
> = {
  keep: { with: '--measure', by: (_, measure) => measure },
  only: {
    with: '--measure, --diagnosis, --own and --acquittal',
    by: (screen, measure) => measure || isAlwaysMeasured(screen),
  },
  runs: {
    with: '--diagnosis, --own, --acquittal, and --measure without --strengths',
    by: (screen, measure) => isAlwaysMeasured(screen) || (screen === 'matrix' && measure),
  },
  profile: { with: '--strengths --measure', by: (screen, measure) => screen === 'strengths' && measure },
  measure: { with: '--strengths, or none of these', by: (screen) => !isAlwaysMeasured(screen) },
};

const isAlwaysMeasured = (screen: Asked['screen']): boolean => screen !== 'matrix' && screen !== 'strengths';

function isTyped(typed: FaultsOptions, option: string): boolean {
  const value = typed[option as keyof FaultsOptions];
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

function runsFrom(text = '1'): number {
  const runs = Number(text);
  if (!(Number.isInteger(runs) && runs > 0))
    throw new UsageError(`--runs takes a number of runs, got ${text || 'nothing'}`);
  return runs;
}

function profilesFrom(name: string | undefined): readonly ProfileName[] {
  if (name === undefined) return ['quick', 'standard'];
  const found = profileNames.find((profile) => profile === name);
  if (found === undefined) throw new UsageError(`--profile takes ${profileNames.join(', ')}, got ${name}`);
  return [found];
}
