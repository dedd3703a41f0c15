import { describe, expect, it } from 'vitest';
import { type FamilyState, familyVerdictOf, observeFamily, undrawnFamily } from './family.ts';
import { type Counts, logThreshold, type RateClaim } from './rate.ts';

const alpha = 1e-9;
const members = 20;
const claims: readonly RateClaim[] = Array.from({ length: members }, () => ({ rate: 0.8, epsilon: 0.01 }));

const drawsAt = (rate: number, trials: number): Counts => ({ trials, successes: Math.round(trials * rate) });

/** Draws of all members at the claimed rate, but of some at another. */
const allBut = (others: Readonly<Record<number, number>>, trials: number): Counts[] =>
  claims.map((_, i) => drawsAt(others[i] ?? 0.8, trials));

const after = (...rounds: Counts[][]): FamilyState =>
  rounds.reduce((state, draws) => observeFamily(claims, state, draws), undrawnFamily(members));

describe('a family', () => {
  it('is undecided without draws, and without members', () => {
    expect(familyVerdictOf(undrawnFamily(members), alpha)).toBe('undecided');
    expect(familyVerdictOf(undrawnFamily(0), alpha)).toBe('undecided');
  });

  it('holds when every member is certified', () => {
    expect(familyVerdictOf(after(allBut({}, 1e5)), alpha)).toBe('holds');
  });

  it('is undecided while one member is not certified, and holds once it is', () => {
    const late = allBut({}, 1e5).map((draws, i) => (i === 7 ? drawsAt(0.8, 1000) : draws));
    expect(familyVerdictOf(after(late), alpha)).toBe('undecided');
    const rest = claims.map((_, i) => (i === 7 ? drawsAt(0.8, 1e5) : { trials: 0, successes: 0 }));
    expect(familyVerdictOf(after(late, rest), alpha)).toBe('holds');
  });

  it('is refuted by one false member, which must bring ln K nats more than alone', () => {
    const state = after(allBut({ 3: 0.78 }, 1e5));
    expect(familyVerdictOf(state, alpha)).toBe('refuted');
    const alone = after(allBut({ 3: 0.788 }, 58_000));
    expect(alone.members[3].maxLogAgainst).toBeGreaterThan(logThreshold(alpha));
    expect(alone.members[3].maxLogAgainst).toBeLessThan(logThreshold(alpha / members));
    expect(familyVerdictOf(alone, alpha)).toBe('undecided');
  });

  it('adds up members that are each a little off', () => {
    const slightly = Object.fromEntries(claims.map((_, i) => [i, 0.788]));
    const state = after(allBut(slightly, 58_000));
    expect(state.maxLogAgainst).toBeCloseTo(state.members[0].maxLogAgainst, 9);
    expect(familyVerdictOf(state, alpha)).toBe('refuted');
  });

  it('takes the mean of one look, not of each member’s best look', () => {
    const only = (draws: Readonly<Record<number, Counts>>): Counts[] =>
      claims.map((_, i) => draws[i] ?? { trials: 0, successes: 0 });
    const first = after(only({ 0: drawsAt(0.7, 1000) }));
    const second = observeFamily(claims, first, only({ 0: drawsAt(0.9, 1000), 1: drawsAt(0.7, 1000) }));
    expect(second.members[1].maxLogAgainst).toBe(second.members[0].maxLogAgainst);
    expect(second.members[0].logAgainst).toBeLessThan(0);
    expect(second.maxLogAgainst).toBeCloseTo(first.maxLogAgainst, 6);
  });

  it('weighs its members as it is told', () => {
    const draws = allBut({ 3: 0.788 }, 58_000);
    const weights = claims.map((_, i) => (i === 3 ? 1000 : 1));
    expect(familyVerdictOf(observeFamily(claims, undrawnFamily(members), draws, weights), alpha)).toBe('refuted');
  });

  it('survives JSON', () => {
    const state = after(allBut({ 3: 0.78 }, 1000));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('refuses draws that are not one for each member', () => {
    expect(() => observeFamily(claims, undrawnFamily(members), [])).toThrow(RangeError);
    expect(() => observeFamily(claims, undrawnFamily(1), allBut({}, 1))).toThrow(RangeError);
  });
});
