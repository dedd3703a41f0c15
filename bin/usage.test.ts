/** Wrong usage: nothing is judged, the exit code is 2, and one sentence says what was expected. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { projectFile } from '../src/root.ts';
import { version } from '../src/version.ts';
import { fixture, keepprob, misbehaving, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const correct = fixture('inverted.mjs');

mkdirSync(folder.file('room/broken'), { recursive: true });
mkdirSync(folder.file('room/empty'));
writeFileSync(folder.file('room/broken/implementation.json'), '{"title": 1}');
writeFileSync(folder.file('not.json'), '# a heading');
writeFileSync(folder.file('other.json'), '{"format":"another/1"}');
writeFileSync(folder.file('null.json'), '{"format":"keepprob-reports/1","reports":[null]}');
writeFileSync(folder.file('no-list.json'), '{"format":"keepprob-reports/1"}');
writeFileSync(folder.file('taken'), '');
const recorded = {
  format: 'keepprob-report/1',
  suite: { version, spec: '1.0' },
  seed: 1,
  profile: 'quick',
  started: '2026-01-01T00:00:00.000Z',
  implementation: { name: 'inverted', version: '1.0.0' },
  verdict: 'conforms',
  clauses: [],
  diagnosis: [],
  budget: { falseAlarm: 1e-9, spent: 0 },
  complete: true,
};
writeFileSync(folder.file('report.json'), JSON.stringify(recorded));

describe.concurrent('refuses', () => {
  it.for<[string, readonly string[], string]>([
    ['an unknown command', ['chekc'], "error: unknown command 'chekc'\n(Did you mean check?)"],
    ['an unknown option', ['check', '--sed', '1', correct], "error: unknown option '--sed'\n(Did you mean --seed?)"],
    ['an operand too many', ['list', 'all'], 'error: too many arguments for'],
    [
      'a command that does not stand after --',
      ['check', 'python3', 'adapter.py'],
      "too many arguments for 'check'. Expected 1 argument but got 2.\n(a command that is to be judged goes after --",
    ],
    ['something to keep that is not measured', ['faults', '--keep'], '--keep goes with --measure'],
    [
      'faults that are not chosen from',
      ['faults', '--only', 'zzz'],
      '--only goes with --measure, --diagnosis, --own and',
    ],
    [
      'more runs of what is not measured',
      ['faults', '--runs', '5'],
      '--runs goes with --diagnosis, --own, --acquittal',
    ],
    ['two screens at once', ['faults', '--strengths', '--diagnosis'], 'show one thing each: ask for one of them'],
    [
      'a fault that there is not, beside one that there is',
      ['faults', '--own', '--only', 'l2/*', '--only', 'zzz'],
      '--only zzz matches none of ',
    ],
    [
      'a command to merge',
      ['merge', folder.file('report.json'), '--', 'node', 'a.js'],
      'merge judges nobody and takes no command after --, got node a.js',
    ],
    ['a command to list', ['list', '--', 'x'], 'list judges nobody and takes no command after --, got x'],
    ['a command to explain', ['explain', 'dropout/keep-rate', '--', 'x'], 'explain judges nobody and takes no command'],
    ['a command to write an adapter for', ['init', 'python', '--', 'x'], 'init judges nobody and takes no command'],
    ['nothing after -- of faults', ['faults', '--'], 'faults judges nobody and takes no command after --, got nothing'],
    ['explain without a clause', ['explain'], "error: missing required argument 'CLAUSE'"],
    [
      'an unknown clause',
      ['explain', 'dropout/keep-rat'],
      'there is no clause dropout/keep-rat; did you mean dropout/keep-rate',
    ],
    ['a clause like no other', ['explain', 'xyz'], 'there is no clause xyz; keepprob list shows them all'],
    [
      'an unknown clause to replay',
      ['replay', 'r.json', 'dropout/kept', correct],
      'there is no clause dropout/kept; did you mean',
    ],
    [
      'a glob that matches nothing',
      ['check', '--only', 'keep-rate', correct],
      '--only keep-rate matches no clause; did you mean dropout/keep-rate',
    ],
    ['nothing to judge', ['check'], 'nothing to judge: give a module, or a command after --, or --all'],
    ['nothing after --', ['check', '--'], 'expected a command after --, got nothing'],
    ['a missing module', ['check', 'nowhere.mjs'], 'no such module: nowhere.mjs; to judge a command, put it after --'],
    [
      'a folder without a manifest',
      ['check', folder.file('.')],
      'is a folder without an implementation.json: give a module, or a command after --',
    ],
    [
      'a folder beside a manifest that is none',
      ['check', folder.file('room/empty')],
      'room/broken/implementation.json is no manifest',
    ],
    [
      'a module and a command',
      ['check', correct, '--', 'node', 'a.js'],
      'expected either a module or a command after --, got both',
    ],
    ['--all with a module', ['check', '--all', correct], '--all judges every implementation of this project'],
    [
      '--all with a command',
      ['check', '--all', '--', 'node', 'a.js'],
      'it takes no module and no command, got node a.js',
    ],
    [
      'a seed that is no number',
      ['check', '--seed', 'one', correct],
      '--seed takes an integer from 0 to 2147483647, got one',
    ],
    [
      'a seed that is no integer',
      ['check', '--seed', '1.5', correct],
      '--seed takes an integer from 0 to 2147483647, got 1.5',
    ],
    ['a negative seed', ['check', '--seed=-1', correct], '--seed takes an integer from 0 to 2147483647, got -1'],
    ['an empty seed', ['check', '--seed=', correct], '--seed takes an integer from 0 to 2147483647, got nothing'],
    ['a seed without a value', ['check', '--seed'], "error: option '--seed <N>' argument missing"],
    [
      'an unknown profile',
      ['check', '--profile', 'fast', correct],
      '--profile takes quick, standard, thorough, got fast',
    ],
    [
      'a certain false alarm',
      ['check', '--false-alarm', '1', correct],
      '--false-alarm takes a probability between 0 and 1, got 1',
    ],
    [
      'no false alarm at all',
      ['check', '--false-alarm', '0', correct],
      '--false-alarm takes a probability between 0 and 1, got 0',
    ],
    ['no time', ['check', '--timeout', '0', correct], '--timeout takes seconds above 0, got 0'],
    ['endless time', ['check', '--timeout', 'Infinity', correct], '--timeout takes seconds above 0, got Infinity'],
    [
      'a report without a file',
      ['check', '--report', 'json', correct],
      '--report takes FORMAT=FILE, such as json=report.json, got json',
    ],
    ['a report with an empty file', ['check', '--report', 'json=', correct], '--report takes FORMAT=FILE'],
    [
      'an unknown format',
      ['check', '--report', 'xml=report.xml', correct],
      '--report knows the formats json, junit, html, markdown, badge, got xml',
    ],
    [
      'a folder that does not exist',
      ['check', '--report', 'json=nowhere/r.json', correct],
      'nowhere/r.json cannot be written',
    ],
    [
      'two reports in one file',
      ['check', '--report', 'json=same.x', '--report', 'html=./same.x', correct],
      '--report html=./same.x: --report json=same.x writes that file too; give each a file of its own',
    ],
    [
      'two reports of a merge in one file',
      ['merge', 'a.json', '--report', 'json=same.x', '--report', 'json=same.x'],
      '--report json=same.x: --report json=same.x writes that file too',
    ],
    ['a folder as a report', ['check', '--report', `json=${folder.file('room')}`, correct], 'room cannot be written'],
    [
      'a report that is not there',
      ['replay', 'nowhere.json', 'dropout/keep-rate', correct],
      'could not read the report nowhere.json: ENOENT',
    ],
    [
      'a report that is no JSON',
      ['replay', folder.file('not.json'), 'dropout/keep-rate', correct],
      'is not valid JSON',
    ],
    [
      'a report of another',
      ['replay', folder.file('other.json'), 'dropout/keep-rate', correct],
      'is no report: its format must be keepprob-report/1 or keepprob-reports/1',
    ],
    [
      'reports that are none',
      ['replay', folder.file('null.json'), 'dropout/keep-rate', correct],
      'is no report: it must be object',
    ],
    [
      'reports that are no list',
      ['replay', folder.file('no-list.json'), 'dropout/keep-rate', correct],
      "is no file of several reports: it must have required property 'reports'",
    ],
    [
      'a clause that was not refuted',
      ['replay', folder.file('report.json'), 'dropout/keep-rate', correct],
      'holds no counterexample to dropout/keep-rate: only a refuted clause has one',
    ],
    ['replay of nobody', ['replay', folder.file('report.json'), 'dropout/keep-rate'], 'nothing to judge'],
    ['init without a language', ['init'], "error: missing required argument 'LANGUAGE'"],
    [
      'init of an unknown language',
      ['init', 'cobol'],
      'init knows python, javascript, rust, go, java, cpp, got cobol; for others, spec/protocol.md says all that an adapter needs',
    ],
    [
      'init of what every object has',
      ['init', 'constructor'],
      'init knows python, javascript, rust, go, java, cpp, got c',
    ],
    [
      'init of what an object comes from',
      ['init', '__proto__'],
      'init knows python, javascript, rust, go, java, cpp, got _',
    ],
    ['init into nothing', ['init', 'python', ''], 'init takes the name of a folder, got nothing'],
    ['init into a file', ['init', 'python', folder.file('taken')], 'taken cannot be written'],
  ])('%s', async ([, args, sentence], { expect }) => {
    const { code, stdout, stderr } = await keepprob(args);
    expect(stderr).toContain(sentence);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('a command that is missing, with all that there are', async ({ expect }) => {
    const { code, stderr } = await keepprob([]);
    expect(code).toBe(2);
    for (const command of ['check', 'list', 'explain', 'replay', 'init']) expect(stderr).toContain(`  ${command} `);
  });
});

describe.concurrent('answers', () => {
  it('what it can do, and how it ends', async ({ expect }) => {
    const { code, stdout } = await keepprob(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Exit codes: 0 conforms, 1 violates, 2 wrong usage, 3 not decided, 4 the implementation broke.',
    );
    expect((await keepprob(['check', '--help'])).stdout).toContain('--false-alarm <P>');
  });

  it('its version', async ({ expect }) => {
    expect(await keepprob(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

it('what stands after -- is not its own command line', async () => {
  const { code, stdout } = await keepprob([
    'check',
    '--only',
    'dropout/golden',
    '--',
    ...misbehaving('--help'),
    '--seed',
    'x',
  ]);
  expect(stdout).toContain('misbehaving 1: broken');
  expect(code).toBe(4);
});

describe.skipIf(process.platform === 'win32')('a reader that has seen enough', () => {
  const command = `'${process.execPath}' '${projectFile('bin/keepprob.js')}'`;

  it.each([
    ['list', `${command} list | head -1`],
    ['faults', `${command} faults | head -1`],
    ['check, to both streams', `${command} check --only dropout/golden nowhere.mjs 2>&1 | head -0`],
  ])('is no error to %s', (_, line) => {
    const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
