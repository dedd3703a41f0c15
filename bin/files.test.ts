/** Where a file is written: through links, into pipes, and never over what is no file. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWritable, write } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'keepprob-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

const longest = `${'n'.repeat(250)}.json`;

beforeAll(() => mkdirSync(at('there')));

describe('a file that is written', () => {
  it('is replaced as a whole, with nothing left beside it', () => {
    mkdirSync(at('alone'));
    write(at('alone/report'), 'first');
    write(at('alone/report'), 'second');
    expect(read('alone/report')).toBe('second');
    expect(readdirSync(at('alone'))).toEqual(['report']);
  });

  it('may have the longest name that there can be', () => {
    expect(isWritable(at(longest))).toBe(true);
    write(at(longest), 'text');
    expect(read(longest)).toBe('text');
  });

  it('leaves nothing beside it where it cannot be', () => {
    mkdirSync(at('taken/inside'), { recursive: true });
    expect(() => write(at('taken/inside'), 'text')).toThrow('EISDIR');
    expect(readdirSync(at('taken'))).toEqual(['inside']);
  });
});

describe.skipIf(process.platform === 'win32')('a link', () => {
  it.each([
    ['to a file', 'whole', 'there/whole'],
    ['to what is not there yet', 'dangling', 'there/dangling'],
  ])('%s stays one, and what it leads to is written', (_, name, target) => {
    if (name === 'whole') writeFileSync(at(target), 'before');
    symlinkSync(target, at(name));
    symlinkSync(name, at(`${name}-again`));
    expect(isWritable(at(`${name}-again`))).toBe(true);
    write(at(`${name}-again`), 'after');
    expect([name, `${name}-again`].map((each) => lstatSync(at(each)).isSymbolicLink())).toEqual([true, true]);
    expect(read(target)).toBe('after');
  });

  it('that leads nowhere is refused', () => {
    symlinkSync('circle', at('circle'));
    symlinkSync('nowhere/report', at('lost'));
    expect(['circle', 'lost'].map((name) => isWritable(at(name)))).toEqual([false, false]);
  });
});

describe.skipIf(process.platform === 'win32')('a pipe', () => {
  it.each(['pipe', 'link'])('is written into: %s', async (name) => {
    if (name === 'pipe') spawnSync('mkfifo', [at('pipe')]);
    else symlinkSync('pipe', at('link'));
    expect(isWritable(at(name))).toBe(true);
    const reader = spawn('cat', [at('pipe')]);
    const said = new Promise((resolve) => reader.stdout.once('data', (text) => resolve(String(text))));
    write(at(name), 'through the pipe');
    expect(await said).toBe('through the pipe');
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
  });
});

describe('what cannot be written', () => {
  it('is a folder, a file in no folder, and one whose name is too long', () => {
    const names = ['there', 'nowhere/report', `${longest}${longest}`];
    expect(names.map((name) => isWritable(at(name)))).toEqual([false, false, false]);
  });

  it.skipIf(process.getuid?.() === 0)('is a file that is read-only, and one in a folder that is', () => {
    mkdirSync(at('closed'));
    for (const name of ['closed/report', 'closed-report']) writeFileSync(at(name), 'before');
    chmodSync(at('closed'), 0o555);
    chmodSync(at('closed-report'), 0o444);
    expect(['closed/report', 'closed-report'].map((name) => isWritable(at(name)))).toEqual([false, false]);
    chmodSync(at('closed'), 0o755);
  });
});
