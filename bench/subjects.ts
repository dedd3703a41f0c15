/** Subjects whose own time is known, so that what is left is the judge's. */
import type { DropoutCall, Subject } from '../src/subject.ts';
import { sizeOf } from '../src/tensor.ts';
import { processorTime } from './measure.ts';

/** A subject; the mask elements that it has answered; and the nanoseconds of processor time that drawing them took. */
export interface TimedSubject {
  readonly subject: Subject;
  readonly spent: () => { readonly elements: number; readonly drawing: number };
}

const unasked = async (): Promise<never> => {
  throw new Error('this subject knows dropout alone');
};

/** A subject of float64 outputs that declares what the statistical clauses need and answers what `outputsOf` does. */
function timedSubject(
  outputsOf: (call: DropoutCall, elements: number, timed: (draw: () => void) => void) => Float64Array,
  { isTimed = true } = {},
): TimedSubject {
  let elements = 0;
  let drawing = 0;
  const timed = (draw: () => void): void => {
    if (!isTimed) {
      draw();
      return;
    }
    const start = processorTime();
    draw();
    drawing += processorTime() - start;
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
  const threshold = keepProb * 2 ** 32;
  let [a, b, c, counter] = state;
  for (let start = 0; start < y.length; start += kept.length) {
    for (let i = 0; i < kept.length; i++) {
      const drawn = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + drawn) | 0;
      y[start + i] = drawn >>> 0 < threshold ? kept[i] : 0;
    }
  }
  state.set([a, b, c, counter]);
}

/** Room for outputs: 8 MiB, one room for all subjects, of which one at a time is asked. */
const room = new Float64Array(2 ** 20);

/** x / keepProb, what of an input is kept. */
const scaled = ({ x, keepProb }: DropoutCall): Float64Array => Float64Array.from(x.data, (value) => value / keepProb);

/** Of how many elements at least requests are drawn for at once, where they are short: to take the time costs some too. */
const drawnAhead = 2 ** 17;

/**
 * A subject that has its outputs ready: those of an input and a keep_prob are drawn ahead, for several requests at once,
 * and handed out as views, each once.
 */
export function preparedSubject(): TimedSubject {
  let known: Partial<Pick<DropoutCall, 'x' | 'keepProb'>> = {};
  let kept: Float64Array = room;
  let outputs = room.subarray(0, 0);
  let next = 0;
  return timedSubject((call, elements, timed) => {
    const isKnown = call.x === known.x && call.keepProb === known.keepProb;
    if (!isKnown || next + elements > outputs.length) {
      outputs = room.subarray(0, Math.max(elements, Math.floor(drawnAhead / elements) * elements));
      timed(() => {
        if (!isKnown) kept = scaled(call);
        drop(outputs, kept, call.keepProb);
      });
      known = { x: call.x, keepProb: call.keepProb };
      next = 0;
    }
    next += elements;
    return outputs.subarray(next - elements, next);
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
