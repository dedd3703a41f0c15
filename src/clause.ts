/**
 * The vocabulary in which properties are written. A clause is data: its sentence, what it needs of an implementation,
 * and its evidence. Nothing here runs; `judge/` does.
 */
import type { Arbitrary } from 'fast-check';
import type { Digits } from './digits.ts';
import type { Must } from './must.ts';
import type { Claim as Law, Tally } from './statistics/claim.ts';
import type { Capabilities, Optimizer, Subject } from './subject.ts';
import type { Tensor } from './tensor.ts';

export type { Tally };

/** A key word of RFC 2119: what it costs not to hold. Only a MUST counts against conformance, unless a run is strict. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

export type Stem = 'dropout' | 'l2' | 'decay' | 'training';

/** What can be declared: an operation, or one of its keys. */
type Declarable =
  | 'dropout'
  | `dropout.${'gradient' | 'mask' | 'seed' | 'uniforms' | 'layer' | 'repeat' | 'keep_prob_zero'}`
  | 'penalty'
  | 'penalty.gradient'
  | 'step'
  | `step.${Optimizer}`
  | 'network'
  | 'network.masks';

/**
 * What a clause does not apply without. `memory` is the implementation's: only one in this process is handed the very
 * tensors of a call, so that what it does to them is seen.
 */
export type Need = Declarable | 'memory' | `${Declarable} or memory`;

/** One sentence of the specification, and the evidence for it. Plain data: `verify` judges by it. */
export interface Clause {
  /** A path that names the conclusion, e.g. `dropout/keep-rate`; the same everywhere, never reused. */
  readonly id: `${Stem}/${string}`;
  readonly level: Level;
  /** One sentence with one RFC 2119 keyword, word for word that of the specification. */
  readonly statement: string;
  readonly needs: readonly Need[];
  readonly evidence: Evidence;
}

export type Evidence = Universal | Golden | Statistical | Trend;

/** What a property is given for one case: plain values and tensors, so that a report can hold it and replay it. */
export type CaseValue =
  | number
  | string
  | boolean
  | Tensor
  | readonly CaseValue[]
  | { readonly [key: string]: CaseValue };
export type Case = Readonly<Record<string, CaseValue>>;

/** One counterexample refutes. `exhaustive` says that every case enumerates all masks, so that its sums are exact. */
export interface Universal {
  readonly kind: 'universal' | 'exhaustive';
  readonly cases: (can: Capabilities) => Arbitrary<Case>;
  readonly check: (subject: Subject, example: Case, must: Must) => Promise<void>;
}

/** What NumPy computed, vector by vector. */
export interface Golden {
  readonly kind: 'golden';
  readonly stem: Stem;
  readonly check: (subject: Subject, vector: Vector, must: Must) => Promise<void>;
}

/** A request and the answer that it must get, in the words of the protocol (`golden/schema.json`). */
export interface Vector {
  readonly name: string;
  readonly op: 'dropout' | 'penalty' | 'step' | 'network' | 'train';
  readonly args: Readonly<Record<string, unknown>>;
  /** The declared convention under which the answer holds: a subject with another one is not asked. */
  readonly convention?: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly expected: Readonly<Record<string, ExpectedTensor>>;
}

export interface ExpectedTensor {
  readonly tensor: Tensor;
  /** How many roundings separate two correct computations of an element, at most; 0 asks for the same bits. */
  readonly roundings: number;
  /** What each rounding's relative error applies to, element by element: the sum of the terms' magnitudes. */
  readonly magnitude: Tensor;
}

/** A law of the masks. The property draws and counts; the judge decides when it has seen enough. */
export interface Statistical {
  readonly kind: 'statistical';
  /** The clause's share of the run's false-alarm budget, relative to the other statistical clauses' shares. */
  readonly weight: number;
  readonly experiments: (can: Capabilities, resolution: Resolution) => readonly Experiment[];
}

/**
 * What training on real data comes to: a measure that is smaller with regularization than without, in more than half of
 * all pairs of trainings. Asked where the profile is `thorough`, or the clause is named.
 */
export interface Trend {
  readonly kind: 'trend';
  /** As of a statistical clause. */
  readonly weight: number;
  /** What is smaller, in words. */
  readonly measure: string;
  /** Trains twice, alike but for the regularization: the seed says from where and on what. */
  readonly pair: (subject: Subject, digits: Digits, seed: number) => Promise<Pair>;
}

/** A measure after two trainings that are alike otherwise. */
export interface Pair {
  readonly regularized: number;
  readonly plain: number;
}

/** How fine a deviation must be seen: set by the profile. */
export interface Resolution {
  /** The keep probabilities of the panel, and some that were drawn for this run. */
  readonly keepProbs: readonly number[];
  /** ε: a rate off by this much must be refuted, and none further off may be said to hold. */
  readonly rate: number;
  /** ρ: likewise for a correlation between two elements. */
  readonly correlation: number;
  /** Likewise for the keep rate of a single position. */
  readonly position: number;
  /** Likewise for the probability of an event, relative to that probability. */
  readonly relative: number;
}

/** One configuration of a statistical clause. It is plain data and a way to draw: nothing random is decided here. */
export interface Experiment {
  /** Names the configuration in words, e.g. `keep_prob 0.8, 1000 elements`. */
  readonly name: string;
  /** The claims that its counts bear on; `draw` answers a tally of each, in this order. One at least has an ε. */
  readonly claims: readonly Claim[];
  /** Makes calls that draw about `elements` mask elements, in the stream, and counts. */
  readonly draw: (subject: Subject, elements: number, stream: Stream) => Promise<readonly Tally[]>;
  /** Configurations in which a fault that shows here may show too, the simplest first. */
  readonly simpler?: () => readonly Experiment[];
}

/** Names one stretch of draws: rounds of an experiment continue a stream, and no two experiments share one. */
export interface Stream {
  /** Unique in the run; for `layer`. */
  readonly id: string;
  readonly seed: number;
  /** 0, 1, 2, …: how often this experiment has drawn from the stream before. */
  readonly round: number;
}

/**
 * A claim with what it is about, in words: of a rate what happens (`kept at position 3`), of pairs the context of an
 * element (`the element 3 before it`), of a histogram its patterns (`8 successive elements`).
 */
export type Claim = Law & { readonly event: string };

/** The identity, with its type checked. */
export const clause = (definition: Clause): Clause => definition;

/** Evidence that one counterexample refutes: `check` must hold for every case that the arbitraries can draw. */
export function forAll<C extends Case>(
  cases: (can: Capabilities) => Arbitrary<C>,
  check: (subject: Subject, example: C, must: Must) => Promise<void>,
): Universal {
  return { kind: 'universal', cases, check: check as Universal['check'] };
}

/** `forAll`, where every case enumerates all masks of a small network: expectations are exact sums. */
export const overAllMasks = <C extends Case>(
  cases: (can: Capabilities) => Arbitrary<C>,
  check: (subject: Subject, example: C, must: Must) => Promise<void>,
): Universal => ({ ...forAll(cases, check), kind: 'exhaustive' });

export const golden = (stem: Stem, check: Golden['check']): Golden => ({ kind: 'golden', stem, check });

export const statistical = (weight: number, experiments: Statistical['experiments']): Statistical => ({
  kind: 'statistical',
  weight,
  experiments,
});

export const trend = (measure: string, pair: Trend['pair']): Trend => ({
  kind: 'trend',
  // Small: a verdict then takes some more pairs, and all other clauses keep their shares but for a few percent.
  weight: 0.1,
  measure,
  pair,
});
