/** A network with one node of one hidden layer cut out, and all its connections with it. */
import { type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import type { Masked } from './cases.ts';

/** A node of a hidden layer, both counted from 0. */
export interface Place {
  readonly hidden: number;
  readonly node: number;
}

/** Whether element i of a parameter belongs to the node: its row of W and b of its own layer, its column of the next W. */
export function belongsTo({ hidden, node }: Place, name: string, { shape }: Tensor, i: number): boolean {
  const [, columns = 1] = shape;
  if (name === `W${hidden + 1}` || name === `b${hidden + 1}`) return Math.floor(i / columns) === node;
  return name === `W${hidden + 2}` && i % columns === node;
}

export function cutOut(masked: Masked, place: Place): Masked {
  const { hidden, node } = place;
  const layers = masked.layers.map((width, l) => (l === hidden + 1 ? width - 1 : width));
  const parameters = Object.entries(masked.parameters).map(([name, parameter]) => {
    const layer = Number(name.slice(1));
    const shape = name.startsWith('W') ? [layers[layer], layers[layer - 1]] : [layers[layer]];
    return [name, keep(parameter, shape, (i) => !belongsTo(place, name, parameter, i))] as const;
  });
  const masks = masked.masks.map((mask, l) =>
    l === hidden ? keep(mask, [mask.shape[0], mask.shape[1] - 1], (i) => i % mask.shape[1] !== node) : mask,
  );
  return { ...masked, layers, parameters: Object.fromEntries(parameters), masks };
}

const keep = (from: Tensor, shape: readonly number[], wanted: (index: number) => boolean): Tensor =>
  tensor(
    from.dtype,
    shape,
    Array.from(valuesOf(from)).filter((_, i) => wanted(i)),
  );
