/** (a) What a refutation costs in draws, over what any test with the same error probabilities must spend. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { onesInWord } from '../src/bits.ts';
import { logThreshold, observe, undrawn } from '../src/statistics/claim.ts';
import { divergence } from '../src/statistics/sample-size.ts';
import { type Line, ratioLine } from './measure.ts';

const claim = { law: 'rate', rate: 0.8, epsilon: 0.001 } as const;
const falseAlarm = 1e-9;
const runs = 1000;

type Words = () => number;

/** The number of ones among n random bits. */
function fairCoins(words: Words, n: number): number {
  let ones = 0;
  let left = n;
  for (; left >= 32; left -= 32) ones += onesInWord(words());
  return left === 0 ? ones : ones + onesInWord(words() >>> (32 - left));
}

/**
 * How many of n uniform numbers are below p, exactly: they are compared with p bit by bit, all at once, and only those
 * whose bits have equalled those of p so far need another bit.
 */
function binomial(words: Words, n: number, p: number): number {
  let below = 0;
  let equal = n;
  for (let rest = p; equal > 0 && rest > 0; rest %= 1) {
    rest *= 2;
    const zeros = fairCoins(words, equal);
    if (rest >= 1) below += zeros;
    equal = rest >= 1 ? equal - zeros : zeros;
  }
  return below;
}

/** The draws of one run until the claim is refuted, looked at after each of them, later after every 0.2 % more. */
function drawsToRefute(words: Words, rate: number): number {
  let state = undrawn(claim);
  while (state.maxLogAgainst < logThreshold(falseAlarm)) {
    const trials = Math.max(1, Math.floor(state.tally[0] / 500));
    state = observe(claim, state, [trials, binomial(words, trials, rate)]);
  }
  return state.tally[0];
}

export function samples(): readonly Line[] {
  const generator = xoroshiro128plus(Date.now());
  for (let i = 0; i < 64; i++) generator.next();
  const words: Words = () => generator.next();
  return [0.5, 0.75, 0.79, 0.799].map((rate) => {
    const bound = logThreshold(falseAlarm) / divergence(rate, claim.rate);
    let total = 0;
    for (let run = 0; run < runs; run++) total += drawsToRefute(words, rate);
    const mean = total / runs;
    const what = `draws to refute 0.8 at a true rate of ${rate}, mean ${Math.round(mean)} of ${runs} runs / Wald's bound ${Math.round(bound)}`;
    return ratioLine(what, mean / bound, { most: 1.25 });
  });
}
