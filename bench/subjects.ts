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
): TimedSubject {
  let elements = 0;
  let drawing = 0;
  const timed = (draw: () => void): void => {
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

/** Fills y with x · mask / keepProb, call after call. */
function drop(y: Float64Array, { x, keepProb }: DropoutCall): void {
  const kept = Float64Array.from(x.data, (value) => value / keepProb);
  for (let start = 0; start < y.length; start += kept.length) {
    for (let i = 0; i < kept.length; i++) y[start + i] = Math.random() < keepProb ? kept[i] : 0;
  }
}

/** Room for the outputs that are prepared for one input: four rounds of the judge, 32 MiB, one room for all subjects. */
const room = new Float64Array(2 ** 22);

/**
 * A subject that has its outputs ready: those of an input and a keep_prob are drawn at the first question about them
 * and then handed out in turn, as views. After four million elements they come again. One such subject is asked at a time.
 */
export function preparedSubject(): TimedSubject {
  let known: Partial<Pick<DropoutCall, 'x' | 'keepProb'>> = {};
  let outputs = room;
  let next = 0;
  return timedSubject((call, elements, timed) => {
    if (call.x !== known.x || call.keepProb !== known.keepProb) {
      timed(() => {
        const size = call.x.data.length;
        outputs = room.subarray(0, Math.floor(room.length / size) * size);
        drop(outputs, call);
      });
      known = { x: call.x, keepProb: call.keepProb };
      next = 0;
    }
    if (next + elements > outputs.length) next = 0;
    next += elements;
    return outputs.subarray(next - elements, next);
  });
}

/** A subject that draws each output anew. Every answer is a view of the same room: it holds until the next question. */
export function drawingSubject(): TimedSubject {
  return timedSubject((call, elements, timed) => {
    const outputs = room.subarray(0, elements);
    timed(() => drop(outputs, call));
    return outputs;
  });
}
