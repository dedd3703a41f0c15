import { describe, expect, it } from 'vitest';
import { logThreshold } from './claim.ts';
import {
  correlationBand,
  correlationOf,
  leastCorrelation,
  logCorrelationRatio,
  logEvidenceAgainstCorrelation,
  logEvidenceAgainstIndependence,
  type PairCounts,
} from './pairs.ts';

/** What sums of some thousand products in float64 may be off by. */
const rounding = 1e-12;

const resolution = 2 ** -16;

/** The rate of an element after a kept context, and after a dropped one. */
const after = (p: number, rho: number) => ({ kept: p + (1 - p) * rho, dropped: p - p * rho });

/** What so many pairs count at a correlation, if their contexts and elements are exactly at the rate. */
const pairsAt = (p: number, rho: number, pairs: number): PairCounts => ({
  pairs,
  contexts: pairs * p,
  elements: pairs * p,
  both: pairs * p * after(p, rho).kept,
});

/** All sequences of n bits, by what they count at a lag: how many there are of each kind. */
interface Kind extends PairCounts {
  /** Ones among all n. */
  readonly ones: number;
  /** Ones among the first `lag`, which are no elements. */
  readonly first: number;
  readonly times: number;
}

function sequences(n: number, lag: number): readonly Kind[] {
  const kinds = new Map<string, Kind>();
  for (let bits = 0; bits < 2 ** n; bits++) {
    const at = (i: number) => (bits >> i) & 1;
    const kind = { pairs: n - lag, contexts: 0, elements: 0, both: 0, ones: 0, first: 0, times: 1 };
    for (let i = 0; i < n; i++) {
      kind.ones += at(i);
      if (i < lag) kind.first += at(i);
      else {
        kind.contexts += at(i - lag);
        kind.elements += at(i);
        kind.both += at(i - lag) & at(i);
      }
    }
    const key = JSON.stringify(kind);
    const known = kinds.get(key);
    kinds.set(key, { ...kind, times: (known?.times ?? 0) + 1 });
  }
  return [...kinds.values()];
}

/** ∑ P e^log over all sequences. */
const expected = (
  kinds: readonly Kind[],
  probability: (kind: Kind) => number,
  log: (counts: PairCounts) => number,
): number => kinds.reduce((sum, kind) => sum + kind.times * probability(kind) * Math.exp(log(kind)), 0);

/** The probability of one sequence of n independent draws. */
const independent =
  (rate: number, n: number) =>
  ({ ones }: Kind): number =>
    rate ** ones * (1 - rate) ** (n - ones);

/** The probability of one sequence of a stationary chain, each element correlated with the one `lag` before. */
const chain =
  (p: number, rho: number, lag: number) =>
  ({ pairs, contexts, elements, both, first }: Kind): number => {
    const { kept, dropped } = after(p, rho);
    return (
      p ** first *
      (1 - p) ** (lag - first) *
      kept ** both *
      (1 - kept) ** (contexts - both) *
      dropped ** (elements - both) *
      (1 - dropped) ** (pairs - contexts - elements + both)
    );
  };

describe('the least correlation', () => {
  it.each([
    [0.5, -1],
    [0.8, -0.25],
    [0.1, -1 / 9],
    [0.999, -1 / 999],
    [1 / 3, -0.5],
  ])('at a rate of %d is %d', (p, least) => {
    expect(leastCorrelation(p)).toBeCloseTo(least, 12);
    // An element is then certain after one of the contexts, and no lower correlation leaves it a probability.
    const { kept, dropped } = after(p, least);
    expect(Math.min(kept, 1 - dropped)).toBeCloseTo(0, 12);
    expect(Math.max(kept, dropped)).toBeLessThan(1 + rounding);
  });
});

describe('the likelihood ratio of a correlation', () => {
  it('is the product of the bets, pair by pair', () => {
    const bits = [...'110100111011110001011111010111101'].map(Number);
    for (const p of [0.1, 0.5, 0.8]) {
      for (const rho of [1 / 8, -1 / 16, 0.5]) {
        const { kept, dropped } = after(p, rho);
        let product = 1;
        const counts = { pairs: 0, contexts: 0, elements: 0, both: 0 };
        for (let i = 1; i < bits.length; i++) {
          const theta = bits[i - 1] === 1 ? kept : dropped;
          product *= bits[i] === 1 ? theta / p : (1 - theta) / (1 - p);
          counts.pairs++;
          counts.contexts += bits[i - 1];
          counts.elements += bits[i];
          counts.both += bits[i - 1] * bits[i];
        }
        expect(logCorrelationRatio(p, rho, counts)).toBeCloseTo(Math.log(product), 10);
      }
    }
  });

  it('of what is impossible with it is −∞, and of what is certain is finite', () => {
    const same = { pairs: 10, contexts: 7, elements: 7, both: 7 };
    expect(logCorrelationRatio(0.5, 1, same)).toBeCloseTo(10 * Math.LN2, 12);
    expect(logCorrelationRatio(0.5, 1, { ...same, elements: 8 })).toBe(-Infinity);
    expect(logCorrelationRatio(0.5, -1, same)).toBe(-Infinity);
    expect(logCorrelationRatio(0.5, -1, { pairs: 10, contexts: 7, elements: 3, both: 0 })).toBeCloseTo(
      10 * Math.LN2,
      12,
    );
  });
});

describe('the evidence against independence', () => {
  const rivals = Array.from({ length: 14 }, (_, j) => [2 ** -j, -(2 ** -j)]).flat();

  /** The mean of the bets, each with what the rate may explain of it taken off, by a search over the rates. */
  function naive(p: number, { pairs, contexts, elements, both }: PairCounts): number {
    const possible = rivals.filter((rho) => {
      const { kept, dropped } = after(p, rho);
      return [kept, dropped].every((theta) => theta >= 0 && theta <= 1);
    });
    const bets = possible.map((rho) => {
      const { kept, dropped } = after(p, rho);
      const bet =
        (kept / p) ** both *
        ((1 - kept) / (1 - p)) ** (contexts - both) *
        (dropped / p) ** (elements - both) *
        ((1 - dropped) / (1 - p)) ** (pairs - contexts - elements + both);
      let explained = 0;
      for (let step = -1000; step <= 1000; step++) {
        const delta = (resolution * step) / 1000;
        const gain = (1 + (delta * rho) / p) ** contexts * (1 - (delta * rho) / (1 - p)) ** (pairs - contexts);
        explained = Math.max(explained, gain);
      }
      return bet / explained;
    });
    return bets.reduce((sum, bet) => sum + bet, 0) / bets.length;
  }

  it.each([0.1, 0.5, 0.75, 0.875])(
    'at a rate of %d is the mean of the likelihood ratios, as the formula says it',
    (p) => {
      for (const [contexts, elements, both] of [
        [16, 16, 13],
        [16, 16, 0],
        [2, 3, 1],
        [20, 18, 12],
        [28, 27, 24],
        [24, 24, 16],
        [32, 30, 30],
        [0, 4, 0],
      ]) {
        const counts = { pairs: 32, contexts, elements, both };
        const log = Math.log(naive(p, counts));
        expect(Math.abs(logEvidenceAgainstIndependence({ rate: p }, counts) - log)).toBeLessThan(1e-9);
      }
    },
  );

  it('is nothing without pairs', () => {
    expect(logEvidenceAgainstIndependence({ rate: 0.8 }, { pairs: 0, contexts: 0, elements: 0, both: 0 })).toBe(0);
  });

  const rates = [0.1, 0.5, 0.8];

  it.each([1, 2])('is on average not above 1 for independent draws, however their pairs overlap: lag %d', (lag) => {
    for (let n = lag; n <= 12; n++) {
      const kinds = sequences(n, lag);
      for (const rate of rates) {
        const evidence = (counts: PairCounts) => logEvidenceAgainstIndependence({ rate }, counts);
        for (const off of [-resolution, 0, resolution]) {
          const mean = expected(kinds, independent(rate + off, n), evidence);
          expect(mean).toBeLessThanOrEqual(1 + rounding);
          // Nor is anything given away but what is allowed to the rate.
          expect(mean).toBeGreaterThan(1 - 2 * n * resolution);
        }
      }
    }
  });

  it.each(rates)('is on average not above 1 whatever the contexts, a rate of %d being off by the resolution', (p) => {
    const pairs = 40;
    /** The probability of k among n. */
    const binomial = (n: number, k: number, rate: number): number => {
      let probability = (1 - rate) ** n;
      for (let i = 0; i < k; i++) probability *= ((n - i) / (i + 1)) * (rate / (1 - rate));
      return probability;
    };
    for (const contexts of [0, 1, 10, 20, 32, 40]) {
      for (const rate of [p - resolution, p, p + resolution]) {
        let mean = 0;
        for (let both = 0; both <= contexts; both++) {
          for (let others = 0; others <= pairs - contexts; others++) {
            const counts = { pairs, contexts, elements: both + others, both };
            const probability = binomial(contexts, both, rate) * binomial(pairs - contexts, others, rate);
            mean += probability * Math.exp(logEvidenceAgainstIndependence({ rate: p }, counts));
          }
        }
        expect(mean).toBeLessThanOrEqual(1 + rounding);
      }
    }
  });

  it('grows with the correlation, to either side, and falls a little where there is none', () => {
    const at = (rho: number) => logEvidenceAgainstIndependence({ rate: 0.8 }, pairsAt(0.8, rho, 1e5));
    expect(at(0)).toBeLessThan(0);
    expect(at(0)).toBeGreaterThan(-Math.log(28));
    for (const side of [-1, 1]) {
      expect(at(0.03 * side)).toBeGreaterThan(30);
      expect(at(0.06 * side) / at(0.03 * side)).toBeGreaterThan(3.5);
    }
  });

  /** The pairs at which the evidence reaches 1e12. */
  function needed(p: number, rho: number): number {
    const threshold = logThreshold(1e-12);
    let [low, high] = [1, 1e8];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (logEvidenceAgainstIndependence({ rate: p }, pairsAt(p, rho, middle)) >= threshold) high = middle;
      else low = middle;
    }
    return high;
  }

  it.each([
    { p: 0.8, rho: 1, pairs: 62 },
    { p: 0.8, rho: 0.1, pairs: 6900 },
    { p: 0.8, rho: 0.01, pairs: 650_000 },
    { p: 0.5, rho: 1, pairs: 45 },
    { p: 0.5, rho: 0.1, pairs: 6600 },
    { p: 0.5, rho: 0.01, pairs: 650_000 },
    { p: 0.1, rho: 1, pairs: 95 },
  ])('takes $pairs pairs at 1e-12, at a rate of $p and a correlation of $rho', ({ p, rho, pairs }) => {
    expect(Number(needed(p, rho).toPrecision(2))).toBe(pairs);
  });

  it('takes hardly more than the best bet would, whatever the correlation between 1 and 1e-4', () => {
    // ln 28 for the choice among the rivals, and a sixth for those that lie between two of them.
    for (const p of [0.5, 0.8]) {
      for (let rho = 1; rho >= 1e-4; rho /= 1.7) {
        const perPair = logCorrelationRatio(p, rho, pairsAt(p, rho, 1));
        const best = (logThreshold(1e-12) + Math.log(28)) / perPair;
        expect(needed(p, rho)).toBeLessThan(1 + best / 0.83);
      }
    }
  });
});

describe('the evidence against a correlation', () => {
  const n = 11;

  it.each([
    { p: 0.5, epsilon: 0.25 },
    { p: 0.8, epsilon: 0.125 },
    { p: 0.1, epsilon: 0.1 },
  ])('of $epsilon or more is on average 1 at it, and not above 1 further off: $p', ({ p, epsilon }) => {
    const claim = { rate: p, epsilon };
    for (const lag of [1, 2]) {
      const kinds = sequences(n, lag);
      const sides = {
        above: [epsilon, 1.5 * epsilon, (1 + epsilon) / 2, 1],
        below: [-epsilon, -1.05 * epsilon, (leastCorrelation(p) - epsilon) / 2, leastCorrelation(p)],
      };
      for (const side of ['above', 'below'] as const) {
        const meanAt = (rho: number) =>
          expected(kinds, chain(p, rho, lag), (counts) => logEvidenceAgainstCorrelation(claim, counts)[side]);
        const [at, ...beyond] = sides[side].map(meanAt);
        expect(Math.abs(at - 1)).toBeLessThan(rounding);
        for (const mean of beyond) expect(mean).toBeLessThanOrEqual(1 + rounding);
        // Where the elements are independent it grows: it certifies.
        expect(meanAt(0)).toBeGreaterThan(1.001);
      }
    }
  });

  it('is nothing to be had where no correlation is so low', () => {
    const counts = pairsAt(0.8, 0, 100);
    expect(logEvidenceAgainstCorrelation({ rate: 0.8, epsilon: 0.3 }, counts).below).toBe(Infinity);
    expect(logEvidenceAgainstCorrelation({ rate: 0.8, epsilon: 0.2 }, counts).below).toBeLessThan(10);
    expect(logEvidenceAgainstCorrelation({ rate: 0.8 }, counts)).toEqual({ above: Infinity, below: Infinity });
  });
});

describe('the correlation that is found', () => {
  const tables: readonly PairCounts[] = [
    [100, 80, 80, 70],
    [100, 80, 80, 64],
    [100, 80, 80, 60],
    [100, 70, 75, 50],
    [60, 12, 12, 9],
    [40, 0, 0, 0],
    [40, 40, 40, 40],
    [40, 20, 20, 0],
    [1, 0, 1, 0],
  ].map(([pairs, contexts, elements, both]) => ({ pairs, contexts, elements, both }));

  it('is the likeliest of all that are possible', () => {
    for (const p of [0.1, 0.5, 0.8]) {
      const least = leastCorrelation(p);
      for (const counts of tables) {
        const found = correlationOf(p, counts);
        expect(found).toBeGreaterThanOrEqual(least);
        expect(found).toBeLessThanOrEqual(1);
        const best = logCorrelationRatio(p, found, counts);
        for (let step = 1; step < 400; step++) {
          const other = logCorrelationRatio(p, least + ((1 - least) * step) / 400, counts);
          expect(other).toBeLessThanOrEqual(best + 1e-9);
        }
      }
    }
  });

  it('is among those that are left possible, whatever was counted', () => {
    for (const p of [0.1, 0.5, 0.8]) {
      for (const counts of tables) {
        const { low, high } = correlationBand({ rate: p }, counts, 1e-9);
        expect(low).toBeLessThanOrEqual(correlationOf(p, counts));
        expect(high).toBeGreaterThanOrEqual(correlationOf(p, counts));
      }
    }
  });

  it('where contexts and elements are at the rate is Σ(a − p)(b − p) / (n p(1−p)), that of the chain', () => {
    for (const p of [0.1, 0.5, 0.8]) {
      for (const rho of [-0.1, 0, 0.01, 0.3, 1]) {
        const counts = pairsAt(p, rho, 1000);
        const { pairs, contexts, elements, both } = counts;
        const mean = (both - p * (contexts + elements) + p * p * pairs) / (pairs * p * (1 - p));
        expect(mean).toBeCloseTo(rho, 12);
        expect(correlationOf(p, counts)).toBeCloseTo(rho, 12);
      }
    }
  });

  it('is nothing without pairs', () => {
    expect(correlationOf(0.8, { pairs: 0, contexts: 0, elements: 0, both: 0 })).toBe(0);
  });
});

describe('the band of correlations', () => {
  const claim = (rate: number) => ({ rate });

  it('is everything without pairs', () => {
    const none = { pairs: 0, contexts: 0, elements: 0, both: 0 };
    expect(correlationBand(claim(0.8), none, 1e-9)).toEqual({ low: leastCorrelation(0.8), high: 1 });
  });

  it('ends where the evidence reaches the threshold, and holds all between, among them what was found', () => {
    for (const alpha of [0.05, 1e-9]) {
      for (const p of [0.1, 0.5, 0.8]) {
        for (const [rho, pairs] of [
          [0, 1e4],
          [0.05, 1e4],
          [-0.05, 1e4],
          [0.6, 1e3],
          [0.001, 1e8],
        ]) {
          const counts = pairsAt(p, rho, pairs);
          const { low, high } = correlationBand(claim(p), counts, alpha);
          const evidence = logEvidenceAgainstIndependence(claim(p), counts);
          const against = (at: number) => evidence - logCorrelationRatio(p, at, counts);
          expect(low).toBeLessThan(rho);
          expect(high).toBeGreaterThan(rho);
          if (low > leastCorrelation(p)) expect(against(low)).toBeCloseTo(logThreshold(alpha), 2);
          if (high < 1) expect(against(high)).toBeCloseTo(logThreshold(alpha), 2);
          for (let step = 1; step < 20; step++)
            expect(against(low + ((high - low) * step) / 20)).toBeLessThan(logThreshold(alpha));
          const width = high - low;
          for (const outside of [low - width / 20, high + width / 20]) {
            if (outside < leastCorrelation(p) || outside > 1) continue;
            expect(against(outside)).toBeGreaterThan(logThreshold(alpha));
          }
        }
      }
    }
  });

  it('contains no correlation exactly where independence is not refuted', () => {
    const alpha = 1e-9;
    for (const rho of [0, 0.01, 0.02, 0.03, 0.04, 0.06, -0.03, -0.06]) {
      const counts = pairsAt(0.8, rho, 3e4);
      const { low, high } = correlationBand(claim(0.8), counts, alpha);
      const isRefuted = logEvidenceAgainstIndependence(claim(0.8), counts) >= logThreshold(alpha);
      expect(low <= 0 && high >= 0).toBe(!isRefuted);
    }
  });

  it('leaves the true correlation out with evidence that is on average not above 1', () => {
    for (const p of [0.1, 0.5, 0.8]) {
      const kinds = sequences(10, 1);
      for (const rho of [-0.1, 0, 0.3, 0.9]) {
        const against = (counts: PairCounts) =>
          logEvidenceAgainstIndependence(claim(p), counts) - logCorrelationRatio(p, rho, counts);
        expect(expected(kinds, chain(p, rho, 1), against)).toBeLessThanOrEqual(1 + rounding);
      }
    }
  });

  it('shrinks as the root of the pairs', () => {
    const widthOf = (pairs: number): number => {
      const { low, high } = correlationBand(claim(0.8), pairsAt(0.8, 0, pairs), 1e-9);
      return high - low;
    };
    const ratio = widthOf(1e5) / widthOf(1e7);
    expect(ratio).toBeGreaterThan(9);
    expect(ratio).toBeLessThan(10.5);
  });

  it('reaches 1 where all pairs were alike, and the least correlation where none were', () => {
    expect(correlationBand(claim(0.5), pairsAt(0.5, 1, 100), 1e-9).high).toBe(1);
    expect(correlationBand(claim(0.5), pairsAt(0.5, 1, 100), 1e-9).low).toBeGreaterThan(0.3);
    expect(correlationBand(claim(0.8), { pairs: 100, contexts: 80, elements: 80, both: 60 }, 1e-9).low).toBeCloseTo(
      -0.25,
      9,
    );
  });
});
