/** keepprob as a library: `import { judge } from 'keepprob'`. */
import { randomInt } from 'node:crypto';
import type { Finding, ProfileName, Report } from '../src/index.ts';
import { profileNames } from '../src/judge/profiles.ts';
import { judgement } from './judgement.ts';
import { isFalseAlarm, isSeed, selected } from './options.ts';
import { channelTo, type Target } from './subjects.ts';

export { clauses, registry } from '../properties/index.ts';
export * from '../src/index.ts';
export { budgetOf } from './budget.ts';
export type { Target } from './subjects.ts';

/** How `judge` judges: each has the default of the command line. */
export interface JudgeOptions {
  /** How long to look and how fine to see; `standard` unless given. */
  readonly profile?: ProfileName;
  /** The seed of the run: an integer from 0 to 2^31 − 1, drawn anew unless given. The same seed asks the same cases. */
  readonly seed?: number;
  /** The probability that the whole run alarms falsely; 1e-9 unless given. */
  readonly falseAlarm?: number;
  /** Globs of clauses, e.g. `dropout/*`; every clause unless given. */
  readonly only?: readonly string[];
  /** Whether SHOULD counts as MUST. */
  readonly strict?: boolean;
  /** Seconds that a request may take; 60 unless given. */
  readonly timeout?: number;
  /** Called with each finding as it comes. What it answers is awaited. */
  readonly onFinding?: (finding: Finding) => void | Promise<void>;
}

/**
 * Judges an implementation, clause by clause, and resolves to the report. An implementation that breaks is no error but a
 * verdict, `broken`.
 *
 * @throws RangeError that says which option is wrong, and what was expected; a UsageError where a glob matches no clause.
 */
export async function judge(target: Target, options: JudgeOptions = {}): Promise<Report> {
  const { profile = 'standard', seed = randomInt(2 ** 31), falseAlarm = 1e-9, only = [], strict = false } = options;
  const { timeout, onFinding = () => {} } = options;
  demand(profileNames.includes(profile), 'profile', `one of ${profileNames.join(', ')}`, profile);
  demand(isSeed(seed), 'seed', 'an integer from 0 to 2147483647', seed);
  demand(isFalseAlarm(falseAlarm), 'falseAlarm', 'a probability between 0 and 1', falseAlarm);
  demand(timeout === undefined || timeout > 0, 'timeout', 'seconds above 0', timeout);
  const title = 'command' in target ? target.command.join(' ') : target.name;
  const terms = { profile, seed, falseAlarm, strict, timeout, clauses: selected(only, profile) };
  const open = async () => channelTo(target, timeout);
  return judgement({ title, open }, terms, { onFinding }).finish();
}

function demand(isMet: boolean, option: keyof JudgeOptions, wanted: string, got: unknown): void {
  if (!isMet) throw new RangeError(`${option} must be ${wanted}, got ${String(got)}`);
}
