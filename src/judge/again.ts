/** A recorded counterexample, asked once more. */
import { decodeCase } from '../case.ts';
import type { Clause } from '../clause.ts';
import type { Subject } from '../subject.ts';
import { replayCase } from './cases.ts';
import { type Budget, type FoundCounterexample, type Judged, ofDeviation, verify, whyInapplicable } from './verify.ts';

/**
 * Asks the recorded question of a clause: its case, or its vector. A statistical one is drawn again, by the budget's seed, and
 * a trend trained again.
 * Rejects with a Breakage where the implementation breaks.
 *
 * @param recorded the case as a report holds it
 */
export async function askAgain(
  clause: Clause,
  recorded: FoundCounterexample['case'],
  subject: Subject,
  budget: Budget,
): Promise<Judged> {
  const { evidence } = clause;
  const reason = whyInapplicable(clause, subject);
  if (reason !== undefined) return { verdict: 'unsupported', evidence: {}, message: reason };
  if (evidence.kind === 'statistical' || evidence.kind === 'trend') return verify(clause, subject, budget);
  const example = decodeCase(recorded);
  if (evidence.kind !== 'golden') return told(await replayCase((must) => evidence.check(subject, example, must)));
  const vector = (await budget.golden(evidence.stem)).find(({ name }) => name === example['vector']);
  if (vector === undefined)
    return { verdict: 'unsupported', evidence: {}, message: `the vector ${example['vector']} is recorded no more` };
  return told(await replayCase((must) => evidence.check(subject, structuredClone(vector), must)));

  function told({ facts, deviation }: Awaited<ReturnType<typeof replayCase>>): Judged {
    const seen = { cases: 1, facts };
    if (deviation !== undefined) return { evidence: seen, ...ofDeviation(deviation, example) };
    if (facts > 0) return { verdict: 'holds', evidence: seen, message: '' };
    return { verdict: 'undecided', evidence: seen, message: 'nothing could be seen in this case' };
  }
}
