/**
 * Correct implementations that differ in what correct libraries differ in: the generator and how a draw is compared, the
 * dtype and the order of every operation, and the conventions that they declare. The judge must acquit them all. Support
 * for tests: no property imports it.
 */
import type { Level } from '../src/clause.ts';
import type { Capabilities, Implementation, PenaltyCapabilities, StepCapabilities } from '../src/subject.ts';
import type { Dtype } from '../src/tensor.ts';
import { instead, numberIn } from './faults/fault.ts';
import { generators } from './generators.ts';
import type { ArithmeticStyle } from './variants/arithmetic.ts';
import { type DropoutStyle, dropoutOf } from './variants/dropout.ts';
import { type NetworkStyle, networkOperation } from './variants/network.ts';
import { type PenaltyStyle, penaltyOperation } from './variants/penalty.ts';
import { type StepStyle, stepOperation } from './variants/step.ts';

export interface Variant {
  readonly id: string;
  /** What sets it apart. */
  readonly what: string;
  /** What has no seed of its own draws from `seed`, where it can be seeded at all. */
  readonly implementation: (seed: number) => Implementation;
}

/** Whether a finding leaves a correct implementation acquitted: it need not do what is a SHOULD, but nothing may stay open. */
export const isAcquitted = ({ level, verdict }: { readonly level: Level; readonly verdict: string }): boolean =>
  verdict === 'holds' || verdict === 'unsupported' || (level !== 'MUST' && verdict === 'refuted');

/** How a variant computes, and what it declares. */
interface Making {
  readonly dtypes: readonly Dtype[];
  readonly arithmetic: ArithmeticStyle;
  readonly dropout: DropoutStyle;
  readonly declared?: Omit<NonNullable<Capabilities['dropout']>, 'dtypes'>;
  readonly penalty: PenaltyStyle;
  readonly convention: Omit<PenaltyCapabilities, 'dtypes'>;
  readonly step: StepStyle;
  readonly optimizers: StepCapabilities['optimizers'];
  readonly network: NetworkStyle;
  readonly masks?: boolean;
}

const everything: Making['declared'] = {
  gradient: true,
  mask: true,
  seed: 'advances',
  uniforms: true,
  layer: true,
  repeat: true,
  keep_prob_zero: 'zeros',
};

const asPyTorch: StepCapabilities['optimizers'] = {
  sgd: { decay: 'coupled', bias: true },
  adam: { decay: 'coupled', bias: true },
  adamw: { decay: 'decoupled', times_lr: true, order: 'before', bias: true },
};

/** A correct one in plain float64 and float32, that the others differ from. */
const plain: Making = {
  dtypes: ['float64', 'float32'],
  arithmetic: { rounds: 'answers', summation: 'in order' },
  dropout: { way: 'from below', mask: 'multiplied', scale: 'divided' },
  declared: everything,
  penalty: 'sum first',
  convention: { gradient: true, coefficient: 0.5 },
  step: { velocity: 'times lr', eps: 'after the correction', decay: 'factor' },
  optimizers: asPyTorch,
  network: { slopeAtKink: 0, curves: 'own', softmax: 'shifted' },
  masks: true,
};

const made =
  (id: string, differences: Partial<Making>) =>
  (seed: number): Implementation => {
    const { dtypes, arithmetic, dropout, declared, penalty, convention, step, optimizers, network, masks } = {
      ...plain,
      ...differences,
    };
    const capabilities = {
      dropout: { dtypes, ...declared },
      penalty: { dtypes, ...convention },
      step: { dtypes, optimizers },
      network: { dtypes, ...(masks === true ? { masks } : {}) },
    };
    return {
      name: id,
      version: '1.0.0',
      capabilities,
      dropout: dropoutOf(capabilities.dropout, { arithmetic, style: dropout, seed }),
      penalty: penaltyOperation(capabilities.penalty, { arithmetic, style: penalty }),
      step: stepOperation(capabilities.step, { arithmetic, style: step }),
      network: networkOperation(capabilities.network, {
        arithmetic,
        style: network,
        dropout,
        penalty,
        convention: capabilities.penalty,
        seed,
      }),
    };
  };

const variant = (id: string, what: string, differences: Partial<Making>): Variant => ({
  id,
  what,
  implementation: made(id, differences),
});

/** Some of the generators do nothing but train: beside them, evaluations and refusals are those of a plain dropout. */
const evaluating = (implementation: Implementation): Implementation =>
  instead('dropout', (train) => {
    const { dropout: declared = { dtypes: [] } } = implementation.capabilities;
    const rest = dropoutOf(declared, { arithmetic: plain.arithmetic, style: plain.dropout, seed: 0 });
    return (args, tensors) => {
      const keepProb = numberIn(args, 'keep_prob');
      const trains = args['training'] === true && keepProb >= 0 && keepProb <= 1;
      return (trains ? train : rest)(args, tensors);
    };
  })(implementation);

export const variants: readonly Variant[] = [
  ...generators.map(({ name, implementation }) => ({
    id: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    what: `Masks from ${name}.`,
    implementation: (seed: number) => evaluating(implementation(seed)),
  })),
  variant('selects', 'What is dropped is 0 whatever it was; a relu has the slope 1 at 0.', {
    dropout: { way: 'from below', mask: 'selected', scale: 'divided' },
    network: { slopeAtKink: 1, curves: 'by each other', softmax: 'by its logarithm' },
  }),
  variant('single-precision', 'Everything is float32, operation by operation, times the reciprocal, summed in lanes.', {
    dtypes: ['float32'],
    arithmetic: { rounds: 'operations', summation: 'in lanes' },
    dropout: { way: 'from below', mask: 'multiplied', scale: 'reciprocal' },
    convention: { gradient: true, coefficient: 1 },
    penalty: 'lambda first',
    step: { velocity: 'times lr', eps: 'before the correction', decay: 'difference' },
  }),
  variant(
    'half-precision',
    'Everything is float16, operation by operation; the scale is in the mask; summed pairwise.',
    {
      dtypes: ['float16'],
      arithmetic: { rounds: 'operations', summation: 'pairwise' },
      dropout: { way: 'from below', mask: 'multiplied', scale: 'in the mask' },
    },
  ),
  variant('mixed-precision', 'bfloat16 and float32, computed in float64 and rounded once; sums backwards.', {
    dtypes: ['bfloat16', 'float32'],
    arithmetic: { rounds: 'answers', summation: 'reversed' },
    dropout: { way: 'from below', mask: 'selected', scale: 'in the mask' },
    network: { slopeAtKink: 0.5, curves: 'by each other', softmax: 'shifted' },
  }),
  variant('drop-probability', 'It is told the drop probability: u ≥ 1 − keep is kept, and divided by 1 − (1 − keep).', {
    dropout: { way: 'from above', mask: 'multiplied', scale: 'from the drop probability' },
    declared: { gradient: true, mask: true, seed: 'advances', layer: true, repeat: true, keep_prob_zero: 'zeros' },
    penalty: 'norm squared',
  }),
  variant('packed', 'Masks of 32 bits at a time, column by column; a seed repeats its mask, keep_prob 0 is refused.', {
    dropout: { way: 'packed', mask: 'selected', scale: 'reciprocal' },
    declared: { ...everything, seed: 'repeats', keep_prob_zero: 'error' },
    arithmetic: { rounds: 'operations', summation: 'compensated' },
  }),
  variant('function-alone', 'No layers, no seeds, no masks, no gradients but the network’s; no repeat.', {
    declared: {},
    convention: { coefficient: 1 },
    optimizers: { sgd: { decay: 'coupled' } },
    masks: false,
  }),
  variant('as-keras', 'λ Σ w², weights alone; lr in the velocity, decay before the step, biases exempt.', {
    convention: { gradient: true, coefficient: 1 },
    penalty: 'layer by layer',
    step: { velocity: 'with lr in it', eps: 'before the correction', decay: 'difference' },
    optimizers: {
      sgd: { decay: 'decoupled', times_lr: true, order: 'before' },
      adam: { decay: 'decoupled', times_lr: true, order: 'before' },
      adamw: { decay: 'decoupled', times_lr: true, order: 'before' },
    },
    arithmetic: { rounds: 'operations', summation: 'pairwise' },
  }),
  variant('as-onnx', 'Decay without lr, after the step, of all parameters.', {
    optimizers: {
      sgd: { decay: 'decoupled', order: 'after', bias: true },
      adam: { decay: 'decoupled', order: 'after', bias: true },
      adamw: { decay: 'decoupled', order: 'after', bias: true },
    },
    arithmetic: { rounds: 'operations', summation: 'reversed' },
  }),
  variant('per-example', 'The penalty, of biases and norms too, is divided by the examples; decay after the step.', {
    convention: { gradient: true, coefficient: 0.5, per_example: true, bias: true },
    penalty: 'lambda first',
    optimizers: {
      sgd: { decay: 'coupled' },
      adam: { decay: 'coupled' },
      adamw: { decay: 'decoupled', times_lr: true, order: 'after' },
    },
    arithmetic: { rounds: 'operations', summation: 'compensated' },
  }),
];
