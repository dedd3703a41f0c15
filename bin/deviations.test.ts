/** `check --deviations`: what is known to deviate passes the gate as long as it does, for its reason, until its day. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapter, fixture, keepprob, soon, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const scale = 'dropout/kept-are-scaled-by-inverse-keep-prob';
const mean = 'dropout/mean-is-preserved';
const file = folder.file('keepprob.deviations.json');

/** Judges a module by the clauses that a missing scale concerns, and one that it does not. */
const check = (module: string, deviations: string, ...args: readonly string[]) =>
  keepprob([
    ...['check', ...soon, '--only', scale, '--only', mean, '--only', 'dropout/evaluation-is-identity'],
    ...['--deviations', deviations, ...args, fixture(module)],
  ]);

interface Content {
  deviations: { clause: string; reason: string; expires: string; found: { symptoms: string[] } }[];
}

const read = (): Content => JSON.parse(readFileSync(file, 'utf8'));

/** The recorded deviations, changed, as another file. */
function changed(change: (content: Content) => void): string {
  const content = read();
  change(content);
  writeFileSync(folder.file('changed.json'), JSON.stringify(content));
  return folder.file('changed.json');
}

describe('known deviations', () => {
  beforeAll(async () => {
    const { code } = await check('unscaled.mjs', file, '--update');
    expect(code).toBe(0);
  });

  it('are written with what contradicts each clause, a reason to be filled in, and a day', () => {
    const { deviations } = read();
    expect(deviations.map(({ clause }) => clause)).toEqual([scale, mean]);
    for (const { reason, expires } of deviations) {
      expect(reason).toBe('Not explained yet.');
      expect(Date.parse(expires)).toBeGreaterThan(Date.now());
    }
    expect(deviations[0]).toMatchObject({ found: { seed: 1, case: { keepProb: 0.25 } } });
  });

  it('pass the gate as long as they are there, with any seed, and the report lists them', async () => {
    const report = folder.file('report.json');
    const { code, stdout } = await check('unscaled.mjs', file, '--seed', '77', '--report', `json=${report}`);
    expect(stdout).toMatch(/conforms, but for what is known to deviate\n1 hold, 2 deviate as recorded; /);
    expect(code).toBe(0);
    const { verdict, clauses } = folder.report('report.json');
    expect(verdict).toBe('conforms');
    expect(clauses.map(({ id, known }) => [id, known?.status])).toEqual([
      [scale, 'as recorded'],
      [mean, 'as recorded'],
      ['dropout/evaluation-is-identity', undefined],
    ]);
  });

  it('fail it when they are gone', async () => {
    const { code, stdout } = await check('inverted.mjs', file);
    expect(stdout).toContain(`${scale} holds: take it out of the known deviations, or write them anew with --update`);
    expect(stdout).toMatch(/: conforms\n/);
    expect(code).toBe(1);
  });

  it('fail it when they are there for another reason', async () => {
    const other = changed(({ deviations: [first] }) => first.found.symptoms.push(`${scale}: got NaN, wanted a number`));
    const { code, stdout } = await check('unscaled.mjs', other);
    expect(stdout).toContain('known  refuted for another reason than the recorded one: Not explained yet.');
    expect(code).toBe(1);
  });

  it('fail it when their day has passed', async () => {
    const old = changed(({ deviations: [first] }) => {
      first.expires = '2020-02-29';
    });
    const { code, stdout } = await check('unscaled.mjs', old);
    expect(stdout).toContain('known  deviates as recorded, but was expected until 2020-02-29 only: Not explained yet.');
    expect(code).toBe(1);
  });

  it('are written anew where asked, keeping the words of those that stay', async () => {
    const own = changed(({ deviations }) => {
      deviations[0].reason = 'It does not scale.';
      deviations.pop();
    });
    const { code } = await check('unscaled.mjs', own, '--update');
    expect(code).toBe(0);
    const { deviations } = JSON.parse(readFileSync(own, 'utf8')) as Content;
    expect(deviations.map(({ clause, reason }) => [clause, reason])).toEqual([
      [scale, 'It does not scale.'],
      [mean, 'Not explained yet.'],
    ]);
  });
});

describe('a clause at which the implementation breaks', () => {
  it('is a known deviation too', async () => {
    const crashes = folder.file('crashes.json');
    const only = ['--only', scale, '--only', 'dropout/evaluation-is-identity'];
    const judged = (...args: readonly string[]) =>
      keepprob([
        'check',
        ...soon,
        ...only,
        '--deviations',
        crashes,
        ...args,
        '--',
        ...adapter('inverted.mjs', 'crash'),
      ]);
    expect((await judged('--update')).code).toBe(0);
    const { deviations } = JSON.parse(readFileSync(crashes, 'utf8')) as Content;
    expect(deviations.map(({ clause, found }) => [clause, found.symptoms])).toEqual([
      ['dropout/evaluation-is-identity', ['dropout/evaluation-is-identity: the implementation broke: it crashed']],
    ]);
    const { code, stdout } = await judged();
    expect(stdout).toMatch(/conforms, but for what is known to deviate\n1 hold, 1 deviate as recorded; /);
    expect(code).toBe(0);
  });

  const evaluation = 'dropout/evaluation-is-identity';
  const hanging = (deviations: string) =>
    keepprob([
      ...['check', ...soon, '--only', evaluation, '--timeout', '1', '--deviations', deviations],
      ...['--', ...adapter('inverted.mjs', 'hang', folder.file('pid'))],
    ]);
  const recordOf = (name: string, found: object) => {
    const deviation = { clause: evaluation, reason: 'Known.', expires: '2999-01-01', found };
    writeFileSync(folder.file(name), JSON.stringify({ format: 'keepprob-deviations/1', deviations: [deviation] }));
    return folder.file(name);
  };
  const run = { seed: 1, profile: 'quick', message: 'it failed' };

  it('fails the gate where the implementation breaks otherwise than is recorded', async () => {
    const broke = `${evaluation}: the implementation broke`;
    const crashed = await hanging(recordOf('crashed.json', { ...run, symptoms: [`${broke}: it crashed`] }));
    expect(crashed.stdout).toContain('known  refuted for another reason than the recorded one: Known.');
    expect(crashed.code).toBe(4);
    expect((await hanging(recordOf('hung.json', { ...run, symptoms: [`${broke}: it hung`] }))).code).toBe(0);
  });

  it('is not waited for again and again where another case was recorded', async () => {
    const x = { dtype: 'float64', shape: [1], data: [1] };
    const symptoms = [evaluation, `${evaluation}: at y`, `${evaluation}: got a number, wanted a number`];
    const { code } = await hanging(recordOf('case.json', { ...run, case: { x, keepProb: 0.25 }, symptoms }));
    expect(code).toBe(4);
  });
});

describe('a run that is to write them', () => {
  it('writes none where the implementation does not start, which is said', async () => {
    const none = folder.file('never-started.json');
    const crashing = [process.execPath, '-e', 'process.exit(3)'];
    const { code, stdout, stderr } = await keepprob([
      ...['check', ...soon, '--only', scale, '--deviations', none, '--update', '--', ...crashing],
    ]);
    expect(stdout).toContain('broken');
    expect(stderr).toBe(`keepprob: ${none} was not written: the run did not come to its end\n`);
    expect(code).toBe(4);
    expect(existsSync(none)).toBe(false);
  });

  it('says what it could not write, and ends by what it found', async () => {
    const gone = folder.file('gone');
    mkdirSync(gone);
    const removing = folder.file('removing.mjs');
    writeFileSync(
      removing,
      `import { rmSync } from 'node:fs';
import unscaled from ${JSON.stringify(fixture('unscaled.mjs'))};
rmSync(${JSON.stringify(gone)}, { recursive: true });
export default unscaled;`,
    );
    const { code, stderr } = await keepprob([
      ...['check', ...soon, '--only', scale, '--deviations', `${gone}/d.json`, '--update', removing],
    ]);
    expect(stderr).toMatch(/^keepprob: the deviations could not be written to .*d\.json: ENOENT/);
    expect(code).toBe(1);
  });
});

describe('wrong usage', () => {
  const refused = async (deviations: string, ...args: readonly string[]) => {
    const { code, stderr } = await check('unscaled.mjs', deviations, ...args);
    expect(code).toBe(2);
    return stderr;
  };

  it('is a file that does not exist, unless it is to be written', async () => {
    expect(await refused(folder.file('none.json'))).toMatch(/ENOENT.*; --update writes a new one/);
  });

  it('is a file that is something else', async () => {
    const other = folder.file('other.json');
    writeFileSync(other, '{"format":"keepprob-report/1"}');
    expect(await refused(other)).toMatch(/it must have required property 'deviations'/);
    writeFileSync(other, 'no');
    expect(await refused(other)).toMatch(/not valid JSON/);
  });

  it('is a clause that there is not', async () => {
    const strange = changed(({ deviations: [first] }) => {
      first.clause = 'dropout/no-such-clause';
    });
    expect(await refused(strange)).toMatch(/names dropout\/no-such-clause, which is no clause/);
  });

  it('is a clause that is named twice', async () => {
    const twice = changed(({ deviations }) => {
      deviations.push(deviations[0]);
    });
    expect(await refused(twice)).toContain(`it names ${scale} twice`);
  });

  it('is --update without a file, and a file for a shard', async () => {
    const { code, stderr } = await keepprob(['check', ...soon, '--update', fixture('unscaled.mjs')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('give --deviations FILE')]);
    const report = `json=${folder.file('shard.json')}`;
    expect(await refused(file, '--shard', '1/2', '--seed', '1', '--report', report)).toMatch(/not with a shard/);
  });

  it('is a file for a shard that the environment names', async () => {
    const before = readFileSync(file, 'utf8');
    const args = ['check', ...soon, '--deviations', file, '--update', '--report', `json=${folder.file('job.json')}`];
    const env = { SLURM_ARRAY_TASK_ID: '1', SLURM_ARRAY_TASK_COUNT: '2', SLURM_ARRAY_TASK_MIN: '1' };
    const { code, stderr } = await keepprob([...args, fixture('unscaled.mjs')], { env });
    expect(stderr).toBe(
      'keepprob: --deviations goes with a whole run, not with a shard: this is shard 1 of 2 by SLURM_ARRAY_TASK_ID; give --no-shard for a whole run\n',
    );
    expect(code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
