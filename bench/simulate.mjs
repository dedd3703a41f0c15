/**
 * Whether the judge's promises hold, by simulation: `node bench/simulate.mjs acquittal|alarms|bounds|power` after
 * `npm run build`. Prints the tables of spec/verdicts.md, and exits with 1 where a promise is broken.
 *
 * - acquittal: correct generators of six kinds are run against every statistical clause of dropout
 * - alarms:    whole runs of a correct subject with the run's false-alarm probability at 0.05
 * - bounds:    single processes of evidence, watched at every look, at α = 0.05, 0.01 and 0.001
 * - power:     rates that are off by exactly ε, each until its verdict or its budget's end
 */
import { parseArgs } from 'node:util';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { generators } from '../dist/properties/generators.js';
import { clauses } from '../dist/properties/index.js';
import { profileFor } from '../dist/src/judge/profiles.js';
import { judgeAll, totalWeightOf } from '../dist/src/judge/run.js';
import { connect } from '../dist/src/protocol/connect.js';
import { moduleChannel } from '../dist/src/protocol/module.js';
import { observeFamily, undrawnFamily } from '../dist/src/statistics/family.js';
import { logThreshold, observe, resolutionOf, undrawn, verdictOf } from '../dist/src/statistics/rate.js';
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
async function judged(implementation, { profile, seed, falseAlarm }) {
  const subject = await connect(moduleChannel(implementation));
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
      const found = await judged(implementation(seed), { profile, seed, falseAlarm: 1e-9 });
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
  const { implementation } = generators[1];
  const start = performance.now();
  const byLaw = new Map(laws.map(({ id }) => [id, 0]));
  let refuted = 0;
  for (let run = 0; run < runs; run++) {
    const seed = first + run;
    const found = await judged(implementation(seed), { profile, seed, falseAlarm });
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

/**
 * The processes that verdicts are made of, each with the truth at which it errs the most: the claimed rate, or the edge
 * of what it may certify.
 */
const processes = [
  ...[0.1, 0.5, 0.8, 0.99].map((rate) => ({
    name: `a rate of ${rate} is refuted`,
    largest: (generator) => watched(generator, { rate, epsilon: 0.02 * Math.min(rate, 1 - rate) }, rate).maxLogAgainst,
  })),
  {
    name: 'a rate of 0.8 is refuted, the truth off by the resolution',
    largest: (generator) => {
      const claim = { rate: 0.8, epsilon: 0.001 };
      return watched(generator, claim, claim.rate - resolutionOf(claim)).maxLogAgainst;
    },
  },
  {
    name: 'a rate of 0.85 is certified to be below it',
    largest: (generator) => watched(generator, { rate: 0.8, epsilon: 0.05 }, 0.85).maxLogAbove,
  },
  {
    name: 'a rate of 0.75 is certified to be above it',
    largest: (generator) => watched(generator, { rate: 0.8, epsilon: 0.05 }, 0.75).maxLogBelow,
  },
  { name: 'pairs: one of two rates after kept, after dropped', largest: pairs },
  { name: 'positions: one of 33 rates', largest: (generator) => family(generator, Array(33).fill(0.8)) },
  { name: 'counts: one of 11 outcomes of the same count', largest: counts },
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

function watched(generator, claim, rate) {
  let state = undrawn;
  for (const trials of looks()) {
    state = observe(claim, state, { trials, successes: binomial(generator, trials, rate) });
  }
  return state;
}

function family(generator, rates) {
  const claims = rates.map((rate) => ({ rate, epsilon: 0.02 }));
  let state = undrawnFamily(claims.length);
  for (const trials of looks()) {
    const draws = rates.map((rate) => ({ trials, successes: binomial(generator, trials, rate) }));
    state = observeFamily(claims, state, draws);
  }
  return state.maxLogAgainst;
}

/** Elements after kept ones and elements after dropped ones, at a keep_prob of 0.8: their numbers are random as well. */
function pairs(generator) {
  const claims = [0.04, 0.16].map((epsilon) => ({ rate: 0.8, epsilon }));
  let state = undrawnFamily(2);
  for (const trials of looks()) {
    const kept = binomial(generator, trials, 0.8);
    const draws = [kept, trials - kept].map((after) => ({ trials: after, successes: binomial(generator, after, 0.8) }));
    state = observeFamily(claims, state, draws);
  }
  return state.maxLogAgainst;
}

/** How many of 10 elements are kept: 11 outcomes that exclude each other. */
function counts(generator) {
  const rates = Array.from({ length: 11 }, (_, kept) => choose(10, kept) / 2 ** 10);
  const claims = rates.map((rate) => ({ rate, epsilon: rate / 10 }));
  let state = undrawnFamily(rates.length);
  for (const trials of looks()) {
    let [left, rest] = [trials, 1];
    const draws = rates.map((rate) => {
      const successes = binomial(generator, left, Math.min(1, rate / rest));
      left -= successes;
      rest -= rate;
      return { trials, successes };
    });
    state = observeFamily(claims, state, draws);
  }
  return state.maxLogAgainst;
}

const choose = (n, k) => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

function bounds({ runs = 10_000, seed }) {
  const alphas = [0.05, 0.01, 0.001];
  const generator = generatorOf(seed);
  console.log(`${runs} runs of ${horizon} draws each; how often the evidence ever reached 1/α, in %`);
  console.log(`| false where it happens | ${alphas.map((alpha) => `α = ${alpha}`).join(' | ')} |`);
  console.log(`| --- | ${alphas.map(() => '---').join(' | ')} |`);
  let kept = true;
  for (const { name, largest } of processes) {
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
    { rate: 0.8, epsilon: 0.01 },
    { rate: 0.8, epsilon: 0.001 },
    { rate: 0.5, epsilon: 0.005 },
    { rate: 0.1, epsilon: 0.005 },
    { rate: 0.999, epsilon: 0.0001 },
  ];
  console.log('| claim | true rate | runs | refuted | holds | undecided | mean draws / budget |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  let kept = true;
  for (const claim of claims) {
    const budget = budgetOf(claim, alpha);
    for (const side of [0, -1, 1]) {
      const rate = claim.rate + side * claim.epsilon;
      const found = { refuted: 0, holds: 0, undecided: 0 };
      let drawn = 0;
      for (let run = 0; run < runs; run++) {
        const { verdict, trials } = untilVerdict(generator, claim, { rate, budget, alpha });
        found[verdict]++;
        drawn += trials;
      }
      kept &&= side === 0 ? found.refuted === 0 && found.holds >= 0.998 * runs : found.holds === 0;
      kept &&= side === 0 || found.refuted >= 0.998 * runs;
      const shares = [found.refuted, found.holds, found.undecided].map((times) => percent(times / runs));
      const cells = [`${claim.rate} ± ${claim.epsilon}`, Number(rate.toPrecision(6)), runs, ...shares];
      console.log(`| ${[...cells, (drawn / runs / budget).toFixed(2)].join(' | ')} |`);
    }
  }
  return kept;
}

function untilVerdict(generator, claim, { rate, budget, alpha }) {
  let state = undrawn;
  while (state.counts.trials < budget) {
    const drawn = state.counts.trials;
    const trials = Math.min(Math.max(Math.ceil(budget / 200), Math.floor(drawn * 0.05)), budget - drawn);
    state = observe(claim, state, { trials, successes: binomial(generator, trials, rate) });
    const verdict = verdictOf(state, alpha);
    if (verdict !== 'undecided') return { verdict, trials: state.counts.trials };
  }
  return { verdict: 'undecided', trials: state.counts.trials };
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
