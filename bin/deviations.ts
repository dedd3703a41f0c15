/** `check --deviations FILE`: what is known to deviate is asked again, and must still deviate for the recorded reason. */
import { existsSync, readFileSync } from 'node:fs';
import { clauses } from '../properties/index.ts';
import type { Clause } from '../src/clause.ts';
import { Breakage } from '../src/errors.ts';
import { askAgain } from '../src/judge/again.ts';
import { profileFor } from '../src/judge/profiles.ts';
import { type Budget, type Finding, verify } from '../src/judge/verify.ts';
import { type Deviation, daysAfter, deviationsFrom, isAsRecorded } from '../src/report/deviations.ts';
import { projectFile } from '../src/root.ts';
import type { Subject } from '../src/subject.ts';
import { UsageError } from './usage.ts';

/** The deviations in a file; none where it is to be written and does not exist yet. */
export function readDeviations(file: string, { isWritten }: { readonly isWritten: boolean }): readonly Deviation[] {
  if (isWritten && !existsSync(file)) return [];
  const known = parsed(file);
  const strange = known.find(({ clause }) => clauses.every(({ id }) => id !== clause));
  if (strange === undefined) return known;
  throw new UsageError(`${file} names ${strange.clause}, which is no clause; keepprob list shows them all`);
}

function parsed(file: string): readonly Deviation[] {
  try {
    const schema = JSON.parse(readFileSync(projectFile('spec/schema/deviations.json'), 'utf8'));
    return deviationsFrom(readFileSync(file, 'utf8'), schema);
  } catch (error) {
    throw new UsageError(`--deviations ${file}: ${(error as Error).message}; --update writes a new one`);
  }
}

/** How a clause is judged of which a deviation may be known. */
export function judgingWith(known: readonly Deviation[], today: Date): typeof verify {
  return async (clause, subject, budget) => {
    const deviation = known.find(({ clause: id }) => id === clause.id);
    if (deviation === undefined) return verify(clause, subject, budget);
    const isOver = daysAfter(today, 0) > deviation.expires;
    const finding = await expected(deviation, clause, subject, budget);
    const status =
      finding.verdict === 'refuted' || finding.verdict === 'broken'
        ? isAsRecorded(deviation, finding)
          ? isOver
            ? 'expired'
            : 'as recorded'
          : 'for another reason'
        : finding.verdict === 'holds'
          ? 'gone'
          : undefined;
    if (status === undefined) return finding;
    const { reason, link, expires } = deviation;
    return { ...finding, known: { status, reason, ...(link === undefined ? {} : { link }), expires } };
  };
}

/** How often a recorded case is asked again, where its mask may happen to be one in which nothing shows. */
const mostTimes = 256;

/** The recorded case, asked until it deviates as recorded; where it does not, the clause judged as any other. */
async function expected(deviation: Deviation, clause: Clause, subject: Subject, budget: Budget): Promise<Finding> {
  const { id, level, statement, evidence } = clause;
  const { found } = deviation;
  const start = performance.now();
  const pinned = { ...budget, seed: found.seed, profile: profileFor(found.profile, found.seed) };
  // Where the implementation broke no case is recorded: the clause is judged as it was then.
  if (found.case === undefined && evidence.kind !== 'statistical') return verify(clause, subject, pinned);
  const times = evidence.kind === 'statistical' ? 1 : mostTimes;
  for (let time = 0; time < times; time++) {
    const judged = await askAgain(clause, found.case, subject, pinned).catch((error: unknown) => {
      if (error instanceof Breakage) return undefined;
      throw error;
    });
    // What hangs once may hang each time, and take as long.
    if (judged === undefined) break;
    if (judged.verdict !== 'refuted') continue;
    const finding = { id, level, statement, kind: evidence.kind, ...judged, milliseconds: performance.now() - start };
    if (isAsRecorded(deviation, finding)) return finding;
  }
  return verify(clause, subject, budget);
}
