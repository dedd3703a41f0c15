/** Counts in the making. */
import type { Tally } from '../../src/clause.ts';

export interface Count {
  trials: number;
  successes: number;
}

export const tally = (): Count => ({ trials: 0, successes: 0 });

export function count(tally: Count, success: boolean): void {
  tally.trials++;
  if (success) tally.successes++;
}

/** As the judge takes them. */
export const talliesOf = (counts: readonly Count[]): readonly Tally[] =>
  counts.map(({ trials, successes }) => [trials, successes]);
