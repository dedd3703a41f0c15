/** A network whose masks can be read from its output alone. */
import { Deviation } from '../../src/errors.ts';
import { element } from '../../src/must.ts';
import { show } from '../../src/show.ts';
import type { Capabilities, Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { fill } from '../arbitraries.ts';
import { ask, dtypesOf, training } from './cases.ts';
import type { Setting } from './thinned.ts';

/** What is asked for: nodes of each hidden layer, which are few, since the work for a mask element grows with them. */
export interface Legible {
  readonly keepProbs: readonly [number, number];
  readonly examples: number;
  readonly width: number;
}

/**
 * Two hidden layers whose masks show in the signs of the output. Every node of the first layer has the value 1, node k
 * of the second is 1 − 8 · (node k of the first), and is output as it is. So y is 0 where the second layer's node is
 * dropped; else it is positive where the first layer's is dropped and negative where it is kept: with the keep_probs used
 * here, of ¼ and more, also for a subject that does not divide by keep_prob, or multiplies by it.
 */
export function legible(can: Capabilities, { keepProbs, examples, width }: Legible): Setting {
  const dtype = finest(can);
  const diagonal = (value: number): Tensor =>
    fill(
      dtype,
      [width, width],
      Array.from({ length: width ** 2 }, (_, i) => (i % (width + 1) === 0 ? value : 0)),
    );
  const same = (shape: readonly number[], value: number): Tensor => fill(dtype, shape, [value]);
  return {
    layers: [1, width, width, width],
    activation: 'identity',
    loss: 'mse',
    keepProbs,
    x: same([examples, 1], 1),
    t: same([examples, width], 0),
    parameters: {
      W1: same([width, 1], 1),
      b1: same([width], 0),
      W2: diagonal(-8),
      b2: same([width], 1),
      W3: diagonal(1),
      b3: same([width], 0),
    },
  };
}

/** The masks of one call, [examples, width]: 1 kept, 0 dropped. */
export interface Masks {
  /** To be believed only where the second layer's node is kept. */
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

/** The masks of a training call on a legible network. */
export async function draw(subject: Subject, setting: Setting): Promise<Masks> {
  const { y } = await ask(subject, setting, training);
  const values = valuesOf(y);
  const [first, second] = [new Uint8Array(values.length), new Uint8Array(values.length)];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) {
      throw new Deviation({
        where: element('y', i, y),
        got: show(values[i]),
        wanted: 'a number: all parameters are finite',
      });
    }
    second[i] = values[i] === 0 ? 0 : 1;
    first[i] = values[i] < 0 ? 1 : 0;
  }
  return { first, second };
}

/** The most precise dtype: the laws are those of the masks, whatever the dtype. */
export const finest = (can: Capabilities): Dtype =>
  [...dtypesOf(can)].sort((a, b) => unitRoundoff(a) - unitRoundoff(b))[0];

/** Examples of one request, at most. */
const mostExamples = 8192;

/** So many examples that each of the two layers draws half of the elements; an even number, so that they pair off. */
export const examplesFor = (elements: number, width: number): number =>
  Math.min(mostExamples, 2 * Math.ceil(elements / (2 * width)));
