import { logThreshold } from './claim.ts';
import type { Counts } from './mixture.ts';
import { logEvidenceAgainst } from './rate.ts';
import { endOf } from './root.ts';

/**
 * The rates that the counts leave possible: all m with R(n, k; m) < 1/α. Over a whole run, looked at as often as one
 * likes, the true rate is ever outside with probability at most α (a confidence sequence; Robbins 1970; Howard, Ramdas
 * et al. 2021). The ends are found to 2^-48 of the distance.
 *
 * @returns [0, 1] without draws; always around k/n
 */
export function confidenceBand(counts: Counts, alpha: number): { low: number; high: number } {
  if (counts.trials === 0) return { low: 0, high: 1 };
  const found = counts.successes / counts.trials;
  const excess = (m: number): number => logEvidenceAgainst(m, counts) - logThreshold(alpha);
  return { low: endOf(excess, found, 0), high: endOf(excess, found, 1) };
}
