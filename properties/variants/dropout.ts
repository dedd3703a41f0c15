/** Dropout as correct libraries have it: multiplied or selected, divided or by the reciprocal, with layers or without. */
import type { Args, DropoutCapabilities, Operation } from '../../src/subject.ts';
import { allocate, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { type ArithmeticStyle, arithmeticOf, refuseUnless } from './arithmetic.ts';
import { type DrawBits, drawerOf, type Way } from './bits.ts';

export interface DropoutStyle {
  readonly way: Way;
  /** What a dropped element becomes: x · 0, or 0. */
  readonly mask: 'multiplied' | 'selected';
  readonly scale: 'divided' | 'reciprocal' | 'in the mask' | 'from the drop probability';
}

/** x through a mask: kept and scaled, or dropped. */
export function through(
  x: ArrayLike<number>,
  bits: ArrayLike<number>,
  { keepProb, style, of }: { keepProb: number; style: DropoutStyle; of: (exact: number) => number },
): Float64Array {
  const y = new Float64Array(x.length);
  // Where nothing is kept there is nothing to scale.
  if (keepProb === 0) return y;
  const p = style.scale === 'from the drop probability' ? of(1 - of(1 - keepProb)) : of(keepProb);
  const factor = of(1 / p);
  for (let i = 0; i < y.length; i++) {
    if (style.mask === 'selected' && bits[i] === 0) continue;
    if (style.scale === 'divided') y[i] = of((x[i] * bits[i]) / p);
    else if (style.scale === 'in the mask') y[i] = of(x[i] * (bits[i] * factor));
    else y[i] = of(x[i] * bits[i] * factor);
  }
  return y;
}

/** A dropout that keeps to what it declares, and has nothing else. */
export function dropoutOf(
  { dtypes: _, ...declared }: DropoutCapabilities,
  { arithmetic, style, seed }: { arithmetic: ArithmeticStyle; style: DropoutStyle; seed: number },
): Operation {
  const unseeded = drawerOf(style.way, seed, 1);
  const layers = new Map<unknown, () => DrawBits>();

  /** Who draws the mask of the next call. */
  function drawerFor(args: Args): () => DrawBits {
    const made = layers.get(args['layer']);
    if (made !== undefined) return made;
    const own = args['seed'];
    const begin = (): DrawBits => (own === undefined ? unseeded : drawerOf(style.way, Number(own), 2));
    const first = begin();
    const source = declared.seed === 'repeats' && own !== undefined ? begin : () => first;
    if (args['layer'] !== undefined) layers.set(args['layer'], source);
    return source;
  }

  return (args, { x, dy, u }) => {
    const [keepProb, training] = [Number(args['keep_prob']), args['training'] === true];
    refuseUnless(keepProb >= 0 && keepProb <= 1, `keep_prob must be in [0, 1], got ${keepProb}`);
    refuseUnless(keepProb > 0 || declared.keep_prob_zero !== 'error', 'keep_prob must be above 0');
    const drawer = drawerFor(args);
    const calls = args['repeat'] === undefined ? 1 : Number(args['repeat']);
    const size = x.data.length;
    const mask = new Uint8Array(training ? calls * size : 0);
    for (let from = 0; from < mask.length; from += size) {
      mask.set(
        u === undefined ? drawer()(keepProb, x.shape) : valuesOf(u).map((draw) => (draw < keepProb ? 1 : 0)),
        from,
      );
    }
    const shape = args['repeat'] === undefined ? x.shape : [calls, ...x.shape];
    const { of } = arithmeticOf(arithmetic, x.dtype);
    const passed = (values: Tensor): Tensor => {
      const all = { dtype: values.dtype, shape, data: repeated(values, calls) };
      return training ? tensor(x.dtype, shape, through(valuesOf(all), mask, { keepProb, style, of })) : all;
    };
    const answered = training && declared.mask ? { mask: tensor('uint8', shape, mask) } : {};
    return { y: passed(x), ...answered, ...(dy && declared.gradient ? { dx: passed(dy) } : {}) };
  };
}

/** The same bits, so often. */
function repeated({ dtype, data }: Tensor, times: number): Tensor['data'] {
  const all = allocate(dtype, data.length * times);
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return all;
}
