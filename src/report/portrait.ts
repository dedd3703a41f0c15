/**
 * A few masks and a few steps of an implementation, for the pictures of a report. They are no evidence: nothing of the
 * verdict depends on them, and what cannot be drawn is left out with a sentence.
 */
import type { Tally } from '../clause.ts';
import { add } from '../statistics/claim.ts';
import type { DecayConvention, Optimizer, Subject } from '../subject.ts';
import { type Dtype, tensor, valuesOf } from '../tensor.ts';

export interface Portrait {
  readonly masks?: MaskPortrait;
  readonly decay?: DecayPortrait;
  /** What was not drawn, and why, a sentence each. */
  readonly left: readonly string[];
}

export interface MaskPortrait {
  readonly keepProb: number;
  /** The masks of the first calls, a character an element: `1` where it was kept, `0` where it was dropped. */
  readonly first: readonly string[];
  readonly calls: number;
  /** In how many of the calls each position was kept. */
  readonly kept: readonly number[];
  /** Of elements that lie 1, 2, … apart in one mask: `[pairs, contexts, elements, both]`, as of any claim on pairs. */
  readonly lags: readonly Tally[];
}

export interface DecayPortrait {
  readonly optimizer: Optimizer;
  readonly lr: number;
  readonly weightDecay: number;
  /** A weight of 1 before the first step and after each, where its gradient is zero. */
  readonly weights: readonly number[];
  /** What each step multiplies it by, as declared; absent where that is not one factor. */
  readonly factor?: number;
}

/** Elements of a mask, masks shown one by one, and distances at which pairs are counted. */
const [positions, shown, farthest] = [64, 24, 32];

/** No more calls are made after so many milliseconds: nobody waits long for a picture. */
const mostMilliseconds = 5000;

/** Calls that are made where one request makes many, and where each takes its own. */
const [callsByRepeat, callsOneByOne] = [4096, 256];

const keepProb = 0.8;

/**
 * Asks for what the pictures need.
 *
 * @param onPart handed what there is so far, so that it is there even if the implementation ends the process
 * @returns a promise that never rejects for what the subject does
 */
export async function portray(subject: Subject, onPart: (portrait: Portrait) => void = () => {}): Promise<Portrait> {
  let portrait: Portrait = { left: [] };
  const part = async (what: string, draw: () => Promise<Partial<Portrait> | string>): Promise<void> => {
    const drawn = await draw().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    portrait =
      typeof drawn === 'string'
        ? { ...portrait, left: [...portrait.left, `${what} could not be drawn: ${drawn}`] }
        : { ...portrait, ...drawn };
    onPart(portrait);
  };
  const { dropout, step } = subject.capabilities;
  await part('Masks', async () =>
    dropout === undefined ? 'dropout is not declared' : { masks: await masksOf(subject) },
  );
  await part('Decay', async () => (step === undefined ? 'step is not declared' : { decay: await decayOf(subject) }));
  return portrait;
}

/** Counts as it goes: no more than one answer is held. */
async function masksOf(subject: Subject): Promise<MaskPortrait> {
  const { dtypes = [], repeat } = subject.capabilities.dropout ?? {};
  const most = repeat ? callsByRepeat : callsOneByOne;
  const atOnce = repeat ? callsOneByOne : 1;
  const x = ones(dtypes[0], [positions]);
  const first: string[] = [];
  const kept = new Array<number>(positions).fill(0);
  let lags: readonly Tally[] = Array.from({ length: farthest }, () => [0, 0, 0, 0]);
  const start = performance.now();
  let calls = 0;
  for (; calls < most && performance.now() - start < mostMilliseconds; calls += atOnce) {
    const { y } = await subject.dropout({ x, keepProb, training: true, ...(repeat ? { repeat: atOnce } : {}) });
    const values = valuesOf(y);
    for (let from = 0; from < values.length; from += positions) {
      const mask = maskOf(values.subarray(from, from + positions));
      if (first.length < shown) first.push(mask.join(''));
      mask.forEach((isKept, i) => {
        kept[i] += isKept;
      });
      lags = lags.map((tally, i) => add(tally, pairsAt(mask, i + 1)));
    }
  }
  return { keepProb, first, calls, kept, lags };
}

const ones = (dtype: Dtype, shape: readonly number[]) => tensor(dtype, shape, new Float64Array(positions).fill(1));

/** 1 for what is kept, 0 for what is dropped. */
function maskOf(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => {
    if (Number.isNaN(value)) throw new Error('an answer holds a NaN, which is neither kept nor dropped');
    return value === 0 ? 0 : 1;
  });
}

/** What the elements so far apart in one mask count for a claim on pairs. */
function pairsAt(mask: readonly number[], lag: number): Tally {
  let [contexts, elements, both] = [0, 0, 0];
  for (let i = lag; i < mask.length; i++) {
    contexts += mask[i - lag];
    elements += mask[i];
    both += mask[i - lag] & mask[i];
  }
  return [mask.length - lag, contexts, elements, both];
}

const [steps, lr, weightDecay] = [30, 0.5, 0.125];

/** Each number of steps is a request of its own, from fresh state. */
async function decayOf(subject: Subject): Promise<DecayPortrait> {
  const { dtypes = [], optimizers = {} } = subject.capabilities.step ?? {};
  const optimizer = (['sgd', 'adamw', 'adam'] as const).find((each) => optimizers[each] !== undefined);
  const convention = optimizer === undefined ? undefined : optimizers[optimizer];
  if (optimizer === undefined || convention === undefined) throw new Error('no optimizer is declared');
  const weights = [1];
  for (let count = 1; count <= steps; count++) {
    const { W } = await subject.step({
      optimizer,
      lr,
      weightDecay,
      steps: count,
      roles: { W: 'weight' },
      parameters: { W: tensor(dtypes[0], [1], [1]) },
      gradients: { W: tensor(dtypes[0], [count, 1], new Float64Array(count)) },
    });
    weights.push(valuesOf(W)[0]);
  }
  if (!weights.every(Number.isFinite)) throw new Error('a weight is no finite number');
  return { optimizer, lr, weightDecay, weights, ...factorOf(optimizer, convention) };
}

/** Adam divides a decay that is coupled by its size, as it does with every gradient: that is no one factor. */
function factorOf(optimizer: Optimizer, { decay, times_lr }: DecayConvention): Pick<DecayPortrait, 'factor'> {
  if (decay === 'decoupled') return { factor: 1 - (times_lr ? lr : 1) * weightDecay };
  return optimizer === 'sgd' ? { factor: 1 - lr * weightDecay } : {};
}
