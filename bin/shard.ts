/** Which shard this process is: as typed, or as the engine that started it says. */
import type { Shard } from '../src/judge/shard.ts';
import { UsageError } from './usage.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How an engine tells its jobs apart: the variables of the index and of the count, and the first index. */
interface Engine {
  readonly index: string;
  readonly count: string;
  readonly first: (env: Environment) => number;
  readonly step?: string;
}

const engines: readonly Engine[] = [
  {
    index: 'SLURM_ARRAY_TASK_ID',
    count: 'SLURM_ARRAY_TASK_COUNT',
    first: (env) => Number(env['SLURM_ARRAY_TASK_MIN'] ?? 0),
    step: 'SLURM_ARRAY_TASK_STEP',
  },
  { index: 'BUILDKITE_PARALLEL_JOB', count: 'BUILDKITE_PARALLEL_JOB_COUNT', first: () => 0 },
  { index: 'CI_NODE_INDEX', count: 'CI_NODE_TOTAL', first: () => 1 },
  // Kubernetes tells an indexed job its index alone: its manifest must give the number of completions, by this name.
  { index: 'JOB_COMPLETION_INDEX', count: 'JOB_COMPLETIONS', first: () => 0 },
];

export interface FoundShard {
  readonly shard: Shard;
  /** The variable that says so. */
  readonly variable: string;
}

/**
 * The shard that the environment of a Slurm array, a Kubernetes indexed job, or a parallel job of GitLab or Buildkite
 * names. None where there is but one job.
 */
export function shardFrom(env: Environment): FoundShard | undefined {
  const engine = engines.find(({ index, count }) => isSet(env[index]) && isSet(env[count]));
  if (engine === undefined) return undefined;
  const { index, count, first, step } = engine;
  const of = Number(env[count]);
  if (of === 1) return undefined;
  const stride = step === undefined ? 1 : Number(env[step] ?? 1);
  const shard = { index: (Number(env[index]) - first(env)) / stride + 1, of };
  if (!isShard(shard)) {
    const found = `${index} is ${env[index]} and ${count} ${env[count]}`;
    throw new UsageError(`${found}, which makes no shard; give --shard I/N, or --no-shard for a whole run`);
  }
  return { shard, variable: index };
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

const isShard = ({ index, of }: Shard): boolean =>
  Number.isInteger(index) && Number.isInteger(of) && 1 <= index && index <= of;

/** `I/N` as typed. */
export function shardTyped(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (!isShard(shard)) throw new UsageError(`--shard takes I/N, the I-th of N shards from 1/N to N/N, got ${text}`);
  return shard;
}
