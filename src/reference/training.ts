/** Training a network with dropout: gradient descent in which every step thins the network anew. */
import { descend } from './decay.ts';
import { demand, demandCount } from './demand.ts';
import { type Floats, type NamedFloats, zerosLike } from './floats.ts';
import { drawMasks, lossAndGradients, type Masks, type Network, rolesOf } from './network.ts';

export interface Training {
  readonly network: Network;
  /** W1 [layers[1], layers[0]], b1 [layers[1]], W2, b2, … */
  readonly parameters: NamedFloats;
  /** [examples, layers[0]] */
  readonly x: Floats;
  /** [examples, layers.at(-1)] */
  readonly t: Floats;
  readonly lr: number;
  readonly steps: number;
  /** How many examples a step sees, taken in their order and from the start again; all of them unless given. */
  readonly batchSize?: number | undefined;
  /** Where the masks come from: uniform numbers in [0, 1), or masks, one a hidden layer, [steps, batchSize, layers[l]]. */
  readonly draw: (() => number) | Masks;
}

/** The loss before each step, penalty included and on that step's thinned network, and the last parameters. */
export function train(training: Training): { losses: Float64Array; parameters: NamedFloats } {
  const { network, x, t, lr, steps, draw } = training;
  const [inputs, outputs] = [network.layers[0], network.layers[network.layers.length - 1]];
  const examples = x.length / inputs;
  const batch = training.batchSize ?? examples;
  demandCount('steps', steps);
  demandCount('the batch size', batch);

  const losses = new Float64Array(steps);
  let { parameters } = training;
  for (let k = 0; k < steps; k++) {
    const seen = Array.from({ length: batch }, (_, i) => (k * batch + i) % examples);
    const { loss, gradients } = lossAndGradients({
      network,
      parameters,
      x: takeRows(x, seen, inputs),
      t: takeRows(t, seen, outputs),
      masks:
        typeof draw === 'function'
          ? drawMasks({ network, batch, random: draw })
          : masksOfStep({ masks: draw, network, batch, k, steps }),
    });
    losses[k] = loss;
    // The penalty's gradient is in the gradients: a plain step, without a decay of its own.
    const plain = { optimizer: 'sgd', convention: { decay: 'coupled' }, weightDecay: 0, steps: 1 } as const;
    parameters = descend({ ...plain, lr, parameters, roles: rolesOf(parameters), gradients });
  }
  return { losses, parameters };
}

function masksOfStep({
  masks,
  network,
  batch,
  k,
  steps,
}: {
  masks: Masks;
  network: Network;
  batch: number;
  k: number;
  steps: number;
}): Masks {
  return network.keepProbs.map((_, l) => {
    const size = batch * network.layers[l + 1];
    const given = masks[l]?.length;
    demand(given === steps * size, `mask${l + 1} must have ${steps * size} elements`, given);
    return masks[l].subarray(k * size, (k + 1) * size);
  });
}

function takeRows(matrix: Floats, rows: readonly number[], width: number): Floats {
  const taken = zerosLike(matrix, rows.length * width);
  for (const [i, row] of rows.entries()) taken.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  return taken;
}
