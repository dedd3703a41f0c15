/** Reports for CI systems: each well-formed, each telling failures from what is skipped, and hostile text inert in all. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../judge/verify.ts';
import { badge } from './badge.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { type Report, type RunFacts, reportOf } from './report.ts';
import { findingOf, refutedBy } from './testing.ts';

const hostile = '<img src=x onerror=alert(1)>"\'&]]> | `x` [a](b) \u0007\uD800\nnext';

const known = { status: 'as recorded', reason: 'It clamps.', expires: '2030-01-01' } as const;
const refuted = refutedBy('dropout/kept-are-scaled-by-inverse-keep-prob', {
  got: '1',
  wanted: '4',
  case: { keepProb: 0.25 },
});

const report = (findings: readonly Finding[], rest: Partial<RunFacts> = {}): Report =>
  reportOf({
    version: '0.1.0',
    seed: 42,
    profile: 'quick',
    falseAlarm: 1e-9,
    started: new Date(Date.UTC(2026, 10, 22, 14)),
    implementation: { name: 'numpy', version: '2.4.6' },
    findings,
    diagnosis: [],
    complete: true,
    strict: false,
    ...rest,
  });

const all = report([
  findingOf(),
  refuted,
  findingOf({ id: 'l2/golden', verdict: 'unsupported', message: 'not applicable: penalty is not declared' }),
  findingOf({ id: 'decay/golden', verdict: 'broken', message: 'it crashed' }),
  findingOf({
    id: 'l2/extreme-weights-stay-finite',
    level: 'SHOULD',
    verdict: 'refuted',
    message: 'the penalty is Infinity',
  }),
  findingOf({
    id: 'dropout/keep-prob-out-of-range-is-rejected',
    verdict: 'refuted',
    message: '1.5 is accepted',
    known,
  }),
  findingOf({ id: 'dropout/golden', known: { ...known, status: 'gone' } }),
]);
const evil = report([{ ...refuted, message: hostile }], { implementation: { name: hostile, version: hostile } });

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The elements of XML, each before those within it. Throws where it is not well-formed. */
function elementsOf(xml: string): readonly Element[] {
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    preserveOrder: true,
    parseAttributeValue: false,
  });
  const flat = (nodes: readonly Record<string, unknown>[]): Element[] =>
    nodes.flatMap((node) => {
      const [name] = Object.keys(node).filter((key) => key !== ':@');
      if (name.startsWith('#') || name.startsWith('?')) return flat([]);
      const own = { name, attributes: (node[':@'] ?? {}) as Record<string, string> };
      return [own, ...flat(node[name] as readonly Record<string, unknown>[])];
    });
  return flat(parser.parse(xml));
}

describe('JUnit', () => {
  it('has a case for each clause and one for the run, with what is skipped, failed and broke', () => {
    const elements = elementsOf(junit([all]));
    const [suites, suite] = elements;
    expect(suites).toEqual({
      name: 'testsuites',
      attributes: { name: 'keepprob', tests: '8', failures: '2', errors: '1', time: '0.011' },
    });
    expect(suite.attributes).toMatchObject({
      name: 'numpy 2.4.6',
      tests: '8',
      failures: '2',
      errors: '1',
      skipped: '3',
      timestamp: '2026-11-22T14:00:00',
    });
    expect(elements.filter(({ name }) => name === 'testcase').map(({ attributes }) => attributes['name'])).toEqual([
      ...all.clauses.map(({ id }) => id),
      'the whole run',
    ]);
    const messages = (kind: string) =>
      elements.filter(({ name }) => name === kind).map(({ attributes }) => attributes['message']);
    expect(messages('failure')[0]).toBe('y[0] is 1, but must be 4');
    expect(messages('failure')[1]).toMatch(/^holds, though a deviation is recorded/);
    expect(messages('error')).toEqual(['it crashed']);
    expect(messages('skipped')).toEqual([
      'not applicable: penalty is not declared',
      'SHOULD: the penalty is Infinity',
      'deviates as recorded, expected until 2030-01-01: It clamps.',
    ]);
  });

  it('fails where a run was cut off or could not begin, though no clause did', () => {
    expect(junit([report([findingOf()], { complete: false })])).toContain(
      '<testcase classname="numpy 2.4.6" name="the whole run" time="0.000"><failure ',
    );
    expect(junit([report([], { error: 'no such command', complete: false })])).toContain(
      '<error message="no such command"',
    );
  });

  it('adds up several implementations', () => {
    expect(elementsOf(junit([all, report([findingOf()])]))[0].attributes).toMatchObject({
      tests: '10',
      failures: '2',
      errors: '1',
    });
  });
});

describe('Markdown', () => {
  it('has a row for each implementation, and what failed below it', () => {
    const text = markdown([all, report([findingOf()])]);
    expect(text).toContain('| numpy 2\\.4\\.6 | ❌ violates | 2 | 2 | 1 | 1 |');
    expect(text).toContain('| numpy 2\\.4\\.6 | ✅ conforms | 1 | 0 | 0 | 0 |');
    expect(text).toContain('- **dropout/kept-are-scaled-by-inverse-keep-prob** (MUST, refuted):');
    expect(text).toContain('  - asked: keepProb = 0\\.25');
    expect(text).toContain('It clamps');
    expect(text.match(/^### /gm)).toHaveLength(1);
  });
});

describe('the badge', () => {
  const label = (...reports: Report[]) => /<title>keepprob: (.*)<\/title>/.exec(badge(reports))?.[1];

  it('says the verdict, or how many of several conform, and what is known', () => {
    const good = report([findingOf()]);
    expect(label(good)).toBe('conforms');
    expect(label(all)).toBe('violates');
    expect(label(good, all)).toBe('1 of 2 conform');
    expect(label(report([findingOf(), findingOf({ verdict: 'refuted', known })]))).toBe('conforms but for 1');
  });

  it('is an image by itself, with words for those who do not see it', () => {
    const [svg, title] = elementsOf(badge([all]));
    expect(svg.attributes).toMatchObject({
      xmlns: 'http://www.w3.org/2000/svg',
      role: 'img',
      'aria-label': 'keepprob: violates',
    });
    expect(title.name).toBe('title');
  });
});

describe('a hostile name or message', () => {
  it('is text in XML', () => {
    const xml = junit([evil]);
    expect(elementsOf(xml).map(({ name }) => name)).not.toContain('img');
    expect(xml).not.toMatch(/\p{Cs}|(?!\n)\p{Cc}/u);
    elementsOf(badge([evil]));
  });

  it('is text on one line of Markdown, with nothing that is markup', () => {
    const text = markdown([evil]);
    expect(text).not.toContain('<img');
    expect(text).not.toMatch(/[^\\]`x`|[^\\]\[a\]\(b\)/);
    const row = text.split('\n').find((line) => line.includes('onerror') && line.startsWith('|'));
    expect(row?.match(/(?<!\\)\|/g)).toHaveLength(7);
  });
});
