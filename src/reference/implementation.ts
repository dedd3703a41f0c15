/** The reference as an implementation: the operations of the protocol, in its words. */
import type { Capabilities, Implementation, StepCapabilities } from '../subject.ts';
import type { PenaltyConvention } from './l2.ts';
import { dropoutOperation, networkOperation, penaltyOperation, stepOperation } from './operations.ts';

/** The version of the reference. */
export const version = '0.1.0';

/** What correct libraries differ in: the reference keeps to any. */
export interface Conventions {
  readonly penalty: PenaltyConvention;
  readonly optimizers: StepCapabilities['optimizers'];
}

/** The conventions of the reference unless it is told others: 0.5 · λ Σw², and the decays of PyTorch. */
export const defaultConventions: Conventions = {
  penalty: { coefficient: 0.5, per_example: false, bias: false },
  optimizers: {
    sgd: { decay: 'coupled', bias: true },
    adam: { decay: 'coupled', bias: true },
    adamw: { decay: 'decoupled', times_lr: true, order: 'before', bias: true },
  },
};

/** A reference with its own layers. `random`, uniform in [0, 1), serves the calls and layers that have no seed. */
export function createReference({
  random = Math.random,
  conventions = {},
}: {
  readonly random?: () => number;
  readonly conventions?: Partial<Conventions>;
} = {}): Implementation {
  const { penalty: convention, optimizers } = { ...defaultConventions, ...conventions };
  return {
    name: 'keepprob-reference',
    version,
    language: 'typescript',
    capabilities: capabilitiesOf({ penalty: convention, optimizers }),
    dropout: dropoutOperation(random),
    penalty: (args, tensors) => penaltyOperation(args, tensors, convention),
    step: (args, tensors) => stepOperation(args, tensors, optimizers),
    network: (args, tensors) => networkOperation(args, tensors, { convention, random }),
  };
}

const capabilitiesOf = ({ penalty: convention, optimizers }: Conventions): Capabilities => {
  const dtypes = ['float64', 'float32'] as const;
  return {
    dropout: {
      dtypes,
      gradient: true,
      mask: true,
      seed: 'advances',
      uniforms: true,
      layer: true,
      repeat: true,
      keep_prob_zero: 'zeros',
    },
    penalty: { dtypes, gradient: true, ...convention },
    step: { dtypes, optimizers },
    network: { dtypes, masks: true },
  };
};

/** The reference with its default conventions, drawing from `Math.random`. */
export default createReference();
