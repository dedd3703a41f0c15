/** A module judged in the same process: verdicts, the report, and what decides them. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { projectFile } from '../src/root.ts';
import { version } from '../src/version.ts';
import { type Ended, fixture, keepprob, soon, start, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const only = (...globs: readonly string[]) => globs.flatMap((glob) => ['--only', glob]);
const scale = 'dropout/kept-are-scaled-by-inverse-keep-prob';
const check = (args: readonly string[], module: string, env = {}): Promise<Ended> =>
  keepprob(['check', ...soon, ...args, fixture(module)], { env });

describe('a correct module', () => {
  it('conforms, and the report says what was seen', async () => {
    const before = Date.now();
    const reports = ['one.json', 'other.json'].flatMap((name) => ['--report', `json=${folder.file(name)}`]);
    const globs = only('dropout/keep-rate', 'dropout/kept-*', 'dropout/golden', 'dropout/layers-are-independent');
    const { code, stdout, stderr } = await check([...globs, ...reports], 'inverted.mjs');
    expect(stderr).toBe('');
    expect(stdout).toContain(`✓ ${scale}  40 cases, `);
    expect(stdout).toMatch(/inverted 1\.0\.0: conforms\n3 hold, 1 not applicable; seed 1, profile quick, /);
    expect(code).toBe(0);

    const report = folder.report('one.json');
    expect(folder.report('other.json')).toEqual(report);
    expect(report).toEqual({
      format: 'keepprob-report/1',
      suite: { version, spec: '1.0' },
      seed: 1,
      profile: 'quick',
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      implementation: {
        name: 'inverted',
        version: '1.0.0',
        language: 'javascript',
        capabilities: {
          dropout: { dtypes: ['float64'], keep_prob_zero: 'zeros' },
          penalty: { dtypes: ['float64'], coefficient: 0.5 },
        },
      },
      verdict: 'conforms',
      clauses: expect.any(Array),
      diagnosis: [],
      budget: { falseAlarm: 1e-9, spent: expect.any(Number) },
      complete: true,
    });
    expect(Date.parse(report.started)).toBeGreaterThanOrEqual(before - 1);
    // One clause was statistical: its share is spent, and no more.
    expect(report.budget.spent).toBeGreaterThan(0);
    expect(report.budget.spent).toBeLessThan(1e-9);

    const facts = report.clauses.map(({ id, level, kind, verdict }) => [id, level, kind, verdict]);
    expect(facts).toEqual([
      [scale, 'MUST', 'universal', 'holds'],
      ['dropout/keep-rate', 'MUST', 'statistical', 'holds'],
      ['dropout/layers-are-independent', 'MUST', 'statistical', 'unsupported'],
      ['dropout/golden', 'MUST', 'golden', 'holds'],
    ]);
    for (const { statement, message, milliseconds } of report.clauses) {
      expect(statement).toContain('MUST');
      expect(message).not.toBe('');
      expect(milliseconds).toBeGreaterThanOrEqual(0);
    }
    const { falseAlarm, claims, strongest } = report.clauses[1].evidence;
    expect(falseAlarm).toBe(report.budget.spent);
    expect(claims).toBe(6);
    expect(strongest).toMatchObject({ event: 'kept', measure: 'rate', band: { low: expect.any(Number) } });
  });

  it('is judged alike with the same seed', async () => {
    const judged = async (name: string) => {
      await check(
        [...only('dropout/keep-rate', 'dropout/kept-*'), '--report', `json=${folder.file(name)}`],
        'inverted.mjs',
      );
      return folder.report(name).clauses.map(({ milliseconds: _, ...finding }) => finding);
    };
    expect(await judged('first.json')).toEqual(await judged('second.json'));
  });

  it('draws a seed of its own where none is given, and says which', async () => {
    const seed = async () => {
      const args = ['check', '--profile', 'quick', ...only(scale), fixture('inverted.mjs')];
      return /; seed (\d+),/.exec((await keepprob(args)).stdout)?.[1];
    };
    const [one, other] = [await seed(), await seed()];
    expect(one).toMatch(/^\d+$/);
    expect(other).not.toBe(one);
  });
});

describe('a module without the scale', () => {
  it('violates, by a counterexample that a person can check', async () => {
    const args = [
      ...only('dropout/kept-*', 'dropout/evaluation-is-*'),
      '--report',
      `json=${folder.file('unscaled.json')}`,
    ];
    const { code, stdout } = await check(args, 'unscaled.mjs');
    expect(code).toBe(1);
    expect(stdout).toContain('unscaled 1.0.0: violates\n1 hold, 1 refuted; seed 1');
    expect(stdout).toContain('  In training, every kept element MUST equal x / keep_prob');
    expect(stdout).toContain(
      '  asked  x = [1] (float64), keepProb = 0.25\n  found  y[0] is 1, but must be 4 (off by 3.00, ',
    );
    expect(stdout).toMatch(
      /^likely {2}dropout\/no-scale {2}agrees by \d+ %, explains 1 of the refuted clauses\n {2}Kept elements are not divided/m,
    );
    expect(stdout).toContain(`  again  npx keepprob check --only ${scale} --seed 1 --profile quick `);

    const { verdict, clauses, diagnosis, complete } = folder.report('unscaled.json');
    expect({ verdict, complete }).toEqual({ verdict: 'violates', complete: true });
    expect(clauses[0]).toMatchObject({
      id: scale,
      verdict: 'refuted',
      counterexample: {
        case: { x: { dtype: 'float64', shape: [1], data: [1] }, keepProb: 0.25 },
        where: 'y[0]',
        got: '1',
        wanted: '4',
        distance: 'off by 3.00',
        allowed: expect.stringContaining('rounded to float64'),
      },
    });
    expect(diagnosis).toEqual([expect.objectContaining({ fault: 'dropout/no-scale', agreement: 1 })]);
  });

  it('is refuted again by the line that it is given', async () => {
    const { stdout } = await check(only('dropout/kept-*'), 'unscaled.mjs');
    const again = /^ {2}again {2}npx keepprob (.*)$/m.exec(stdout)?.[1] ?? expect.fail(stdout);
    expect((await keepprob(again.split(' '))).stdout).toBe(stdout);
  });
});

it('a module whose rate is off violates by what was counted', async () => {
  const { code, stdout } = await check(only('dropout/keep-rate'), 'biased.mjs');
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /found {2}the rate of 'kept' \(keep_prob 0\.8, shape \[\d+\]\) is 0\.7[345]\d*, [\d ]+ of [\d ]+, but must be 0\.8 \(a correct implementation is this far off less than once in \de\d+ runs\)/,
  );
});

it('a false alarm that is feared less needs fewer draws', async () => {
  const drawn = async (falseAlarm: string) => {
    const file = folder.file('draws.json');
    const args = [...only('dropout/keep-rate'), '--false-alarm', falseAlarm, '--report', `json=${file}`];
    expect((await check(args, 'inverted.mjs')).code).toBe(0);
    const { budget, clauses } = folder.report('draws.json');
    expect(budget.falseAlarm).toBe(Number(falseAlarm));
    return Number(clauses[0].evidence['elements']);
  };
  expect(await drawn('1e-3')).toBeLessThan(await drawn('1e-30'));
});

it('a report that can no more be written is missed, not passed over', async () => {
  mkdirSync(folder.file('gone'));
  const removing = `import { rmSync } from 'node:fs';
import inverted from ${JSON.stringify(fixture('inverted.mjs'))};
rmSync(${JSON.stringify(folder.file('gone'))}, { recursive: true });
export default inverted;`;
  writeFileSync(folder.file('removing.mjs'), removing);
  const report = ['--report', `json=${folder.file('gone/report.json')}`];
  const { code, stdout, stderr } = await keepprob([
    'check',
    ...soon,
    ...only(scale),
    ...report,
    folder.file('removing.mjs'),
  ]);
  expect(stdout).toContain('inverted 1.0.0: conforms');
  expect(stderr).toMatch(/^keepprob: the report could not be written to .*report\.json: ENOENT/);
  // All was judged, so that it is no wrong usage; and what was asked for is missing, so that it does not end well.
  expect(code).toBe(3);
});

describe('what is judged', () => {
  const idsOf = async (...globs: readonly string[]) => {
    await check([...only(...globs), '--report', `json=${folder.file('ids.json')}`], 'silent.mjs');
    return folder.report('ids.json').clauses.map(({ id }) => id);
  };

  it('is what the globs name, each once, in the order of the specification', async () => {
    expect(await idsOf('*/golden', 'dropout/golden', 'dropout/kept-*')).toEqual([
      scale,
      'dropout/golden',
      'l2/golden',
      'decay/golden',
      'training/golden',
    ]);
    expect(await idsOf('l2/g?lden')).toEqual(['l2/golden']);
    // A dot stands for itself.
    expect((await check(only('l2/g.lden'), 'silent.mjs')).code).toBe(2);
  });

  it('is everything without a glob; and where nothing applies, nothing is decided', async () => {
    expect((await idsOf()).length).toBeGreaterThan(60);
    const { code, stdout } = await check([], 'silent.mjs');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^\nsilent 1\.0\.0: undecided \(no MUST was judged\)\n\d+ not applicable; seed 1/);
    expect(folder.report('ids.json')).toMatchObject({ verdict: 'undecided', complete: true });
  });
});

describe('a SHOULD', () => {
  const globs = only('l2/lambda-zero-*', 'l2/extreme-*');

  it('does not count', async () => {
    const { code, stdout } = await check(globs, 'inverted.mjs');
    expect(stdout).toContain('✗ l2/extreme-weights-stay-finite  SHOULD (counts with --strict alone)');
    expect(stdout).toContain('inverted 1.0.0: conforms\n1 hold, 1 refuted');
    expect(code).toBe(0);
  });

  it('counts with --strict', async () => {
    const { code, stdout } = await check(['--strict', ...globs], 'inverted.mjs');
    expect(stdout).toContain('inverted 1.0.0: violates');
    expect(code).toBe(1);
  });

  it('alone decides nothing', async () => expect((await check(only('l2/extreme-*'), 'inverted.mjs')).code).toBe(3));
});

describe('a module that is none', () => {
  it.each([
    ['no-default.mjs', 'no-default.mjs has no default export, but must export an implementation'],
    ['no-object.mjs', 'no-object.mjs is no implementation: it must be an object, got function'],
    ['no-version.mjs', 'no-version.mjs is no implementation: "version" is missing'],
    ['no-function.mjs', 'no-function.mjs is no implementation: penalty must be a function, got number'],
    ['throws.mjs', 'throws.mjs: TypeError: the weights are missing'],
  ])('is broken: %s', async (name, sentence) => {
    const report = ['--report', `json=${folder.file('none.json')}`];
    const { code, stdout } = await keepprob(['check', ...soon, ...report, `src/protocol/testing/${name}`]);
    expect(stdout).toContain(sentence);
    expect(stdout).toContain('nothing was judged; seed 1');
    expect(code).toBe(4);
    expect(folder.report('none.json')).toMatchObject({
      verdict: 'broken',
      complete: false,
      clauses: [],
      error: expect.stringContaining(sentence),
      implementation: { name: `src/protocol/testing/${name}`, version: '' },
    });
  });
});

describe('a file that is no module', () => {
  writeFileSync(folder.file('syntax.mjs'), 'this is no JavaScript');
  writeFileSync(folder.file('adapter.py'), 'import json');
  writeFileSync(folder.file('data.json'), '{}');

  it.each([
    ['syntax.mjs', "syntax.mjs: SyntaxError: Unexpected identifier 'is' (node --check "],
    ['adapter.py', 'adapter.py: it is no JavaScript module; a program in any other language is judged by the command'],
    ['data.json', 'data.json: it is no JavaScript module; a program in any other language is judged by the command'],
  ])('is broken, and what is to be done is said: %s', async (name, sentence) => {
    const { code, stdout } = await keepprob(['check', ...soon, folder.file(name)]);
    expect(stdout).toContain(sentence);
    expect(code).toBe(4);
  });
});

it('judges a folder by its manifest', async () => {
  const { code, stdout } = await keepprob(['check', ...soon, ...only(scale), 'implementations/typescript-reference']);
  expect(stdout).toMatch(/^✓ .*\n\nkeepprob-reference \S+: conforms\n/);
  expect(code).toBe(0);
});

it('says so where it is itself at fault, which is no violation', async () => {
  const { code, stderr } = await start(['check', ...soon, ...only(scale), fixture('sabotaging.mjs')]).ended;
  expect(stderr).toContain('keepprob: this is a defect of keepprob, nothing was decided: TypeError');
  expect(code).toBe(3);
});

describe('a module that ends its judge', () => {
  it.each([
    ['leaving.mjs', 'ended the process that judged it'],
    ['rejecting.mjs', 'failed outside of any call: left behind'],
  ])('%s gets no verdict of its own making', async (name, sentence) => {
    const { code, stderr } = await check(['--report', `json=${folder.file('ended.json')}`], name);
    expect(code).toBe(4);
    expect(stderr).toContain(sentence);
    expect(folder.report('ended.json')).toMatchObject({ verdict: 'broken', complete: false });
  });
});

describe('the output', () => {
  const escapeCode = String.fromCharCode(27);

  it.each([{}, { CI: 'true' }, { NO_COLOR: '1', FORCE_COLOR: '1' }])(
    'has no colours in a pipe, with %j',
    async (env) => {
      const { stdout, stderr } = await check(only('dropout/kept-*'), 'unscaled.mjs', env);
      expect(stdout + stderr).not.toContain(escapeCode);
    },
  );

  it('shows no progress where stderr is no terminal', async () => {
    expect((await check(only('dropout/keep-rate'), 'inverted.mjs')).stderr).toBe('');
  });

  /** The command line, of whose output only the first line is read. */
  const headOf = (args: readonly string[]): Promise<{ code: number | null; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [projectFile('bin/keepprob.js'), ...args], { cwd: projectFile('') });
      let stderr = '';
      child.stdout.once('data', () => child.stdout.destroy());
      child.stderr.on('data', (text) => {
        stderr += text;
      });
      child.on('close', (code) => resolve({ code, stderr }));
    });

  it('may be read in part: the verdict and the report come all the same', async () => {
    const report = ['--report', `json=${folder.file('head.json')}`];
    const args = [
      'check',
      ...soon,
      ...only('dropout/kept-*', 'dropout/evaluation-*'),
      ...report,
      fixture('unscaled.mjs'),
    ];
    expect(await headOf(args)).toEqual({ code: 1, stderr: '' });
    expect(folder.report('head.json')).toMatchObject({ verdict: 'violates', complete: true });
    expect(await headOf(['list'])).toEqual({ code: 0, stderr: '' });
  });
});
