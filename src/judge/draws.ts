/** Runs evidence about a law of the masks: draws until every claim is decided, and no longer. */
import type { Claim, Counts, Experiment, Statistical } from '../clause.ts';
import { Deviation } from '../errors.ts';
import { show } from '../show.ts';
import { confidenceBand } from '../statistics/confidence.ts';
import { type FamilyState, familyVerdictOf, observeFamily, undrawnFamily } from '../statistics/family.ts';
import { isCertified, type RateState } from '../statistics/rate.ts';
import { budgetOf } from '../statistics/sample-size.ts';
import type { Subject } from '../subject.ts';
import type { Profile } from './profiles.ts';
import { seedFor } from './seeds.ts';

/** What was counted for one claim, and what it shows. */
export interface ClaimEvidence {
  readonly experiment: string;
  readonly event: string;
  readonly rate: number;
  readonly epsilon: number;
  readonly trials: number;
  readonly successes: number;
  /** ln of the e-value against the claim, in nats. */
  readonly logEvidence: number;
  /** The rates that are still possible. */
  readonly band: { readonly low: number; readonly high: number };
}

export interface DrawOutcome {
  readonly kind: 'holds' | 'refuted' | 'undecided';
  /** Mask elements drawn in all. */
  readonly elements: number;
  readonly claims: number;
  /** The claim with the most evidence against it, or that is furthest from being decided. */
  readonly strongest: ClaimEvidence;
  /** For every experiment, the claim of it with the most evidence against it. */
  readonly experiments: readonly ClaimEvidence[];
  /** The clause's share of the false-alarm probability. */
  readonly falseAlarm: number;
  /** ln of the family's e-value, the largest of any look. */
  readonly logEvidence: number;
  readonly deviation?: Deviation;
}

export interface DrawOptions {
  readonly profile: Profile;
  /** The clause's share of the run's false-alarm probability. */
  readonly falseAlarm: number;
  readonly seed: number;
  /** Names the clause's streams, unique in the run. */
  readonly name: string;
  readonly onDraw?: (progress: { readonly elements: number; readonly logEvidence: number; readonly experiment: string }) => void;
}

/** A first round is small, so that a gross fault costs nothing; later ones double, so that few looks are needed. */
const firstRound = 2 ** 12;
const largestRound = 2 ** 20;

/** How often the budget that suffices in 999 of 1 000 runs may be spent before a claim is given up as undecided. */
const patience = 3;

/** Draws experiment by experiment until the family of all claims is refuted, or every claim holds, or draws run out. */
export async function judgeStatistical(evidence: Statistical, subject: Subject, options: DrawOptions): Promise<DrawOutcome> {
  const { profile, falseAlarm, name, onDraw } = options;
  const experiments = evidence.experiments(subject.capabilities, profile.resolution);
  const claims = experiments.flatMap((experiment) => experiment.claims);
  const starts = experiments.map((_, i) => experiments.slice(0, i).reduce((sum, earlier) => sum + earlier.claims.length, 0));
  let state = undrawnFamily(claims.length);
  let elements = 0;

  const outcome = (): Omit<DrawOutcome, 'kind' | 'strongest'> & { readonly experiments: readonly ClaimEvidence[] } => ({
    elements,
    claims: claims.length,
    experiments: experiments.map((experiment, i) => strongestOf(experiment, membersOf(state, starts[i], experiment), falseAlarm)),
    falseAlarm,
    logEvidence: state.maxLogAgainst,
  });
  const concluded = (kind: DrawOutcome['kind'], index: number): DrawOutcome => {
    const facts = outcome();
    const strongest = facts.experiments[index];
    return { kind, ...facts, strongest, ...(kind === 'refuted' ? { deviation: rateDeviation(strongest, falseAlarm) } : {}) };
  };

  for (const [index, experiment] of experiments.entries()) {
    const start = starts[index];
    const isDecided = () => membersOf(state, start, experiment).every((member) => isCertified(member, falseAlarm));
    const limits = experiment.claims.map((claim) => patience * budgetOf(claim, falseAlarm, claims.length));
    const isSpent = () => membersOf(state, start, experiment).every(({ counts }, i) => counts.trials >= limits[i]);
    const stream = { id: `${name}/${index}`, seed: seedFor(options.seed, `${name}/${index}`) };
    let drawn = 0;
    for (let round = 0; !isDecided() && !isSpent() && drawn < profile.mostElements; round++) {
      const size = Math.min(firstRound * 2 ** round, largestRound);
      const counts = await experiment.draw(subject, size, { ...stream, round });
      drawn += size;
      elements += size;
      state = observeFamily(claims, state, placed(counts, start, claims.length));
      if (familyVerdictOf(state, falseAlarm) === 'refuted') return concluded('refuted', index);
      onDraw?.({ elements, logEvidence: state.maxLogAgainst, experiment: experiment.name });
    }
    if (!isDecided()) return concluded('undecided', index);
  }
  return concluded('holds', indexOfStrongest(outcome().experiments));
}

const membersOf = (state: FamilyState, start: number, { claims }: Experiment): readonly RateState[] =>
  state.members.slice(start, start + claims.length);

const none: Counts = { trials: 0, successes: 0 };

/** The counts of one experiment among those of all, which did not draw. */
const placed = (counts: readonly Counts[], start: number, total: number): readonly Counts[] =>
  Array.from({ length: total }, (_, i) => counts[i - start] ?? none);

function strongestOf(experiment: Experiment, members: readonly RateState[], falseAlarm: number): ClaimEvidence {
  const index = members.reduce((best, member, i) => (member.logAgainst > members[best].logAgainst ? i : best), 0);
  return evidenceOf(experiment.claims[index], experiment.name, members[index], falseAlarm);
}

const indexOfStrongest = (evidence: readonly ClaimEvidence[]): number =>
  evidence.reduce((best, { logEvidence }, i) => (logEvidence > evidence[best].logEvidence ? i : best), 0);

const evidenceOf = ({ event, rate, epsilon }: Claim, experiment: string, state: RateState, falseAlarm: number): ClaimEvidence => ({
  experiment,
  event,
  rate,
  epsilon,
  ...state.counts,
  logEvidence: state.logAgainst,
  band: confidenceBand(state.counts, falseAlarm),
});

function rateDeviation({ experiment, event, rate, trials, successes }: ClaimEvidence, falseAlarm: number): Deviation {
  return new Deviation({
    where: `the rate of '${event}' (${experiment})`,
    got: `${show(Number((successes / trials).toPrecision(6)))}, ${count(successes)} of ${count(trials)},`,
    wanted: show(rate),
    distance: `a correct implementation is this far off less than once in ${(1 / falseAlarm).toExponential(0)} runs`,
  });
}

/** An integer with its thousands apart; a fraction rounded. */
export const count = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
