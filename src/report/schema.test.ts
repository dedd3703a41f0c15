/**
 * The reports in public formats, read by what others read them with: xmllint by the schema that Jenkins publishes
 * (junit-10.xsd, https://github.com/jenkinsci/xunit-plugin, MIT) and by a narrower one of our own, marked as Markdown.
 */
import { spawnSync } from 'node:child_process';
import { parseHTML } from 'linkedom';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../judge/verify.ts';
import { projectFile } from '../root.ts';
import { badge } from './badge.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { type Report, reportOf } from './report.ts';
import { findingOf, refutedBy } from './testing.ts';

/** Text of an adapter's that would be markup, break a table, or be no XML at all. */
const hostile = [
  'a | b\n| c | d |\n\n# heading',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '[link](javascript:alert(1)) ![image](http://tracker.invalid/x.png) <http://tracker.invalid> http://tracker.invalid',
  ']]> &amp; "\'` ```\n~~~ \u0000\u0007\u001b[31m\u0085\uD800\uDFFF\uFFFE \u202E',
  '@someone #1 ==x== $y$ :smile: [^1] - [ ] task',
].join(' ');

const known = { status: 'as recorded', reason: hostile, link: 'javascript:alert(1)', expires: '2030-01-01' } as const;
const verdicts = ['holds', 'refuted', 'undecided', 'unsupported', 'broken'] as const;
const levels = ['MUST', 'SHOULD', 'MAY'] as const;
const statuses = [undefined, 'as recorded', 'for another reason', 'gone', 'expired'] as const;

/** Findings of every verdict, level and state of a known deviation, with hostile text wherever an adapter's may stand. */
const findings: readonly Finding[] = verdicts.flatMap((verdict) =>
  levels.flatMap((level) =>
    statuses.map((status) => ({
      ...(verdict === 'refuted'
        ? refutedBy('dropout/keep-rate', { got: hostile, wanted: hostile, case: { text: hostile, [hostile]: [1, -0] } })
        : findingOf()),
      verdict,
      level,
      message: hostile,
      ...(status === undefined ? {} : { known: { ...known, status } }),
    })),
  ),
);

const report = (own: readonly Finding[], rest: { readonly error?: string; readonly name?: string } = {}): Report =>
  reportOf({
    ...{ version: '0.1.0', seed: 1, profile: 'quick', falseAlarm: 1e-9, complete: true, strict: false },
    started: new Date(Date.UTC(2026, 10, 22, 14)),
    implementation: { name: rest.name ?? hostile, version: hostile },
    findings: own,
    diagnosis: [{ fault: 'dropout/no-scale', agreement: 1, advice: hostile, clauses: [], because: hostile }],
    ...(rest.error === undefined ? {} : { error: rest.error }),
  });

const reports = [report(findings), report([], { error: hostile }), report([findingOf()], { name: '|' })];

const xmllint =
  (...args: readonly string[]) =>
  (text: string) =>
    spawnSync('xmllint', ['--noout', '--nonet', ...args, '-'], { input: text, encoding: 'utf8' });
const isHere = spawnSync('xmllint', ['--version']).status === 0;
const reason = isHere ? '' : ' (skipped: this machine has no xmllint; Debian has it in libxml2-utils)';

describe.skipIf(!isHere)(`xmllint${reason}`, () => {
  const byJenkins = xmllint('--schema', projectFile('src/report/testing/junit-10.xsd'));
  const byOurs = xmllint('--relaxng', projectFile('src/report/testing/junit.rng'));
  const refused = (text: string): string[] => [
    ...(byJenkins(text).status === 0 ? [] : ['by Jenkins']),
    ...(byOurs(text).status === 0 ? [] : ['by ours']),
  ];

  it.each([
    ['every kind of finding', reports],
    ['nothing', []],
    ['nothing judged', [report([])]],
  ])('accepts JUnit of %s', (_, some) => {
    for (const read of [byJenkins, byOurs]) {
      expect(read(junit(some))).toMatchObject({ stderr: '- validates\n', status: 0 });
    }
  });

  const both = ['by Jenkins', 'by ours'];

  it.each([
    ['a second outcome', /<testcase([^>]*)\/>/, '<testcase$1><skipped/><error type="error"/></testcase>', ['by ours']],
    ['no name', / name="the whole run"/, '', both],
    ['a count that is none', / tests="\d+"/, ' tests="many"', ['by ours']],
    ['a time of day', / time="[\d.]+"/, ' time="14:00"', both],
    ['a time zone', /(timestamp="[^"]*)"/, '$1Z"', ['by ours']],
    ['an unknown element', /<\/testsuite>/, '<verdict/></testsuite>', both],
  ])('refuses JUnit with %s', (_, pattern, other, by) => {
    const text = junit([report([findingOf()])]);
    expect(text).toMatch(pattern);
    expect(refused(text.replace(pattern, other))).toEqual(by);
  });

  it.each(reports.map((each) => [each.verdict, each] as const))('reads a badge that %s', (_, each) => {
    expect(xmllint()(badge([each]))).toMatchObject({ stderr: '', status: 0 });
  });
});

describe('Markdown as it is shown', () => {
  const { document } = parseHTML(
    `<html><body>${marked.parse(markdown(reports), { async: false, gfm: true })}</body></html>`,
  );
  const count = (selector: string): number => document.querySelectorAll(selector).length;

  it('has one table with a row for each implementation, and a heading for each that failed', () => {
    expect(count('table')).toBe(1);
    expect(count('thead th')).toBe(6);
    expect(count('tbody tr')).toBe(reports.length);
    for (const row of document.querySelectorAll('tbody tr')) expect(row.querySelectorAll('td')).toHaveLength(6);
    expect(count('h3')).toBe(2);
    expect(count('h1, h2, h4')).toBe(0);
  });

  it('holds nothing that acts: no link, no image, no script, no task, no code but our own', () => {
    expect(count('a, img, script, style, iframe, input, pre, hr, blockquote, del, em')).toBe(0);
    for (const { textContent } of document.querySelectorAll('code')) expect(textContent).toBe('dropout/no-scale');
  });

  it('shows the text of an adapter as it is', () => {
    const [row] = document.querySelectorAll('tbody tr');
    expect(row.textContent).toContain('<script>alert(1)</script><img src=x onerror=alert(1)>');
    expect(row.textContent).toContain('[link](javascript:alert(1))');
    expect(row.textContent).toContain('@someone #1 ==x== $y$ :smile:');
  });
});
