/** The terminal: what is shown fits it, is coloured where that is wanted, and ends with a screen that says all. */
import { describe, expect, it } from 'vitest';
import { clauses } from '../properties/index.ts';
import { unjudged } from '../src/judge/verify.ts';
import { reportOf } from '../src/report/report.ts';
import { closingText } from '../src/report/terminal.ts';
import { wantsColour } from './console.ts';
import { tableText } from './several.ts';
import { fixture, soon } from './testing/command.ts';
import { hasTerminal, onTerminal, rowsOf, statusesIn, unstyled } from './testing/screen.ts';
import { signatures } from './zoo/data.ts';

const plain = { good: String, bad: String, weak: String, strong: String };

describe('the end of a run', () => {
  const wordiest = signatures()
    .map(({ fault, what, mend, seen = '' }) => ({ fault, advice: `${what} Seen in ${seen}. ${mend}` }))
    .sort((a, b) => b.advice.length - a.advice.length);
  const diagnosis = wordiest
    .slice(0, 5)
    .map((each) => ({ ...each, agreement: 1, clauses: clauses.map(({ id }) => id), because: 'so '.repeat(700) }));
  const report = (error?: string) =>
    reportOf({
      ...{ version: '0.1.0', seed: 2 ** 31 - 1, profile: 'standard', falseAlarm: 1e-9, complete: true, strict: true },
      started: new Date(0),
      implementation: { name: 'a library with a long name', version: '1.0.0-alpha.1+build.7' },
      findings: clauses.map((clause, i) => unjudged(clause, i % 2 === 0 ? 'refuted' : 'broken', 'it is not so')),
      diagnosis,
      ...(error === undefined ? {} : { error }),
    });

  it('fits a screen, whatever has failed and is likely', () => {
    const text = closingText(report(), plain);
    expect(rowsOf(text, 80)).toBeLessThanOrEqual(23);
    expect(text).toContain(`likely  ${wordiest[0].fault}`);
    expect(text).toMatch(/alpha\.1\+build\.7: violates\n39 refuted, 39 broken; seed 2147483647/);
    expect(text).toContain(`✗ ${clauses[0].id}\n! ${clauses[1].id}\n`);
    expect(text).toContain('and 74 more: each is told above');
    expect(text).toMatch(/--report json=FILE keeps it all$/);
  });

  it('says all that an adapter wrote before the screen that says the rest', () => {
    const stderr = Array.from({ length: 500 }, (_, i) => `line ${i}`).join('\n');
    const text = closingText(report(`the adapter exited with code 1\n${stderr}`), plain);
    const [before, ...screen] = text.split('\n\n');
    expect(before).toContain('line 499');
    expect(rowsOf(screen.join('\n\n'), 80)).toBeLessThanOrEqual(23);
    expect(screen.at(-1)).toContain(': broken\nthe adapter exited with code 1\n');
  });
});

it('aligns a table of names whose characters take two columns', () => {
  const named = (name: string) =>
    reportOf({
      ...{ version: '0.1.0', seed: 1, profile: 'quick', falseAlarm: 1e-9, complete: true, strict: false },
      started: new Date(0),
      implementation: { name, version: '1' },
      findings: [],
      diagnosis: [],
    });
  const [plain, wide] = tableText([named('dropout'), named('層')], []).split('\n');
  expect(plain).toMatch(/^dropout 1 {2}undecided/);
  expect(wide).toMatch(/^層 1 {7}undecided/);
});

it('says in one line which are not judged for the same reason', () => {
  const missing = ['A', 'B, on C'].map((name) => ({ name, missing: 'not set up yet' }));
  expect(unstyled(tableText([], missing)).split('\n')).toEqual([
    'not judged: A; B, on C (not set up yet)',
    'not judged: 2',
  ]);
});

describe('colours', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '3', TERM: 'dumb' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '' }, false, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ CI: 'true' }, false, false],
  ])('with %o, on a terminal: %s', (env, isTerminal, wanted) => {
    expect(wantsColour(env, isTerminal)).toBe(wanted);
  });
});

describe.skipIf(!hasTerminal)(
  `a terminal${hasTerminal ? '' : ' (skipped: this machine has no script of util-linux)'}`,
  () => {
    const globs = ['--only', 'dropout/k*', '--only', 'dropout/e*-keep-rate'];
    const check = (module: string) => ['check', ...soon, ...globs, fixture(module)];

    it.each([40, 80, 200])('of %i columns shows how far it is, on a line that never wraps', (columns) => {
      const { status, text } = onTerminal(check('inverted.mjs'), { columns });
      const shown = statusesIn(text);
      expect(status).toBe(0);
      expect(shown.length).toBeGreaterThan(5);
      for (const line of shown) expect(Array.from(line).length, line).toBeLessThan(columns);
      expect(shown.some((line) => /^\d+\/\d+ … dropout\//.test(line))).toBe(true);
      if (columns === 200)
        expect(shown.join('\n')).toMatch(/\d\.\de\+\d+ draws, evidence against 10\^-?\d+\.\d \(.+\)$/m);
      else expect(shown.some((line) => line.endsWith('…'))).toBe(true);
      // The last thing that was shown is wiped out before the summary.
      expect(unstyled(text).split('\r\x1b[2K').at(-1)).toMatch(/^\r?\ninverted 1\.0\.0: conforms\r?\n/);
    });

    it('ends with the verdict, the counts, the likely fault and how to see more', () => {
      const { status, text } = onTerminal(check('unscaled.mjs'), { columns: 80 });
      const last = unstyled(text).trimEnd().split('\r\n').slice(-23).join('\n');
      expect(status).toBe(1);
      expect(last).toMatch(/^likely {2}dropout\//m);
      expect(last).toMatch(/^unscaled 1\.0\.0: violates$/m);
      expect(last).toMatch(/^\d+ hold, \d+ refuted/m);
    });

    it('is coloured, unless that is not wanted', () => {
      expect(onTerminal(['explain', 'dropout/keep-rate'], { columns: 80 }).text).toContain('\x1b[');
      for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { TERM: 'dumb', CI: 'true' }]) {
        const { text } = onTerminal(check('unscaled.mjs'), { columns: 80, env });
        expect(text).toContain('unscaled 1.0.0: violates');
        expect(unstyled(text)).toBe(text);
      }
    });

    it('that is dumb shows no line that overwrites itself', () => {
      expect(onTerminal(check('inverted.mjs'), { columns: 80, env: { TERM: 'dumb' } }).text).not.toContain('\x1b');
    });
  },
);
