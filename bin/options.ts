/** Options as they are typed, checked: each refusal says what was given and what was expected. */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { clauses, registry } from '../properties/index.ts';
import type { Clause } from '../src/clause.ts';
import { type ProfileName, profileNames } from '../src/judge/profiles.ts';
import type { Shard } from '../src/judge/shard.ts';
import type { Deviation } from '../src/report/deviations.ts';
import { readDeviations } from './deviations.ts';
import { isWritable } from './files.ts';
import { type Environment, type FoundShard, shardFrom, shardTyped } from './shard.ts';
import { UsageError } from './usage.ts';

/** `check`'s options, as commander hands them over. */
export interface TypedOptions {
  readonly all?: boolean;
  readonly setUp?: boolean;
  readonly only: readonly string[];
  readonly strict?: boolean;
  readonly seed?: string;
  readonly profile: string;
  readonly falseAlarm: string;
  readonly timeout?: string;
  readonly report: readonly string[];
  readonly portrait?: boolean;
  readonly deviations?: string;
  readonly update?: boolean;
  readonly progress: boolean;
  /** false for `--no-shard`. */
  readonly shard?: string | false;
}

export interface CheckOptions {
  /** Whether what is not set up is, before all are judged. */
  readonly setUp: boolean;
  /** The globs as typed. */
  readonly only: readonly string[];
  readonly clauses: readonly Clause[];
  readonly strict: boolean;
  readonly seed: number;
  readonly profile: ProfileName;
  readonly falseAlarm: number;
  /** Seconds a request may take; the protocol's own default unless given. */
  readonly timeout: number | undefined;
  readonly reports: readonly ReportFile[];
  /** Whether some masks and steps are drawn for pictures, after all is judged. */
  readonly portrait: boolean;
  /** The deviations that are expected, where a file of them was given. */
  readonly deviations: KnownFile | undefined;
  readonly progress: boolean;
  /** The part of the run that is done here; all of it unless given. */
  readonly shard: Shard | undefined;
  /** The variable of the environment that names the shard, where it was not typed. */
  readonly shardVariable: string | undefined;
}

/** A file of known deviations. */
export interface KnownFile {
  readonly file: string;
  readonly known: readonly Deviation[];
  /** Whether it is written anew from what the run finds. */
  readonly update: boolean;
}

/** The formats in which a report is written. */
export const reportFormats = ['json', 'junit', 'html', 'markdown', 'badge'] as const;

export interface ReportFile {
  readonly format: (typeof reportFormats)[number];
  readonly file: string;
}

/** @param env where the engine that started this process may have named a shard */
export function checkOptions(typed: TypedOptions, env: Environment): CheckOptions {
  const { only, strict = false, progress } = typed;
  const found = shardOf(typed, env);
  const reports = reportsFrom(typed.report);
  if (typed.setUp && !typed.all)
    throw new UsageError('--set-up goes with --all: one implementation is set up when it is judged');
  return {
    setUp: typed.setUp === true,
    only,
    clauses: selected(only, profileFrom(typed.profile)),
    strict,
    seed:
      typed.seed === undefined
        ? randomInt(2 ** 31)
        : numberFrom('--seed', typed.seed, isSeed, 'an integer from 0 to 2147483647'),
    profile: profileFrom(typed.profile),
    falseAlarm: numberFrom('--false-alarm', typed.falseAlarm, isFalseAlarm, 'a probability between 0 and 1'),
    timeout:
      typed.timeout === undefined
        ? undefined
        : numberFrom('--timeout', typed.timeout, (value) => value > 0, 'seconds above 0'),
    reports,
    portrait: typed.portrait === true || reports.some(({ format }) => format === 'html'),
    deviations: deviationsOf(typed, found),
    progress,
    shard: found?.shard,
    shardVariable: found?.variable,
  };
}

function deviationsOf(
  { deviations: file, update = false, all }: TypedOptions,
  found: Partial<FoundShard> | undefined,
): KnownFile | undefined {
  if (file === undefined) {
    if (update) throw new UsageError('--update writes the file that --deviations names: give --deviations FILE');
    return undefined;
  }
  if (found?.shard !== undefined)
    throw new UsageError(
      `--deviations goes with a whole run, not with a shard: ${shardText(found)}; give --no-shard for a whole run`,
    );
  // With --all it is the name of a file in the folder of each implementation, which its own judge reads.
  if (all) return { file, known: [], update };
  if (update && !isWritable(file))
    throw new UsageError(`--deviations ${file} cannot be written; its folder must exist and be writable`);
  return { file, known: readDeviations(file, { isWritten: update }), update };
}

/** The shard that was typed, or that the environment names. What the shards must share has to be typed with it. */
function shardOf(typed: TypedOptions, env: Environment): Partial<FoundShard> | undefined {
  const { shard: text, seed, report, all } = typed;
  if (all && typeof text === 'string') throw new UsageError('--all is not cut into shards: give one implementation');
  if (all || text === false) return undefined;
  const found: Partial<FoundShard> | undefined = text === undefined ? shardFrom(env) : { shard: shardTyped(text) };
  if (found?.shard === undefined) return undefined;
  const whole = found.variable === undefined ? '' : ', or --no-shard for a whole run';
  if (seed === undefined) throw new UsageError(`${shardText(found)}: give --seed, the same to all shards${whole}`);
  if (report.length === 0)
    throw new UsageError(`${shardText(found)}: give --report json=FILE, without which its counts are lost${whole}`);
  return found;
}

const shardText = ({ shard, variable }: Partial<FoundShard>): string =>
  `this is shard ${shard?.index} of ${shard?.of}${variable === undefined ? '' : ` by ${variable}`}`;

/** Whether a number can be the seed of a run. */
export const isSeed = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 31;

/** Whether a number can be a run's false-alarm probability. */
export const isFalseAlarm = (value: number): boolean => value > 0 && value < 1;

function numberFrom(option: string, text: string, isGood: (value: number) => boolean, expected: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || !isGood(value))
    throw new UsageError(`${option} takes ${expected}, got ${text || 'nothing'}`);
  return value;
}

function profileFrom(name: string): ProfileName {
  const found = profileNames.find((profile) => profile === name);
  if (found === undefined) throw new UsageError(`--profile takes ${profileNames.join(', ')}, got ${name}`);
  return found;
}

/** The clauses that the globs name, in their own order; without a glob all that the profile has time for. */
export function selected(globs: readonly string[], profile: ProfileName): readonly Clause[] {
  if (globs.length === 0) return profile === 'thorough' ? registry : clauses;
  const patterns = globs.map((glob) => {
    const pattern = patternOf(glob);
    if (!registry.some(({ id }) => pattern.test(id)))
      throw new UsageError(`--only ${glob} matches no clause; ${nearest(glob)}`);
    return pattern;
  });
  return registry.filter(({ id }) => patterns.some((pattern) => pattern.test(id)));
}

/** `*` stands for any characters, `?` for one. */
export const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/** The clause of that id. */
export function clauseNamed(id: string): Clause {
  const found = registry.find((clause) => clause.id === id);
  if (found === undefined) throw new UsageError(`there is no clause ${id}; ${nearest(id)}`);
  return found;
}

/** Ids that share a word with what was typed. */
function nearest(typed: string): string {
  const words = typed.split(/[^a-z0-9]+/i).filter((word) => word.length > 2);
  const shared = ({ id }: Clause) => words.filter((word) => id.includes(word)).length;
  const near = [...registry].filter((clause) => shared(clause) > 0).sort((a, b) => shared(b) - shared(a));
  return near.length === 0
    ? 'keepprob list shows them all'
    : `did you mean ${near
        .slice(0, 3)
        .map(({ id }) => id)
        .join(', ')}? keepprob list shows them all`;
}

/** Every `FORMAT=FILE` as typed, each into a file of its own: the second would be written over the first. */
export function reportsFrom(texts: readonly string[]): readonly ReportFile[] {
  const reports = texts.map(reportFrom);
  const paths = reports.map(({ file }) => resolve(file));
  const twice = paths.findIndex((path, i) => paths.indexOf(path) < i);
  if (twice < 0) return reports;
  const first = texts[paths.indexOf(paths[twice])];
  throw new UsageError(`--report ${texts[twice]}: --report ${first} writes that file too; give each a file of its own`);
}

/** `FORMAT=FILE` as typed. */
function reportFrom(text: string): ReportFile {
  const [format, file] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  if (!text.includes('=') || file === '')
    throw new UsageError(`--report takes FORMAT=FILE, such as json=report.json, got ${text}`);
  const known = reportFormats.find((each) => each === format);
  if (known === undefined)
    throw new UsageError(`--report knows the formats ${reportFormats.join(', ')}, got ${format}`);
  if (!isWritable(file))
    throw new UsageError(`--report ${text}: ${file} cannot be written; its folder must exist and be writable`);
  return { format: known, file };
}
