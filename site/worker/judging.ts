/** Judges a clause as the command line does: the same property, the same runner, the same budget. */
import { registry } from '../../properties/index.ts';
import type { Clause, Vector } from '../../src/clause.ts';
import { decodeDigits } from '../../src/digits.ts';
import { decodeVectors } from '../../src/golden.ts';
import { profileFor } from '../../src/judge/profiles.ts';
import { totalWeightOf } from '../../src/judge/run.ts';
import { type Budget, verify } from '../../src/judge/verify.ts';
import { shareOf } from '../../src/statistics/budget.ts';
import { logThreshold } from '../../src/statistics/claim.ts';
import { looksLike } from './diagnosing.ts';
import type { Drawn, Found, JudgeJob, Standing } from './messages.ts';
import { standingOf, watched } from './standing.ts';
import { subjectNamed } from './subjects.ts';

/** The false-alarm probability of a whole run, as on the command line. */
const falseAlarm = 1e-9;

/** Milliseconds between two words on how far it has come: more often nobody can read. */
const pause = 100;

const golden: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  dropout: () => import('../../golden/dropout.json'),
  l2: () => import('../../golden/l2.json'),
  decay: () => import('../../golden/decay.json'),
  training: () => import('../../golden/training.json'),
};

const goldenVectors = async (stem: string): Promise<readonly Vector[]> => decodeVectors((await golden[stem]()).default);

/** The finding on a clause; `tell` hears how far a statistical one has come. */
export async function judged(
  { clause: id, subject: name, seed, profile }: JudgeJob,
  tell: (drawn: Drawn) => void,
): Promise<Found> {
  const clause = registry.find((each) => each.id === id);
  if (clause === undefined) throw new RangeError(`there is no clause ${id}`);
  const share = shareIn(clause);
  const standings = new Map<string, Standing>();
  let last = performance.now();
  const isDue = () => performance.now() - last > pause;
  const followed = watched(clause, (counted) => {
    const { claims, name: experiment } = counted.experiment;
    // Where thousands of claims are counted, looking at them all takes longer than a draw.
    if (standings.has(experiment) && claims.length > 64 && !isDue()) return;
    const standing = standingOf(counted, share);
    if (standing !== undefined) standings.set(experiment, standing);
  });
  const budget: Budget = {
    profile: profileFor(profile, seed),
    seed,
    falseAlarm,
    totalWeight: totalWeightOf(registry),
    golden: goldenVectors,
    digits: async () => decodeDigits((await import('../../golden/digits.json')).default),
    onProgress: ({ elements, experiment, logEvidence }) => {
      if (!isDue()) return;
      last = performance.now();
      const threshold = logThreshold(share);
      const drawn = elements === undefined ? {} : { elements };
      tell({ kind: 'drawn', ...drawn, experiment, logEvidence, threshold, standings: [...standings.values()] });
    },
  };
  const finding = await verify(followed, await subjectNamed(name), budget);
  const lookalikes = finding.verdict === 'refuted' ? await looksLike(finding) : [];
  return { kind: 'found', finding, lookalikes, standings: [...standings.values()] };
}

/** The clause's share of the false-alarm probability; all of it where it has no draws. */
const shareIn = ({ evidence }: Clause): number =>
  'weight' in evidence
    ? shareOf({ falseAlarm, weight: evidence.weight, totalWeight: totalWeightOf(registry) })
    : falseAlarm;
