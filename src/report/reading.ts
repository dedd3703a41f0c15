/** The likely reading of a number that came out wrong: what it is of the number that was wanted. */
import type { Finding } from '../judge/verify.ts';
import type { Diagnosis } from './report.ts';

interface Reading {
  readonly fault: string;
  /** got / wanted, if this is what happened. */
  readonly ratio: (keepProb: number) => number;
  readonly advice: string;
}

const inTraining: readonly Reading[] = [
  {
    fault: 'dropout/no-scale',
    ratio: (p) => p,
    advice: 'kept elements are not divided by keep_prob: this is dropout without the inversion',
  },
  {
    fault: 'dropout/scale-by-drop-prob',
    ratio: (p) => p / (1 - p),
    advice: 'kept elements are divided by the probability of dropping, 1 − keep_prob',
  },
  { fault: 'dropout/scaled-twice', ratio: (p) => 1 / p, advice: 'kept elements are divided by keep_prob twice' },
  {
    fault: 'dropout/scale-by-keep-prob',
    ratio: (p) => p * p,
    advice: 'kept elements are multiplied by keep_prob instead of divided',
  },
];

const inEvaluation: readonly Reading[] = [
  {
    fault: 'dropout/evaluation-scaled-by-drop-prob',
    ratio: (p) => 1 - p,
    advice:
      'evaluation multiplies by the probability of dropping, 1 − keep_prob (seen in ConvNetJS and brain.js 2 beta); it must change nothing',
  },
  {
    fault: 'dropout/evaluation-scaled-by-keep-prob',
    ratio: (p) => p,
    advice:
      'evaluation multiplies by keep_prob: that belongs to dropout without the inversion; inverted dropout scales in training only',
  },
  {
    fault: 'dropout/evaluation-still-scales',
    ratio: (p) => 1 / p,
    advice: 'evaluation divides by keep_prob as training does; it must change nothing',
  },
  {
    fault: 'dropout/evaluation-still-drops',
    ratio: () => 0,
    advice: 'evaluation drops elements; it must change nothing',
  },
];

const readings: Readonly<Record<string, readonly Reading[]>> = {
  'dropout/kept-are-scaled-by-inverse-keep-prob': inTraining,
  'dropout/gradient-is-scaled-like-the-output': inTraining,
  'dropout/evaluation-is-identity': inEvaluation,
  'dropout/evaluation-gradient-is-identity': inEvaluation,
};

/** What is likely wrong where a clause was refuted by a number; nothing where no known fault gives that number. */
export function readingOf({ id, counterexample }: Finding): Diagnosis | undefined {
  if (counterexample === undefined) return undefined;
  const { got, wanted, case: example } = counterexample;
  const keepProb = Number((example as Readonly<Record<string, unknown>>)['keepProb']);
  const ratio = Number(got) / Number(wanted);
  if (!(keepProb > 0 && keepProb < 1) || !Number.isFinite(ratio)) return undefined;
  const isIt = (reading: Reading) => Math.abs(ratio - reading.ratio(keepProb)) < 1e-3 * Math.max(ratio, 1e-3);
  const fitting = (readings[id] ?? []).filter(isIt);
  // Two that give the same number, as those of evaluation may at keep_prob 0.5, are not told apart.
  return fitting.length === 1 ? { fault: fitting[0].fault, agreement: 1, advice: fitting[0].advice } : undefined;
}

/** The readings of a run's findings, each fault once. */
export function readingsOf(findings: readonly Finding[]): readonly Diagnosis[] {
  const found = findings.map(readingOf).filter((reading) => reading !== undefined);
  return [...new Map(found.map((reading) => [reading.fault, reading])).values()];
}
