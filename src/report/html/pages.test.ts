/** The pages as documents: what stands in them, for which report. How they look and work is tried in a browser (`bin/html.test.ts`). */
import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../judge/verify.ts';
import { connect } from '../../protocol/connect.ts';
import { moduleChannel } from '../../protocol/module.ts';
import { createReference } from '../../reference/implementation.ts';
import { confidenceBand } from '../../statistics/confidence.ts';
import { portray } from '../portrait.ts';
import { type Report, type RunFacts, reportOf } from '../report.ts';
import { findingOf, refutedBy } from '../testing.ts';
import { narrowingOf } from './figures.ts';
import type { Drawing } from './page.ts';
import { reportPage } from './report-page.ts';
import { scoreboardPage } from './scoreboard.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
const drawing: Drawing = { document: parseHTML('<!doctype html><html></html>').document, sha256 };

const scale = 'dropout/kept-are-scaled-by-inverse-keep-prob';
const unscaled = refutedBy(scale, { got: '1', wanted: '4', case: { keepProb: 0.25 } });

const courses = [4096, 12_288, 28_672, 520_192].map((trials) => [trials, Math.round(0.8 * trials)]);
const claim = {
  experiment: 'keep_prob 0.8, shape [4096]',
  event: 'kept',
  measure: 'rate',
  wanted: 0.8,
  found: 0.8,
  epsilon: 0.005,
  trials: 520_192,
  counts: courses[3],
  course: courses,
  logEvidence: -0.8,
  band: { low: 0.796, high: 0.804 },
  certified: true,
  detectable: { above: 0.006, below: 0.0062 },
};
const watched = {
  ...claim,
  ...{ experiment: 'layers', measure: 'correlation', wanted: 0, epsilon: null, band: null, course: undefined },
  detectable: { above: null, below: null },
};
const keepRate = findingOf({
  kind: 'statistical',
  evidence: {
    falseAlarm: 2.4e-10,
    claims: 6,
    experiments: [claim, claim, { ...claim, experiment: 'third' }, watched, null],
  },
});
const known: Finding = {
  ...refutedBy('l2/golden', { got: '2', wanted: '1', case: {} }),
  known: { status: 'as recorded', reason: 'It clamps.', link: 'https://example.org/1', expires: '2030-01-01' },
};
const unsupported = findingOf({
  ...{ id: 'decay/golden', verdict: 'unsupported', kind: 'golden' },
  message: 'not applicable: step is not declared',
});
const broken = findingOf({ id: 'training/golden', verdict: 'broken', message: 'it crashed' });

const report = (findings: readonly Finding[], rest: Partial<RunFacts> = {}): Report =>
  reportOf({
    version: '0.1.0',
    seed: 42,
    profile: 'standard',
    falseAlarm: 1e-9,
    started: new Date('2026-11-22T14:00:00Z'),
    implementation: {
      ...{ name: 'numpy', version: '2.4.6', language: 'python', homepage: 'https://www.numpy.org/' },
      capabilities: {
        dropout: { dtypes: ['float64', 'float32'], mask: true },
        penalty: { dtypes: [], coefficient: 0.5 },
      },
    },
    findings,
    diagnosis: [],
    complete: true,
    strict: false,
    ...rest,
  });

const diagnosis = [
  {
    fault: 'dropout/no-scale',
    agreement: 0.59,
    advice: 'Divide what is kept.',
    clauses: [scale],
    because: 'y[0] is 1',
  },
];
const all = report([unscaled, keepRate, known, unsupported, broken], { diagnosis });

const opened = (text: string) => parseHTML(text).document;
const pageOf = (each: Report) => opened(reportPage(each, "'my module.mjs'", drawing));
type Opened = ReturnType<typeof opened>;

const texts = (document: Opened, selector: string): readonly string[] =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => (textContent ?? '').replaceAll(/\s+/g, ' ').trim());

describe('every page', () => {
  it.each([
    ['a report', reportPage(all, 'module.mjs', drawing)],
    ['a scoreboard', scoreboardPage([{ report: all, typed: 'module.mjs' }], [], drawing)],
  ])('of %s lets nothing run or load but the script and the style in it', (_, text) => {
    const page = opened(text);
    const policy = page.querySelector('meta[http-equiv=Content-Security-Policy]')?.getAttribute('content');
    const [script, style] = ['script', 'style'].map(
      (name) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1] ?? '',
    );
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${sha256(style)}'; script-src 'sha256-${sha256(script)}'; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    expect(page.querySelectorAll('script, style')).toHaveLength(2);
    expect(page.querySelectorAll('[style], [onclick], [onerror]')).toHaveLength(0);
  });

  it.each([
    ['a report', reportPage(all, 'module.mjs', drawing)],
    [
      'a scoreboard',
      scoreboardPage(
        [all, report([unscaled, keepRate])].map((each) => ({ report: each, typed: 'm' })),
        [],
        drawing,
      ),
    ],
  ])('of %s names each place once, and leads nowhere else', (_, text) => {
    const page = opened(text);
    const ids = [...page.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? '');
    for (const link of links.filter((each) => each.startsWith('#'))) expect(ids).toContain(link.slice(1));
    expect(links.filter((each) => !each.startsWith('#'))).toEqual(
      expect.arrayContaining(['https://www.numpy.org/', 'https://example.org/1']),
    );
    const labels = [...page.querySelectorAll('[aria-labelledby]')].map((each) => each.getAttribute('aria-labelledby'));
    for (const label of labels) expect(ids).toContain(label);
  });
});

describe('the page of a report', () => {
  it('says the verdict, what was judged and how', () => {
    const page = pageOf(all);
    expect(page.querySelector('title')?.textContent).toBe('numpy 2.4.6 violates · keepprob');
    expect(texts(page, 'h1, .stamp, .lead')).toEqual([
      'numpy 2.4.6',
      '✗ violates',
      '1 clause that it must keep to is refuted.',
    ]);
    expect(texts(page, '.counts li')).toEqual([
      '1✗ refuted',
      '1! broken',
      '1≠ known to deviate',
      '1✓ holds',
      '1· not applicable',
    ]);
    expect(texts(page, 'h2')).toEqual([
      'Likely faults',
      'Failures',
      'Known deviations',
      'Pictures',
      'All clauses',
      'Declared conventions',
      'Not applicable',
    ]);
    expect(texts(page, 'nav a')).toEqual(texts(page, 'h2'));
  });

  it('leaves out what there is nothing to say of', () => {
    expect(texts(pageOf(report([findingOf()])), 'h2')).toEqual(['All clauses', 'Declared conventions']);
  });

  it('tells each failure with what was asked, found and wanted, and the lines that ask again', () => {
    const failures = [...pageOf(all).querySelectorAll('#failures ~ details')];
    expect(failures.map((failure) => failure.id)).toEqual([
      'failure-dropout-kept-are-scaled-by-inverse-keep-prob',
      'failure-training-golden',
    ]);
    const [failure] = failures.map((each) => opened(each.outerHTML));
    expect(texts(failure, '.found')).toEqual(['y[0] is 1, but must be 4']);
    expect(texts(failure, 'dt')).toEqual(['asked', 'got', 'wanted', 'ask again', 'replay']);
    expect(texts(failure, 'dd')).toEqual([
      'keepProb = 0.25',
      '1',
      '4',
      `npx keepprob check --only ${scale} --seed 42 --profile standard 'my module.mjs'`,
      `npx keepprob replay report.json ${scale} 'my module.mjs'`,
    ]);
  });

  it('shows a case that it cannot read as it came', () => {
    const strange = refutedBy(scale, { got: '1', wanted: '4', case: { x: { dtype: 'float99', data: 1 } } });
    expect(texts(pageOf(report([strange])), '#failures ~ details dd')[0]).toBe('{"x":{"dtype":"float99","data":1}}');
  });

  it('lists the known deviations, the likely faults and what is not declared, with reasons', () => {
    const page = pageOf(all);
    expect(texts(page, '#known ~ table td')).toEqual(['as recorded, until 2030-01-01', 'It clamps. example.org/1']);
    expect(texts(page, '#likely ~ details dd')).toEqual(['59 %', 'y[0] is 1', scale]);
    expect(texts(page, '#unsupported ~ dl dd')).toEqual(['step is not declareddecay/golden']);
  });

  it('has each clause with its verdict and its evidence', () => {
    const page = pageOf(all);
    expect(texts(page, '#table tbody .verdict')).toEqual([
      '✗ refuted',
      '✓ holds',
      '≠ known to deviate',
      '· not applicable',
      '! broken',
    ]);
    const configurations = texts(page, '#dropout-keep-rate li');
    expect(configurations).toHaveLength(4);
    expect(configurations[0]).toBe(
      'keep_prob 0.8, shape [4096] kept 0.8 of 520 192, wanted 0.8 ± 0.005; still possible 0.796 to 0.804; would see +0.006 and −0.0062',
    );
    expect(configurations[3]).toBe('layers correlation, kept 0.8 of 520 192, wanted 0');
  });

  it('draws how the rate narrowed, with the sample that a test of a fixed size takes', () => {
    const page = pageOf(all);
    expect(texts(page, 'figcaption b')).toEqual([claim.experiment, claim.experiment, 'third']);
    expect(texts(page, 'figcaption span')[0]).toMatch(
      /^0.8 of 520 192 draws, wanted 0.8\. The judge stopped there; a test of a fixed size would have taken 1 \d{3} \d{3}\.$/,
    );
    expect(page.querySelector('figure svg')?.getAttribute('aria-label')).toContain(
      'In the end it is between 0.796 and 0.804.',
    );
  });

  it('draws a portrait, and says what is missing of it', async () => {
    const { decay, masks } = await portray(await connect(moduleChannel(createReference())));
    const portrait = { ...(masks ? { masks } : {}), ...(decay ? { decay } : {}), left: ['Ears could not be drawn.'] };
    const page = pageOf(report([findingOf()], { portrait }));
    expect(texts(page, 'figcaption b')).toEqual([
      'Masks',
      'Keep rate by position',
      'Dependence by distance',
      'Weight decay',
    ]);
    expect(texts(page, '#pictures ~ .note')).toEqual([
      'Drawn for this picture, no part of the verdict.',
      'Ears could not be drawn.',
    ]);
    for (const picture of page.querySelectorAll('figure svg')) {
      expect(picture.getAttribute('aria-label')).not.toBe('');
      expect(picture.innerHTML).not.toMatch(/\d\.\d{3,}[^<>]*" /);
    }
  });

  it.each<[string, readonly Finding[], Partial<RunFacts>, string]>([
    ['conforms', [findingOf()], {}, 'Every applicable clause that it must keep to holds.'],
    [
      'conforms but for a deviation',
      [findingOf(), known],
      {},
      'Every applicable clause that it must keep to holds, but for 1 known deviation.',
    ],
    [
      'was cut off',
      [findingOf()],
      { complete: false },
      'Not everything that it must keep to was judged or decided. The run did not come to its end.',
    ],
    ['broke', [], { error: 'no such command', complete: false }, 'It did not start, crashed, hung or spoke wrongly.'],
    [
      'is a shard',
      [findingOf()],
      { shard: { of: 3, parts: [2] } },
      'Not everything that it must keep to was judged or decided.',
    ],
  ])('says in a sentence that a run %s', (_, findings, facts, sentence) => {
    expect(texts(pageOf(report(findings, facts)), '.lead')).toEqual([sentence]);
  });

  it('shows why nothing could be judged, and the parts of a run', () => {
    expect(texts(pageOf(report([], { error: 'no such command' })), 'header pre')).toEqual(['no such command']);
    expect(texts(pageOf(report([findingOf()], { shard: { of: 3, parts: [1, 2] } })), '.facts dd')).toContain(
      '1, 2 of 3',
    );
  });

  it('does not follow a link that is none', () => {
    const implementation = { name: 'x', version: '', homepage: 'javascript:alert(1)' };
    const page = pageOf(report([findingOf()], { implementation }));
    expect(texts(page, '.facts dd')).toContain('javascript:alert(1)');
    expect(page.querySelector('a[href^=javascript]')).toBeNull();
  });
});

describe('the scoreboard', () => {
  const other = report([keepRate, { ...unscaled, verdict: 'undecided' }], {
    implementation: {
      name: 'a'.repeat(500),
      version: '1',
      language: 'rust',
      capabilities: { step: { dtypes: [], optimizers: { sgd: { decay: 'decoupled', times_lr: true } } } },
    },
  });
  const page = opened(
    scoreboardPage(
      [all, other].map((each) => ({ report: each, typed: 'm' })),
      [{ name: 'JAX', missing: 'uv is not installed' }],
      drawing,
    ),
  );

  it('has a row for each implementation and a column for each clause, stem by stem', () => {
    expect(texts(page, '#board th[data-group]')).toEqual(['dropout', 'l2', 'decay', 'training']);
    expect(texts(page, '#board th[data-column]')).toEqual([
      'kept-are-scaled-by-inverse-keep-prob',
      'keep-rate',
      'golden',
      'golden',
      'golden',
    ]);
    const cells = [...page.querySelectorAll('#board tbody tr')].map((row) => texts(opened(row.outerHTML), 'td'));
    expect(cells[0].slice(1)).toEqual([
      `✗refuted numpy 2.4.6 ${scale}`,
      '✓holds',
      '≠known to deviate numpy 2.4.6 l2/golden',
      '·not applicable',
      '!broken numpy 2.4.6 training/golden',
    ]);
    expect(cells[1].map((cell) => cell.slice(0, 10))).toEqual([
      '? undecide',
      '?undecided',
      '✓holds',
      'not asked',
      'not asked',
      'not asked',
    ]);
  });

  it('does not show one that is known to deviate as one that conforms', () => {
    const deviating = report([keepRate, known], { implementation: { name: 'other', version: '1' } });
    const board = opened(scoreboardPage([{ report: deviating, typed: 'm' }], [], drawing));
    expect(texts(board, '#board tbody .verdict .words')[0]).toBe('deviates as known');
    expect(texts(board, '.lead')[0]).toContain('0 of 1 implementations conform');
  });

  it('names who could not be judged, and what each declares', () => {
    expect(texts(page, '#missing ~ dl')).toEqual(['JAXuv is not installed']);
    expect(texts(page, '.overview .board:not(#board) tbody tr')).toEqual([
      'numpyfloat64, float32yes0.5––',
      `${'a'.repeat(80)}…––––decoupled, times_lr yes`,
    ]);
  });

  it('holds the report of each', () => {
    expect(texts(page, 'section.report h1')).toEqual(['numpy 2.4.6', `${'a'.repeat(80)}… 1`]);
    expect(texts(page, '.overview .lead')[0]).toMatch(/^0 of 2 implementations conform/);
  });
});

it('a course is drawn where there is one that says something', () => {
  const account = { falseAlarm: 1e-9, members: 6 };
  const course = [
    [100, 80],
    [1000, 800],
  ];
  const { looks, fixed } = narrowingOf({ course, wanted: 0.8, epsilon: 0.01 }, account) ?? expect.fail();
  expect(looks[1]).toEqual({ trials: 1000, found: 0.8, ...confidenceBand({ trials: 1000, successes: 800 }, 1e-9) });
  expect(fixed).toBeGreaterThan(1000);
  expect(narrowingOf({ course: course.slice(1), wanted: 0.8, epsilon: 0.01 }, account)).toBeUndefined();
  expect(narrowingOf({ course, wanted: 0.8, epsilon: null }, account)).toBeUndefined();
  expect(narrowingOf({ course, wanted: 0.8, epsilon: 0.01 }, { falseAlarm: Number.NaN, members: 6 })).toBeUndefined();
});
