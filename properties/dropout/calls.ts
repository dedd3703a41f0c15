/** How the properties of dropout ask, and how they read the mask that came out. */
import { Deviation } from '../../src/errors.ts';
import { element } from '../../src/must.ts';
import { show } from '../../src/show.ts';
import type { Capabilities, DropoutAnswer, DropoutCall, Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, valuesOf } from '../../src/tensor.ts';

/** The dtypes that dropout is declared for. */
export const dtypesOf = ({ dropout }: Capabilities): readonly Dtype[] => dropout?.dtypes ?? [];

/**
 * The mask of an output whose inputs were finite and not zero: 1 where the output is not zero. Independent of what the
 * subject says its mask was. A NaN is neither kept nor dropped: it deviates.
 */
export function maskOf(y: Tensor): Uint8Array {
  const values = valuesOf(y);
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) {
      throw new Deviation({ where: element('y', i, y), got: show(values[i]), wanted: 'a number: x is finite' });
    }
    mask[i] = values[i] === 0 ? 0 : 1;
  }
  return mask;
}

/** Enough calls that a mask of few elements shows both values at the well-known rates. */
const mostCalls = 64;

/**
 * Trains on the same input again and again, handing each answer to `read`, until both kept and dropped elements have
 * come out or there were enough calls. Small inputs thus shrink to small counterexamples in spite of the random mask.
 * Where there are layers, a layer is asked likewise: libraries often have a function and a layer that are two programs.
 * It is asked twice at least, since what it remembers of one call must not show in the next.
 */
export async function inTraining(
  subject: Subject,
  call: Omit<DropoutCall, 'training' | 'layer'>,
  read: (answer: DropoutAnswer, mask: Uint8Array, words: string) => void,
): Promise<void> {
  for (const source of sources(subject, 'in-training')) {
    let kept = false;
    let dropped = false;
    const fewestCalls = source.call.layer === undefined ? 1 : 2;
    for (let calls = 0; calls < fewestCalls || (calls < mostCalls && !(kept && dropped)); calls++) {
      const answer = await subject.dropout({ ...call, training: true, ...source.call });
      const mask = maskOf(answer.y);
      kept ||= mask.includes(1);
      dropped ||= mask.includes(0);
      read(answer, mask, source.words);
    }
  }
}

/** Who can be asked to drop: the stateless function, and a new layer where there are layers; with words for a finding. */
export function sources(
  subject: Subject,
  purpose: string,
): readonly { readonly call: { readonly layer?: string }; readonly words: string }[] {
  const stateless = { call: {}, words: '' };
  const layer = freshLayer(subject, purpose);
  return layer.layer === undefined ? [stateless] : [stateless, { call: layer, words: 'in a layer, ' }];
}

/** values · mask / keepProb, unrounded. */
export const scaled = (values: ArrayLike<number>, mask: ArrayLike<number>, keepProb: number): Float64Array =>
  Float64Array.from(values, (value, i) => (mask[i] === 1 ? value / keepProb : 0));

/**
 * A layer object of its own for one case of one clause, where the subject has layers; else the stateless function.
 * Layers are numbered through, so that no two cases share one, whatever cases came before.
 */
export function freshLayer({ capabilities }: Subject, clause: string): { readonly layer?: string } {
  if (!capabilities.dropout?.layer) return {};
  layers += 1;
  return { layer: `${clause}#${layers}` };
}

let layers = 0;
