/** The whole run: every clause in its order, and what follows from their verdicts. */
import type { Clause } from '../clause.ts';
import type { Subject } from '../subject.ts';
import { type Budget, type Finding, shardLeftTo, unjudged, verify, whyInapplicable } from './verify.ts';

/** What a run comes to. Only `conforms` says that every MUST that applies was judged and holds. */
export type RunVerdict = 'conforms' | 'violates' | 'undecided' | 'broken';

/** After so many breakages in a row, with time-outs perhaps, nothing is gained by asking on. */
const mostBreakages = 3;

/** Judges clause by clause, handing over each finding as it comes, so that a run cut short loses none. */
export async function* judgeAll(
  clauses: readonly Clause[],
  subject: Subject,
  budget: Budget,
  /** How one clause is judged. */
  judge: typeof verify = verify,
): AsyncGenerator<Finding> {
  let breakages = 0;
  for (const clause of clauses) {
    if (breakages >= mostBreakages && whyInapplicable(clause, subject) === undefined) {
      yield unjudged(clause, 'broken', `not judged: the implementation broke at ${mostBreakages} clauses in a row`);
      continue;
    }
    const finding = await judge(clause, subject, budget);
    const wasAsked = finding.verdict !== 'unsupported' && shardLeftTo(finding) === undefined;
    if (wasAsked) breakages = finding.verdict === 'broken' ? breakages + 1 : 0;
    yield finding;
  }
}

/**
 * The run's verdict: what one refuted MUST settles, nothing later can unsettle. `strict` counts SHOULD as MUST. Where
 * no MUST applied, nothing was judged, and nothing is said to conform. A deviation that is known and as recorded is
 * counted neither way.
 */
export function verdictOfRun(findings: readonly Finding[], { strict = false, complete = true } = {}): RunVerdict {
  const binding = findings.filter(({ level }) => level === 'MUST' || (strict && level === 'SHOULD'));
  const some = (verdict: Finding['verdict']) =>
    binding.some((finding) => finding.verdict === verdict && finding.known?.status !== 'as recorded');
  if (some('refuted')) return 'violates';
  if (some('broken')) return 'broken';
  const wasAsked = some('holds') || binding.some(({ known }) => known?.status === 'as recorded');
  return some('undecided') || !wasAsked || !complete ? 'undecided' : 'conforms';
}

/** Σ of the weights of the statistical clauses and the trends, of which each has its share of the false-alarm budget. */
export const totalWeightOf = (clauses: readonly Clause[]): number =>
  clauses.reduce((sum, { evidence }) => sum + ('weight' in evidence ? evidence.weight : 0), 0);
