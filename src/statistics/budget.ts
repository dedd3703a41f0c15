/**
 * A clause's share of the run's false-alarm probability, α w / Σw.
 *
 * Weights are fixed before the run, and a clause is refuted only when its evidence reaches the inverse of its share.
 * The shares sum to α, so by the union bound no clause of a correct implementation is refuted with probability 1 − α
 * or more, whatever the dependence of the clauses; and where a clause is refuted, the weighted mean of all clauses'
 * evidence has reached 1/α too. A small share costs little: the draws needed grow with ln(1/share).
 *
 * @param falseAlarm α, the probability of a false alarm in the whole run, in (0, 1)
 * @param totalWeight Σw over all the statistical clauses of the registry, also those that this run leaves out
 */
export function shareOf(share: { falseAlarm: number; weight: number; totalWeight: number }): number {
  const { falseAlarm, weight, totalWeight } = share;
  if (!(falseAlarm > 0 && falseAlarm < 1))
    throw new RangeError(`a false-alarm probability lies between 0 and 1, got ${falseAlarm}`);
  if (!(weight > 0 && weight <= totalWeight))
    throw new RangeError(`a weight lies in (0, ${totalWeight}], got ${weight}`);
  return (falseAlarm * weight) / totalWeight;
}
