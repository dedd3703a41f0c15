/**
 * Networks with a quiet node: its z is 0. Where activation(0) is 0 too, the output does not tell whether it is kept or
 * dropped; only the gradient does.
 */
import { type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { hiddenOf } from './cases.ts';
import { belongsTo, type Place } from './cut.ts';
import type { Setting } from './thinned.ts';

/** The nodes of the hidden layers, layer by layer. */
export const placesOf = (setting: Setting): readonly Place[] =>
  hiddenOf(setting).flatMap((width, hidden) => Array.from({ length: width }, (_, node) => ({ hidden, node })));

/** One of a list by any number. Numbers that are drawn beside a network, and not from it, shrink together with it. */
export const pick = <T>(list: readonly T[], number: number): T => list[number % list.length];

/** The node's incoming weights and its bias become 0. */
export function silence<S extends Setting>(setting: S, place: Place): S {
  const incoming = [`W${place.hidden + 1}`, `b${place.hidden + 1}`].map((name) => {
    const parameter = setting.parameters[name];
    return [name, withElements(parameter, (i) => belongsTo(place, name, parameter, i), 0)];
  });
  return { ...setting, parameters: { ...setting.parameters, ...Object.fromEntries(incoming) } };
}

/** A mask of the node's layer with the same bit for every example at the node. */
export const withNode = (mask: Tensor, { node }: Place, bit: 0 | 1): Tensor =>
  withElements(mask, (i) => i % mask.shape[1] === node, bit);

/** With some elements set to a value. */
const withElements = (from: Tensor, where: (index: number) => boolean, to: number): Tensor =>
  tensor(
    from.dtype,
    from.shape,
    Array.from(valuesOf(from), (value, i) => (where(i) ? to : value)),
  );
