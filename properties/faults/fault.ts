/**
 * A deliberately wrong implementation: a correct one with one mistake, made where somebody made it. Faults prove that
 * the clauses can fail.
 */
import type { Args, Capabilities, Implementation, Operation } from '../../src/subject.ts';
import { type Tensor, type Tensors, tensor, valuesOf } from '../../src/tensor.ts';

export interface Fault {
  /** `stem/what-is-wrong`. */
  readonly id: string;
  /** One sentence on what is wrong. */
  readonly what: string;
  /** Library and issue where it was seen. */
  readonly seen?: string;
  /** What to change in an implementation that shows it, in the imperative. */
  readonly mend: string;
  /** The clause that must refute it. */
  readonly refutedBy: string;
  /** The first profile that is fine enough; `quick` unless given. */
  readonly profile?: 'standard';
  /** The correct implementation, made wrong. */
  readonly of: (correct: Implementation) => Implementation;
}

/** A fault that may be strong or weak: how weak a one each profile still refutes can be measured. */
export interface GradedFault {
  /** `stem/what-is-wrong`. */
  readonly id: string;
  /** One sentence on what is wrong; the strength is called by the parameter's symbol. */
  readonly what: string;
  /** What the strength is, e.g. `δ, how far the keep rate is off`. */
  readonly parameter: string;
  readonly seen?: string;
  readonly mend: string;
  /** The clause that must refute it, where it is strong enough. */
  readonly refutedBy: string;
  /** The strongest first, each the next weaker one; the last ones so weak that no profile refutes them. */
  readonly strengths: readonly number[];
  readonly of: (strength: number) => Fault['of'];
}

type OperationName = 'dropout' | 'penalty' | 'step' | 'network';

/** Replaces one operation by one that may call the correct one. */
export const instead =
  (name: OperationName, wrong: (correct: Operation) => Operation) =>
  (implementation: Implementation): Implementation => {
    const correct = implementation[name];
    return correct === undefined ? implementation : { ...implementation, [name]: wrong(correct) };
  };

/** Changes what one operation answers. */
export const answering = (name: OperationName, change: (answer: Tensors, args: Args, tensors: Tensors) => Tensors) =>
  instead(name, (correct) => async (args, tensors) => {
    const answer = await correct(args, tensors);
    return { ...answer, ...change(answer, args, tensors) };
  });

/** Changes what one operation is asked, before the correct one answers. */
export const asking = (name: OperationName, change: (args: Args, tensors: Tensors) => readonly [Args, Tensors]) =>
  instead(name, (correct) => (args, tensors) => correct(...change(args, tensors)));

/** Declares something else of an operation than it does. */
export const declaring =
  <Name extends OperationName>(name: Name, declared: Partial<Capabilities[Name]>) =>
  (implementation: Implementation): Implementation => {
    const { capabilities } = implementation;
    return { ...implementation, capabilities: { ...capabilities, [name]: { ...capabilities[name], ...declared } } };
  };

/** A tensor with each element changed; `i` counts over all of it. */
export function mapped(of: Tensor, change: (value: number, i: number) => number): Tensor {
  const values = valuesOf(of);
  const changed = new Float64Array(values.length);
  for (let i = 0; i < changed.length; i++) changed[i] = change(values[i], i);
  return tensor(of.dtype, of.shape, changed);
}

/** Tensors, each changed; those that change to undefined are left out. */
export const mappedTensors = (
  tensors: Tensors,
  change: (tensor: Tensor, name: string) => Tensor | undefined,
): Record<string, Tensor> => {
  const changed: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const made = change(tensor, name);
    if (made !== undefined) changed[name] = made;
  }
  return changed;
};

/** The number under a name in the args. */
export const numberIn = (args: Args, name: string): number => Number(args[name]);
