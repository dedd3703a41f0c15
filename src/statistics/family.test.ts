import { describe, expect, it } from 'vitest';
import { type Claim, logThreshold, nothing, observe, type Tally, undrawn } from './claim.ts';
import { type FamilyState, familyVerdictOf, logEvidenceOfAll, observeFamily, undrawnFamily } from './family.ts';

const alpha = 1e-9;
const members = 20;
const claims: readonly Claim[] = Array.from({ length: members }, () => ({ law: 'rate', rate: 0.8, epsilon: 0.01 }));

const drawsAt = (rate: number, trials: number): Tally => [trials, Math.round(trials * rate)];

/** Draws of all members at the claimed rate, but of some at another. */
const allBut = (others: Readonly<Record<number, number>>, trials: number): Tally[] =>
  claims.map((_, i) => drawsAt(others[i] ?? 0.8, trials));

/** Draws of some members alone. */
const only = (draws: Readonly<Record<number, Tally>>): Tally[] => claims.map((_, i) => draws[i] ?? [0, 0]);

const after = (...rounds: Tally[][]): FamilyState =>
  rounds.reduce((state, draws) => observeFamily(claims, state, draws), undrawnFamily(claims));

describe('a family', () => {
  it('is undecided without draws, and without members', () => {
    expect(familyVerdictOf(undrawnFamily(claims), alpha)).toBe('undecided');
    expect(familyVerdictOf(undrawnFamily([]), alpha)).toBe('undecided');
  });

  it('holds when every member is certified', () => {
    expect(familyVerdictOf(after(allBut({}, 1e5)), alpha)).toBe('holds');
  });

  it('is undecided while one member is not certified, and holds once it is', () => {
    const late = allBut({}, 1e5).map((draws, i) => (i === 7 ? drawsAt(0.8, 1000) : draws));
    expect(familyVerdictOf(after(late), alpha)).toBe('undecided');
    const rest = claims.map((_, i) => (i === 7 ? drawsAt(0.8, 1e5) : [0, 0]));
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
    const first = after(only({ 0: drawsAt(0.7, 1000) }));
    const second = observeFamily(claims, first, only({ 0: drawsAt(0.9, 1000), 1: drawsAt(0.7, 1000) }));
    expect(second.members[1].maxLogAgainst).toBe(second.members[0].maxLogAgainst);
    expect(second.members[0].logAgainst).toBeLessThan(0);
    expect(second.maxLogAgainst).toBeCloseTo(first.maxLogAgainst, 6);
  });

  it('survives JSON', () => {
    const state = after(allBut({ 3: 0.78 }, 1000));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('leaves a member as it is that was not drawn', () => {
    const first = after(allBut({}, 1000));
    const second = observeFamily(claims, first, only({ 5: drawsAt(0.7, 1000), 6: drawsAt(0.8, 500) }));
    expect(second.members.map(({ tally: [trials] }) => trials)).toEqual(
      claims.map((_, i) => (i === 5 ? 2000 : i === 6 ? 1500 : 1000)),
    );
    expect(second.members[4]).toBe(first.members[4]);
  });

  it('weighs its evidence among all members, drawn or not', () => {
    const state = after(only({ 5: drawsAt(0.7, 1000) }));
    const alone = observe(claims[0], undrawn(claims[0]), drawsAt(0.7, 1000)).logAgainst;
    // What was not drawn has an evidence of 1, which is nothing beside that of the one that is off.
    expect(alone).toBeGreaterThan(15);
    expect(state.maxLogAgainst).toBeCloseTo(alone - Math.log(members), 5);
  });

  it('remembers its largest evidence, and what it is now', () => {
    const wrong = after(only({ 5: drawsAt(0.7, 1000) }));
    expect(wrong.logAgainst).toBe(wrong.maxLogAgainst);
    const right = observeFamily(claims, wrong, only({ 5: drawsAt(0.9, 1000) }));
    expect(right.logAgainst).toBeLessThan(0.1);
    expect(right.maxLogAgainst).toBe(wrong.maxLogAgainst);
    expect(after(allBut({}, 1000)).maxLogAgainst).toBe(0);
  });

  it('refuses draws that are not one for each member', () => {
    expect(() => observeFamily(claims, undrawnFamily(claims), [])).toThrow(RangeError);
    expect(() => observeFamily(claims, undrawnFamily(claims), allBut({}, 1).slice(1))).toThrow(RangeError);
    expect(() => observeFamily(claims, undrawnFamily(claims.slice(1)), allBut({}, 1))).toThrow(RangeError);
    expect(() => observeFamily(claims.slice(1), undrawnFamily(claims), allBut({}, 1))).toThrow(RangeError);
  });
});

describe('several families', () => {
  const draws = allBut({ 3: 0.788, 17: 0.79 }, 30_000);
  const parts = [claims.slice(0, 4), claims.slice(4, 5), claims.slice(5)];

  it('have the evidence of one of all their members', () => {
    let start = 0;
    const families = parts.map((part) => {
      const state = observeFamily(part, undrawnFamily(part), draws.slice(start, start + part.length));
      start += part.length;
      return state;
    });
    const whole = after(draws);
    expect(logEvidenceOfAll(families)).toBeCloseTo(whole.logAgainst, 9);
    expect(whole.logAgainst).toBeGreaterThan(5);
  });

  it('have the evidence that they have now, not each its largest', () => {
    const [one, ...others] = parts.map((part) => undrawnFamily(part));
    const wrong = observeFamily(parts[0], one, [drawsAt(0.7, 1000), ...parts[0].slice(1).map(nothing)]);
    const blurred = observeFamily(parts[0], wrong, [drawsAt(0.9, 1000), ...parts[0].slice(1).map(nothing)]);
    expect(logEvidenceOfAll([wrong, ...others])).toBeGreaterThan(10);
    expect(logEvidenceOfAll([blurred, ...others])).toBeLessThan(0.1);
    expect(blurred.maxLogAgainst).toBeGreaterThan(10);
  });

  it('are accused by nothing before any draw', () => {
    expect(logEvidenceOfAll(parts.map((part) => undrawnFamily(part)))).toBe(0);
  });
});

describe('a family of several laws', () => {
  const mixed: readonly Claim[] = [
    { law: 'rate', rate: 0.5, epsilon: 0.05 },
    { law: 'pairs', rate: 0.5, epsilon: 0.05 },
    { law: 'pairs', rate: 0.5 },
    {
      law: 'histogram',
      rate: 0.5,
      length: 2,
      cells: [0, 1, 2].map((kept) => ({ name: `${kept} of 2`, kept, ways: kept === 1 ? 2 : 1 })),
    },
  ];
  const right: readonly Tally[] = [
    [40_000, 20_000],
    [40_000, 20_000, 20_000, 10_000],
    [400, 200, 200, 100],
    [100, 200, 100],
  ];
  const drawn = (...changes: readonly (readonly [number, Tally])[]) => {
    const draws = right.map((tally, i) => changes.find(([member]) => member === i)?.[1] ?? tally);
    return observeFamily(mixed, undrawnFamily(mixed), draws);
  };

  it('holds when those that have an ε are certified, and waits for no other', () => {
    expect(familyVerdictOf(drawn(), alpha)).toBe('holds');
    expect(familyVerdictOf(drawn([2, [0, 0, 0, 0]], [3, [0, 0, 0]]), alpha)).toBe('holds');
    expect(familyVerdictOf(drawn([1, [400, 200, 200, 100]]), alpha)).toBe('undecided');
    expect(familyVerdictOf(drawn([0, [400, 200]]), alpha)).toBe('undecided');
  });

  it('is refuted by any of them, also by those that are watched only', () => {
    const wrong: readonly Tally[] = [
      [40_000, 22_000],
      [40_000, 20_000, 20_000, 11_000],
      [400, 200, 200, 190],
      [10, 380, 10],
    ];
    for (const [i, tally] of wrong.entries()) expect(familyVerdictOf(drawn([i, tally]), alpha)).toBe('refuted');
  });

  it('has the mean of their evidence, whatever their laws', () => {
    const state = drawn([2, [400, 200, 200, 120]], [3, [70, 260, 70]]);
    const evidence = state.members.map(({ logAgainst }) => Math.exp(logAgainst));
    expect(evidence.filter((value) => value > 1)).toHaveLength(2);
    const mean = evidence.reduce((sum, value) => sum + value, 0) / 4;
    expect(state.maxLogAgainst).toBeCloseTo(Math.log(mean), 9);
  });

  it('survives JSON', () => {
    const state = drawn([3, [0, 400, 0]]);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
