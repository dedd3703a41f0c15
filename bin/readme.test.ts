/** The code of the README and of the library's document runs, as a reader would run it: cut out, saved, and judged. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { faults } from '../properties/faults/index.ts';
import { registry } from '../properties/index.ts';
import { projectFile } from '../src/root.ts';
import { scaffoldedLanguages } from './init.ts';

const readme = readFileSync(projectFile('README.md'), 'utf8');
const api = readFileSync(projectFile('spec/api.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'keepprob-readme-'));
afterAll(() => rmSync(folder, { recursive: true }));
// A project of its own, as a reader's is: without it, Node asks the folders above for what `keepprob` and a module are.
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');

/** The code blocks of a language; '' for those without one. */
const blocks = (language: string, document = readme): readonly string[] =>
  [...document.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , code]) => code);

/** The code block of a language whose first line names the file, saved; changed if need be. */
function saved(language: string, file: string, change = (code: string) => code): string {
  const code = [readme, api]
    .flatMap((document) => blocks(language, document))
    .find((text) => text.split('\n')[0].endsWith(file));
  if (code === undefined) throw new Error(`there is no ${language} block of ${file}`);
  const path = join(folder, file);
  writeFileSync(path, change(code));
  return path;
}

const keepprob = (...args: string[]) =>
  spawnSync(process.execPath, [projectFile('bin/keepprob.js'), ...args], { encoding: 'utf8', cwd: folder });
const check = (...target: string[]) => keepprob('check', '--profile', 'quick', ...target);
const withoutScale = (code: string) => code.replace(/ \/ keep_prob\b/, '');

describe('the module', () => {
  test('conforms', () => {
    const { status, stdout } = check(saved('js', 'my-dropout.mjs'));
    expect(stdout).toContain('my-dropout 1.0.0: conforms');
    expect(status).toBe(0);
  });

  test('violates without the scale', () => {
    const { status, stdout } = check(saved('js', 'my-dropout.mjs', withoutScale));
    expect(stdout).toContain('y[0] is 1, but must be 4');
    expect(status).toBe(1);
  });
});

describe('the program that judges the module', () => {
  const judge = (change?: (code: string) => string) => {
    // As it is installed: `keepprob` is this package.
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    if (!existsSync(join(folder, 'node_modules/keepprob')))
      symlinkSync(projectFile('.'), join(folder, 'node_modules/keepprob'));
    saved('js', 'my-dropout.mjs', change);
    return spawnSync(process.execPath, [saved('js', 'judge-mine.mjs')], { encoding: 'utf8', cwd: folder });
  };

  test('ends well where it conforms', () => {
    expect(judge()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('failures="0"');
  });

  test('says what is refuted, and what is likely wrong', () => {
    const { status, stdout } = judge(withoutScale);
    expect(stdout).toContain('dropout/kept-are-scaled-by-inverse-keep-prob: y[0] is 1, but must be 4');
    expect(stdout).toMatch(/^likely dropout\//m);
    expect(status).toBe(1);
  });
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(!hasPython)(`the adapter${hasPython ? '' : ' (skipped: this machine has no python3)'}`, () => {
  test('conforms', () => {
    const { status, stdout } = check('--', 'python3', saved('python', 'my_dropout.py'));
    expect(stdout).toContain('my-dropout 1.0.0: conforms');
    expect(status).toBe(0);
  });

  test('has one clause judged by a program', () => {
    saved('python', 'my_dropout.py');
    const { stdout } = spawnSync(process.execPath, [saved('js', 'one-clause.mjs')], { encoding: 'utf8', cwd: folder });
    expect(stdout).toMatch(/^holds \d+ cases/);
  });

  test('violates without the scale', () => {
    const { status, stdout } = check('--', 'python3', saved('python', 'my_dropout.py', withoutScale));
    expect(stdout).toContain('y[0] is 1, but must be 4');
    expect(status).toBe(1);
  });
});

test('what is quoted of ConvNetJS is what it says', () => {
  const quoted = blocks('').find((text) => text.includes('✗'));
  const { stdout } = spawnSync(
    process.execPath,
    [
      'bin/keepprob.js',
      'check',
      '--only',
      'dropout/evaluation-is-identity',
      '--seed',
      '1',
      'implementations/javascript-convnetjs',
    ],
    { encoding: 'utf8', cwd: projectFile('.') },
  );
  expect(stdout).toContain(quoted?.trim());
});

test('what it says that init prints is what init prints', () => {
  const rows = [...readme.matchAll(/^\| `(\w+)` \| `((?:npx|cargo|go|mvn|cmake) .*)` \|$/gm)];
  expect(rows.map(([, language]) => language)).toEqual(scaffoldedLanguages);
  for (const [, language, line] of rows) {
    const target = join(folder, `init-${language}`);
    expect(keepprob('init', language, target).stdout).toContain(`  cd ${target} && ${line}\n`);
  }
});

test('every clause and every file that it names is there', () => {
  const ids = new Set<string>([...registry, ...faults].map(({ id }) => id));
  const named = [...readme.matchAll(/\b(?:dropout|l2|decay|training)\/[a-z][a-z0-9-]+\b(?!\.)/g)].map(([id]) => id);
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path);
  for (const path of links) expect(() => readFileSync(projectFile(path)), path).not.toThrow(/ENOENT/);
});
