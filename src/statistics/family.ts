/**
 * The verdict on many claims that one clause makes: one for each keep_prob, lag, position, …
 *
 * The family's evidence is the mean of its members': the mean of martingales in the same stream of draws is a
 * martingale, whatever their dependence, so it ever reaches 1/α with probability at most α while all the members'
 * claims are true. A single false member among K must alone reach K/α, that is ln K nats more.
 */

import {
  type Claim,
  type ClaimState,
  isCertified,
  type Judgement,
  logThreshold,
  observe,
  type Tally,
  undrawn,
} from './claim.ts';
import { logMean } from './log-mean.ts';

/** Plain data, to be resumed at any time. */
export interface FamilyState {
  readonly members: readonly ClaimState[];
  /** ln of the members' mean evidence, in nats. */
  readonly logAgainst: number;
  /** The largest of any look so far; 0, the start of every evidence, at least. */
  readonly maxLogAgainst: number;
}

/** The state of a family of those claims before any draw. */
export const undrawnFamily = (claims: readonly Claim[]): FamilyState => ({
  members: claims.map(undrawn),
  logAgainst: 0,
  maxLogAgainst: 0,
});

/**
 * The state after more draws of some or all of the members.
 *
 * @param draws the new draws alone, one entry for each claim; members that were not drawn have counts of 0
 * @throws RangeError if there are not as many claims as members and draws, or one of them is none
 */
export function observeFamily(claims: readonly Claim[], state: FamilyState, draws: readonly Tally[]): FamilyState {
  if (claims.length !== state.members.length || claims.length !== draws.length) {
    throw new RangeError(
      `${claims.length} claims, ${state.members.length} members and ${draws.length} draws do not match`,
    );
  }
  const members = state.members.map((member, i) => observe(claims[i], member, draws[i]));
  const logAgainst = logMean(members.map((member) => member.logAgainst));
  return { members, logAgainst, maxLogAgainst: Math.max(state.maxLogAgainst, logAgainst) };
}

/** ln of the mean evidence of all members of several families, each of them once. */
export const logEvidenceOfAll = (families: readonly FamilyState[]): number =>
  logMean(
    families.map(({ logAgainst }) => logAgainst),
    families.map(({ members }) => members.length),
  );

/**
 * `refuted` when the mean evidence has once reached 1/α; else `holds` when every member is certified to be within its
 * own ε at that same threshold. Were some member off by its ε or more, `holds` would need that very member's evidence
 * to err, which has probability at most α: the other members, however many, cannot raise it. A family without members
 * stays undecided.
 *
 * @param alpha the family's share of the false-alarm probability
 */
export function familyVerdictOf(state: FamilyState, alpha: number): Judgement {
  if (state.maxLogAgainst >= logThreshold(alpha)) return 'refuted';
  const holds = state.members.length > 0 && state.members.every((member) => isCertified(member, alpha));
  return holds ? 'holds' : 'undecided';
}
