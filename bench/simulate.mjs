/**
 * Whether the judge's promises hold, by simulation: `node bench/simulate.mjs acquittal|alarms|bounds|power` after
 * `npm run build`. Prints the tables of spec/verdicts.md, and exits with 1 where a promise is broken.
 *
 * - acquittal: correct generators of six kinds are run against every statistical clause of dropout
 * - alarms:    whole runs of a correct subject with the run's false-alarm probability at 0.05
 * - bounds:    single processes of evidence, watched at every look, at α = 0.05, 0.01 and 0.001
 * - power:     rates and correlations that are off by exactly ε, each until its verdict or its budget's end
 */
import { parseArgs } from 'node:util';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { untimedSubject } from '../dist/bench/subjects.js';
import { generators } from '../dist/properties/generators.js';
import { clauses } from '../dist/properties/index.js';
import { profileFor } from '../dist/src/judge/profiles.js';
import { judgeAll, totalWeightOf } from '../dist/src/judge/run.js';
import { connect } from '../dist/src/protocol/connect.js';
import { moduleChannel } from '../dist/src/protocol/module.js';
import { logThreshold, observe, trialsOf, undrawn, verdictOf } from '../dist/src/statistics/claim.js';
import { observeFamily, undrawnFamily } from '../dist/src/statistics/family.js';
import { probabilityOf } from '../dist/src/statistics/histogram.js';
import { resolutionOf } from '../dist/src/statistics/rate.js';
import { budgetOf } from '../dist/src/statistics/sample-size.js';

const laws = clauses.filter(({ id, evidence }) => evidence.kind === 'statistical' && id.startsWith('dropout/'));

/**
 * So coarse that a run takes a fraction of a second. The bound on false alarms holds for every profile alike: how finely
 * one looks sets how many draws are made and how long a claim is exposed to refutation, never at what odds.
 */
const coarse = {
  name: 'coarse',
  cases: 0,
  mostElements: 2e7,
  resolution: { keepProbs: [0.8, 0.5, 0.1], rate: 0.02, correlation: 0.15, position: 0.4, relative: 0.3 },
};

const profileNamed = (name, seed) => (name === 'coarse' ? coarse : profileFor(name, seed));

/** The laws that a run of one subject refutes and leaves undecided. Its budget is spent on these laws alone, in full. */
async function judged(subject, { profile, seed, falseAlarm }) {
  const budget = { profile: profileNamed(profile, seed), seed, falseAlarm, totalWeight: totalWeightOf(laws) };
  const found = { refuted: [], undecided: [], broken: [] };
  for await (const { id, verdict } of judgeAll(laws, subject, { ...budget, golden: async () => [] })) {
    found[verdict]?.push(id);
  }
  return found;
}

async function acquittal({ runs = 200, profile = 'quick', seed: first }) {
  console.log(`| generator | runs | alarms | undecided | seconds a run |\n| --- | --- | --- | --- | --- |`);
  let faults = 0;
  for (const { name, implementation } of generators) {
    let [alarms, undecided] = [0, 0];
    const start = performance.now();
    for (let run = 0; run < runs; run++) {
      const seed = first + run;
      const found = await judged(await connect(moduleChannel(implementation(seed))), {
        profile,
        seed,
        falseAlarm: 1e-9,
      });
      if (found.refuted.length + found.broken.length > 0) alarms++;
      else if (found.undecided.length > 0) undecided++;
      for (const id of Object.values(found).flat()) console.error(`${name}, seed ${seed}: ${id}`);
    }
    faults += alarms + undecided;
    console.log(`| ${name} | ${runs} | ${alarms} | ${undecided} | ${seconds(start, runs)} |`);
  }
  return faults === 0;
}

async function alarms({ runs = 2000, profile = 'coarse', seed: first }) {
  const falseAlarm = 0.05;
  // One that does nothing but draw: it is the judge that is looked at.
  const { subject } = untimedSubject();
  const start = performance.now();
  const byLaw = new Map(laws.map(({ id }) => [id, 0]));
  let refuted = 0;
  for (let run = 0; run < runs; run++) {
    const seed = first + run;
    const found = await judged(subject, { profile, seed, falseAlarm });
    if (found.refuted.length > 0) refuted++;
    for (const id of found.refuted) byLaw.set(id, byLaw.get(id) + 1);
  }
  const [low, high] = interval(refuted, runs);
  console.log(`| runs | profile | run-wide α | runs with an alarm | share | 95 % interval | seconds a run |`);
  console.log(`| --- | --- | --- | --- | --- | --- | --- |`);
  console.log(
    `| ${runs} | ${profile} | ${falseAlarm} | ${refuted} | ${percent(refuted / runs)} | ${percent(low)} to ${percent(high)} | ${seconds(start, runs)} |`,
  );
  for (const [id, times] of byLaw) if (times > 0) console.log(`${id}: ${times}`);
  return refuted / runs <= falseAlarm;
}

const rateClaim = (rate, epsilon) => ({ law: 'rate', rate, epsilon });
const pairClaim = (rate, epsilon) => ({ law: 'pairs', rate, epsilon });

/** Words of so many draws, each on its own; and how many of so many are kept. */
const words = (rate, length) => ({
  law: 'histogram',
  rate,
  length,
  cells: Array.from({ length: 2 ** length }, (_, word) => {
    const name = word.toString(2).padStart(length, '0');
    return { name, kept: name.replaceAll('0', '').length, ways: 1 };
  }),
});
const numbers = (rate, length) => ({
  law: 'histogram',
  rate,
  length,
  cells: Array.from({ length: length + 1 }, (_, kept) => ({
    name: `${kept} of ${length}`,
    kept,
    ways: choose(length, kept),
  })),
});

const choose = (n, k) => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

/** What is true: made anew for each run, it counts so many more trials at a time. */
const drawsOf = (rate) => (generator) => (trials) => [trials, binomial(generator, trials, rate)];

/** Elements and their contexts, which are another mask. */
const pairsWith = (rate, rho) => (generator) => (trials) => {
  const contexts = binomial(generator, trials, rate);
  const both = binomial(generator, contexts, rate + (1 - rate) * rho);
  return [trials, contexts, both + binomial(generator, trials - contexts, rate - rate * rho), both];
};

/** Neighbours in a chain: each element is the context of the next one. */
const chainOf = (rate, rho) => (generator) => {
  const isBelow = (p) => (generator.next() >>> 0 < p * 2 ** 32 ? 1 : 0);
  const after = [rate - rate * rho, rate + (1 - rate) * rho];
  let context = isBelow(rate);
  return (trials) => {
    let [contexts, elements, both] = [0, 0, 0];
    for (let i = 0; i < trials; i++) {
      const element = isBelow(after[context]);
      contexts += context;
      elements += element;
      both += context & element;
      context = element;
    }
    return [trials, contexts, elements, both];
  };
};

/** Patterns of independent draws, cell by cell among those that are left. */
const patternsOf = (claim, rate) => (generator) => (trials) => {
  let [left, rest] = [trials, 1];
  return claim.cells.map((cell) => {
    const probability = probabilityOf({ ...claim, rate }, cell);
    const times = binomial(generator, left, Math.min(1, probability / rest));
    left -= times;
    rest -= probability;
    return times;
  });
};

const resolution = 2 ** -16;

/**
 * The processes that verdicts are made of, each with the truth at which it errs the most: the claimed rate, or the edge
 * of what it may certify.
 */
const processes = [
  ...[0.1, 0.5, 0.8, 0.99].map((rate) => ({
    name: `a rate of ${rate} is refuted`,
    claim: rateClaim(rate, 0.02 * Math.min(rate, 1 - rate)),
    truth: drawsOf(rate),
  })),
  {
    name: 'a rate of 0.8 is refuted, the truth off by the resolution',
    claim: rateClaim(0.8, 0.001),
    truth: drawsOf(0.8 - resolutionOf(rateClaim(0.8, 0.001))),
  },
  {
    name: 'a rate of 0.85 is certified to be below it',
    claim: rateClaim(0.8, 0.05),
    truth: drawsOf(0.85),
    errs: 'maxLogAbove',
  },
  {
    name: 'a rate of 0.75 is certified to be above it',
    claim: rateClaim(0.8, 0.05),
    truth: drawsOf(0.75),
    errs: 'maxLogBelow',
  },
  ...[0.1, 0.5, 0.8].map((rate) => ({
    name: `pairs: independence at ${rate} is refuted`,
    claim: pairClaim(rate, 0.05),
    truth: pairsWith(rate, 0),
  })),
  {
    name: 'pairs: independence of neighbours at 0.8 is refuted, the truth off by the resolution',
    claim: pairClaim(0.8, 0.05),
    truth: chainOf(0.8 + resolution, 0),
  },
  {
    name: 'pairs: a correlation of 0.1 is certified to be below it',
    claim: pairClaim(0.8, 0.1),
    truth: chainOf(0.8, 0.1),
    errs: 'maxLogAbove',
  },
  {
    name: 'pairs: a correlation of −0.1 is certified to be above it',
    claim: pairClaim(0.8, 0.1),
    truth: pairsWith(0.8, -0.1),
    errs: 'maxLogBelow',
  },
  { name: 'positions: one of 33 rates', largest: (generator) => family(generator, Array(33).fill(0.8)) },
  {
    name: 'histogram: words of 4 at 0.8, the truth off by the resolution',
    claim: words(0.8, 4),
    truth: patternsOf(words(0.8, 4), 0.8 + resolution),
  },
  { name: 'histogram: how many of 10 at 0.5', claim: numbers(0.5, 10), truth: patternsOf(numbers(0.5, 10), 0.5) },
];

const horizon = 10_000;
const step = 0.03;

/** Looks after every draw at first, then whenever three percent have come. */
function* looks() {
  for (let drawn = 0; drawn < horizon; ) {
    const trials = Math.min(Math.max(1, Math.floor(drawn * step)), horizon - drawn);
    drawn += trials;
    yield trials;
  }
}

function watched(generator, claim, truth) {
  const draw = truth(generator);
  let state = undrawn(claim);
  for (const trials of looks()) state = observe(claim, state, draw(trials));
  return state;
}

function family(generator, rates) {
  const claims = rates.map((rate) => rateClaim(rate, 0.02));
  let state = undrawnFamily(claims);
  for (const trials of looks()) {
    const draws = rates.map((rate) => [trials, binomial(generator, trials, rate)]);
    state = observeFamily(claims, state, draws);
  }
  return state.maxLogAgainst;
}

function bounds({ runs = 10_000, seed }) {
  const alphas = [0.05, 0.01, 0.001];
  const generator = generatorOf(seed);
  console.log(`${runs} runs of ${horizon} draws each; how often the evidence ever reached 1/α, in %`);
  console.log(`| false where it happens | ${alphas.map((alpha) => `α = ${alpha}`).join(' | ')} |`);
  console.log(`| --- | ${alphas.map(() => '---').join(' | ')} |`);
  let kept = true;
  for (const { name, claim, truth, errs = 'maxLogAgainst', ...other } of processes) {
    const largest = other.largest ?? (() => watched(generator, claim, truth)[errs]);
    const logs = Array.from({ length: runs }, () => largest(generator));
    const errors = alphas.map((alpha) => logs.filter((log) => log >= logThreshold(alpha)).length);
    // The bound is broken only where even the low end of the interval lies above it.
    kept &&= errors.every((times, i) => interval(times, runs)[0] <= alphas[i]);
    console.log(`| ${name} | ${errors.map((times) => percent(times / runs)).join(' | ')} |`);
  }
  return kept;
}

function power({ runs = 4000, seed }) {
  const alpha = 1e-9;
  const generator = generatorOf(seed);
  const claims = [
    rateClaim(0.8, 0.01),
    rateClaim(0.8, 0.001),
    rateClaim(0.5, 0.005),
    rateClaim(0.1, 0.005),
    rateClaim(0.999, 0.0001),
    pairClaim(0.5, 0.03),
    pairClaim(0.8, 0.03),
    pairClaim(0.8, 0.01),
    pairClaim(0.1, 0.05),
  ];
  console.log('| claim | truth | runs | refuted | holds | undecided | mean draws / budget |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  let kept = true;
  for (const claim of claims) {
    const budget = budgetOf(claim, alpha);
    for (const side of [0, -1, 1]) {
      const off = side * claim.epsilon;
      const isRate = claim.law === 'rate';
      const truth = isRate ? drawsOf(claim.rate + off) : pairsWith(claim.rate, off);
      const found = { refuted: 0, holds: 0, undecided: 0 };
      let drawn = 0;
      for (let run = 0; run < runs; run++) {
        const { verdict, trials } = untilVerdict(generator, claim, { truth, budget, alpha });
        found[verdict]++;
        drawn += trials;
      }
      kept &&= side === 0 ? found.refuted === 0 && found.holds >= 0.998 * runs : found.holds === 0;
      kept &&= side === 0 || found.refuted >= 0.998 * runs;
      const shares = [found.refuted, found.holds, found.undecided].map((times) => percent(times / runs));
      const what = isRate ? `${claim.rate} ± ${claim.epsilon}` : `correlation 0 ± ${claim.epsilon} at ${claim.rate}`;
      const cells = [what, Number((isRate ? claim.rate + off : off).toPrecision(6)), runs, ...shares];
      console.log(`| ${[...cells, (drawn / runs / budget).toFixed(2)].join(' | ')} |`);
    }
  }
  return kept;
}

function untilVerdict(generator, claim, { truth, budget, alpha }) {
  const draw = truth(generator);
  let state = undrawn(claim);
  let drawn = 0;
  while (drawn < budget) {
    const trials = Math.min(Math.max(Math.ceil(budget / 200), Math.floor(drawn * 0.05)), budget - drawn);
    state = observe(claim, state, draw(trials));
    drawn = trialsOf(claim, state.tally);
    const verdict = verdictOf(state, alpha);
    if (verdict !== 'undecided') return { verdict, trials: drawn };
  }
  return { verdict: 'undecided', trials: drawn };
}

/** pure-rand's xoroshiro128+; the first outputs of neighbouring seeds resemble each other and are left out. */
function generatorOf(seed) {
  const generator = xoroshiro128plus(seed);
  for (let i = 0; i < 64; i++) generator.next();
  return generator;
}

/** How many of n uniform numbers are below p, exactly: compared with p bit by bit, all at once, until none is equal. */
function binomial(generator, n, p) {
  if (p >= 1) return n;
  let [below, equal] = [0, n];
  for (let rest = p; equal > 0 && rest > 0; rest %= 1) {
    rest *= 2;
    const zeros = fairCoins(generator, equal);
    if (rest >= 1) below += zeros;
    equal = rest >= 1 ? equal - zeros : zeros;
  }
  return below;
}

function fairCoins(generator, n) {
  let [ones, left] = [0, n];
  for (; left >= 32; left -= 32) ones += onesOf(generator.next());
  return left === 0 ? ones : ones + onesOf(generator.next() >>> (32 - left));
}

function onesOf(word) {
  const two = word - ((word >>> 1) & 0x55555555);
  const four = (two & 0x33333333) + ((two >>> 2) & 0x33333333);
  return Math.imul((four + (four >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Clopper and Pearson's (1934) 95 % interval for a binomial share, by bisection. */
function interval(successes, trials) {
  const low = successes === 0 ? 0 : bisect((p) => 1 - atMost(successes - 1, trials, p) > 0.025);
  const high = successes === trials ? 1 : bisect((p) => atMost(successes, trials, p) <= 0.025);
  return [low, high];
}

/** P(at most k successes among n), summed term by term. */
function atMost(k, n, p) {
  let log = n * Math.log1p(-p);
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(log);
    log += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
  }
  return sum;
}

/** The least p in (0, 1) for which a condition, false at first, is true. */
function bisect(isReached) {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isReached(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const percent = (share) => `${(100 * share).toFixed(2)} %`;

const seconds = (start, runs) => ((performance.now() - start) / 1000 / runs).toFixed(2);

const simulations = { acquittal, alarms, bounds, power };
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, profile: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const simulation = simulations[positionals[0]];
if (simulation === undefined) {
  console.error(`one of ${Object.keys(simulations).join(', ')} [--runs N] [--profile NAME] [--seed N]`);
  process.exitCode = 2;
} else {
  const { runs, profile, seed } = values;
  const chosen = {
    ...(runs === undefined ? {} : { runs: Number(runs) }),
    ...(profile === undefined ? {} : { profile }),
  };
  const start = performance.now();
  const kept = await simulation({ ...chosen, seed: Number(seed) });
  console.log(`${kept ? 'as promised' : 'NOT as promised'}, in ${seconds(start, 1)} s`);
  if (!kept) process.exitCode = 1;
}
