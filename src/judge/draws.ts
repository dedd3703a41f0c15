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
  /** The claim with the most evidence against it; where not all are decided, the one furthest from it. */
  readonly strongest?: ClaimEvidence;
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
  /** Awaited, so that signals and timers have their turn between rounds. */
  readonly onDraw?: (progress: {
    readonly elements: number;
    readonly logEvidence: number;
    readonly experiment: string;
  }) => void | Promise<void>;
}

/** A first round is small, so that a gross fault costs nothing; later ones double, so that few looks are needed. */
const firstRound = 2 ** 12;
const largestRound = 2 ** 20;

/** How often the budget that suffices in 999 of 1 000 runs may be spent before a claim is given up as undecided. */
const patience = 3;

/**
 * Draws experiment by experiment until the family of all claims is refuted, or every claim holds, or draws run out.
 * Without any claim nothing can be decided.
 */
export async function judgeStatistical(
  evidence: Statistical,
  subject: Subject,
  options: DrawOptions,
): Promise<DrawOutcome> {
  const { profile, falseAlarm, name, onDraw } = options;
  const experiments = evidence
    .experiments(subject.capabilities, profile.resolution)
    .filter((experiment) => experiment.claims.length > 0);
  const claims = experiments.flatMap((experiment) => experiment.claims);
  const starts = experiments.map((_, i) =>
    experiments.slice(0, i).reduce((sum, earlier) => sum + earlier.claims.length, 0),
  );
  let state = undrawnFamily(claims.length);
  let elements = 0;

  /** The claim of an experiment that stands out most, as it stands now. */
  const evidenceAt = (index: number, standing: (member: RateState) => number): ClaimEvidence => {
    const experiment = experiments[index];
    const members = membersOf(state, starts[index], experiment);
    const most = indexOfMost(members, standing);
    return evidenceOf(experiment.claims[most], experiment.name, members[most], falseAlarm);
  };
  const accused = (index: number) => evidenceAt(index, ({ logAgainst }) => logAgainst);
  const concluded = (kind: DrawOutcome['kind'], strongest?: ClaimEvidence): DrawOutcome => ({
    kind,
    elements,
    claims: claims.length,
    ...(strongest === undefined ? {} : { strongest }),
    experiments: experiments.map((_, index) => accused(index)),
    falseAlarm,
    logEvidence: state.maxLogAgainst,
  });

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
      if (counts.length !== experiment.claims.length) {
        throw new TypeError(
          `${name} counts ${counts.length} claims of ${experiment.claims.length}: ${experiment.name}`,
        );
      }
      drawn += size;
      elements += size;
      state = observeFamily(claims, state, placed(counts, start, claims.length));
      if (familyVerdictOf(state, falseAlarm) === 'refuted') {
        const strongest = accused(index);
        return { ...concluded('refuted', strongest), deviation: rateDeviation(strongest, falseAlarm) };
      }
      await onDraw?.({ elements, logEvidence: state.maxLogAgainst, experiment: experiment.name });
    }
    if (!isDecided()) return concluded('undecided', evidenceAt(index, doubt));
  }
  if (claims.length === 0) return concluded('undecided');
  const all = experiments.map((_, index) => accused(index));
  return concluded('holds', all[indexOfMost(all, ({ logEvidence }) => logEvidence)]);
}

const membersOf = (state: FamilyState, start: number, { claims }: Experiment): readonly RateState[] =>
  state.members.slice(start, start + claims.length);

const none: Counts = { trials: 0, successes: 0 };

/** The counts of one experiment among those of all, which did not draw. */
const placed = (counts: readonly Counts[], start: number, total: number): readonly Counts[] =>
  Array.from({ length: total }, (_, i) => counts[i - start] ?? none);

/** How far a claim is from being certified. */
const doubt = ({ maxLogAbove, maxLogBelow }: RateState): number => -Math.min(maxLogAbove, maxLogBelow);

const indexOfMost = <T>(list: readonly T[], standing: (entry: T) => number): number =>
  list.reduce((most, entry, i) => (standing(entry) > standing(list[most]) ? i : most), 0);

const evidenceOf = (
  { event, rate, epsilon }: Claim,
  experiment: string,
  state: RateState,
  falseAlarm: number,
): ClaimEvidence => ({
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
    got: `${show(Number((successes / trials).toPrecision(6)))}, ${count(successes)} of ${count(trials)}`,
    wanted: show(rate),
    distance: `a correct implementation is this far off less than once in ${powerText(1 / falseAlarm)} runs`,
  });
}

/** An integer with its thousands apart; a fraction rounded. */
export const count = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ');

/** A large number by its first digit, e.g. `6e9`. */
export const powerText = (value: number): string => value.toExponential(0).replace('e+', 'e');
