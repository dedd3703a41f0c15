/**
 * The law of patterns: of a few draws taken together, each kept with probability p on its own. The draws of a word give
 * it one of 2^length patterns, those of a call one of length + 1 numbers of kept ones; what is counted is how often each
 * came. A dependence among three draws that no pair shows shows here, and so does a number that varies too little.
 */
import { logMean } from './log-mean.ts';
import { logDirichletMixture } from './mixture.ts';
import { coarsest, times } from './rate.ts';

/** The claim that patterns come as often as those of independent draws. It may be refuted; no verdict waits for it. */
export interface HistogramClaim {
  /** p, in (0, 1). */
  readonly rate: number;
  /** How many draws make a pattern. */
  readonly length: number;
  /** The patterns that are told apart: a partition of all, each of patterns with equally many kept. */
  readonly cells: readonly Cell[];
}

export interface Cell {
  /** In words, e.g. `1010`, or `7 of 10`. */
  readonly name: string;
  /** How many of a pattern's draws are kept. */
  readonly kept: number;
  /** How many patterns the cell is of. */
  readonly ways: number;
}

/** The probability of a cell, ways · p^kept (1−p)^(length − kept). */
export const probabilityOf = ({ rate, length }: HistogramClaim, { kept, ways }: Cell): number =>
  ways * rate ** kept * (1 - rate) ** (length - kept);

/** c of the mixture: from patterns far off their probabilities to such that a million draws do not show. */
const priorWeights = [0, 1, 2, 3, 4, 5].map((j) => 16 * 16 ** j);

/**
 * ln of the evidence against the claim: the mean over c = 16·16^j, j = 0 … 5, of the Dirichlet mixtures, with what a
 * rate of p + δ, |δ| ≤ 2^-16, would explain taken off: under such a rate the patterns that came are likelier by
 * ((p+δ)/p)^k ((1−p−δ)/(1−p))^(n−k), k kept of n draws, and no more than for p + δ nearest to k/n.
 *
 * @param counts of the cells in their order
 * @returns nats; 0 without counts
 */
export function logEvidenceAgainstHistogram(claim: HistogramClaim, counts: readonly number[]): number {
  const { rate, length, cells } = claim;
  const draws = length * counts.reduce((sum, count) => sum + count, 0);
  if (draws === 0) return 0;
  const kept = cells.reduce((sum, cell, i) => sum + cell.kept * counts[i], 0);
  const shift = Math.max(-coarsest, Math.min(coarsest, kept / draws - rate));
  const explained = times(kept, Math.log1p(shift / rate)) + times(draws - kept, Math.log1p(-shift / (1 - rate)));
  const probabilities = cells.map((cell) => probabilityOf(claim, cell));
  return logMean(priorWeights.map((c) => logDirichletMixture(counts, probabilities, c))) - explained;
}
