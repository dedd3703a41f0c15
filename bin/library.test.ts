/** The library's `judge`: the report of a run, from a call. */
import { describe, expect, it } from 'vitest';
import { createReference } from '../src/reference/implementation.ts';
import { type Finding, type JudgeOptions, judge, type Operation } from './library.ts';
import { adapter } from './testing/command.ts';

const few: JudgeOptions = { profile: 'quick', seed: 1, only: ['dropout/kept-*', 'dropout/golden'] };

describe('judge', () => {
  it('resolves to the report, and hands over each finding before', async () => {
    const found: Finding[] = [];
    const report = await judge(createReference(), { ...few, onFinding: (finding) => void found.push(finding) });
    expect(report).toMatchObject({ verdict: 'conforms', complete: true, seed: 1, profile: 'quick', diagnosis: [] });
    expect(report.clauses).toEqual(found);
    expect(found.map(({ id }) => id)).toEqual(['dropout/kept-are-scaled-by-inverse-keep-prob', 'dropout/golden']);
  });

  it('judges a command as well, and asks the same by the same seed', async () => {
    const [program, ...args] = adapter('unscaled.mjs');
    const ask = async () => {
      const { clauses, verdict } = await judge({ command: [program, ...args] }, few);
      return { verdict, found: clauses.map(({ counterexample }) => counterexample) };
    };
    const first = await ask();
    expect(first.verdict).toBe('violates');
    expect(await ask()).toEqual(first);
  });

  it('says of one that does not start that it is broken, and throws nothing', async () => {
    const report = await judge({ command: ['no-such-command', 'x'] }, few);
    expect(report).toMatchObject({ verdict: 'broken', complete: false, clauses: [] });
    expect(report.implementation.name).toBe('no-such-command x');
    expect(report.error).toContain('no such command');
  });

  const bad = (): never => {
    throw new Error('do not look');
  };

  it.each<[string, Operation, object]>([
    [
      'throws what has no text',
      () => {
        throw { toString: bad };
      },
      { verdict: 'violates' },
    ],
    [
      'answers a getter that throws',
      () => Object.defineProperty({}, 'y', { enumerable: true, get: bad }),
      { verdict: 'broken' },
    ],
    ['answers a proxy that throws', () => new Proxy({}, { ownKeys: bad }), { verdict: 'broken' }],
  ])('throws nothing where the implementation %s', async (_, dropout, verdict) => {
    expect(await judge({ ...createReference(), dropout }, few)).toMatchObject(verdict);
  });

  it.each<[JudgeOptions, string]>([
    [{ profile: 'fast' as 'quick' }, 'profile must be one of quick, standard, thorough, got fast'],
    [{ seed: 1.5 }, 'seed must be an integer from 0 to 2147483647, got 1.5'],
    [{ seed: -1 }, 'seed must be an integer from 0 to 2147483647, got -1'],
    [{ falseAlarm: 1 }, 'falseAlarm must be a probability between 0 and 1, got 1'],
    [{ timeout: 0 }, 'timeout must be seconds above 0, got 0'],
    [{ only: ['keep-rate'] }, 'keep-rate matches no clause; did you mean dropout/keep-rate'],
  ])('refuses %o', async (options, sentence) => {
    await expect(judge(createReference(), options)).rejects.toThrow(sentence);
  });
});
