/** What was counted for a claim, as a report holds it, and how a refuted one is put into words. */
import type { Claim } from '../clause.ts';
import { Deviation } from '../errors.ts';
import { show } from '../show.ts';
import {
  type ClaimState,
  epsilonOf,
  foundIn,
  isCertified,
  pairsOf,
  ratesOf,
  type Tally,
  trialsOf,
} from '../statistics/claim.ts';
import { confidenceBand } from '../statistics/confidence.ts';
import { correlationBand } from '../statistics/pairs.ts';
import { detectable } from '../statistics/sample-size.ts';
import type { Course } from './course.ts';

export interface ClaimEvidence {
  readonly experiment: string;
  readonly event: string;
  /** What `wanted`, `found`, `epsilon`, `band` and `detectable` are numbers of. */
  readonly measure: 'rate' | 'correlation';
  readonly wanted: number;
  readonly found: number;
  /** The deviation that must not be said to hold; null where the claim is watched only. */
  readonly epsilon: number | null;
  /** Trials, pairs or patterns. */
  readonly trials: number;
  readonly counts: Tally;
  /** Of a rate, where an experiment claims few: the counts as they grew from look to look, the last ones included. */
  readonly course?: Course;
  /** ln of the e-value against the claim, in nats. */
  readonly logEvidence: number;
  /** What is still possible; null of a histogram. */
  readonly band: { readonly low: number; readonly high: number } | null;
  /** Whether the claim is known to be less than ε off, but for an error probability of the clause's share. */
  readonly certified: boolean;
  /** The smallest deviations that so many trials refute with a probability of 0.999; null where none. */
  readonly detectable: { readonly above: number | null; readonly below: number | null };
}

export function evidenceOf(
  claim: Claim,
  experiment: string,
  state: ClaimState,
  { falseAlarm, members }: { readonly falseAlarm: number; readonly members: number },
): ClaimEvidence {
  const { cell, ...found } = foundIn(claim, state.tally);
  const trials = trialsOf(claim, state.tally);
  const epsilon = epsilonOf(claim) ?? null;
  return {
    experiment,
    event: cell === undefined ? claim.event : `${claim.event}: ${cell}`,
    ...found,
    epsilon,
    trials,
    counts: state.tally,
    logEvidence: state.logAgainst,
    band: bandOf(claim, state.tally, falseAlarm),
    certified: epsilon !== null && isCertified(state, falseAlarm),
    detectable: detectableBy(claim, trials, falseAlarm / members),
  };
}

function bandOf(claim: Claim, tally: Tally, alpha: number): ClaimEvidence['band'] {
  if (claim.law === 'histogram') return null;
  return claim.law === 'rate' ? confidenceBand(ratesOf(tally), alpha) : correlationBand(claim, pairsOf(tally), alpha);
}

/** As JSON has it, which has no ∞. */
function detectableBy(claim: Claim, trials: number, alpha: number): ClaimEvidence['detectable'] {
  const { above, below } = detectable(claim, trials, alpha);
  const finite = (deviation: number) => (Number.isFinite(deviation) ? deviation : null);
  return { above: finite(above), below: finite(below) };
}

/** What is measured of what, e.g. `the rate of 'kept'`, `the correlation with 'the element 3 before it'`. */
export const subjectOfClaim = ({ measure, event }: Pick<ClaimEvidence, 'measure' | 'event'>): string =>
  measure === 'rate' ? `the rate of '${event}'` : `the correlation with '${event}'`;

/** What was found, e.g. `0.25, 1 024 of 4 096`. */
export function foundText({ measure, found, trials }: ClaimEvidence): string {
  const figure = show(Number(found.toPrecision(6)));
  return measure === 'rate'
    ? `${figure}, ${count(found * trials)} of ${count(trials)}`
    : `${figure} over ${count(trials)} pairs`;
}

export function deviationOf(evidence: ClaimEvidence, falseAlarm: number): Deviation {
  return new Deviation({
    where: `${subjectOfClaim(evidence)} (${evidence.experiment})`,
    got: foundText(evidence),
    wanted: show(Number(evidence.wanted.toPrecision(12))),
    distance: `a correct implementation is this far off less than once in ${powerText(1 / falseAlarm)} runs`,
  });
}

/** An integer with its thousands apart; a fraction rounded. */
export const count = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ');

/** A large number by its first digit, e.g. `6e9`. */
export const powerText = (value: number): string => value.toExponential(0).replace('e+', 'e');
