/** Shards and their merge, as a user runs them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { fixture, keepprob, soon, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const module = fixture('inverted.mjs');
const globs = ['dropout/keep-rate', 'dropout/kept-*', 'dropout/evaluation-is-*'].flatMap((glob) => ['--only', glob]);
const check = (args: readonly string[], env = {}) => keepprob(['check', ...soon, ...globs, ...args, module], { env });
const into = (name: string) => ['--report', `json=${folder.file(name)}`];
const merge = (names: readonly string[], ...rest: readonly string[]) =>
  keepprob(['merge', ...names.map(folder.file), ...rest]);
const names = ['1.json', '2.json', '3.json'];
const shards = Promise.all(names.map((name, i) => check(['--shard', `${i + 1}/3`, ...into(name)])));

describe('three shards', () => {
  it('decide nothing by themselves', async () => {
    for (const [i, { code, stdout }] of (await shards).entries()) {
      expect(code).toBe(3);
      expect(stdout).toMatch(new RegExp(`^shard ${i + 1} of 3: keepprob merge decides when all are done\n`));
      expect(folder.report(names[i])).toMatchObject({
        verdict: 'undecided',
        complete: true,
        shard: { of: 3, parts: [i + 1] },
      });
    }
  });

  it('conform when merged, in any order', async () => {
    await shards;
    const { code, stdout } = await merge(names, ...into('merged.json'));
    expect(stdout).toContain('✓ dropout/keep-rate');
    expect(stdout).toContain('inverted 1.0.0: conforms\n3 hold; seed 1, profile quick');
    expect(code).toBe(0);
    await merge([...names].reverse(), ...into('again.json'));
    await merge(['merged.json', '2.json', 'merged.json'], ...into('more.json'));
    const content = (name: string) => readFileSync(folder.file(name), 'utf8');
    for (const name of ['again.json', 'more.json']) expect(content(name)).toBe(content('merged.json'));
  });

  it('are not decided where one is missing', async () => {
    await shards;
    const { code, stdout } = await merge(['1.json', '3.json']);
    expect(code).toBe(3);
    expect(stdout).toContain('the report of shard 2 of 3 is missing');
  });

  it('do not merge with what is of another run', async () => {
    await shards;
    await check(['--shard', '2/3', '--seed', '2', ...into('other.json')]);
    const { code, stderr } = await merge(['1.json', 'other.json']);
    expect(stderr).toBe('keepprob: the reports are of different runs: their seeds differ, 1 and 2\n');
    expect(code).toBe(2);
  });
});

it('a shard that finds a counterexample violates, and so does the merge', async () => {
  const args = (i: number) => ['--shard', `${i}/2`, '--only', 'dropout/kept-*', ...into(`unscaled${i}.json`)];
  const ended = await Promise.all([1, 2].map((i) => keepprob(['check', ...soon, ...args(i), fixture('unscaled.mjs')])));
  expect(ended.map(({ code }) => code).sort()).toEqual([1, 3]);
  const { code, stdout } = await merge(['unscaled1.json', 'unscaled2.json']);
  expect(code).toBe(1);
  expect(stdout).toContain('y[0] is 1, but must be 4');
});

describe('the engine that started it', () => {
  const slurm = { SLURM_ARRAY_TASK_ID: '2', SLURM_ARRAY_TASK_COUNT: '3', SLURM_ARRAY_TASK_MIN: '1' };

  it('names the shard where none is typed', async () => {
    const { stdout } = await check(into('slurm.json'), slurm);
    expect(stdout).toMatch(/^shard 2 of 3 by SLURM_ARRAY_TASK_ID: /);
    expect(folder.report('slurm.json').shard).toEqual({ of: 3, parts: [2] });
  });

  it('does not where another one is typed, or none is wanted', async () => {
    await check(['--shard', '1/2', ...into('typed.json')], slurm);
    expect(folder.report('typed.json').shard).toEqual({ of: 2, parts: [1] });
    expect((await check(['--no-shard'], slurm)).code).toBe(0);
  });
});

describe('whole runs', () => {
  const unscaled = fixture('unscaled.mjs');
  const runs = (async () => {
    await shards;
    await check(into('whole.json'));
    await keepprob(['check', ...soon, '--only', 'dropout/kept-*', ...into('unscaled.json'), unscaled]);
  })();

  it('of several implementations stand side by side, and shards of one are one of them', async () => {
    await runs;
    const { code, stdout } = await merge([...names, 'unscaled.json'], ...into('both.json'));
    expect(stdout).toContain('y[0] is 1, but must be 4');
    expect(stdout).toMatch(
      /\ninverted 1\.0\.0 +conforms +3 hold, 0 refuted\nunscaled 1\.0\.0 +violates +0 hold, 1 refuted\nconforms: 1, violates: 1\n$/,
    );
    expect(code).toBe(1);
    const { reports } = folder.report('both.json') as unknown as { reports: readonly { verdict: string }[] };
    expect(reports.map(({ verdict }) => verdict)).toEqual(['conforms', 'violates']);
  });

  it('of one implementation on two machines are two, and the same report twice is one', async () => {
    await runs;
    await check([...into('elsewhere.json'), '--seed', '2']);
    const { stdout } = await merge(['whole.json', 'elsewhere.json', 'whole.json']);
    expect(stdout.match(/^inverted 1\.0\.0 +conforms/gm)).toHaveLength(2);
    const again = await merge(['whole.json', 'whole.json'], ...into('once.json'));
    expect(again.code).toBe(0);
    expect(folder.report('once.json')).toEqual(folder.report('whole.json'));
  });

  it('can be merged with what was merged, or judged with --all', async () => {
    await runs;
    await merge(['whole.json', 'unscaled.json'], ...into('two.json'));
    await merge(['two.json', 'unscaled.json', 'whole.json'], ...into('two-again.json'));
    expect(folder.report('two-again.json')).toEqual(folder.report('two.json'));
  });
});

describe('strictness', () => {
  // The one of them that is a SHOULD is refuted.
  const judged = (name: string, ...args: readonly string[]) =>
    keepprob(['check', ...soon, '--only', 'l2/extreme-*', '--only', 'l2/linear-*', ...args, ...into(name), module]);

  it('may be asked for when whole runs are merged, and comes to what a strict run does', async () => {
    expect((await judged('lenient.json')).code).toBe(0);
    expect((await judged('strict.json', '--strict')).code).toBe(1);
    expect((await merge(['lenient.json'])).code).toBe(0);
    const { code, stdout } = await merge(['lenient.json'], '--strict', ...into('now-strict.json'));
    expect(stdout).toContain('inverted 1.0.0: violates\n');
    expect(code).toBe(1);
    const { verdict, strict } = folder.report('now-strict.json');
    expect({ verdict, strict }).toEqual({ verdict: 'violates', strict: true });
  });

  it('of a run is that of its merge', async () => {
    await judged('strict.json', '--strict');
    expect((await merge(['strict.json'])).code).toBe(1);
    const ended = await Promise.all([1, 2].map((i) => judged(`strict${i}.json`, '--strict', '--shard', `${i}/2`)));
    expect(ended.map(({ code }) => code).sort()).toEqual([1, 3]);
    expect((await merge(['strict1.json', 'strict2.json'])).code).toBe(1);
  });
});

it('a deviation that is recorded and there no more ends a merge as it ended the run', async () => {
  await shards;
  await check(into('outdated.json'));
  const report = folder.report('outdated.json');
  const known = { status: 'gone', reason: 'It was so.', expires: '2999-01-01' } as const;
  const clauses = report.clauses.map((finding) => ({ ...finding, known }));
  writeFileSync(folder.file('outdated.json'), JSON.stringify({ ...report, clauses }));
  const { code, stdout } = await merge(['outdated.json']);
  expect(stdout).toContain('inverted 1.0.0: conforms');
  expect(code).toBe(1);
});

describe('refuses', () => {
  const several = (name: string, rest: object) => {
    writeFileSync(folder.file(name), JSON.stringify({ format: 'keepprob-reports/1', ...rest }));
    return ['merge', folder.file(name)];
  };
  writeFileSync(folder.file('none.json'), '{"format":"another/1"}');
  writeFileSync(folder.file('text.json'), '# a heading');
  writeFileSync(folder.file('half.json'), JSON.stringify({ format: 'keepprob-report/1', clauses: [] }));
  const unseeded = ['check', '--profile', 'quick'];

  it.each<[string, readonly string[], string]>([
    [
      'a shard without a seed',
      [...unseeded, '--shard', '1/3', ...into('x.json'), module],
      'this is shard 1 of 3: give --seed, the same to all shards\n',
    ],
    [
      'a shard without a report',
      ['check', ...soon, '--shard', '1/3', module],
      'give --report json=FILE, without which its counts are lost\n',
    ],
    [
      'a shard beyond the last',
      ['check', ...soon, '--shard', '4/3', module],
      '--shard takes I/N, the I-th of N shards from 1/N to N/N, got 4/3\n',
    ],
    [
      'shards of all',
      ['check', '--all', ...soon, '--shard', '1/3'],
      '--all is not cut into shards: give one implementation\n',
    ],
    ['nothing to merge', ['merge'], "missing required argument 'REPORT'"],
    ['a report that is not there', ['merge', folder.file('nowhere.json')], 'could not read the report'],
    ['a report that is none', ['merge', folder.file('text.json')], 'could not read the report'],
    [
      'a report of another format',
      ['merge', folder.file('none.json')],
      'is no report: its format must be keepprob-report/1 or keepprob-reports/1\n',
    ],
    [
      'what lacks something of a report',
      ['merge', folder.file('half.json')],
      "half.json is no report: it must have required property 'suite'\n",
    ],
    [
      'no report at all',
      several('empty.json', { reports: [], missing: [] }),
      'empty.json; keepprob check --report json=FILE writes one, and check --all several\n',
    ],
    [
      'several reports that are no list',
      several('object.json', { reports: {} }),
      'object.json is no file of several reports: it/reports must be array\n',
    ],
    [
      'something missing that has no name',
      several('nameless.json', { reports: [], missing: [null] }),
      'nameless.json is no file of several reports: it/missing/0 must be object\n',
    ],
    [
      'a number of what is missing',
      several('number.json', { reports: [], missing: 5 }),
      'number.json is no file of several reports: it/missing must be array\n',
    ],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await keepprob(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
