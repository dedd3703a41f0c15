/** The L2 penalty as correct libraries compute it: lambda before or after the sum, a norm that is squared again. */
import type { Args, Operation, PenaltyCapabilities, Roles } from '../../src/subject.ts';
import { type Dtype, scalar, type Tensor, type Tensors } from '../../src/tensor.ts';
import { type ArithmeticStyle, arithmeticOf, like, numbersOf, refuseUnlessStrength } from './arithmetic.ts';

export type PenaltyStyle = 'sum first' | 'lambda first' | 'norm squared' | 'layer by layer';

/** What is asked, in numbers. */
export interface PenaltyQuestion {
  /** By name, those that count alone. */
  readonly counted: Readonly<Record<string, readonly number[]>>;
  readonly lambda: number;
  readonly examples: number;
  readonly dtype: Dtype;
}

/** value and gradients, rounded as the style rounds. */
export function penaltyOf(
  { coefficient, per_example }: Pick<PenaltyCapabilities, 'coefficient' | 'per_example'>,
  { arithmetic, style }: { arithmetic: ArithmeticStyle; style: PenaltyStyle },
  { counted, lambda, examples, dtype }: PenaltyQuestion,
): { readonly value: number; readonly gradients: Record<string, readonly number[]> } {
  const { of, sum } = arithmeticOf(arithmetic, dtype);
  const divided = (number: number): number => (per_example === true ? of(number / examples) : number);
  const strength = of(coefficient * of(lambda));
  const squares = (weights: readonly number[]): number[] => weights.map((w) => of(w * w));
  const all = Object.values(counted).flat();
  const values: Record<PenaltyStyle, () => number> = {
    'sum first': () => divided(of(strength * sum(squares(all)))),
    'lambda first': () => of(coefficient * divided(sum(all.map((w) => of(of(of(lambda) * w) * w))))),
    'norm squared': () => {
      const norm = of(Math.sqrt(sum(squares(all))));
      return divided(of(strength * of(norm * norm)));
    },
    'layer by layer': () => divided(sum(Object.values(counted).map((weights) => of(strength * sum(squares(weights)))))),
  };
  const slope = (w: number): number =>
    style === 'lambda first' ? divided(of(2 * coefficient * of(of(lambda) * w))) : divided(of(of(2 * strength) * w));
  return {
    value: values[style](),
    gradients: Object.fromEntries(Object.entries(counted).map(([name, weights]) => [name, weights.map(slope)])),
  };
}

/** The operation of the protocol. */
export const penaltyOperation =
  (declared: PenaltyCapabilities, how: { arithmetic: ArithmeticStyle; style: PenaltyStyle }): Operation =>
  (args, tensors) => {
    const lambda = Number(args['lambda']);
    refuseUnlessStrength('lambda', lambda);
    const own = ownParameters(args, tensors);
    const roles = args['roles'] as Roles;
    const counts = (name: string): boolean =>
      roles[name] === 'weight' || (declared.bias === true && roles[name] !== 'frozen');
    const counted = Object.entries(own).filter(([name]) => counts(name));
    const [dtype = 'float64'] = Object.values(own).map((each) => each.dtype);
    const { value, gradients } = penaltyOf(declared, how, {
      counted: Object.fromEntries(counted.map(([name, W]) => [name, numbersOf(W)])),
      lambda,
      examples: Number(args['examples'] ?? 1),
      dtype,
    });
    if (args['gradient'] !== true) return { value: scalar(value) };
    const answered = Object.entries(own).map(([name, W]): [string, Tensor] => [
      `d:${name}`,
      like(W, gradients[name] ?? numbersOf(W).map(() => 0)),
    ]);
    return { value: scalar(value), ...Object.fromEntries(answered) };
  };

/** Without those that are another one's second name. */
export function ownParameters(args: Args, tensors: Tensors): Tensors {
  const alias = args['alias'] ?? {};
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !Object.hasOwn(alias, name)));
}
