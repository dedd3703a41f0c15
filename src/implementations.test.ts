import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findImplementations, meetsRequirements } from './implementations.ts';

let room: string;

beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'keepprob-implementations-'));
});

afterEach(() => rmSync(room, { recursive: true }));

const manifest = { title: 'A', language: 'python', start: { command: ['a'] }, requires: [], setup: [] };

/** Puts a folder with this manifest into the room. */
function put(name: string, content: unknown): void {
  mkdirSync(join(room, name));
  writeFileSync(
    join(room, name, 'implementation.json'),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
}

/** The one implementation of the room, with these requirements. */
function requiring(...requires: readonly unknown[]) {
  put('a', { ...manifest, requires });
  const [found] = findImplementations(room);
  return found;
}

const node = (script: string) => [process.execPath, '-e', script];

test('the manifests of this project are in order, each in a folder named after its language', () => {
  const found = findImplementations();
  expect(found.map(({ name }) => name)).toContain('typescript-reference');
  for (const { name, manifest } of found) expect(name).toMatch(new RegExp(`^${manifest.language}-[a-z0-9-]+$`));
});

test('folders are found by name; one without a manifest is none', () => {
  const other = { ...manifest, start: { module: 'b.js' }, notes: 'B.' };
  put('b', other);
  put('a', manifest);
  mkdirSync(join(room, 'python'));
  expect(findImplementations(room)).toEqual([
    { name: 'a', folder: join(room, 'a'), manifest },
    { name: 'b', folder: join(room, 'b'), manifest: other },
  ]);
});

test.each([
  ['{"title":', /a.implementation\.json is not JSON: /],
  [[], /it must be object/],
  [{ ...manifest, title: undefined }, /it must have required property 'title'/],
  [{ ...manifest, start: {} }, /it\/start must NOT have fewer than 1 properties/],
  [{ ...manifest, start: { module: 'a.js', command: ['a'] } }, /it\/start must NOT have more than 1 properties/],
  [{ ...manifest, start: { command: [] } }, /it\/start\/command must NOT have fewer than 1 items/],
  [{ ...manifest, starts: {} }, /it must NOT have additional properties/],
  [
    { ...manifest, requires: [{ missing: 'a way to find out' }] },
    /it\/requires\/0 must NOT have fewer than 2 properties/,
  ],
])('a manifest that is wrong is named, with what is wrong: %j', (content, message) => {
  put('a', content);
  expect(() => findImplementations(room)).toThrow(message);
  expect(() => findImplementations(room)).toThrow(join(room, 'a', 'implementation.json'));
});

test('what requires nothing can start', async () => {
  expect(await meetsRequirements(requiring())).toEqual({ ok: true });
});

test('what is missing is said in the words of the manifest, the first first', async () => {
  const requirements = [
    { command: node(''), missing: 'node' },
    { command: node('process.exit(1)'), missing: 'a program that succeeds: install it' },
    { command: ['keepprob-no-such-program'], missing: 'a program' },
  ];
  expect(await meetsRequirements(requiring(...requirements))).toEqual({
    ok: false,
    missing: 'a program that succeeds: install it',
  });
});

test('a program that does not exist is missing', async () => {
  const found = requiring({ command: ['keepprob-no-such-program'], missing: 'it' });
  expect(await meetsRequirements(found)).toEqual({ ok: false, missing: 'it' });
});

test('commands run in the folder of the implementation', async () => {
  const script = "process.exit(require('node:fs').existsSync('implementation.json') ? 0 : 1)";
  expect(await meetsRequirements(requiring({ command: node(script), missing: 'the folder' }))).toEqual({ ok: true });
});

test('packages are resolved from the folder of the implementation', async () => {
  const found = requiring({ package: 'some-package', missing: 'some-package: npm ci' });
  expect(await meetsRequirements(found)).toEqual({ ok: false, missing: 'some-package: npm ci' });
  mkdirSync(join(room, 'a', 'node_modules', 'some-package'), { recursive: true });
  writeFileSync(join(room, 'a', 'node_modules', 'some-package', 'index.js'), '');
  expect(await meetsRequirements(found)).toEqual({ ok: true });
});
