/** Judges a claim about training on real data: pair by pair, until it is known whether most of them bear it out. */
import type { Pair, Trend } from '../clause.ts';
import type { Digits } from '../digits.ts';
import { Deviation } from '../errors.ts';
import { logThreshold } from '../statistics/claim.ts';
import { logEvidenceForMajority } from '../statistics/majority.ts';
import type { Subject } from '../subject.ts';
import { powerText } from './evidence.ts';

export interface TrendOutcome {
  readonly kind: 'holds' | 'refuted' | 'undecided';
  readonly pairs: number;
  /** In how many of them the measure was smaller with regularization. */
  readonly smaller: number;
  /** The measure's means over the pairs. */
  readonly mean: Pair;
  /** ln of the evidence that it is smaller in most pairs, and in few. */
  readonly logMost: number;
  readonly logFew: number;
  readonly falseAlarm: number;
  readonly deviation?: Deviation;
}

export interface TrendOptions {
  /** The clause's share of the run's false-alarm probability. */
  readonly falseAlarm: number;
  /** The seed of the k-th pair. */
  readonly seed: (pair: number) => number;
  readonly digits: Digits;
  /** Awaited, so that signals and timers have their turn. */
  readonly onPair?: (progress: { readonly pairs: number; readonly logEvidence: number }) => void | Promise<void>;
}

/** After so many pairs no more are trained: a measure that is smaller in eight pairs of ten is known to be by then. */
const mostPairs = 300;

/**
 * `holds` where it is known that the measure is smaller in more than half of all pairs, `refuted` where it is known that
 * it is in less than half: each is wrong with a probability of at most `falseAlarm`. A measure that is the same with
 * regularization, or is no number, is not smaller.
 */
export async function judgeTrend(evidence: Trend, subject: Subject, options: TrendOptions): Promise<TrendOutcome> {
  const { falseAlarm, seed, digits, onPair } = options;
  const enough = logThreshold(falseAlarm);
  let smaller = 0;
  const sum = { regularized: 0, plain: 0 };
  for (let pairs = 1; ; pairs++) {
    const { regularized, plain } = await evidence.pair(subject, digits, seed(pairs));
    if (regularized < plain) smaller++;
    sum.regularized += regularized;
    sum.plain += plain;
    const { most, few } = logEvidenceForMajority({ trials: pairs, successes: smaller });
    await onPair?.({ pairs, logEvidence: few });
    const kind = most >= enough ? 'holds' : few >= enough ? 'refuted' : 'undecided';
    if (kind === 'undecided' && pairs < mostPairs) continue;
    const mean = { regularized: sum.regularized / pairs, plain: sum.plain / pairs };
    const outcome = { kind, pairs, smaller, mean, logMost: most, logFew: few, falseAlarm } as const;
    return kind === 'refuted' ? { ...outcome, deviation: deviationOf(evidence, outcome) } : outcome;
  }
}

/** `41 of 41 pairs of trainings: 1.09 with regularization, 1.89 without, on average`. */
export const shareText = ({ pairs, smaller, mean }: Pick<TrendOutcome, 'pairs' | 'smaller' | 'mean'>): string =>
  `${smaller} of ${pairs} pairs of trainings: ${mean.regularized.toPrecision(3)} with regularization, ${mean.plain.toPrecision(3)} without, on average`;

function deviationOf({ measure }: Trend, outcome: Omit<TrendOutcome, 'deviation'>): Deviation {
  return new Deviation({
    where: `the number of pairs in which ${measure} is smaller`,
    got: shareText(outcome),
    wanted: 'more than half of them',
    distance: `where half are, so few come less than once in ${powerText(1 / outcome.falseAlarm)} runs`,
  });
}
