/**
 * Inverted dropout: in training an element is kept with probability keepProb and then divided by it, so that its
 * expectation is x; in evaluation nothing happens. Hinton et al. 2012 (arXiv:1207.0580), Srivastava et al. 2014
 * (JMLR 15, §10 for the scaling in training).
 */
import { demand } from './demand.ts';
import { type Floats, zerosLike } from './floats.ts';

/**
 * `size` independent draws, 1 = kept: an element is kept if and only if u < keepProb. One uniform number in [0, 1) is
 * drawn an element, in row-major order, whatever keepProb is: 1 keeps all, since u < 1, and 0 keeps none.
 */
export function drawMask({
  size,
  keepProb,
  random,
}: {
  size: number;
  keepProb: number;
  random: () => number;
}): Uint8Array {
  demandProbability(keepProb);
  const mask = new Uint8Array(size);
  for (let i = 0; i < size; i++) mask[i] = random() < keepProb ? 1 : 0;
  return mask;
}

/**
 * y = x · mask / keepProb, multiplied and then divided as NumPy does, in the format of x (a float32 x is divided by
 * keepProb rounded to float32). The product with 0 is IEEE 754's: a dropped negative number gives −0, and a dropped
 * infinity or NaN gives NaN. With keepProb 0 there is nothing to scale, and y is +0 everywhere.
 */
export function dropout({ x, mask, keepProb }: { x: Floats; mask: Uint8Array; keepProb: number }): Floats {
  demandProbability(keepProb);
  const y = zerosLike(x);
  if (keepProb === 0) return y;
  // A keepProb so small that float32 has only 0 for it stays as it is: 0 / 0 would make NaN of what is dropped.
  const divisor = x instanceof Float32Array ? Math.fround(keepProb) || keepProb : keepProb;
  for (let i = 0; i < x.length; i++) y[i] = (x[i] * mask[i]) / divisor;
  return y;
}

/** dx = dy · mask / keepProb: y is linear in x with a diagonal matrix, which is its own transpose. */
export const dropoutGradient = ({ dy, mask, keepProb }: { dy: Floats; mask: Uint8Array; keepProb: number }): Floats =>
  dropout({ x: dy, mask, keepProb });

/** Evaluation, forward and backward: the same numbers, bit for bit, in an array of their own. */
export const evaluate = (x: Floats): Floats => x.slice();

/** Refuses what is no probability. */
export function demandProbability(keepProb: number): void {
  demand(keepProb >= 0 && keepProb <= 1, 'keep_prob must be in [0, 1]', keepProb);
}
