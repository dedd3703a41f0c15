import { describe, expect, it } from 'vitest';
import { logDirichletMixture, logMixture, stirlingRemainder } from './mixture.ts';

/**
 * ln M_c(n, k; m) to the nearest float64, from Python with mpmath 1.3.0 at 60 digits, where L(x) is `loggamma(mpf(x))` and m is
 * the float64 itself, not the decimal:
 * `L(c*m+k) + L(c*(1-m)+n-k) - L(c+n) - L(c*m) - L(c*(1-m)) + L(c) - k*log(m) - (n-k)*log(1-m)`.
 */
const mixtures: readonly (readonly [n: number, k: number, m: number, c: number, nats: number])[] = [
  [1, 1, 0.001, 1, 0],
  [2, 2, 1 / 3, 1, 0.6931471805599454],
  [7, 7, 0.001, 1, 39.503070779539556],
  [40, 40, 0.5, 16, 15.575274434072005],
  [40, 0, 0.999, 256, 157.91263848677966],
  [1000, 294, 0.8, 1, 591.6989601048033],
  [1000, 800, 0.8, 4096, -0.10924347513896611],
  [1e5, 79_000, 0.8, 256, 27.786853833641764],
  [1e5, 1e5, 0.1, 16 ** 7, 167.40783640940907],
  [1e7, 7_949_404, 0.8, 256, 789.6770842296812],
  [1e7, 1e7, 0.999, 65_536, 9675.04415920992],
  [1e9, 8e8, 0.8, 1, -10.702929577825689],
  [1e9, 499_367_544, 0.5, 65_536, 795.1324804668608],
  [1e9, 333e6, 1 / 3, 16 ** 5, 246.34930582607444],
  [1e11, 79_994_940_356, 0.8, 16 ** 7, 794.8462732333916],
  [1e11, 1e8, 0.001, 1, -15.206565766805362],
  [1e12, 8e11, 0.8, 16 ** 7, -4.111584231471242],
  [1e12, 800_001e6, 0.8, 16 ** 6, -2.3727994529524197],
  [1e12, 800_016e6, 0.8, 16 ** 7, 795.6897471298732],
  [1e12, 333_314_477_153, 1 / 3, 65_536, 791.7371246239632],
  [1e12, 999_003_150_000, 0.999, 16 ** 6, 4965.854068752707],
  [1e12, 500_500e6, 0.5, 1, 499986.0420314561],
  [1e12, 79e10, 0.8, 65_536, 308696503.88476914],
];

/** r(x), from mpmath at 400 digits: `loggamma(x) - (x - 0.5)*log(x) + x - log(2*pi)/2`. */
const remainders: readonly (readonly [x: number, r: number])[] = [
  [1e-300, 344.4688254159022],
  [1e-8, 8.29140202720616],
  [0.001, 2.5422704679670947],
  [0.5, 0.15342640972002736],
  [1, 0.08106146679532726],
  [2.5, 0.03316287351993629],
  [7, 0.01189670994589177],
  [14.999, 0.005555103782742007],
  [15, 0.005554733551962801],
  [100, 0.0008333305556349147],
  [1e12, 8.333333333333334e-14],
];

describe('the remainder of Stirling’s formula', () => {
  it.each(remainders)('at %d', (x, r) => {
    expect(Math.abs(stirlingRemainder(x) - r)).toBeLessThan(1e-13);
  });
});

describe('the beta mixture', () => {
  it.each(mixtures)('of %d draws, %d counted, against %d, prior weight %d', (trials, successes, m, c, nats) => {
    const error = Math.abs(logMixture({ trials, successes }, m, c) - nats);
    expect(error).toBeLessThan(Math.abs(nats) < 1000 ? 6e-8 : 1e-12 * Math.abs(nats));
  });

  it('with a uniform prior is 2^n / ((n + 1) C(n, k)), summed factor by factor', () => {
    for (const trials of [1, 13, 500, 3000]) {
      let logChoose = 0;
      for (let successes = 0; successes <= trials; successes++) {
        const nats = trials * Math.LN2 - Math.log(trials + 1) - logChoose;
        expect(Math.abs(logMixture({ trials, successes }, 0.5, 2) - nats)).toBeLessThan(1e-10);
        logChoose += Math.log((trials - successes) / (successes + 1));
      }
    }
  });

  it('is a martingale: the next draw changes it, but not on average', () => {
    for (const m of [1e-6, 0.1, 0.8, 511 / 512]) {
      for (const c of [1, 256, 16 ** 7]) {
        for (const trials of [0, 1, 5, 60]) {
          for (let successes = 0; successes <= trials; successes++) {
            const now = logMixture({ trials, successes }, m, c);
            const kept = logMixture({ trials: trials + 1, successes: successes + 1 }, m, c);
            const dropped = logMixture({ trials: trials + 1, successes }, m, c);
            const onAverage = m * Math.exp(kept - now) + (1 - m) * Math.exp(dropped - now);
            // The rest is that of the division into cm and c(1 − m), whose logarithms are up to 1e9 times as large.
            expect(Math.abs(onAverage - 1)).toBeLessThan(1e-9);
          }
        }
      }
    }
  });

  it('is the same of what happens and of what does not, however near 1 the rate is', () => {
    for (const exponent of [1, 4, 10, 17, 26, 33]) {
      const rare = 2 ** -exponent;
      for (const trials of [1, 1e3, 1e9, 541_036_307_976, 1e12]) {
        for (const few of [0, 1, Math.round(trials * rare), Math.round(trials / 3)]) {
          for (const c of [1, 256, 16 ** 7]) {
            const nats = logMixture({ trials, successes: few }, rare, c);
            const mirrored = logMixture({ trials, successes: trials - few }, 1 - rare, c);
            expect(Math.abs(mirrored - nats)).toBeLessThan(Math.abs(nats) < 1000 ? 6e-8 : 1e-12 * Math.abs(nats));
          }
        }
      }
    }
  });

  it('against a rate of 0 or 1 is beyond all bounds at the first contradiction, and nothing before', () => {
    expect(logMixture({ trials: 1000, successes: 1000 }, 1, 16)).toBe(0);
    expect(logMixture({ trials: 1000, successes: 999 }, 1, 16)).toBe(Infinity);
    expect(logMixture({ trials: 1000, successes: 0 }, 0, 16)).toBe(0);
    expect(logMixture({ trials: 1000, successes: 1 }, 0, 16)).toBe(Infinity);
  });
});

describe('the Dirichlet mixture', () => {
  it.each(mixtures.filter(([, , m]) => m > 0 && m < 1))(
    'of two outcomes is the beta mixture: %d draws, %d counted, against %d, prior weight %d',
    (trials, successes, m, c, nats) => {
      const counts = [trials - successes, successes];
      const error = Math.abs(logDirichletMixture(counts, [1 - m, m], c) - nats);
      // Of every outcome n q is rounded on its own; the beta mixture has one rounding, which cancels.
      const rounding = trials * 2 ** -52;
      expect(error).toBeLessThan(rounding + (Math.abs(nats) < 1000 ? 6e-8 : 1e-12 * Math.abs(nats)));
    },
  );

  /** ln Γ(a + k) / Γ(a), factor by factor. */
  const logRising = (a: number, k: number): number => {
    let log = 0;
    for (let i = 0; i < k; i++) log += Math.log(a + i);
    return log;
  };

  it('is the ratio of gamma functions, multiplied out', () => {
    const thirds = [1 / 3, 1 / 6, 1 / 2];
    const eighths = [0.8 ** 3, ...Array(3).fill(0.8 ** 2 * 0.2), ...Array(3).fill(0.8 * 0.2 ** 2), 0.2 ** 3];
    const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
      [[0, 0, 0], thirds],
      [[1, 0, 0], thirds],
      [[0, 7, 0], thirds],
      [[30, 11, 59], thirds],
      [[0, 0, 400], thirds],
      [[5, 0, 1, 2, 0, 0, 1, 3], eighths],
      [[512, 130, 126, 129, 30, 33, 31, 9], eighths],
      [
        [0, 2000],
        [1 - 1e-6, 1e-6],
      ],
    ];
    for (const [counts, probabilities] of cases) {
      for (const c of [1, 16, 256, 16 ** 6]) {
        const n = counts.reduce((sum, count) => sum + count, 0);
        const exact = counts.reduce(
          (sum, count, i) => sum + logRising(c * probabilities[i], count) - count * Math.log(probabilities[i]),
          -logRising(c, n),
        );
        const error = Math.abs(logDirichletMixture(counts, probabilities, c) - exact);
        expect(error).toBeLessThan(1e-8 + 1e-12 * Math.abs(exact));
      }
    }
  });

  it('is a martingale: the next draw changes it, but not on average', () => {
    const probabilities = [0.64, 0.16, 0.16, 0.04];
    for (const c of [16, 256, 16 ** 6]) {
      for (const counts of [
        [0, 0, 0, 0],
        [3, 0, 0, 1],
        [64, 16, 16, 4],
        [0, 40, 0, 0],
      ]) {
        const now = logDirichletMixture(counts, probabilities, c);
        const onAverage = probabilities.reduce((sum, probability, next) => {
          const then = counts.map((count, i) => count + (i === next ? 1 : 0));
          return sum + probability * Math.exp(logDirichletMixture(then, probabilities, c) - now);
        }, 0);
        expect(Math.abs(onAverage - 1)).toBeLessThan(1e-9);
      }
    }
  });

  it('of outcomes put together is less than that of each on its own, where only their sum is off', () => {
    const fine = logDirichletMixture([400, 400, 100, 100], [0.25, 0.25, 0.25, 0.25], 256);
    const coarse = logDirichletMixture([800, 200], [0.5, 0.5], 256);
    expect(fine).toBeLessThan(coarse);
    expect(fine).toBeGreaterThan(coarse - 10);
  });
});
