/** `keepprob fingerprint`: conventions are read from answers, and a declaration that differs from them is found. */
import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { faults } from '../properties/faults/index.ts';
import { subjectOf } from '../properties/testing.ts';
import { Refusal } from '../src/errors.ts';
import { fingerprint, isMisdeclared } from '../src/fingerprint.ts';
import { createReference } from '../src/reference/implementation.ts';
import type { Implementation } from '../src/subject.ts';
import { fixture, keepprob, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** What is observed of an implementation, by name, and the names of what it declares otherwise. */
async function traitsOf(implementation: Implementation) {
  const traits = await fingerprint(await subjectOf(implementation));
  return {
    observed: Object.fromEntries(traits.map(({ name, observed }) => [name, observed])),
    wrong: traits.filter(isMisdeclared).map(({ name }) => name),
  };
}

test('the reference is what it declares', async () => {
  const { observed, wrong } = await traitsOf(createReference());
  expect(wrong).toEqual([]);
  expect(observed).toMatchObject({
    'a kept element is multiplied by': '1 / keep_prob',
    'evaluation answers': 'x',
    'keep_prob 0 answers': 'zeros',
    'a dropped infinity is': 'NaN',
    'the masks of a seeded layer': 'advance',
    'keep_prob is resolved in float32': 'to 2^-12 or finer',
    'the coefficient of lambda · Σ w²': '0.5',
    'sgd: the decay': 'is coupled',
    'adam: the decay': 'is coupled',
    'adamw: the decay': 'is decoupled, times lr',
    'adamw: it decays': 'before the step',
  });
});

test.each([
  ['dropout/no-scale', { 'a kept element is multiplied by': '1' }, []],
  ['dropout/evaluation-scaled-by-drop-prob', { 'evaluation answers': '1 − keep_prob' }, []],
  ['dropout/rate-in-8-bits', { 'keep_prob is resolved in float64': 'to 2^-8, not to 2^-9' }, []],
  [
    'dropout/seed-ignored',
    { 'the masks of a seeded layer': 'do not follow from the seed' },
    ['the masks of a seeded layer'],
  ],
  ['dropout/keep-prob-zero-is-nan', { 'keep_prob 0 answers': 'NaN' }, ['keep_prob 0 answers']],
  ['l2/twice-the-coefficient', { 'the coefficient of lambda · Σ w²': '1' }, ['the coefficient of lambda · Σ w²']],
  [
    'l2/not-divided-by-the-examples',
    { 'the penalty of a batch': 'is not divided by its examples' },
    ['the penalty of a batch'],
  ],
])('what %s does is observed', async (id, seen, misdeclared) => {
  const fault = faults.find((each) => each.id === id);
  const { observed, wrong } = await traitsOf(fault?.of(createReference()) ?? createReference());
  expect(observed).toMatchObject(seen);
  expect(wrong).toEqual(misdeclared);
});

test.each([
  ['unsupported', () => Promise.reject(new Refusal('unsupported', 'not today'))],
  ['internal', () => Promise.reject(new Refusal('internal', 'not today'))],
])('what is declared and answered with %s is not as declared', async (code, fails) => {
  const subject = await subjectOf(createReference());
  const traits = await fingerprint({ ...subject, dropout: fails, penalty: fails, step: fails });
  expect(traits.map(({ observed }) => observed)).toEqual(traits.map(() => `${code}: not today`));
  expect(traits.filter((trait) => !isMisdeclared(trait))).toEqual([]);
});

test('what is refused as meaningless is a convention', async () => {
  const subject = await subjectOf(createReference());
  const refuses = () => Promise.reject(new Refusal('invalid_argument', 'not of this'));
  const traits = await fingerprint({
    ...subject,
    capabilities: { dropout: { dtypes: ['float64'], keep_prob_zero: 'error' } },
    dropout: refuses,
  });
  expect(traits.map(({ observed }) => observed)).toEqual(traits.map(() => 'refused'));
  expect(traits.filter(isMisdeclared)).toEqual([]);
});

test('what is answered wrongly is not as declared', async () => {
  const { wrong, observed } = await traitsOf({
    ...createReference(),
    capabilities: { dropout: { dtypes: ['float64'] } },
    dropout: () => ({}),
  });
  expect(observed['evaluation answers']).toMatch(/^answered wrongly: y is missing in the answer, but must be /);
  expect(wrong).toContain('evaluation answers');
});

test('the command violates where all is refused as unsupported', async () => {
  writeFileSync(
    folder.file('refusing.mjs'),
    `const dropout = () => { throw Object.assign(new Error('not today'), { code: 'unsupported' }); };
export default { name: 'refusing', version: '1', capabilities: { dropout: { dtypes: ['float64'] } }, dropout };`,
  );
  const { code, stdout } = await keepprob(['fingerprint', folder.file('refusing.mjs')]);
  expect(stdout).toContain('unsupported: not today  declared: an operation that answers\n');
  expect(stdout).toMatch(/\n6 declared otherwise than observed\n$/);
  expect(code).toBe(1);
});

test('the command prints what it has seen, as text and as JSON', async () => {
  const text = await keepprob(['fingerprint', fixture('inverted.mjs')]);
  expect(text.stdout).toMatch(/^inverted 1\.0\.0\n {2}dropout {2}a kept element is multiplied by +1 \/ keep_prob\n/);
  expect(text.stdout).toMatch(/all is as declared\n$/);
  expect(text.code).toBe(0);
  const { stdout } = await keepprob(['fingerprint', '--json', fixture('inverted.mjs')]);
  expect(JSON.parse(stdout)).toMatchObject({ name: 'inverted', traits: expect.any(Array) });
});

test('who cannot be started broke', async () => {
  const { code, stdout } = await keepprob(['fingerprint', '--', process.execPath, '-e', 'process.exit(3)']);
  expect(stdout).toContain('broke: ');
  expect(code).toBe(4);
});
