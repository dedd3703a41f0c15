/** Judges evidence about a law of the masks: chunk by chunk, until every claim is decided. */
import type { Claim, Counts, Experiment, Statistical } from '../clause.ts';
import { Deviation } from '../errors.ts';
import { show } from '../show.ts';
import { confidenceBand } from '../statistics/confidence.ts';
import { type FamilyState, familyVerdictOf, observeFamily, undrawnFamily } from '../statistics/family.ts';
import { isCertified, type RateClaim, type RateState } from '../statistics/rate.ts';
import { budgetOf, detectable } from '../statistics/sample-size.ts';
import type { Capabilities, Subject } from '../subject.ts';
import { type Chunk, chunksOf, drawChunk, type RecordedChunk, recordChunk } from './chunks.ts';
import type { Profile } from './profiles.ts';
import { type Shard, turnOf } from './shard.ts';

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
  /** Whether the rate is known to be less than ε off, but for an error probability of the clause's share. */
  readonly certified: boolean;
  /** The smallest deviations that these draws would have refuted with a probability of 0.999; null where none. */
  readonly detectable: { readonly above: number | null; readonly below: number | null };
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
  /** Where undecided: about how many more draws of the strongest claim would decide. */
  readonly moreDraws?: number;
  /** Where the counts of a chunk are missing, the first that is. */
  readonly missing?: Chunk;
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

/**
 * How often the budget that suffices in 999 of 1 000 runs may be spent before a claim is given up as undecided. By the
 * bound from which that budget is derived, a correct subject is then left undecided less than once in a million runs.
 */
export const patience = 1.5;

/** Where the counts of a chunk come from: drawn now, or recorded. Undefined where they are missing. */
export type Source = (chunk: Chunk, logEvidence: number) => Promise<readonly Counts[] | undefined>;

/** The experiments of a clause for what is declared: those that claim something. */
export const experimentsOf = (
  evidence: Statistical,
  capabilities: Capabilities,
  { resolution }: Profile,
): readonly Experiment[] => evidence.experiments(capabilities, resolution).filter(({ claims }) => claims.length > 0);

/** Draws until the clause is decided, and no longer. */
export async function judgeStatistical(
  evidence: Statistical,
  subject: Subject,
  options: DrawOptions,
): Promise<DrawOutcome> {
  const { profile, seed, onDraw } = options;
  const experiments = experimentsOf(evidence, subject.capabilities, profile);
  let elements = 0;
  const source: Source = (chunk, logEvidence) => {
    const experiment = experiments[chunk.experiment];
    const onRound = (size: number) => {
      elements += size;
      return onDraw?.({ elements, logEvidence, experiment: experiment.name });
    };
    return drawChunk(experiment, chunk, { subject, seed, onRound });
  };
  return foldChunks(experiments, source, options);
}

/**
 * The verdict on a clause: one pass over its chunks in their order, experiment by experiment, until the family of all
 * claims is refuted, or every claim holds, or draws run out or are missing. A run and a merge differ in the source
 * alone. Without any claim nothing can be decided.
 */
export async function foldChunks(
  experiments: readonly Experiment[],
  source: Source,
  options: Pick<DrawOptions, 'profile' | 'falseAlarm' | 'name'>,
): Promise<DrawOutcome> {
  const { profile, falseAlarm, name } = options;
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
    return evidenceOf(experiment.claims[most], experiment.name, members[most], falseAlarm, claims.length);
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
    const members = () => membersOf(state, starts[index], experiment);
    const isDecided = () => members().every((member) => isCertified(member, falseAlarm));
    const limits = limitsOf(experiment, falseAlarm, claims.length);
    const isSpent = () => members().every(({ counts }, i) => counts.trials >= limits[i]);
    let missing: Chunk | undefined;
    for (const chunk of chunksOf(name, index)) {
      if (isDecided() || isSpent() || chunk.start >= profile.mostElements) break;
      const counts = await source(chunk, state.maxLogAgainst);
      if (counts === undefined) {
        missing = chunk;
        break;
      }
      elements += chunk.elements;
      state = observeFamily(claims, state, placed(counts, starts[index], claims.length));
      if (familyVerdictOf(state, falseAlarm) === 'refuted') {
        const strongest = accused(index);
        return { ...concluded('refuted', strongest), deviation: rateDeviation(strongest, falseAlarm) };
      }
    }
    if (isDecided()) continue;
    const strongest = evidenceAt(index, doubt);
    const needed = budgetOf(strongest, falseAlarm, claims.length) - strongest.trials;
    const undecided = { ...concluded('undecided', strongest), moreDraws: needed > 0 ? needed : strongest.trials };
    return missing === undefined ? undecided : { ...undecided, missing };
  }
  if (claims.length === 0) return concluded('undecided');
  const all = experiments.map((_, index) => accused(index));
  return concluded('holds', all[indexOfMost(all, ({ logEvidence }) => logEvidence)]);
}

/** The trials of each claim after which it is given up. */
const limitsOf = ({ claims }: Experiment, falseAlarm: number, members: number): readonly number[] =>
  claims.map((claim) => patience * budgetOf(claim, falseAlarm, members));

/** Elements of a pilot: so many that its trials an element are those of any other stretch, to a few percent. */
const pilotElements = 2 ** 16;

/** What a pilot may be off by, in the number of calls or by chance. */
const pilotMargin = 1.1;

/**
 * Draws those chunks of a clause whose turn falls to the shard, handing over each as it comes; nothing is decided. How
 * many chunks an experiment may need is found by a pilot, whose counts are not evidence: it tells how many elements a
 * trial takes. A shard that is told otherwise than another draws a chunk too many or too few at the far end, where a
 * verdict is hardly ever open.
 */
export async function drawShard(
  evidence: Statistical,
  subject: Subject,
  {
    shard,
    onChunk,
    ...options
  }: DrawOptions & {
    readonly shard: Shard;
    readonly onChunk: (chunk: RecordedChunk) => void;
  },
): Promise<void> {
  const { profile, falseAlarm, name, seed, onDraw } = options;
  const experiments = experimentsOf(evidence, subject.capabilities, profile);
  const members = experiments.reduce((sum, { claims }) => sum + claims.length, 0);
  let elements = 0;
  for (const [index, experiment] of experiments.entries()) {
    const onRound = (size: number) => {
      elements += size;
      return onDraw?.({ elements, logEvidence: 0, experiment: experiment.name });
    };
    const asked = { subject, seed, onRound };
    const pilot = await drawChunk(experiment, { id: `${name}/${index}/pilot`, elements: pilotElements }, asked);
    const needs = limitsOf(experiment, falseAlarm, members).map(
      (limit, i) => (limit * pilotElements) / pilot[i].trials,
    );
    const enough = Math.min(pilotMargin * Math.max(...needs), profile.mostElements);
    for (const chunk of chunksOf(name, index)) {
      if (chunk.start >= enough) break;
      if (turnOf(name, index + chunk.index, shard.of) !== shard.index) continue;
      onChunk(recordChunk(chunk.id, await drawChunk(experiment, chunk, asked)));
    }
  }
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
  members: number,
): ClaimEvidence => ({
  experiment,
  event,
  rate,
  epsilon,
  ...state.counts,
  logEvidence: state.logAgainst,
  band: confidenceBand(state.counts, falseAlarm),
  certified: isCertified(state, falseAlarm),
  detectable: detectableBy({ rate, epsilon }, state.counts.trials, falseAlarm / members),
});

/** As JSON has it, which has no ∞. */
function detectableBy(claim: RateClaim, trials: number, alpha: number): ClaimEvidence['detectable'] {
  const { above, below } = detectable(claim, trials, alpha);
  const finite = (deviation: number) => (Number.isFinite(deviation) ? deviation : null);
  return { above: finite(above), below: finite(below) };
}

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
