/** Judges evidence about a law of the masks: chunk by chunk, until every claim is decided. */
import type { Claim, Experiment, Statistical, Tally } from '../clause.ts';
import type { Deviation } from '../errors.ts';
import { addAll, type ClaimState, epsilonOf, isCertified, logThreshold, trialsOf } from '../statistics/claim.ts';
import { logEvidenceOfAll, observeFamily, undrawnFamily } from '../statistics/family.ts';
import { budgetOf } from '../statistics/sample-size.ts';
import type { Capabilities, Subject } from '../subject.ts';
import { type Chunk, chunksOf, drawChunk, type RecordedChunk, recordChunk } from './chunks.ts';
import { type Course, courseOf, furtherCourse } from './course.ts';
import { type ClaimEvidence, deviationOf, evidenceOf } from './evidence.ts';
import { narrow } from './narrow.ts';
import type { Profile } from './profiles.ts';
import { type Shard, turnOf } from './shard.ts';

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
  /** Where refuted: the simplest configuration that was refuted too, by draws and an error account of its own. */
  readonly simplest?: ClaimEvidence;
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
 * bound from which that budget is derived, a correct subject is then left undecided about once in a million runs at 1e-9.
 */
export const patience = 1.5;

/** Where the counts of a chunk come from: drawn now, or recorded. Undefined where they are missing. */
export type Source = (chunk: Chunk, logEvidence: number) => Promise<readonly Tally[] | undefined>;

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
  const outcome = await foldChunks(experiments, source, options);
  if (outcome.kind !== 'refuted') return outcome;
  const refuted = experiments.find(({ name }) => name === outcome.strongest?.experiment);
  const simplest = await narrow(refuted?.simpler?.() ?? [], subject, { ...options, spent: outcome.elements });
  return simplest === undefined
    ? outcome
    : { ...outcome, simplest, deviation: deviationOf(simplest, options.falseAlarm) };
}

/**
 * The verdict on a clause: one pass over its chunks in their order, experiment by experiment, until the family of all
 * claims is refuted, or of each experiment every claim holds, or its draws run out or are missing. A run and a merge differ in the source
 * alone. Without any claim nothing can be decided.
 */
export async function foldChunks(
  experiments: readonly Experiment[],
  source: Source,
  options: Pick<DrawOptions, 'profile' | 'falseAlarm' | 'name'>,
): Promise<DrawOutcome> {
  const { profile, falseAlarm, name } = options;
  const families = experiments.map(({ claims }) => undrawnFamily(claims));
  const courses = experiments.map(({ claims }) => courseOf(claims));
  const members = families.reduce((sum, family) => sum + family.members.length, 0);
  let logEvidence = 0;
  let elements = 0;
  /** The first experiment that was not decided. The others are drawn all the same: they may refute. */
  let open: { readonly index: number; readonly moreDraws: number; readonly missing?: Chunk } | undefined;

  /** The claim of an experiment that stands out most, as it stands now. */
  const evidenceAt = (index: number, standing: (member: ClaimState) => number): ClaimEvidence => {
    const { claims, name: experiment } = experiments[index];
    const states = families[index].members;
    const most = indexOfMost(states, standing);
    const course: Course | undefined = courses[index]?.[most];
    return {
      ...evidenceOf(claims[most], experiment, states[most], { falseAlarm, members }),
      ...(course === undefined ? {} : { course }),
    };
  };
  const accused = (index: number) => evidenceAt(index, ({ logAgainst }) => logAgainst);
  const concluded = (kind: DrawOutcome['kind'], strongest?: ClaimEvidence): DrawOutcome => ({
    kind,
    elements,
    claims: members,
    ...(strongest === undefined ? {} : { strongest }),
    experiments: experiments.map((_, index) => accused(index)),
    falseAlarm,
    logEvidence,
  });
  const look = (index: number, tallies: readonly Tally[]): void => {
    families[index] = observeFamily(experiments[index].claims, families[index], tallies);
    courses[index] = courses[index]?.map((course, i) => furtherCourse(course, families[index].members[i].tally));
    logEvidence = Math.max(logEvidence, logEvidenceOfAll(families));
  };
  const isRefuted = () => logEvidence >= logThreshold(falseAlarm);

  for (const [index, experiment] of experiments.entries()) {
    const { claims } = experiment;
    const isDecided = () => families[index].members.every((member) => isCertified(member, falseAlarm));
    const limits = limitsOf(experiment, falseAlarm, members);
    const isSpent = () => families[index].members.every(({ tally }, i) => trialsOf(claims[i], tally) >= limits[i]);
    let missing: Chunk | undefined;
    let unseen: Unseen | undefined;
    for (const chunk of chunksOf(name, index)) {
      const isEnd = chunk.start >= profile.mostElements;
      if (unseen !== undefined && (isEnd || isWorthALook(unseen, chunk, experiment))) {
        look(index, unseen.tallies);
        unseen = undefined;
        if (isRefuted()) break;
      }
      if (unseen === undefined && (isDecided() || isSpent() || isEnd)) break;
      const tallies = await source(chunk, logEvidence);
      if (tallies === undefined) {
        missing = chunk;
        break;
      }
      elements += chunk.elements;
      unseen = {
        elements: (unseen?.elements ?? 0) + chunk.elements,
        tallies: unseen === undefined ? tallies : addAll(unseen.tallies, tallies),
      };
    }
    // What came before a chunk that is missing counts all the same.
    if (unseen !== undefined) look(index, unseen.tallies);
    if (isRefuted()) {
      const strongest = accused(index);
      return { ...concluded('refuted', strongest), deviation: deviationOf(strongest, falseAlarm) };
    }
    if (isDecided() || open !== undefined) continue;
    const doubtful = indexOfMost(families[index].members, doubt);
    const { trials } = evidenceAt(index, doubt);
    const needed = budgetOf(claims[doubtful], falseAlarm, members) - trials;
    open = { index, moreDraws: needed > 0 ? needed : trials, ...(missing === undefined ? {} : { missing }) };
  }
  if (open !== undefined) {
    const { index, ...rest } = open;
    return { ...concluded('undecided', evidenceAt(index, doubt)), ...rest };
  }
  if (members === 0) return concluded('undecided');
  const outcome = concluded('holds');
  const all = outcome.experiments;
  return { ...outcome, strongest: all[indexOfMost(all, ({ logEvidence }) => logEvidence)] };
}

/** What was drawn since the last look. */
interface Unseen {
  readonly elements: number;
  readonly tallies: readonly Tally[];
}

/** A look takes about as long as to draw and count so many elements, for each claim. */
const elementsOfALook = 1024;

/** With fewer elements of each claim, a look at thousands of them tells little. */
const fewestElements = 64;

/** Whether to look now, before the next chunk: not where looks would take longer than draws, but at each doubling. */
function isWorthALook({ elements }: Unseen, next: Chunk, { claims }: Experiment): boolean {
  const doubling = Math.max(fewestElements * claims.length, next.start / 2);
  return elements >= Math.min(elementsOfALook * claims.length, doubling);
}

/** The trials of each claim after which it is given up. Thousands of claims that differ in the event alone have one budget. */
function limitsOf({ claims }: Experiment, falseAlarm: number, members: number): readonly number[] {
  let [before, limit]: [Claim | undefined, number] = [undefined, 0];
  return claims.map((claim) => {
    const isAlike = claim.law === before?.law && claim.rate === before.rate && epsilonOf(claim) === epsilonOf(before);
    if (!isAlike) limit = patience * budgetOf(claim, falseAlarm, members);
    before = claim;
    return limit;
  });
}

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
      (limit, i) => (limit * pilotElements) / Math.max(1, trialsOf(experiment.claims[i], pilot[i])),
    );
    // A verdict may come a look later than the draws that it needs.
    const late = elementsOfALook * experiment.claims.length;
    const enough = Math.min(pilotMargin * Math.max(...needs) + late, profile.mostElements);
    for (const chunk of chunksOf(name, index)) {
      if (chunk.start >= enough) break;
      if (turnOf(name, index + chunk.index, shard.of) !== shard.index) continue;
      onChunk(recordChunk(chunk.id, await drawChunk(experiment, chunk, asked)));
    }
  }
}

/** How far a claim is from being certified. */
const doubt = ({ maxLogAbove, maxLogBelow }: ClaimState): number => -Math.min(maxLogAbove, maxLogBelow);

const indexOfMost = <T>(list: readonly T[], standing: (entry: T) => number): number =>
  list.reduce((most, entry, i) => (standing(entry) > standing(list[most]) ? i : most), 0);
