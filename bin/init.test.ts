/** The scaffold of an adapter: written once, never over something, and right as it stands. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { projectFile } from '../src/root.ts';
import { version } from '../src/version.ts';
import { scaffoldedLanguages } from './init.ts';
import { keepprob, soon, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

describe('init', () => {
  it('writes an adapter and a job that judges it, and says how it is judged', async () => {
    const target = folder.file('new/adapter');
    const { code, stdout, stderr } = await keepprob(['init', 'python', target]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `wrote ${target}/adapter.py\n` +
        `wrote ${target}/keepprob_adapter.py\n` +
        `wrote ${target}/.github/workflows/keepprob.yml\n` +
        'It needs python3 with NumPy. Put your implementation in its place, and judge it:\n' +
        `  cd ${target} && npx keepprob check -- python3 adapter.py\n`,
    );
    expect(readFileSync(`${target}/adapter.py`, 'utf8')).toContain('def dropout(args, tensors):');
  });

  it('writes into the current folder where none is named', async () => {
    const cwd = folder.file('here');
    mkdirSync(cwd);
    const { code, stdout } = await keepprob(['init', 'python'], { cwd });
    expect(stdout).toContain('wrote adapter.py\n');
    expect(stdout).toContain('\n  npx keepprob check -- python3 adapter.py\n');
    expect(code).toBe(0);
  });

  it.each(['a folder', "it's", '-', '$HOME'])('prints a line that can be pasted for the folder %s', async (name) => {
    const cwd = folder.file('odd');
    mkdirSync(cwd, { recursive: true });
    const { stdout } = await keepprob(['init', 'javascript', name], { cwd });
    const line = stdout.trimEnd().split('\n').at(-1) ?? '';
    const told = spawnSync('sh', ['-c', line.replace(/npx .*/, 'pwd')], { cwd, encoding: 'utf8' });
    expect(told).toMatchObject({ stdout: `${realpathSync(cwd)}/${name}\n`, stderr: '', status: 0 });
  });

  it('overwrites nothing', async () => {
    const target = folder.file('taken');
    mkdirSync(target);
    writeFileSync(`${target}/keepprob_adapter.py`, 'mine');
    const { code, stdout, stderr } = await keepprob(['init', 'python', target]);
    expect(stderr).toBe(
      `keepprob: ${target}/keepprob_adapter.py exists already, and nothing is overwritten; choose another folder\n`,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(readFileSync(`${target}/keepprob_adapter.py`, 'utf8')).toBe('mine');
    // Nor is half of it written.
    expect(() => readFileSync(`${target}/adapter.py`)).toThrow('ENOENT');
  });
});

const has = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0;

/** Of each language: what its scaffold needs here, and the scale in it, with what stands there without one. */
const languages = [
  { language: 'python', needs: () => has('python3', '-c', 'import numpy'), file: 'adapter.py' },
  { language: 'javascript', needs: () => true, file: 'implementation.mjs' },
  { language: 'rust', needs: () => has('cargo', '--version'), file: 'adapter.rs' },
  { language: 'go', needs: () => has('go', 'version'), file: 'adapter.go' },
  { language: 'java', needs: () => has('mvn', '--version'), file: 'Adapter.java' },
  {
    language: 'cpp',
    needs: () =>
      has('cmake', '--version') &&
      has('c++', '-E', '-xc++', '-include', 'nlohmann/json.hpp', '-o', '/dev/null', '/dev/null'),
    file: 'adapter.cpp',
  },
].map((each) => ({ ...each, isHere: each.needs() }));

test('every language has its row', () => {
  expect(languages.map(({ language }) => language)).toEqual(scaffoldedLanguages);
});

/** The first division by keep_prob, which is that of the output, taken out. */
function withoutScale(file: string): void {
  const text = readFileSync(file, 'utf8');
  const unscaled = text.replace(/ \/ keep_?prob\b/i, ' / 1.0');
  expect(unscaled).not.toBe(text);
  writeFileSync(file, unscaled);
}

describe.each(languages)('the scaffold for $language', ({ language, isHere, file }) => {
  it.skipIf(!isHere)(
    'conforms as it stands, and violates without its scale (skipped where its tools are not here)',
    async () => {
      const cwd = folder.file(`scaffold-${language}`);
      const { stdout } = await keepprob(['init', language, cwd]);
      // The line that it prints, with the options of a test.
      const line = stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
      const only = "--only 'dropout/k*' --only 'dropout/e*' --only 'dropout/g*' --only 'dropout/same-*'";
      const command = line.replace(
        'npx keepprob check',
        `node ${projectFile('bin/keepprob.js')} check ${soon.join(' ')} ${only}`,
      );
      const judged = () => spawnSync('sh', ['-c', command], { encoding: 'utf8' });
      const right = judged();
      expect(right.stdout).toMatch(/my-dropout 0\.1\.0: conforms\n1\d hold/);
      expect(right.status).toBe(0);
      withoutScale(`${cwd}/${file}`);
      const wrong = judged();
      expect(wrong.stdout).toMatch(/my-dropout 0\.1\.0: violates\n/);
      expect(wrong.status).toBe(1);
    },
  );

  it('has a job that GitHub Actions can read, and that judges it', async () => {
    const target = folder.file(`job-${language}`);
    const { stdout } = await keepprob(['init', language, target]);
    const { jobs } = parse(readFileSync(`${target}/.github/workflows/keepprob.yml`, 'utf8'));
    const runs = jobs.conformance.steps.map(({ run = '' }: { readonly run?: string }) => run).join('\n');
    const [, judged] = /npx keepprob check (.*)$/m.exec(stdout) ?? [];
    expect(runs).toContain(`npx --yes keepprob@${version} check --report json=keepprob.json ${judged}`);
  });
});
