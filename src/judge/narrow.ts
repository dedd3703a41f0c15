/** Finds the simplest configuration in which a fault still shows, as a shrinker does for cases that are not random. */
import type { Experiment } from '../clause.ts';
import { Breakage, Deviation, Refusal } from '../errors.ts';
import { trialsOf } from '../statistics/claim.ts';
import { familyVerdictOf, observeFamily, undrawnFamily } from '../statistics/family.ts';
import type { Subject } from '../subject.ts';
import { chunksOf, drawChunk } from './chunks.ts';
import type { DrawOptions } from './draws.ts';
import { type ClaimEvidence, evidenceOf } from './evidence.ts';

/** Mask elements after which no further chunk is drawn for a configuration: about as many again as the refutation took, within limits. */
const mostFor = (spent: number): number => Math.min(Math.max(spent, 2 ** 18), 2 ** 22);

type Options = Pick<DrawOptions, 'falseAlarm' | 'seed' | 'name' | 'onDraw'> & {
  /** Mask elements that the refutation took. */
  readonly spent: number;
};

/**
 * The claim that the simplest of the configurations refutes. All draws are fresh, in streams of their own, and the
 * configurations share an account of their own, as large as the clause's, so that to name a wrong one has at most that
 * probability: the draws that refuted the clause have been looked at, and accuse nobody twice.
 *
 * @param simpler the simplest first
 * @returns undefined where none of them is refuted within these bounds, or the subject fails at one: what is refuted
 *   already stands, whatever comes of a simpler configuration
 */
export async function narrow(
  simpler: readonly Experiment[],
  subject: Subject,
  options: Options,
): Promise<ClaimEvidence | undefined> {
  try {
    return await firstRefuted(simpler, subject, options);
  } catch (error) {
    if (error instanceof Breakage || error instanceof Deviation || error instanceof Refusal) return undefined;
    throw error;
  }
}

async function firstRefuted(
  simpler: readonly Experiment[],
  subject: Subject,
  { falseAlarm, seed, name, onDraw, spent }: Options,
): Promise<ClaimEvidence | undefined> {
  const share = falseAlarm / simpler.length;
  const mostForAll = mostFor(spent);
  // Each configuration has its turn, whatever those before it took.
  const mostForOne = Math.max(2 ** 13, mostForAll / simpler.length);
  let drawn = 0;
  for (const [index, experiment] of simpler.entries()) {
    const { claims } = experiment;
    let state = undrawnFamily(claims);
    for (const chunk of chunksOf(`${name}/simpler`, index)) {
      if (chunk.start >= mostForOne || drawn >= mostForAll) break;
      const onRound = (elements: number) => {
        drawn += elements;
        return onDraw?.({ elements: spent + drawn, logEvidence: state.maxLogAgainst, experiment: experiment.name });
      };
      state = observeFamily(claims, state, await drawChunk(experiment, chunk, { subject, seed, onRound }));
      // An input may be too short for what is asked: nothing will be counted then, however many are drawn.
      if (state.members.every(({ tally }, i) => trialsOf(claims[i], tally) === 0)) break;
      if (familyVerdictOf(state, share) !== 'refuted') continue;
      const most = state.members.reduce(
        (best, { logAgainst }, i) => (logAgainst > state.members[best].logAgainst ? i : best),
        0,
      );
      const account = { falseAlarm: share, members: claims.length };
      return evidenceOf(claims[most], experiment.name, state.members[most], account);
    }
  }
  return undefined;
}
