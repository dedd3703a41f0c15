/** Where a statistical clause stands while it is judged: its experiments are the real ones, and counted along. */
import type { Claim, Clause, Experiment, Tally } from '../../src/clause.ts';
import { add, epsilonOf, foundIn, nothing, pairsOf, ratesOf, trialsOf } from '../../src/statistics/claim.ts';
import { confidenceBand } from '../../src/statistics/confidence.ts';
import { correlationBand } from '../../src/statistics/pairs.ts';
import type { Standing } from './messages.ts';

/** An experiment with all that was drawn in it. */
export interface Counted {
  readonly experiment: Experiment;
  readonly tallies: readonly Tally[];
}

/** The same clause; `onDraw` hears of each stretch of draws, with all that the experiment has drawn so far. */
export function watched(clause: Clause, onDraw: (counted: Counted) => void): Clause {
  const { evidence } = clause;
  if (evidence.kind !== 'statistical') return clause;
  const experiments: typeof evidence.experiments = (can, resolution) =>
    evidence.experiments(can, resolution).map((experiment) => countedAlong(experiment, onDraw));
  return { ...clause, evidence: { ...evidence, experiments } };
}

function countedAlong(experiment: Experiment, onDraw: (counted: Counted) => void): Experiment {
  let tallies: readonly Tally[] = experiment.claims.map(nothing);
  return {
    ...experiment,
    draw: async (...asked) => {
      const drawn = await experiment.draw(...asked);
      tallies = tallies.map((tally, i) => add(tally, drawn[i]));
      onDraw({ experiment, tallies });
      return drawn;
    },
  };
}

/** The claim of an experiment that is furthest off among those that are certified; undefined before any draw. */
export function standingOf({ experiment, tallies }: Counted, falseAlarm: number): Standing | undefined {
  const standings = experiment.claims.flatMap((claim, i) => {
    const epsilon = epsilonOf(claim);
    const trials = trialsOf(claim, tallies[i]);
    if (epsilon === undefined || trials === 0) return [];
    const { wanted, found } = foundIn(claim, tallies[i]);
    return [{ claim, tally: tallies[i], epsilon, trials, wanted, found, off: Math.abs(found - wanted) / epsilon }];
  });
  if (standings.length === 0) return undefined;
  const { claim, tally, off: _, ...furthest } = standings.reduce((most, each) => (each.off > most.off ? each : most));
  return { experiment: experiment.name, event: claim.event, ...furthest, ...bandOf(claim, tally, falseAlarm) };
}

const bandOf = (claim: Claim, tally: Tally, alpha: number): { low: number; high: number } =>
  claim.law === 'pairs' ? correlationBand(claim, pairsOf(tally), alpha) : confidenceBand(ratesOf(tally), alpha);
