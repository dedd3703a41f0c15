/** How a command ends: by its own verdict, whatever the implementation, the terminal or the disk does. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFile } from '../src/root.ts';
import { adapter, fixture, keepprob, soon, start, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const scale = 'dropout/kept-are-scaled-by-inverse-keep-prob';
const evaluation = 'dropout/evaluation-is-identity';
const check = ['check', ...soon, '--only', scale];
const inverted = fixture('inverted.mjs');

/** A module of that text, which finds the correct implementation as `inverted`. */
function module(name: string, text: string): string {
  writeFileSync(folder.file(name), `import inverted from ${JSON.stringify(inverted)};\n${text}\n`);
  return folder.file(name);
}

/** A report that records a counterexample, which can be replayed. */
beforeAll(async () => {
  const report = ['--report', `json=${folder.file('recorded.json')}`];
  await keepprob(['check', ...soon, '--only', scale, '--only', evaluation, ...report, fixture('unscaled.mjs')]);
  const content = folder.report('recorded.json');
  const [{ counterexample }] = content.clauses;
  const clauses = content.clauses.map((finding) => ({ ...finding, counterexample }));
  writeFileSync(folder.file('recorded.json'), JSON.stringify({ ...content, clauses }));
});

/** The three commands that ask an implementation. */
const commands: readonly (readonly [string, readonly string[]])[] = [
  ['check', check],
  ['fingerprint', ['fingerprint']],
  ['replay', ['replay', folder.file('recorded.json'), scale]],
];

describe.each(commands)('%s of a module', (_, command) => {
  it.each([
    [
      'leaves',
      'export default { ...inverted, dropout: () => process.exit(0) };',
      'the implementation ended the process that judged it',
    ],
    [
      'throws later',
      `export default { ...inverted, dropout: () => new Promise(() => setTimeout(() => { throw new Error('too late'); })) };`,
      'the implementation failed outside of any call: too late',
    ],
    [
      'rejects later',
      `export default { ...inverted, dropout: () => new Promise(() => Promise.reject(new Error('left behind'))) };`,
      'the implementation failed outside of any call: left behind',
    ],
    [
      'never settles',
      'await new Promise(() => {});\nexport default inverted;',
      'the module never came to its end: what it awaits at its top level never settles',
    ],
  ])('that %s breaks', async (name, text, sentence) => {
    const { code, stderr } = await keepprob([...command, module(`${name.replace(' ', '-')}.mjs`, text)]);
    expect(stderr).toContain(`keepprob: ${sentence}; `);
    expect(code).toBe(4);
  });

  it('that leaves something running ends with its verdict all the same', async () => {
    const ending =
      'setInterval(() => {}, 1000);\nsetTimeout(() => process.exit(3), 2 ** 30);\nexport default inverted;';
    const { code, stdout } = await keepprob([...command, module('running.mjs', ending)]);
    expect(stdout).toMatch(/: conforms\n|all is as declared\n|holds now\n/);
    expect(code).toBe(0);
  });
});

it.skipIf(process.platform === 'win32')(
  'a reader that is slow gets all of a report that was printed, before the process ends',
  () => {
    symlinkSync('/dev/stdout', folder.file('long'));
    const running = module('running-long.mjs', 'setInterval(() => {}, 1000);\nexport default inverted;');
    const words = [
      process.execPath,
      projectFile('bin/keepprob.js'),
      'check',
      ...soon,
      '--report',
      `json=${folder.file('long')}`,
    ];
    const line = `${[...words, running].map((word) => `'${word}'`).join(' ')} | (sleep 3; cat)`;
    const { stdout } = spawnSync('sh', ['-c', `timeout 60 ${line}`], { encoding: 'utf8' });
    const [, report] = stdout.split(/^(?=\{$)/m);
    expect(report.length).toBeGreaterThan(2 ** 14);
    expect(JSON.parse(report)).toMatchObject({ implementation: { name: 'inverted' } });
  },
);

describe.skipIf(process.platform === 'win32').each(commands.slice(1))('%s that is interrupted', (_, command) => {
  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])('by %s leaves no adapter, and decides nothing', async (signal) => {
    const pidFile = folder.file(`${command[0]}-${signal}.pid`);
    const asked = command.map((word) => (word === scale ? evaluation : word));
    const run = start([...asked, '--', ...adapter('inverted.mjs', 'breed', pidFile)]);
    const pids = () => (existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split(' ').map(Number) : []);
    await expect.poll(() => pids().length, { timeout: 30_000 }).toBe(2);
    run.signal(signal);
    const { code, stderr } = await run.ended;
    expect(stderr).toBe('\ninterrupted: nothing was decided\n');
    expect(code).toBe(3);
    try {
      await expect.poll(() => pids().filter(isRunning), { timeout: 10_000 }).toEqual([]);
    } finally {
      // A test that fails leaves nothing running either.
      for (const pid of pids().filter(isRunning)) process.kill(pid, 'SIGKILL');
    }
  });
});

/** Whether a process of that id is at work; a zombie that nobody has reaped is not. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

describe.skipIf(!existsSync('/dev/full'))('a disk that is full', () => {
  /** Runs it with a stdout that takes nothing. */
  function onFullDisk(args: readonly string[]) {
    const words = [process.execPath, projectFile('bin/keepprob.js'), ...args].map((word) => `'${word}'`);
    const { status, stderr } = spawnSync('sh', ['-c', `${words.join(' ')} > /dev/full`], { encoding: 'utf8' });
    return { code: status, stderr };
  }
  const said = 'keepprob: the output could not be written: ENOSPC: no space left on device, write\n';

  it.each([
    ['inverted.mjs', 'conforms', 0],
    ['unscaled.mjs', 'violates', 1],
  ])('loses neither the verdict nor the report on %s', (name, verdict, code) => {
    const file = folder.file('full.json');
    expect(onFullDisk([...check, '--report', `json=${file}`, fixture(name)])).toEqual({ code, stderr: said });
    expect(folder.report('full.json')).toMatchObject({ verdict, complete: true });
    expect(onFullDisk([...check, '--report', `json=${file}`, '--', ...adapter(name)])).toEqual({ code, stderr: said });
  });

  it.each([[['list']], [['explain', scale]], [['faults']], [['--help']]])('leaves %j undone', (args) => {
    expect(onFullDisk(args)).toEqual({ code: 3, stderr: said });
  });

  it('is said of a report too, which is then missing', async () => {
    symlinkSync('/dev/full', folder.file('full'));
    const { code, stdout, stderr } = await keepprob([...check, '--report', `json=${folder.file('full')}`, inverted]);
    expect(stdout).toContain('inverted 1.0.0: conforms');
    expect(stderr).toMatch(
      /^keepprob: the report could not be written to .*full: ENOSPC: no space left on device, write\n$/,
    );
    expect(code).toBe(3);
  });
});

describe('a report', () => {
  it.skipIf(process.platform === 'win32')('is printed where its path leads to the output', async () => {
    symlinkSync('/dev/stdout', folder.file('output'));
    const { code, stdout } = await keepprob([...check, '--report', `markdown=${folder.file('output')}`, inverted]);
    expect(stdout).toMatch(/^✓ .*\n\ninverted 1\.0\.0: conforms\n.*\n\| implementation \| verdict \| /);
    expect(code).toBe(0);
  });

  it('stays where it was wanted, wherever the module goes', async () => {
    const leaving = module('wandering.mjs', `process.chdir('/');\nexport default inverted;`);
    mkdirSync(folder.file('here'));
    const { code } = await keepprob([...check, '--report', 'json=report.json', leaving], { cwd: folder.file('here') });
    expect(code).toBe(0);
    expect(folder.report('here/report.json')).toMatchObject({ verdict: 'conforms' });
  });

  it('that can no more be written does not make good what is not', async () => {
    const gone = folder.file('gone-too');
    mkdirSync(gone);
    const text = `import { rmSync } from 'node:fs';\nrmSync(${JSON.stringify(gone)}, { recursive: true });\nexport default { ...inverted, dropout: (_, { x }) => ({ y: x }) };`;
    const { code, stdout, stderr } = await keepprob([
      ...check,
      ...['--report', `json=${gone}/a.json`, '--report', `junit=${gone}/b.xml`, module('removing.mjs', text)],
    ]);
    expect(stdout).toContain(': violates');
    expect(stderr).toMatch(/^keepprob: the report .*a\.json: ENOENT.*\nkeepprob: the report .*b\.xml: ENOENT.*\n$/);
    expect(code).toBe(1);
  });

  it('on all that can no more be written leaves nothing in the temporary folder', async () => {
    const temporary = folder.file('temporary');
    mkdirSync(temporary);
    mkdirSync(folder.file('gone-last'));
    const report = ['--report', `json=${folder.file('gone-last/report.json')}`];
    const run = start(['check', '--all', ...soon, '--only', 'l2/golden', ...report], { env: { TMPDIR: temporary } });
    await expect.poll(() => readdirSync(temporary).length, { timeout: 10_000 }).toBe(1);
    spawnSync('rm', ['-r', folder.file('gone-last')]);
    const { code, stderr } = await run.ended;
    expect(stderr).toMatch(/^keepprob: the report could not be written to .*report\.json: ENOENT/);
    expect([1, 3, 4]).toContain(code);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
