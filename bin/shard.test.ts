import { describe, expect, it } from 'vitest';
import { shardFrom, shardTyped } from './shard.ts';

describe('the shard that the environment names', () => {
  it.each([
    [
      'a Slurm array from 0',
      'SLURM_ARRAY_TASK_ID',
      { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4', SLURM_ARRAY_TASK_MIN: '0' },
      4,
      4,
    ],
    [
      'a Slurm array from 1',
      'SLURM_ARRAY_TASK_ID',
      { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4', SLURM_ARRAY_TASK_MIN: '1' },
      3,
      4,
    ],
    [
      'a Slurm array in steps',
      'SLURM_ARRAY_TASK_ID',
      {
        SLURM_ARRAY_TASK_ID: '20',
        SLURM_ARRAY_TASK_COUNT: '3',
        SLURM_ARRAY_TASK_MIN: '10',
        SLURM_ARRAY_TASK_STEP: '5',
      },
      3,
      3,
    ],
    ['a Kubernetes indexed job', 'JOB_COMPLETION_INDEX', { JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '8' }, 1, 8],
    ['a parallel job of GitLab', 'CI_NODE_INDEX', { CI_NODE_INDEX: '5', CI_NODE_TOTAL: '5' }, 5, 5],
    [
      'a parallel job of Buildkite',
      'BUILDKITE_PARALLEL_JOB',
      { BUILDKITE_PARALLEL_JOB: '1', BUILDKITE_PARALLEL_JOB_COUNT: '3' },
      2,
      3,
    ],
  ])('%s', (_, variable, env, index, of) => {
    expect(shardFrom(env)).toEqual({ shard: { index, of }, variable });
  });

  it.each([
    ['nothing', {}],
    ['a single job of GitLab', { CI_NODE_TOTAL: '1' }],
    ['a single job of GitLab with its index', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '1' }],
    ['a Kubernetes job without the number of completions', { JOB_COMPLETION_INDEX: '3' }],
    ['variables that are empty', { SLURM_ARRAY_TASK_ID: '', SLURM_ARRAY_TASK_COUNT: '' }],
  ])('is none for %s', (_, env) => {
    expect(shardFrom(env)).toBeUndefined();
  });

  it('is refused where the indices leave gaps', () => {
    const env = { SLURM_ARRAY_TASK_ID: '9', SLURM_ARRAY_TASK_COUNT: '3', SLURM_ARRAY_TASK_MIN: '1' };
    expect(() => shardFrom(env)).toThrow(
      'SLURM_ARRAY_TASK_ID is 9 and SLURM_ARRAY_TASK_COUNT 3, which makes no shard; give --shard I/N, or --no-shard',
    );
  });
});

describe('a shard as typed', () => {
  it('is the I-th of N', () => expect(shardTyped('3/16')).toEqual({ index: 3, of: 16 }));

  it.each(['0/3', '4/3', '1', '1/0', '1.5/3', 'a/b', '1/3/5', ''])('is not %j', (text) =>
    expect(() => shardTyped(text)).toThrow('--shard takes I/N'),
  );
});
