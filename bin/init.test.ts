/** The scaffold of an adapter: written once, never over something, and right as it stands. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { keepprob, soon, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

describe('init python', () => {
  it('writes an adapter, and says how it is judged', async () => {
    const target = folder.file('new/adapter');
    const { code, stdout, stderr } = await keepprob(['init', 'python', target]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `wrote ${target}/adapter.py\n` +
        `wrote ${target}/keepprob_adapter.py\n` +
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

const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;

describe.skipIf(!hasNumpy)(
  `the scaffold${hasNumpy ? '' : ' (skipped: this machine has no python3 with NumPy)'}`,
  () => {
    it('conforms as it stands', async () => {
      const cwd = folder.file('scaffold');
      await keepprob(['init', 'python', cwd]);
      const only = ['--only', 'dropout/k*', '--only', 'dropout/e*', '--only', 'dropout/g*', '--only', 'dropout/same-*'];
      const { code, stdout } = await keepprob(['check', ...soon, ...only, '--', 'python3', 'adapter.py'], { cwd });
      expect(stdout).toMatch(/my-dropout 0\.1\.0: conforms\n1\d hold; seed 1/);
      expect(code).toBe(0);
    });
  },
);
