/** Subjects whose own time is known, so that what is left is the judge's. */
import type { DropoutCall, Subject } from '../src/subject.ts';
import { sizeOf, type Tensor } from '../src/tensor.ts';
import { median, processorTime } from './measure.ts';

/** A subject; the mask elements that it has answered; and the nanoseconds of processor time that drawing them took. */
export interface TimedSubject {
  readonly subject: Subject;
  readonly spent: () => { readonly elements: number; readonly drawing: number };
}

const unasked = async (): Promise<never> => {
  throw new Error('this subject knows dropout alone');
};

/** What it takes to take the time: as much before a draw as after it, outside of what is taken. */
const ofTheClock = median(
  Array.from({ length: 1001 }, () => {
    const start = processorTime();
    return processorTime() - start;
  }),
);

/** Does what is drawing, and counts its time as such. */
type Timed = <T>(draw: () => T) => T;

/** A subject of float64 outputs that declares what the statistical clauses need and answers what `outputsOf` does. */
function timedSubject(
  outputsOf: (call: DropoutCall, elements: number, timed: Timed) => Float64Array,
  { isTimed = true } = {},
): TimedSubject {
  let elements = 0;
  let drawing = 0;
  const timed: Timed = (draw) => {
    if (!isTimed) return draw();
    const start = processorTime();
    const drawn = draw();
    drawing += processorTime() - start + ofTheClock;
    return drawn;
  };
  const subject: Subject = {
    identity: { name: 'bench', version: '1' },
    capabilities: { dropout: { dtypes: ['float64'], repeat: true, layer: true, seed: 'advances' } },
    async dropout(call) {
      const shape = call.repeat === undefined ? call.x.shape : [call.repeat, ...call.x.shape];
      const size = sizeOf(shape);
      elements += size;
      return { y: { dtype: 'float64', shape, data: outputsOf(call, size, timed) } };
    },
    penalty: unasked,
    step: unasked,
    network: unasked,
  };
  return { subject, spent: () => ({ elements, drawing }) };
}

/** The state of sfc32 (Doty-Humphrey's small fast chaotic generator), all integers: nothing is left for the garbage collector. */
const state = Int32Array.from({ length: 4 }, () => Math.random() * 2 ** 32);

/** Fills y with kept · mask, call after call. */
function drop(y: Float64Array, kept: Float64Array, keepProb: number): void {
  const threshold = Math.round(keepProb * 2 ** 31);
  let [a, b, c, counter] = state;
  for (let start = 0; start < y.length; start += kept.length) {
    for (let i = 0; i < kept.length; i++) {
      const drawn = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + drawn) | 0;
      // 1 where the difference is negative: a branch that nobody foresees takes longer than all else.
      y[start + i] = kept[i] * (((drawn >>> 1) - threshold) >>> 31);
    }
  }
  state.set([a, b, c, counter]);
}

/** Room for outputs: 8 MiB, one room for all subjects, of which one at a time is asked. */
const room = new Float64Array(2 ** 20);

/** x / keepProb, what of an input is kept. */
const scaled = ({ x, keepProb }: DropoutCall): Float64Array =>
  new Float64Array(x.data).map((value) => value / keepProb);

/** So many elements of an input are drawn ahead: few enough for a near cache, and many, since to take the time costs some too. */
const drawnAhead = 2 ** 14;

/** Room for the stocks of one subject, and of the next one again: to make more of it would be the garbage collector's work. */
const shelves: Float64Array[] = [];

const shelf = (index: number): Float64Array => {
  shelves[index] ??= new Float64Array(drawnAhead);
  return shelves[index];
};

/** What is ready of one input and keep_prob: outputs, each handed out once. */
class Stock {
  readonly keepProb: number;
  readonly kept: Float64Array;
  private readonly outputs: Float64Array;
  private next: number;

  constructor(call: DropoutCall, room: Float64Array) {
    this.keepProb = call.keepProb;
    this.kept = scaled(call);
    this.outputs = room.subarray(0, Math.floor(room.length / this.kept.length) * this.kept.length);
    this.next = this.outputs.length;
  }

  /** The next outputs, so many elements of them; undefined where the stock never holds as many. */
  take(elements: number, timed: Timed): Float64Array | undefined {
    if (elements > this.outputs.length) return undefined;
    if (this.next + elements > this.outputs.length) {
      timed(() => drop(this.outputs, this.kept, this.keepProb));
      this.next = 0;
    }
    this.next += elements;
    return this.outputs.subarray(this.next - elements, this.next);
  }
}

/** A subject that has its outputs ready, and hands them out as views; what is longer than a stock is drawn when asked for. */
export function preparedSubject(): TimedSubject {
  const stocks = new Map<Tensor, Stock>();
  const stockOf = (call: DropoutCall, timed: Timed): Stock => {
    const known = stocks.get(call.x);
    if (known?.keepProb === call.keepProb) return known;
    return timed(() => {
      const stock = new Stock(call, shelf(stocks.size));
      stocks.set(call.x, stock);
      return stock;
    });
  };
  return timedSubject((call, elements, timed) => {
    const stock = stockOf(call, timed);
    const ready = stock.take(elements, timed);
    if (ready !== undefined) return ready;
    const outputs = room.subarray(0, elements);
    timed(() => drop(outputs, stock.kept, stock.keepProb));
    return outputs;
  });
}

/** A subject that draws each output anew. Every answer is a view of the same room: it holds until the next question. */
export function drawingSubject(): TimedSubject {
  return timedSubject((call, elements, timed) => {
    const outputs = room.subarray(0, elements);
    timed(() => drop(outputs, scaled(call), call.keepProb));
    return outputs;
  });
}

/** Likewise, with nothing timed: to take the time costs more than a short output does. */
export function untimedSubject(): TimedSubject {
  let known: Partial<Pick<DropoutCall, 'x' | 'keepProb'>> = {};
  let kept: Float64Array = room;
  return timedSubject(
    (call, elements) => {
      if (call.x !== known.x || call.keepProb !== known.keepProb) kept = scaled(call);
      known = { x: call.x, keepProb: call.keepProb };
      const outputs = room.subarray(0, elements);
      drop(outputs, kept, call.keepProb);
      return outputs;
    },
    { isTimed: false },
  );
}
