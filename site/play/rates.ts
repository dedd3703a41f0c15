/** What is counted of masks as they come, in numbers alone. */
import { confidenceBand } from '../../src/statistics/confidence.ts';

/** How often the band may ever leave the true rate out. */
export const bandAlpha = 1e-3;

export interface Look {
  readonly trials: number;
  readonly found: number;
  readonly low: number;
  readonly high: number;
}

export interface Rates {
  readonly trials: number;
  readonly kept: number;
  /** Σ y / x, whose mean the scaling keeps at 1. */
  readonly factors: number;
  /** How many examples had so many units kept. */
  readonly counts: readonly number[];
  readonly looks: readonly Look[];
}

export const noRates = (units: number): Rates => ({
  trials: 0,
  kept: 0,
  factors: 0,
  counts: Array<number>(units + 1).fill(0),
  looks: [],
});

/** The rates after one more batch: `factors` are y / x, an example a row. A new look is taken where it shows. */
export function counted(rates: Rates, factors: ArrayLike<number>, units: number): Rates {
  const counts = [...rates.counts];
  let [kept, sum] = [rates.kept, rates.factors];
  for (let start = 0; start < factors.length; start += units) {
    let ofExample = 0;
    for (let i = start; i < start + units; i++) {
      if (factors[i] !== 0) ofExample++;
      sum += factors[i];
    }
    counts[ofExample]++;
    kept += ofExample;
  }
  const trials = rates.trials + factors.length;
  const { looks } = rates;
  const isDue = trials > 1.08 * (looks.at(-1)?.trials ?? 0);
  return { trials, kept, factors: sum, counts, looks: isDue ? [...looks, lookAt(trials, kept)] : looks };
}

export const lookAt = (trials: number, kept: number): Look => ({
  trials,
  found: kept / trials,
  ...confidenceBand({ trials, successes: kept }, bandAlpha),
});

/** The probabilities of 0 … n kept of n independent ones, each term from the one before it. */
export function binomial(n: number, p: number): readonly number[] {
  if (p === 0 || p === 1) return Array.from({ length: n + 1 }, (_, k) => (k === n * p ? 1 : 0));
  const logs = [n * Math.log1p(-p)];
  for (let k = 1; k <= n; k++) logs.push(logs[k - 1] + Math.log((n - k + 1) / k) + Math.log(p / (1 - p)));
  return logs.map(Math.exp);
}
