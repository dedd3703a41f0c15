import { logThreshold } from './claim.ts';
import type { Counts } from './mixture.ts';
import { logEvidenceAgainst } from './rate.ts';

/**
 * The rates that the counts leave possible: all m with R(n, k; m) < 1/α. Over a whole run, looked at as often as one
 * likes, the true rate is ever outside with probability at most α (a confidence sequence; Robbins 1970; Howard, Ramdas
 * et al. 2021). The ends are found by bisection, to 2^-52 of the distance.
 *
 * @returns [0, 1] without draws; always around k/n
 */
export function confidenceBand(counts: Counts, alpha: number): { low: number; high: number } {
  if (counts.trials === 0) return { low: 0, high: 1 };
  const found = counts.successes / counts.trials;
  const isPossible = (m: number): boolean => logEvidenceAgainst(m, counts) < logThreshold(alpha);
  return { low: endOf(isPossible, found, 0), high: endOf(isPossible, found, 1) };
}

/** The last point on the way from `inside` to `limit` where the condition holds. */
function endOf(holds: (m: number) => boolean, inside: number, limit: number): number {
  if (holds(limit)) return limit;
  let [near, far] = [inside, limit];
  for (let step = 0; step < 52; step++) {
    const middle = (near + far) / 2;
    if (holds(middle)) near = middle;
    else far = middle;
  }
  return far;
}
