/**
 * The verdict on many rates that one clause claims: one for each keep_prob, lag, position, …
 *
 * The family's evidence is the mean of its members': the mean of martingales in the same stream of draws is a
 * martingale, whatever their dependence, so it ever reaches 1/α with probability at most α while all the members'
 * claims are true. A single false member among K must alone reach K/α, that is ln K nats more.
 */
import { logMean } from './log-mean.ts';
import {
  type Counts,
  isCertified,
  type Judgement,
  logThreshold,
  observe,
  type RateClaim,
  type RateState,
  undrawn,
} from './rate.ts';

/** Plain data, to be resumed at any time. */
export interface FamilyState {
  readonly members: readonly RateState[];
  /** The largest log of the members' mean evidence of any look so far, in nats. */
  readonly maxLogAgainst: number;
}

/** The state of a family of that many members before any draw. */
export const undrawnFamily = (members: number): FamilyState => ({
  members: Array.from({ length: members }, () => undrawn),
  maxLogAgainst: 0,
});

/**
 * The state after more draws of some or all of the members.
 *
 * @param draws the new draws alone, one entry for each claim; members that were not drawn have 0 trials
 * @param weights of the members' evidence, fixed before the first draw; equal unless given
 * @throws RangeError if there are not as many claims as members and draws, or one of them is none
 */
export function observeFamily(
  claims: readonly RateClaim[],
  state: FamilyState,
  draws: readonly Counts[],
  weights?: readonly number[],
): FamilyState {
  if (claims.length !== state.members.length || claims.length !== draws.length) {
    throw new RangeError(
      `${claims.length} claims, ${state.members.length} members and ${draws.length} draws do not match`,
    );
  }
  const members = state.members.map((member, i) => observe(claims[i], member, draws[i]));
  const logAgainst = logMean(
    members.map((member) => member.logAgainst),
    weights,
  );
  return { members, maxLogAgainst: Math.max(state.maxLogAgainst, logAgainst) };
}

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
