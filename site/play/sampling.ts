/** Draws masks of a layer frame by frame, and counts them, until it is paused or there are enough. */
import { type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { asker } from '../worker/client.ts';
import { counted, noRates, type Rates } from './rates.ts';

export const [examples, units] = [16, 50];

/** Activations as they might come from a layer, none of them zero: a zero would tell nothing of its mask. */
export const activations = Float64Array.from(
  { length: examples * units },
  (_, i) => 0.35 + 0.9 * Math.abs(Math.sin(1.7 * i + 0.3)),
);
const x: Tensor = tensor('float64', [examples, units], activations);

/** After so many elements the band is narrower than its line. */
const mostElements = 2e6;

/** The most calls that are made for one frame. */
const mostCalls = 24;

/** What is asked. */
export interface Layer {
  readonly subject: string;
  readonly keepProb: number;
  readonly seed: number;
}

export interface Sample {
  readonly rates: Rates;
  /** y / x of the last batch, an example a row. */
  readonly factors: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export interface Sampling {
  /** Forgets what was drawn, and draws anew. */
  readonly restart: () => void;
  /** Draws on, or pauses. */
  readonly toggle: () => void;
  /** Pauses, and draws one batch more. */
  readonly once: () => void;
  readonly state: () => 'draws' | 'paused' | 'done';
}

/**
 * @param layer read before each batch
 * @param show awaited after each batch; `isLast` says that no other follows by itself
 * @param onRest called when drawing ends, with what went wrong if something did
 */
export function sampling({
  layer,
  show,
  onRest,
  isRunning: runs,
}: {
  readonly layer: () => Layer;
  readonly show: (sample: Sample, isLast: boolean) => Promise<void>;
  readonly onRest: (error?: Error) => void;
  readonly isRunning: boolean;
}): Sampling {
  const ask = asker<'dropout'>();
  let [isRunning, isAwake, instance, pending] = [runs, false, 0, 0];
  let rates = noRates(units);

  const isEnough = () => rates.trials >= mostElements;
  const drawsOn = () => isRunning && !isEnough();

  /** Asks for batches and counts them; answers nothing where the question has changed meanwhile. */
  async function draw(calls: number): Promise<Sample | undefined> {
    const asked = instance;
    const { subject, ...setting } = layer();
    const call = { x, training: true, layer: 'played', ...setting };
    const questions = Array.from({ length: calls }, () => ({ op: 'dropout' as const, call }));
    const { answers } = await ask({ subject, instance, questions });
    if (asked !== instance) return undefined;
    const batches = answers.map(({ y }) => ({ y: valuesOf(y), factors: factorsOf(valuesOf(y)) }));
    for (const { factors } of batches) rates = counted(rates, factors, units);
    return { rates, ...batches[batches.length - 1] };
  }

  async function wake(): Promise<void> {
    if (isAwake) return;
    isAwake = true;
    let error: Error | undefined;
    try {
      while (rates.trials === 0 || pending > 0 || drawsOn()) {
        await new Promise(requestAnimationFrame);
        // Ever more at once: on the chart's axis, which is logarithmic, the draws then come at an even pace.
        const isSingle = pending > 0 || rates.trials === 0;
        pending = Math.max(0, pending - 1);
        const sample = await draw(isSingle ? 1 : Math.min(mostCalls, Math.ceil(rates.trials / 80_000)));
        if (sample !== undefined) await show(sample, !drawsOn());
      }
    } catch (thrown) {
      error = thrown as Error;
      isRunning = false;
    }
    isAwake = false;
    onRest(error);
  }

  void wake();
  return {
    restart: () => {
      instance++;
      rates = noRates(units);
      void wake();
    },
    toggle: () => {
      isRunning = !isRunning;
      void wake();
    },
    once: () => {
      isRunning = false;
      pending++;
      void wake();
    },
    state: () => (isEnough() ? 'done' : isRunning ? 'draws' : 'paused'),
  };
}

const factorsOf = (y: ArrayLike<number>): Float64Array => Float64Array.from(activations, (value, i) => y[i] / value);
