/**
 * What the verdicts promise, checked by simulation: error rates, costs, and the figures of spec/verdicts.md. Every run
 * is seeded, so a test gives the same answer always; where it compares a frequency with a probability, the margin is
 * one that a true probability exceeds for one seed in a million.
 */
import { readFileSync } from 'node:fs';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { describe, expect, it } from 'vitest';
import { familyVerdictOf, observeFamily, undrawnFamily } from './family.ts';
import {
  type Judgement,
  logEvidenceAgainst,
  logThreshold,
  observe,
  type RateClaim,
  type RateState,
  resolutionOf,
  undrawn,
  verdictOf,
} from './rate.ts';
import { budgetOf, detectable, divergence, waldSampleSize } from './sample-size.ts';

const falseAlarm = 1e-9;

/** A generator of its own for each seed; the first outputs of neighbouring seeds resemble each other and are skipped. */
function generatorOf(seed: number): RandomGenerator {
  const generator = xoroshiro128plus(seed);
  for (let i = 0; i < 64; i++) generator.next();
  return generator;
}

/**
 * How many of n uniform numbers are below p, exactly: they are compared with p bit by bit, all at once, and only those
 * whose bits have equalled those of p so far need another bit.
 */
function binomial(generator: RandomGenerator, n: number, p: number): number {
  if (p === 1) return n;
  let below = 0;
  let equal = n;
  for (let rest = p; equal > 0 && rest > 0; rest %= 1) {
    rest *= 2;
    const zeros = fairCoins(generator, equal);
    if (rest >= 1) below += zeros;
    equal = rest >= 1 ? equal - zeros : zeros;
  }
  return below;
}

/** The number of ones among n random bits. */
function fairCoins(generator: RandomGenerator, n: number): number {
  let ones = 0;
  let left = n;
  for (; left >= 32; left -= 32) ones += onesOf(generator.next());
  return left === 0 ? ones : ones + onesOf(generator.next() >>> (32 - left));
}

function onesOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** A count that a binomial variable exceeds with probability 1e-6 at most, by Chernoff's bound. */
function mostOf(runs: number, probability: number): number {
  let count = Math.ceil(runs * probability);
  while (count < runs && runs * divergence(count / runs, probability) < Math.log(1e6)) count++;
  return count;
}

interface Run {
  readonly verdict: Judgement;
  readonly trials: number;
}

/** One run of the judge on draws of a true rate, looked at after every draw or `step` of what was drawn. */
function judge(claim: RateClaim, rate: number, run: { seed: number; horizon: number; step: number; alpha?: number }): Run {
  const { seed, horizon, step, alpha = falseAlarm } = run;
  const generator = generatorOf(seed);
  let state: RateState = undrawn;
  while (state.counts.trials < horizon) {
    const trials = Math.min(Math.max(1, Math.floor(state.counts.trials * step)), horizon - state.counts.trials);
    state = observe(claim, state, { trials, successes: binomial(generator, trials, rate) });
    const verdict = verdictOf(state, alpha);
    if (verdict !== 'undecided') return { verdict, trials: state.counts.trials };
  }
  return { verdict: 'undecided', trials: state.counts.trials };
}

const times = <T>(runs: number, run: (seed: number) => T): T[] => Array.from({ length: runs }, (_, seed) => run(seed));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const count = (runs: readonly Run[], verdict: Judgement): number => runs.filter((run) => run.verdict === verdict).length;

it('the sampler of these tests draws from the binomial distribution', () => {
  const generator = generatorOf(1);
  const draws = times(100_000, () => binomial(generator, 3, 0.3));
  [0.343, 0.441, 0.189, 0.027].forEach((probability, outcome) => {
    const seen = draws.filter((draw) => draw === outcome).length;
    expect(seen).toBeLessThanOrEqual(mostOf(draws.length, probability));
    expect(draws.length - seen).toBeLessThanOrEqual(mostOf(draws.length, 1 - probability));
  });
  const large = times(4000, () => (binomial(generator, 10_007, 0.8) - 8005.6) / Math.sqrt(1601.12));
  expect(Math.abs(mean(large))).toBeLessThan(5 / Math.sqrt(4000));
  expect(Math.abs(mean(large.map((z) => z * z)) - 1)).toBeLessThan(5 * Math.sqrt(2 / 4000));
});

describe('no more false alarms than stated, looked at after every draw or percent of them', () => {
  const claims = [
    { rate: 0.8, epsilon: 0.02 },
    { rate: 0.5, epsilon: 0.001 },
    { rate: 0.99, epsilon: 0.005 },
  ];
  const runs = 2000;

  /** The evidence R against the rate that is claimed or, at its edge, nearly: the largest of each of many runs. */
  const alarmsAt = (largest: readonly number[], alpha: number): number =>
    largest.filter((log) => log >= logThreshold(alpha)).length;

  function largestAgainst(claim: RateClaim, rate: number, seed: number): number {
    const generator = generatorOf(seed);
    let state: RateState = undrawn;
    while (state.counts.trials < 20_000) {
      const trials = Math.max(1, Math.floor(state.counts.trials * 0.02));
      state = observe(claim, state, { trials, successes: binomial(generator, trials, rate) });
    }
    return state.maxLogAgainst;
  }

  for (const claim of claims) {
    for (const rate of [claim.rate, claim.rate + resolutionOf(claim)]) {
      it(`of a rate of ${rate}, claimed to be ${claim.rate}`, () => {
        const largest = times(runs, (seed) => largestAgainst(claim, rate, seed));
        for (const alpha of [0.05, 0.01, 0.001]) {
          expect(alarmsAt(largest, alpha)).toBeLessThanOrEqual(mostOf(runs, alpha));
        }
        // The evidence is not idle: it does err, though less often than it may.
        expect(alarmsAt(largest, 0.5)).toBeGreaterThan(0);
      });
    }
  }

  it('of a rate that is said to hold although it is off by ε', () => {
    const claim = { rate: 0.8, epsilon: 0.05 };
    for (const rate of [0.75, 0.85]) {
      const states = times(runs, (seed) => {
        const generator = generatorOf(seed);
        let state: RateState = undrawn;
        while (state.counts.trials < 20_000) {
          const trials = Math.max(1, Math.floor(state.counts.trials * 0.02));
          state = observe(claim, state, { trials, successes: binomial(generator, trials, rate) });
        }
        return rate < 0.8 ? state.maxLogBelow : state.maxLogAbove;
      });
      for (const alpha of [0.05, 0.01, 0.001]) expect(alarmsAt(states, alpha)).toBeLessThanOrEqual(mostOf(runs, alpha));
      // Wald's ratio is spent nearly whole: an alarm at 0.05 comes about one time in twenty.
      expect(alarmsAt(states, 0.05)).toBeGreaterThan(0.025 * runs);
    }
  });

  it('of a family whose members share their draws', () => {
    const rates = [0.1, 0.5, 0.8];
    const members = rates.map((rate) => ({ rate, epsilon: 0.02 }));
    const largest = times(runs, (seed) => {
      const generator = generatorOf(seed);
      let state = undrawnFamily(members.length);
      for (let drawn = 0; drawn < 2000; ) {
        const trials = Math.max(1, Math.floor(drawn * 0.05));
        drawn += trials;
        // The same uniform numbers serve all members: those below 0.1 are among those below 0.5.
        const half = binomial(generator, trials, 0.5);
        const tenth = binomial(generator, half, 0.2);
        const most = half + binomial(generator, trials - half, 0.6);
        const draws = [tenth, half, most].map((successes) => ({ trials, successes }));
        state = observeFamily(members, state, draws);
      }
      return state.maxLogAgainst;
    });
    for (const alpha of [0.05, 0.01, 0.001]) expect(alarmsAt(largest, alpha)).toBeLessThanOrEqual(mostOf(runs, alpha));
  });

  it('of a confidence sequence that ever leaves the true rate out', () => {
    const misses = times(runs, (seed) => {
      const generator = generatorOf(seed);
      let successes = 0;
      let largest = 0;
      for (let trials = 1; trials <= 500; trials++) {
        successes += binomial(generator, 1, 0.3);
        largest = Math.max(largest, logEvidenceAgainst(0.3, { trials, successes }));
      }
      return largest;
    });
    for (const alpha of [0.05, 0.01, 0.001]) expect(alarmsAt(misses, alpha)).toBeLessThanOrEqual(mostOf(runs, alpha));
  });
});

describe('the cost', () => {
  const claim = { rate: 0.8, epsilon: 0.001 };
  const rows = [
    { rate: 0.5, runs: 2000 },
    { rate: 0.75, runs: 1000 },
    { rate: 0.79, runs: 500 },
    { rate: 0.799, runs: 100 },
  ].map(({ rate, runs }) => {
    const results = times(runs, (seed) => judge(claim, rate, { seed, horizon: 1e9, step: 0.005 }));
    const bound = waldSampleSize({ rate: 0.8, epsilon: 0.8 - rate }, falseAlarm);
    return { rate, runs, refuted: count(results, 'refuted'), drawn: mean(results.map(({ trials }) => trials)), bound };
  });

  it.each(rows)('of refuting a rate of $rate claimed to be 0.8 is 1.1 to 1.3 times the least possible', (row) => {
    console.log(row);
  });
});
describe('budget', () => {
  for (const claim of [{ rate: 0.8, epsilon: 0.01 }, { rate: 0.5, epsilon: 0.02 }, { rate: 0.99, epsilon: 0.005 },{ rate: 0.999, epsilon: 0.001 }]) {
    for (const f of [2.5, 0]) for (const d of [0, 1, -1])
    it(`${claim.rate} ${claim.epsilon} ${f} ${d}`, () => {
      const horizon = f ? Math.ceil(f * waldSampleSize(claim, falseAlarm)) : budgetOf(claim, falseAlarm);
      const r = times(4000, (seed) => judge(claim, claim.rate + d * claim.epsilon, { seed, horizon, step: 0.05 }));
      console.log(claim, f, d, horizon, count(r, 'holds'), count(r, 'refuted'), count(r, 'undecided'), mean(r.map((x) => x.trials)) / horizon);
    });
  }
});
