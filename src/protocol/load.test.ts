import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Breakage } from '../errors.ts';
import { loadModule } from './load.ts';

const testing = (name: string): string => relative('.', fileURLToPath(new URL(`./testing/${name}`, import.meta.url)));

describe('loading a module', () => {
  test('finds an implementation by its path or its URL', async () => {
    expect(await loadModule(testing('implementation.mjs'))).toHaveProperty('name', 'identity');
    const { href } = new URL('./testing/implementation.mjs', import.meta.url);
    expect(await loadModule(href)).toHaveProperty('version', '1.0.0');
  });

  test.each([
    ['nowhere.mjs', 'could not load MODULE: no such file'],
    ['', 'could not load MODULE: it is a folder, not a module'],
    ['throws.mjs', 'could not load MODULE: TypeError: the weights are missing'],
    [
      'no-default.mjs',
      'MODULE has no default export, but must export an implementation; keepprob init javascript writes one to start from',
    ],
    [
      'no-object.mjs',
      'the default export of MODULE is no implementation: it must be an object, got function; keepprob init javascript writes one to start from',
    ],
    [
      'null.mjs',
      'the default export of MODULE is no implementation: it must be an object, got null; keepprob init javascript writes one to start from',
    ],
    [
      'unreadable.mjs',
      'the default export of MODULE is no implementation: it cannot be read: sealed; keepprob init javascript writes one to start from',
    ],
    [
      'no-version.mjs',
      'the default export of MODULE is no implementation: "version" is missing; keepprob init javascript writes one to start from',
    ],
    [
      'no-function.mjs',
      'the default export of MODULE is no implementation: penalty must be a function, got number; keepprob init javascript writes one to start from',
    ],
  ])('says of %j what is wrong', async (name, sentence) => {
    const module = testing(name);
    await expect(loadModule(module)).rejects.toEqual(new Breakage(sentence.replace('MODULE', module)));
  });
});
