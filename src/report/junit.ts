/** Reports as JUnit's XML, which CI systems show test by test. */
import type { Finding } from '../judge/verify.ts';
import { escaped } from './markup.ts';
import type { Report } from './report.ts';
import { knownText } from './terminal.ts';

/** How a clause is told as a test. */
type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped' | 'failure' | 'error'; readonly message: string };

/**
 * Reports as JUnit's XML: a suite an implementation, a test case a clause. What is known to deviate, what is not declared and a SHOULD that does not hold
 * are skipped, each with its reason; what is undecided is a failure, what broke an error.
 */
export function junit(reports: readonly Report[]): string {
  const suites = reports.map(suiteOf);
  const sum = (count: (suite: (typeof suites)[number]) => number) =>
    suites.reduce((total, suite) => total + count(suite), 0);
  const totals = `tests="${sum(({ tests }) => tests)}" failures="${sum(({ failures }) => failures)}" errors="${sum(({ errors }) => errors)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="keepprob" ${totals} time="${seconds(sum(({ milliseconds }) => milliseconds))}">`,
    ...suites.map(({ text }) => text),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteOf({ implementation, clauses, error, started, verdict }: Report) {
  const outcomes = clauses.map(outcomeOf);
  const name = `${implementation.name} ${implementation.version}`.trim();
  // Where no clause could be judged, or not all, that is a case of its own: no suite may look as if it had passed.
  const run: Outcome =
    error !== undefined
      ? { kind: 'error', message: error }
      : verdict === 'undecided'
        ? { kind: 'failure', message: 'the run does not say that it conforms: not everything was judged or decided' }
        : { kind: 'passed' };
  const cases = [
    ...clauses.map((clause, i) => caseText(name, clause.id, clause.milliseconds, outcomes[i])),
    caseText(name, 'the whole run', 0, run),
  ];
  const of = (kind: Outcome['kind']) => [...outcomes, run].filter((outcome) => outcome.kind === kind).length;
  const milliseconds = clauses.reduce((sum, clause) => sum + clause.milliseconds, 0);
  const [tests, failures, errors] = [cases.length, of('failure'), of('error')];
  const counts = `tests="${tests}" failures="${failures}" errors="${errors}" skipped="${of('skipped')}"`;
  const when = `time="${seconds(milliseconds)}" timestamp="${escaped(started.slice(0, 19))}"`;
  const text = [`  <testsuite name="${escaped(name)}" ${counts} ${when}>`, ...cases, '  </testsuite>'].join('\n');
  return { text, tests, failures, errors, milliseconds };
}

function outcomeOf({ verdict, level, message, known }: Finding): Outcome {
  if (known?.status === 'as recorded') return { kind: 'skipped', message: knownText(known) };
  if (known?.status === 'gone') return { kind: 'failure', message: knownText(known) };
  switch (verdict) {
    case 'holds':
      return { kind: 'passed' };
    case 'unsupported':
      return { kind: 'skipped', message };
    case 'broken':
      return { kind: 'error', message };
    default:
      return level === 'MUST' ? { kind: 'failure', message } : { kind: 'skipped', message: `${level}: ${message}` };
  }
}

function caseText(suite: string, name: string, milliseconds: number, outcome: Outcome): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${seconds(milliseconds)}"`;
  if (outcome.kind === 'passed') return `${head}/>`;
  const inside =
    outcome.kind === 'skipped'
      ? `<skipped message="${escaped(outcome.message)}"/>`
      : `<${outcome.kind} message="${escaped(outcome.message)}" type="${outcome.kind}">${escaped(outcome.message)}</${outcome.kind}>`;
  return `${head}>${inside}</testcase>`;
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
