/** A run as the JSON report, `keepprob-report/1`: what other programs rely on. */
import type { ProfileName } from '../judge/profiles.ts';
import { type RunVerdict, verdictOfRun } from '../judge/run.ts';
import type { Finding } from '../judge/verify.ts';
import type { Capabilities, Identity } from '../subject.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Portrait } from './portrait.ts';

/** A run on one implementation: plain data, `JSON.stringify` writes it as `spec/schema/report.json` describes. */
export interface Report {
  readonly format: 'keepprob-report/1';
  readonly suite: { readonly version: string; readonly spec: string };
  readonly seed: number;
  readonly profile: ProfileName;
  /** ISO 8601. */
  readonly started: string;
  readonly implementation: Identity & { readonly capabilities?: Capabilities };
  readonly verdict: RunVerdict;
  readonly clauses: readonly Finding[];
  /** What the implementation did wrong where no clause could be judged at all. */
  readonly error?: string;
  readonly diagnosis: readonly Diagnosis[];
  /** The false-alarm probability that the run may spend, and the part that its statistical clauses did. */
  readonly budget: { readonly falseAlarm: number; readonly spent: number };
  /** Whether every clause that was asked for was gone through. */
  readonly complete: boolean;
  /** Where the verdict counts SHOULD as MUST: what is merged from this report then does too. */
  readonly strict?: boolean;
  /** Where the run was cut into shards. */
  readonly shard?: Parts;
  /** What was drawn for pictures, where they were asked for: no part of the verdict. */
  readonly portrait?: Portrait;
}

/** What of a run in shards is in a report. */
export interface Parts {
  readonly of: number;
  /** The shards, from 1, whose part is done and is here, in order; a shard that was cut off is not among them. */
  readonly parts: readonly number[];
}

/** The edition of `spec/` that this suite holds implementations to. */
export const specEdition = '1.0';

export interface RunFacts {
  readonly version: string;
  readonly seed: number;
  readonly profile: ProfileName;
  readonly falseAlarm: number;
  readonly started: Date;
  readonly implementation: Report['implementation'];
  readonly findings: readonly Finding[];
  readonly diagnosis: readonly Diagnosis[];
  readonly error?: string;
  readonly complete: boolean;
  readonly strict: boolean;
  readonly shard?: Parts;
  readonly portrait?: Portrait;
}

export function reportOf(facts: RunFacts): Report {
  const { version, seed, profile, falseAlarm, started, implementation, findings, diagnosis, error } = facts;
  const { complete, strict, shard, portrait } = facts;
  const spent = findings.reduce((sum, { evidence }) => sum + Number(evidence['falseAlarm'] ?? 0), 0);
  return {
    format: 'keepprob-report/1',
    suite: { version, spec: specEdition },
    seed,
    profile,
    started: started.toISOString(),
    implementation,
    verdict: verdictOf({ clauses: findings, complete, strict, shard, error }),
    clauses: findings,
    ...(error === undefined ? {} : { error }),
    diagnosis,
    budget: { falseAlarm, spent },
    complete,
    ...(strict ? { strict } : {}),
    ...(shard === undefined ? {} : { shard }),
    ...(portrait === undefined ? {} : { portrait }),
  };
}

/** What a report comes to. */
function verdictOf({
  clauses,
  complete,
  strict,
  shard,
  error,
}: Pick<Report, 'clauses' | 'complete'> & {
  readonly strict: boolean;
  readonly shard: Parts | undefined;
  readonly error: string | undefined;
}): RunVerdict {
  if (error !== undefined) return 'broken';
  // What one shard has not refuted, another may: a part of a run never conforms.
  const isWhole = shard === undefined || shard.parts.length === shard.of;
  return verdictOfRun(clauses, { strict, complete: complete && isWhole });
}

/** The report as a strict run would have written it: SHOULD was judged all the same, and only now counts. */
export function strictly(report: Report): Report {
  const { clauses, complete, shard, error } = report;
  return { ...report, strict: true, verdict: verdictOf({ clauses, complete, strict: true, shard, error }) };
}

/** What failed: what is refuted or broke, and is not as recorded. */
export const failuresOf = ({ clauses }: Pick<Report, 'clauses'>): readonly Finding[] =>
  clauses.filter(({ verdict, known }) => ['refuted', 'broken'].includes(verdict) && known?.status !== 'as recorded');

/** What deviates as it is known to. */
export const recordedOf = ({ clauses }: Pick<Report, 'clauses'>): readonly Finding[] =>
  clauses.filter(({ known }) => known?.status === 'as recorded');
