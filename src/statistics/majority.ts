/** Whether something happens more often than not: a test that may be stopped whenever one likes. */
import { logMean } from './log-mean.ts';
import { type Counts, times } from './rate.ts';

/** The alternatives that evidence is spread over: rates above one half, from barely to always but for one in 200. */
const alternatives = [0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.995];

/**
 * ln of the evidence against "it happens in at most half of the trials" and against "in at least half of them":
 *
 *     mean over q of (2q)^k (2(1 − q))^(n−k),    and the same with successes and failures exchanged,
 *
 * Wald's (1945) likelihood ratios of q to ½. With q > ½, each is a supermartingale at every rate of ½ and less, and so is
 * their mean: it ever reaches 1/α with probability at most α (Ville 1939).
 *
 * @returns nats; 0 without trials
 */
export function logEvidenceForMajority({ trials, successes }: Counts): { most: number; few: number } {
  const against = (these: number, others: number) =>
    logMean(alternatives.map((q) => times(these, Math.log(2 * q)) + times(others, Math.log(2 * (1 - q)))));
  return { most: against(successes, trials - successes), few: against(trials - successes, successes) };
}
