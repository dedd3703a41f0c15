/**
 * What the verdicts promise, checked by simulation: error rates, costs, and the figures of spec/verdicts.md. Every run
 * is seeded, so a test gives the same answer always; where it compares a frequency with a probability, the margin is
 * one that a true probability exceeds for one seed in a million.
 */
import { readFileSync } from 'node:fs';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { describe, expect, it } from 'vitest';
import {
  type Claim,
  type ClaimState,
  type Judgement,
  logEvidence,
  logThreshold,
  observe,
  pairsOf,
  ratesOf,
  type Tally,
  trialsOf,
  undrawn,
  verdictOf,
} from './claim.ts';
import { familyVerdictOf, observeFamily, undrawnFamily } from './family.ts';
import { type HistogramClaim, probabilityOf } from './histogram.ts';
import { logCorrelationRatio, logEvidenceAgainstIndependence } from './pairs.ts';
import { logEvidenceAgainst, resolutionOf } from './rate.ts';
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

/** How far a run goes, and how much more is drawn between two looks: one draw at first, then this share of all. */
interface Pace {
  readonly horizon: number;
  readonly step: number;
}

/** What is true: made anew for each run, it counts so many more trials at a time. */
type Truth = (generator: RandomGenerator) => (trials: number) => Tally;

const rateOf =
  (rate: number): Truth =>
  (generator) =>
  (trials) => [trials, binomial(generator, trials, rate)];

/** The rates of an element after a dropped context, and after a kept one. */
const after = (p: number, rho: number): readonly [number, number] => [p - p * rho, p + (1 - p) * rho];

/** Elements and their contexts, which are another mask: that of the call before. */
const pairsWith =
  (p: number, rho: number): Truth =>
  (generator) =>
  (trials) => {
    const contexts = binomial(generator, trials, p);
    const [dropped, kept] = after(p, rho);
    const both = binomial(generator, contexts, kept);
    return [trials, contexts, both + binomial(generator, trials - contexts, dropped), both];
  };

/** Neighbours in a stationary chain: each element is the context of the next one. */
const chainOf =
  (p: number, rho: number): Truth =>
  (generator) => {
    // Rates to the 32 bits of a word.
    const isBelow = (rate: number) => (generator.next() >>> 0 < rate * 2 ** 32 ? 1 : 0);
    const rates = after(p, rho);
    let context = isBelow(p);
    return (trials) => {
      let [contexts, elements, both] = [0, 0, 0];
      for (let i = 0; i < trials; i++) {
        const element = isBelow(rates[context]);
        contexts += context;
        elements += element;
        both += context & element;
        context = element;
      }
      return [trials, contexts, elements, both];
    };
  };

/** How often patterns come whose draws are independent, cell by cell among those that are left. */
const patternsOf =
  (claim: HistogramClaim, rate: number): Truth =>
  (generator) =>
  (trials) => {
    let [left, rest] = [trials, 1];
    return claim.cells.map((cell) => {
      const probability = probabilityOf({ ...claim, rate }, cell);
      const count = binomial(generator, left, Math.min(1, probability / rest));
      left -= count;
      rest -= probability;
      return count;
    });
  };

const words = (p: number): HistogramClaim & { readonly law: 'histogram' } => ({
  law: 'histogram',
  rate: p,
  length: 4,
  cells: Array.from({ length: 16 }, (_, word) => {
    const name = word.toString(2).padStart(4, '0');
    return { name, kept: name.replaceAll('0', '').length, ways: 1 };
  }),
});

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

const numbers = (p: number, n: number): HistogramClaim & { readonly law: 'histogram' } => ({
  law: 'histogram',
  rate: p,
  length: n,
  cells: Array.from({ length: n + 1 }, (_, kept) => ({ name: `${kept} of ${n}`, kept, ways: choose(n, kept) })),
});

/** The states of one run at its looks, with draws of a truth. */
function* looks(claim: Claim, truth: Truth, seed: number, { horizon, step }: Pace): Generator<ClaimState> {
  const draw = truth(generatorOf(seed));
  let state = undrawn(claim);
  for (let drawn = 0; drawn < horizon; drawn = trialsOf(claim, state.tally)) {
    const trials = Math.min(Math.max(1, Math.floor(drawn * step)), horizon - drawn);
    state = observe(claim, state, draw(trials));
    yield state;
  }
}

/** One run of the judge, stopped at its verdict. */
function judge(claim: Claim, truth: Truth, seed: number, pace: Pace): Run {
  let trials = 0;
  for (const state of looks(claim, truth, seed, pace)) {
    const verdict = verdictOf(state, falseAlarm);
    trials = trialsOf(claim, state.tally);
    if (verdict !== 'undecided') return { verdict, trials };
  }
  return { verdict: 'undecided', trials };
}

/** One run that is not stopped: all that its looks have ever shown. */
function watch(claim: Claim, truth: Truth, seed: number, pace: Pace): ClaimState {
  let last = undrawn(claim);
  for (const state of looks(claim, truth, seed, pace)) last = state;
  return last;
}

/** The claim of a rate. */
const rateClaim = (rate: number, epsilon: number) => ({ law: 'rate', rate, epsilon }) as const;

/** The claim that elements of a rate do not depend on their contexts. */
const pairClaim = (rate: number, epsilon: number) => ({ law: 'pairs', rate, epsilon }) as const;

const repeat = <T>(runs: number, run: (seed: number) => T): T[] => Array.from({ length: runs }, (_, seed) => run(seed));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const count = (verdicts: readonly Judgement[], wanted: Judgement): number =>
  verdicts.filter((verdict) => verdict === wanted).length;

/** A number as verdicts.md writes it: to two digits, its thousands apart. */
const shown = (value: number): string => Number(value.toPrecision(2)).toLocaleString('en').replaceAll(',', ' ');

/** The text of verdicts.md, but for the spaces that align its tables and the ends of its lines. */
const text = readFileSync(new URL('../../spec/verdicts.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');

it('the sampler of these tests draws from the binomial distribution', () => {
  const generator = generatorOf(1);
  const draws = repeat(100_000, () => binomial(generator, 3, 0.3));
  [0.343, 0.441, 0.189, 0.027].forEach((probability, outcome) => {
    const seen = draws.filter((draw) => draw === outcome).length;
    expect(seen).toBeLessThanOrEqual(mostOf(draws.length, probability));
    expect(draws.length - seen).toBeLessThanOrEqual(mostOf(draws.length, 1 - probability));
  });
  const large = repeat(4000, () => (binomial(generator, 10_007, 0.8) - 8005.6) / Math.sqrt(1601.12));
  expect(Math.abs(mean(large))).toBeLessThan(5 / Math.sqrt(4000));
  expect(Math.abs(mean(large.map((z) => z * z)) - 1)).toBeLessThan(5 * Math.sqrt(2 / 4000));
});

describe('errors come no more often than stated, looked at after every draw, then after every 3 %', () => {
  const pace: Pace = { horizon: 10_000, step: 0.03 };
  const runs = 1000;
  const alphas = [0.05, 0.01, 0.001];

  const alarmsOf = (largest: readonly number[], alpha: number): number =>
    largest.filter((log) => log >= logThreshold(alpha)).length;

  const expectAtMost = (largest: readonly number[], probabilities: readonly number[]): void => {
    for (const alpha of probabilities)
      expect(alarmsOf(largest, alpha)).toBeLessThanOrEqual(mostOf(largest.length, alpha));
  };

  it.each([
    { rate: 0.8, epsilon: 0.02, off: 0 },
    { rate: 0.5, epsilon: 0.001, off: 1 },
    { rate: 0.99, epsilon: 0.005, off: -1 },
  ])('of refuting a true rate of $rate, off by $off of the resolution', ({ rate, epsilon, off }) => {
    const claim = rateClaim(rate, epsilon);
    const truth = rateOf(rate + off * resolutionOf(claim));
    const largest = repeat(runs, (seed) => watch(claim, truth, seed, pace).maxLogAgainst);
    expectAtMost(largest, alphas);
    // The evidence is not idle: it does err, though less often than it may.
    expect(alarmsOf(largest, 0.5)).toBeGreaterThan(0);
  });

  it.each([-1, 1])('of certifying a rate that is off by ε, to the side %d', (side) => {
    const claim = rateClaim(0.8, 0.05);
    const truth = rateOf(claim.rate + side * claim.epsilon);
    const states = repeat(runs, (seed) => watch(claim, truth, seed, pace));
    const largest = states.map((state) => (side < 0 ? state.maxLogBelow : state.maxLogAbove));
    expectAtMost(largest, alphas);
    // Wald's ratio spends nearly all that it may: an error at 0.05 comes about one time in twenty.
    expect(alarmsOf(largest, 0.05)).toBeGreaterThan(0.025 * runs);
  });

  it.each([
    { rate: 0.5, off: 0, masks: pairsWith },
    { rate: 0.8, off: 1, masks: chainOf },
    { rate: 0.1, off: -1, masks: pairsWith },
  ])('of refuting independence at a rate of $rate, off by $off of the resolution', ({ rate, off, masks }) => {
    const truth = masks(rate + off * 2 ** -16, 0);
    const largest = repeat(runs, (seed) => watch(pairClaim(rate, 0.05), truth, seed, pace).maxLogAgainst);
    expectAtMost(largest, alphas);
    expect(alarmsOf(largest, 0.5)).toBeGreaterThan(0);
  });

  it.each([
    { side: -1, rate: 0.8, masks: pairsWith },
    { side: 1, rate: 0.8, masks: chainOf },
    { side: 1, rate: 0.5, masks: pairsWith },
  ])('of certifying a correlation of ε, to the side $side at a rate of $rate', ({ side, rate, masks }) => {
    const claim = pairClaim(rate, 0.1);
    const states = repeat(runs, (seed) => watch(claim, masks(rate, side * claim.epsilon), seed, pace));
    const largest = states.map((state) => (side < 0 ? state.maxLogBelow : state.maxLogAbove));
    expectAtMost(largest, alphas);
    expect(alarmsOf(largest, 0.05)).toBeGreaterThan(0.025 * runs);
  });

  it.each([
    { what: 'words', claim: words(0.8), off: 0 },
    { what: 'words', claim: words(0.8), off: 1 },
    { what: 'numbers', claim: numbers(0.5, 10), off: -1 },
  ])('of refuting a histogram of $what at $claim.rate, off by $off of the resolution', ({ claim, off }) => {
    const truth = patternsOf(claim, claim.rate + off * 2 ** -16);
    const largest = repeat(runs, (seed) => watch(claim, truth, seed, pace).maxLogAgainst);
    expectAtMost(largest, alphas);
    expect(alarmsOf(largest, 0.5)).toBeGreaterThan(0);
  });

  it('of refuting a family whose members share their draws', () => {
    const members = [0.1, 0.5, 0.8].map((rate) => rateClaim(rate, 0.02));
    const largest = repeat(runs, (seed) => {
      const generator = generatorOf(seed);
      let state = undrawnFamily(members);
      for (let drawn = 0; drawn < 2000; [drawn] = state.members[0].tally) {
        const trials = Math.max(1, Math.floor(drawn * 0.05));
        // The same uniform numbers serve all members: those below 0.1 are among those below 0.5.
        const half = binomial(generator, trials, 0.5);
        const tenth = binomial(generator, half, 0.2);
        const most = half + binomial(generator, trials - half, 0.6);
        const draws = [tenth, half, most].map((successes) => [trials, successes]);
        state = observeFamily(members, state, draws);
      }
      return state.maxLogAgainst;
    });
    expectAtMost(largest, alphas);
  });

  it('of a confidence band that ever leaves the true rate out', () => {
    const largest = repeat(runs, (seed) => {
      const states = [...looks(rateClaim(0.3, 0.1), rateOf(0.3), seed, { horizon: 2000, step: 0.02 })];
      return Math.max(...states.map(({ tally }) => logEvidenceAgainst(0.3, ratesOf(tally))));
    });
    expectAtMost(largest, alphas);
  });

  it('of a band of correlations that ever leaves the true one out', () => {
    const [p, rho] = [0.8, 0.2];
    const largest = repeat(runs, (seed) => {
      const states = [...looks(pairClaim(p, 0.1), pairsWith(p, rho), seed, { horizon: 2000, step: 0.02 })];
      const against = states.map(({ tally }) => {
        const counts = pairsOf(tally);
        return logEvidenceAgainstIndependence({ rate: p }, counts) - logCorrelationRatio(p, rho, counts);
      });
      return Math.max(...against);
    });
    expectAtMost(largest, alphas);
    expect(alarmsOf(largest, 0.5)).toBeGreaterThan(0);
  });
});

describe('the cost of a refutation', () => {
  it.each([
    { rate: 0.5, runs: 2000 },
    { rate: 0.75, runs: 800 },
    { rate: 0.79, runs: 400 },
    { rate: 0.799, runs: 100 },
  ])('of a rate of $rate that is claimed to be 0.8 is that of verdicts.md', ({ rate, runs }) => {
    const claim = rateClaim(0.8, 0.001);
    const results = repeat(runs, (seed) => judge(claim, rateOf(rate), seed, { horizon: 1e9, step: 0.01 }));
    expect(results.every(({ verdict }) => verdict === 'refuted')).toBe(true);
    const drawn = mean(results.map(({ trials }) => trials));
    const least = logThreshold(falseAlarm) / divergence(rate, claim.rate);
    expect(drawn / least).toBeGreaterThan(1.1);
    expect(drawn / least).toBeLessThan(1.3);
    expect(text).toContain(`| ${rate} | ${shown(drawn)} | ${shown(least)} |`);
  });

  it('is a third more at 1e-12 than at 1e-9, and so is that of one false rate among a thousand', () => {
    const claim = rateClaim(0.8, 0.001);
    expect(waldSampleSize(claim, 1e-12) / waldSampleSize(claim, falseAlarm)).toBeCloseTo(4 / 3, 12);
    expect(waldSampleSize(claim, falseAlarm / 1000) / waldSampleSize(claim, falseAlarm)).toBeCloseTo(4 / 3, 12);
    expect(text).toContain('a third more draws');
  });
});

describe('within the budget there is a verdict', () => {
  const runs = 1000;

  it('the budget being three times the bound, and more where the resolution takes a part of ε', () => {
    const times = (epsilon: number) => {
      const claim = rateClaim(0.8, epsilon);
      return budgetOf(claim, falseAlarm) / waldSampleSize(claim, falseAlarm);
    };
    expect(times(0.05)).toBeCloseTo(3, 2);
    expect(times(0.0001)).toBeCloseTo(3.4, 1);
    expect(text).toContain('and up to 3.4 times');
    expect(text).toContain(`is three times Wald's bound for its ε`);
  });

  it.each([
    rateClaim(0.8, 0.01),
    rateClaim(0.5, 0.02),
    rateClaim(0.999, 0.001),
    pairClaim(0.8, 0.1),
    pairClaim(0.5, 0.1),
    pairClaim(0.1, 0.06),
  ])('in 99.8 % of the runs at least, and never the wrong one: $law at $rate ± $epsilon', (claim) => {
    const { law, rate, epsilon } = claim;
    const truthAt = (off: number): Truth => (law === 'rate' ? rateOf(rate + off) : pairsWith(rate, off));
    const budget = budgetOf(claim, falseAlarm);
    const pace = { horizon: budget, step: 0.1 };
    const right = repeat(runs, (seed) => judge(claim, truthAt(0), seed, pace));
    const verdicts = right.map(({ verdict }) => verdict);
    expect(count(verdicts, 'holds')).toBeGreaterThanOrEqual(0.998 * runs);
    expect(count(verdicts, 'refuted')).toBe(0);
    expect(mean(right.map(({ trials }) => trials))).toBeLessThan(0.5 * budget);
    for (const off of [-epsilon, epsilon]) {
      const wrong = repeat(runs, (seed) => judge(claim, truthAt(off), seed, pace).verdict);
      expect(count(wrong, 'refuted')).toBeGreaterThanOrEqual(0.998 * runs);
      expect(count(wrong, 'holds')).toBe(0);
    }
    expect(text).toContain('holds in 99.8 % of the runs');
    expect(text).toContain('refuted in 99.8 %');
    expect(text).toContain('takes less than half of the budget');
  });

  it('of a family too, which waits for the slowest of its members', () => {
    const claims = Array.from({ length: 50 }, () => rateClaim(0.8, 0.05));
    const budget = budgetOf(claims[0], falseAlarm, claims.length);
    const verdicts = repeat(200, (seed) => {
      const generator = generatorOf(seed);
      let state = undrawnFamily(claims);
      for (let look = 0; look < 20; look++) {
        const trials = Math.ceil(budget / 20);
        const draws = claims.map(() => rateOf(0.8)(generator)(trials));
        state = observeFamily(claims, state, draws);
      }
      return familyVerdictOf(state, falseAlarm);
    });
    expect(count(verdicts, 'holds')).toBe(200);
  });
});

describe('what is said to be detectable', () => {
  const claims = [
    { claim: rateClaim(0.8, 0.001), trials: 50_000 },
    { claim: rateClaim(0.999, 0.0005), trials: 50_000 },
    { claim: rateClaim(0.02, 0.001), trials: 50_000 },
    { claim: pairClaim(0.5, 0.01), trials: 50_000 },
    { claim: pairClaim(0.8, 0.01), trials: 50_000 },
    { claim: pairClaim(0.1, 0.01), trials: 6000 },
  ];
  const runs = 4000;

  it.each(claims)(
    'is refuted in 99.9 % of the runs, and four fifths of it are not: $claim.law at $claim.rate',
    ({ claim, trials }) => {
      const { law, rate } = claim;
      const truthAt = (off: number): Truth => (law === 'rate' ? rateOf(rate + off) : pairsWith(rate, off));
      const { above, below } = detectable(claim, trials, falseAlarm);
      // A rate so near 1 or 0 leaves no room on its far side.
      const deviations = [above, -below].filter((deviation) => Number.isFinite(deviation));
      expect(deviations.length).toBeGreaterThan(0);
      for (const deviation of deviations) {
        const missedAt = (off: number): number => {
          const evidence = repeat(runs, (seed) => logEvidence(claim, truthAt(off)(generatorOf(seed))(trials)));
          return evidence.filter((log) => log < logThreshold(falseAlarm)).length;
        };
        expect(missedAt(deviation)).toBeLessThanOrEqual(mostOf(runs, 0.001));
        expect(missedAt(0.8 * deviation)).toBeGreaterThan(0.01 * runs);
      }
    },
  );

  it.each([1e3, 1e4, 1e5, 1e6, 1e7, 1e8])('with %d draws is that of verdicts.md', (trials) => {
    const { above, below } = detectable(rateClaim(0.8, 0.001), trials, falseAlarm);
    const both = Math.max(above, below);
    // Rounded up to two digits: what is said to be seen is seen.
    const scale = 10 ** (1 - Math.floor(Math.log10(both)));
    expect(text).toContain(
      `| ${trials.toLocaleString('en').replaceAll(',', ' ')} | ${Math.ceil(both * scale) / scale} |`,
    );
  });
});

it('a test at 1 % that is looked at after every percent of its draws errs as often as verdicts.md says', () => {
  const runs = 4000;
  const errors = repeat(runs, (seed) => {
    const generator = generatorOf(seed);
    let successes = 0;
    for (let trials = 100; trials <= 10_000; trials += 100) {
      successes += binomial(generator, 100, 0.8);
      // The two-sided normal test at 1 %.
      if (Math.abs(successes - 0.8 * trials) > 2.5758 * Math.sqrt(0.16 * trials)) return 1;
    }
    return 0;
  });
  expect(text).toContain(`errs in ${Math.round(100 * mean(errors))} % of the runs`);
});

it('the examples of verdicts.md are right', () => {
  expect(logThreshold(falseAlarm).toFixed(1)).toBe('20.7');
  expect(text).toContain('20.7 stands for 1e9');
  expect([3, 7].map((nats) => Math.exp(-nats) <= (nats === 3 ? 1 / 20 : 1 / 1000))).toEqual([true, true]);
  expect(text).toContain('3 is seen once in twenty runs at most, 7 once in a thousand');
  const claim = rateClaim(0.8, 0.001);
  const found = observe(claim, undrawn(claim), [17_000_000, 0.80001 * 17_000_000]);
  expect(verdictOf(found, falseAlarm)).toBe('holds');
  expect(text).toContain('`kept 0.80001 of 17 000 000, within ±0.001 of 0.8`');
  expect([1, 1e-4].map((epsilon) => resolutionOf({ rate: 0.5, epsilon }))).toEqual([2 ** -16, 1e-4 / 16]);
  expect(text).toContain('off by 2^-16, but by ε/16 at most');
});
