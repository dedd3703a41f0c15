import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSetUp, setUp } from './set-up.ts';

let room: string;

beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'keepprob-set-up-'));
  mkdirSync(join(room, 'a'));
  mkdirSync(join(room, 'common'));
  writeFileSync(join(room, 'a', 'adapter.js'), 'one');
  writeFileSync(join(room, 'common', 'framing.js'), 'one');
});

afterEach(() => rmSync(room, { recursive: true }));

const node = (script: string) => [process.execPath, '-e', script] as const;

const found = (...setup: (readonly [string, ...string[]])[]) => ({
  name: 'a',
  folder: join(room, 'a'),
  manifest: {
    title: 'A',
    language: 'javascript',
    start: { command: ['a'] as const },
    requires: [],
    setup,
    uses: ['../common'],
  },
});

describe('an implementation', () => {
  it('is set up where there is nothing to do', () => {
    expect(isSetUp(found())).toBe(true);
  });

  it('is set up by its commands, in their order, in its folder, and what they print is handed over', async () => {
    const one = found(
      node("require('fs').writeFileSync('.made', ''); console.log('made')"),
      node("require('fs').statSync('.made')"),
    );
    expect(isSetUp(one)).toBe(false);
    let printed = '';
    await setUp(one, (chunk) => {
      printed += chunk;
    });
    expect(existsSync(join(room, 'a', '.made'))).toBe(true);
    expect(printed).toMatch(/^\$ .*\nmade\n\$ /);
    expect(isSetUp(one)).toBe(true);
  });

  it.each(['a/adapter.js', 'common/framing.js', 'a/another.js'])(
    'is set up anew where %s has changed',
    async (file) => {
      const one = found(node(''));
      await setUp(one, () => {});
      writeFileSync(join(room, file), 'other');
      expect(isSetUp(one)).toBe(false);
    },
  );

  it('stays set up where only what was made or installed has changed', async () => {
    const one = found(node(''));
    await setUp(one, () => {});
    mkdirSync(join(room, 'a', '.build'));
    writeFileSync(join(room, 'a', '.build', 'adapter'), '');
    mkdirSync(join(room, 'common', '__pycache__'));
    writeFileSync(join(room, 'common', '__pycache__', 'framing.pyc'), '');
    expect(isSetUp(one)).toBe(true);
  });

  it('is not set up by a command that fails, and is told which, and what it printed last', async () => {
    const one = found(node("console.error('no network'); process.exit(3)"));
    await expect(setUp(one, () => {})).rejects.toThrow(/ended with exit code 3:\nno network$/);
    expect(isSetUp(one)).toBe(false);
  });

  it('is not set up by a program that does not exist', async () => {
    const one = found(['keepprob-no-such-program']);
    await expect(setUp(one, () => {})).rejects.toThrow(/keepprob-no-such-program could not be run: .*ENOENT/);
  });
});
