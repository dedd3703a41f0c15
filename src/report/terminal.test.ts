import { describe, expect, it } from 'vitest';
import type { Verdict } from '../judge/verify.ts';
import { tensor } from '../tensor.ts';
import { type RunFacts, reportOf } from './report.ts';
import { caseText, clauseLine, diagnosisText, failureText, type Style, summaryText } from './terminal.ts';
import { findingOf, refutedBy } from './testing.ts';

const plain: Style = { good: String, bad: String, weak: String, strong: String };
const marked: Style = {
  good: (text) => `<good>${text}</good>`,
  bad: (text) => `<bad>${text}</bad>`,
  weak: (text) => `<weak>${text}</weak>`,
  strong: (text) => `<strong>${text}</strong>`,
};

describe('the line of a clause', () => {
  it.each<[Verdict, string]>([
    ['holds', '<good>✓ dropout/keep-rate</good>  <weak>so it is</weak>'],
    ['refuted', '<bad>✗ dropout/keep-rate</bad>  <weak>refuted</weak>'],
    ['undecided', '<bad>? dropout/keep-rate</bad>  <weak>so it is</weak>'],
    ['unsupported', '<weak>– dropout/keep-rate</weak>  <weak>so it is</weak>'],
    ['broken', '<bad>! dropout/keep-rate</bad>  <weak>broken</weak>'],
  ])('where it is %s', (verdict, line) =>
    expect(clauseLine(findingOf({ verdict, message: 'so it is' }), marked)).toBe(line),
  );

  it('says its level where that is no MUST', () => {
    expect(clauseLine(findingOf({ level: 'SHOULD' }), plain)).toBe('✓ dropout/keep-rate (SHOULD)  40 cases, 80 facts');
  });
});

describe('a case', () => {
  it('is written as a person would', () => {
    const example = {
      x: tensor('float64', [1], [1]),
      keepProb: 0.25,
      none: -0,
      training: true,
      pattern: [1, -0],
      roles: { W: 'weight', deep: { lr: [0.1] } },
    };
    expect(caseText(example)).toBe(
      'x = [1] (float64), keepProb = 0.25, none = -0, training = true, pattern = [1, -0], roles = {W = weight, deep = {lr = [0.1]}}',
    );
    expect(caseText({})).toBe('');
  });
});

it('a diagnosis says what is likely wrong, how likely, and why', () => {
  const diagnosis = [
    {
      fault: 'dropout/no-scale',
      agreement: 0.934,
      advice: 'Kept elements are not divided. Divide them.',
      clauses: ['dropout/a', 'dropout/b'],
      because: 'y[0] is 1, but must be 4',
    },
  ];
  expect(diagnosisText(diagnosis, plain)).toBe(
    [
      'likely  dropout/no-scale  agrees by 93 %, explains 2 of the refuted clauses',
      '  Kept elements are not divided. Divide them.',
      '  because y[0] is 1, but must be 4',
    ].join('\n'),
  );
  expect(diagnosisText([], plain)).toBe('');
});

describe('a failure in full', () => {
  const again = ({ id }: { readonly id: string }) => `keepprob check --only ${id}`;

  it('says what was asked and found, and how to ask again', () => {
    const finding = refutedBy('dropout/kept-are-scaled-by-inverse-keep-prob', {
      got: '1',
      wanted: '4',
      case: { x: { dtype: 'float64', shape: [1], data: [1] }, keepProb: 0.25 },
    });
    expect(failureText(finding, again, plain)).toBe(
      [
        '✗ dropout/kept-are-scaled-by-inverse-keep-prob  MUST',
        '  Each element MUST be kept with probability keep_prob.',
        '  asked  x = [1] (float64), keepProb = 0.25',
        '  found  y[0] is 1, but must be 4',
        '  again  keepprob check --only dropout/kept-are-scaled-by-inverse-keep-prob',
      ].join('\n'),
    );
  });

  it('leaves out what is not known, and what does not count', () => {
    const finding = findingOf({ verdict: 'broken', level: 'SHOULD', message: 'it crashed' });
    expect(failureText(finding, again, plain)).toBe(
      [
        '! dropout/keep-rate  SHOULD (counts with --strict alone)',
        '  Each element MUST be kept with probability keep_prob.',
        '  broke  it crashed',
        '  again  keepprob check --only dropout/keep-rate',
      ].join('\n'),
    );
  });
});

describe('the summary', () => {
  const facts: RunFacts = {
    version: '0.1.0',
    seed: 42,
    profile: 'quick',
    falseAlarm: 1e-9,
    started: new Date(0),
    implementation: { name: 'numpy', version: '2.4.6' },
    findings: [],
    diagnosis: [],
    complete: true,
    strict: false,
  };
  const summary = (rest: Partial<RunFacts>, style = plain) => summaryText(reportOf({ ...facts, ...rest }), style);

  it('counts the verdicts, those that there are', () => {
    const findings = (['holds', 'holds', 'refuted', 'undecided', 'unsupported', 'broken'] as const).map((verdict) =>
      findingOf({ verdict }),
    );
    expect(summary({ findings })).toBe(
      'numpy 2.4.6: violates\n' +
        '2 hold, 1 refuted, 1 undecided, 1 broken, 1 not applicable; seed 42, profile quick, false-alarm probability at most 1e-9 a run',
    );
    expect(summary({ findings: findings.slice(0, 1) })).toContain('\n1 hold; seed 42');
  });

  it('is good only where it conforms', () => {
    expect(summary({ findings: [findingOf()] }, marked)).toMatch(/^<good><strong>numpy 2\.4\.6: conforms</);
    expect(summary({}, marked)).toMatch(/^<bad><strong>numpy 2\.4\.6: undecided \(no MUST was judged\)</);
  });

  it('says where the run was cut off, and what went wrong before anything was judged', () => {
    const implementation = { name: 'python3 adapter.py', version: '' };
    expect(summary({ implementation, complete: false, error: 'no such command' })).toBe(
      'python3 adapter.py: broken\n' +
        'no such command\n' +
        'nothing was judged; seed 42, profile quick, false-alarm probability at most 1e-9 a run',
    );
  });
});
