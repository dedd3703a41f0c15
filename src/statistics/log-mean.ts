/**
 * ln of the weighted mean of exp(x_i): the mean of numbers that are given, and too large or small to be held otherwise
 * than, by their logarithms. The mean of e-values is an e-value whatever their dependence (Vovk and Wang 2021,
 * Proposition 3.1), which is what makes it the way to merge evidence.
 *
 * @param logs x_i in nats, at least one; −∞ is evidence 0, +∞ beyond all bounds
 * @param weights of any positive sum, one for each; equal unless given
 */
export function logMean(logs: readonly number[], weights?: readonly number[]): number {
  const largest = logs.reduce((most, log) => Math.max(most, log), -Infinity);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  let total = 0;
  for (let i = 0; i < logs.length; i++) {
    const weight = weights === undefined ? 1 : weights[i];
    sum += weight * Math.exp(logs[i] - largest);
    total += weight;
  }
  return largest + Math.log(sum / total);
}
