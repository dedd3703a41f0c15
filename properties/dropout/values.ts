/** What comes out in training, element by element, given the mask that came out. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { show } from '../../src/show.ts';
import { round, type Tensor, tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { scaling, smallestNormal } from '../allowances.ts';
import { emptyShape, keepProb, shape, tensorOf } from '../arbitraries.ts';
import { dtypesOf, inTraining, maskOf, scaled, sources } from './calls.ts';

export const keptAreScaled = clause({
  id: 'dropout/kept-are-scaled-by-inverse-keep-prob',
  level: 'MUST',
  statement: 'In training, every kept element MUST equal x / keep_prob, up to the rounding of its dtype.',
  needs: ['dropout'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { nonZero: true }), keepProb: keepProb() }),
    async (subject, { x, keepProb }, must) => {
      await inTraining(subject, { x, keepProb }, ({ y }, _, words) => {
        const [inputs, outputs] = [valuesOf(x), valuesOf(y)];
        const isKept = (value: number, i: number) => !isMeantDropped(value, inputs[i]);
        if (!outputs.some(isKept)) return;
        // What was meant to be dropped is not asked about: whether it is zero is the next clause's question.
        const wanted = Float64Array.from(outputs, (value, i) => (isKept(value, i) ? inputs[i] / keepProb : value));
        must.beNearTensor(`${words}y`, y, wanted, scaling(x.dtype, keepProb, wanted));
      });
    },
  ),
});

/** Read from the output alone: what has shrunk to less than 1/256 of x was meant to be dropped. */
const isMeantDropped = (y: number, x: number): boolean => Math.abs(y) < Math.abs(x) / 256;

export const droppedAreZero = clause({
  id: 'dropout/dropped-are-exactly-zero',
  level: 'MUST',
  statement: 'In training, every dropped element of a finite x MUST be exactly zero.',
  needs: ['dropout'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { nonZero: true }), keepProb: keepProb() }),
    async (subject, { x, keepProb }, must) => {
      await inTraining(subject, { x, keepProb }, ({ y }, _, words) => {
        const [inputs, outputs] = [valuesOf(x), valuesOf(y)];
        for (let i = 0; i < outputs.length; i++) {
          if (!isMeantDropped(outputs[i], inputs[i])) continue;
          const where = `${words}y[${i}], where x[${i}] = ${show(inputs[i], x.dtype)} is dropped,`;
          must.equal(where, Math.abs(outputs[i]), 0);
        }
      });
    },
  ),
});

export const keepProbOneIsIdentity = clause({
  id: 'dropout/keep-prob-one-is-identity',
  level: 'MUST',
  statement:
    'With keep_prob 1, training MUST answer x itself, bit for bit, but for subnormal numbers that are flushed to zero.',
  needs: ['dropout'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { specials: true }) }),
    async (subject, { x }, must) => {
      const gradient = subject.capabilities.dropout?.gradient ? { dy: x } : {};
      for (const { call, words } of sources(subject, 'keep-prob-one')) {
        const answer = await subject.dropout({ x, keepProb: 1, training: true, ...gradient, ...call });
        must.equalTensor(`${words}y`, answer.y, flushedLike(x, answer.y));
        if (answer.dx) must.equalTensor(`${words}dx for dy = x: dx`, answer.dx, flushedLike(x, answer.dx));
        if (answer.mask) must.equalTensor(`${words}mask`, answer.mask, uniformMask(x, 1));
      }
    },
  ),
});

export const keepProbZeroIsAsDeclared = clause({
  id: 'dropout/keep-prob-zero-is-as-declared',
  level: 'MUST',
  statement: 'With keep_prob 0, training MUST do as declared: answer zeros for a finite x, or refuse.',
  needs: ['dropout.keep_prob_zero'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can)) }),
    async (subject, { x }, must) => {
      const { keep_prob_zero, gradient } = subject.capabilities.dropout ?? {};
      for (const source of sources(subject, 'keep-prob-zero')) {
        const call = { x, keepProb: 0, training: true, ...source.call };
        if (keep_prob_zero === 'error') {
          await must.refuse(`${source.words}keep_prob 0`, subject.dropout(call));
          continue;
        }
        const answer = await subject.dropout({ ...call, ...(gradient ? { dy: x } : {}) });
        const exactly = { within: 0, because: 'zeros are declared' };
        must.beNearTensor(`${source.words}y`, answer.y, new Float64Array(x.data.length), exactly);
        if (answer.dx) must.beNearTensor(`${source.words}dx`, answer.dx, new Float64Array(x.data.length), exactly);
        if (answer.mask) must.equalTensor(`${source.words}mask`, answer.mask, uniformMask(x, 0));
      }
    },
  ),
});

export const keepProbOutOfRangeIsRejected = clause({
  id: 'dropout/keep-prob-out-of-range-is-rejected',
  level: 'MUST',
  statement: 'In training, a keep_prob below 0, above 1 or not a number MUST be refused as an invalid argument.',
  needs: ['dropout'],
  evidence: forAll(
    (can) =>
      fc.record({
        x: tensorOf(dtypesOf(can)),
        keepProb: fc.oneof(
          { withCrossShrink: true },
          fc.constantFrom(1.5, -0.5, 2, -1, Infinity, -Infinity, 1.01, -0.01, 80),
          fc.constant(NaN),
          fc.double({ min: 1 + 2 ** -10, max: 1e6, noNaN: true }),
          fc.double({ min: -1e6, max: -(2 ** -10), noNaN: true }),
        ),
      }),
    async (subject, { x, keepProb }, must) => {
      for (const { call, words } of sources(subject, 'keep-prob-out-of-range')) {
        await must.refuse(
          `${words}keep_prob ${show(keepProb)}`,
          subject.dropout({ x, keepProb, training: true, ...call }),
        );
      }
    },
  ),
});

export const shapeAndDtypeArePreserved = clause({
  id: 'dropout/shape-and-dtype-are-preserved',
  level: 'MUST',
  statement: 'The output MUST have the shape and the dtype of x, whatever they are.',
  needs: ['dropout'],
  evidence: forAll(
    (can) =>
      fc.record({
        x: tensorOf(dtypesOf(can), { shapes: fc.oneof({ withCrossShrink: true }, emptyShape(), shape()) }),
        keepProb: keepProb(),
        training: fc.boolean(),
      }),
    async (subject, { x, keepProb, training }, must) => {
      // Every answer's shapes and dtypes are validated before any property sees it; here they are asked for on purpose.
      const { gradient, repeat } = subject.capabilities.dropout ?? {};
      for (const source of sources(subject, 'shape-and-dtype')) {
        const call = { x, keepProb, training, ...(gradient ? { dy: x } : {}), ...source.call };
        const { y } = await subject.dropout(call);
        must.equal(`${source.words}the number of elements of y`, y.data.length, x.data.length);
        if (!repeat) continue;
        const repeated = await subject.dropout({ ...call, repeat: 3 });
        must.equal(
          `${source.words}the number of elements of y with repeat 3`,
          repeated.y.data.length,
          3 * x.data.length,
        );
      }
    },
  ),
});

export const inputIsNotModified = clause({
  id: 'dropout/input-is-not-modified',
  level: 'MUST',
  statement: 'The elements of x MUST be the same after a call as before it.',
  needs: ['dropout', 'dropout.repeat or memory'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { nonZero: true }), keepProb: keepProb() }),
    async (subject, { x, keepProb }, must) => {
      if (subject.sharesMemory === true) {
        const before: Tensor = { ...x, data: x.data.slice() };
        await inTraining(subject, { x, keepProb }, (_answer, _mask, words) =>
          must.equalTensor(`${words}after the call, x`, x, before),
        );
      }
      if (!subject.capabilities.dropout?.repeat) return;
      // In another process x is out of sight; but a call that changed it shows in what the next call makes of it.
      const calls = 4;
      const { y } = await subject.dropout({ x, keepProb, training: true, repeat: calls });
      const outputs = valuesOf(y);
      const first = new Float64Array(x.data.length);
      for (let i = 0; i < outputs.length; i++) {
        const place = i % first.length;
        if (outputs[i] === 0) continue;
        const where = `in successive calls on the same x, where x[${place}] is kept, y`;
        if (first[place] === 0) first[place] = outputs[i];
        else must.equal(where, outputs[i], first[place]);
      }
    },
  ),
});

export const maskOutputMatches = clause({
  id: 'dropout/mask-output-matches-the-result',
  level: 'MUST',
  statement: 'The mask that is answered MUST be 1 where the element was kept and 0 where it was dropped.',
  needs: ['dropout.mask'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { nonZero: true }), keepProb: keepProb() }),
    async (subject, { x, keepProb }, must) => {
      await inTraining(subject, { x, keepProb }, (answer, seen, words) => {
        if (answer.mask) must.equalTensor(`${words}mask`, answer.mask, { dtype: 'uint8', shape: x.shape, data: seen });
      });
    },
  ),
});

export const injectedUniformsDecide = clause({
  id: 'dropout/injected-uniforms-decide-the-mask',
  level: 'MUST',
  statement: 'Given uniform draws u, an element MUST be kept if and only if u < keep_prob.',
  needs: ['dropout.uniforms'],
  evidence: forAll(
    (can) =>
      fc.record({
        x: tensorOf(dtypesOf(can), { nonZero: true }),
        keepProb: keepProb(),
        draws: fc.array(fc.constantFrom('at', 'below', 'above', 'zero', 'largest', 'low', 'high'), {
          minLength: 1,
          maxLength: 16,
        }),
      }),
    async (subject, { x, keepProb: drawn, draws }, must) => {
      // In the dtype of x, so that a comparison in that dtype sees the very same numbers.
      const keepProb = round(x.dtype, drawn);
      const step = keepProb * 2 * unitRoundoff(x.dtype);
      const uniform: Record<string, number> = {
        at: keepProb,
        below: round(x.dtype, keepProb - step),
        above: round(x.dtype, keepProb + step),
        zero: 0,
        largest: 1 - unitRoundoff(x.dtype),
        low: keepProb / 2,
        high: round(x.dtype, (1 + keepProb) / 2),
      };
      const u = Float64Array.from({ length: x.data.length }, (_, i) => uniform[draws[i % draws.length]]);
      const { y } = await subject.dropout({ x, keepProb, training: true, u: tensor('float64', x.shape, u) });
      const mask = Uint8Array.from(u, (draw) => (draw < keepProb ? 1 : 0));
      const seen = maskOf(y);
      for (let i = 0; i < u.length; i++) {
        const verdict = (kept: number) => (kept === 1 ? 'kept' : 'dropped');
        const where = `element ${i}, with u = ${show(u[i])} and keep_prob ${show(keepProb)},`;
        must.hold(seen[i] === mask[i], { where, got: verdict(seen[i]), wanted: verdict(mask[i]) });
      }
      const wanted = scaled(valuesOf(x), mask, keepProb);
      must.beNearTensor('y', y, wanted, scaling(x.dtype, keepProb, wanted));
    },
  ),
});

/** x, with those subnormal numbers as zeros that are zeros in `seen`: arithmetic may flush them, and the mask is arithmetic. */
function flushedLike(x: Tensor, seen: Tensor): Tensor {
  const outputs = valuesOf(seen);
  const flushed = (value: number, i: number) =>
    outputs[i] === 0 && Math.abs(value) < smallestNormal(x.dtype) ? outputs[i] : value;
  return tensor(x.dtype, x.shape, Float64Array.from(valuesOf(x), flushed));
}

/** A mask of x's shape that keeps everything, or nothing. */
const uniformMask = (x: Tensor, kept: 0 | 1): Tensor => ({
  dtype: 'uint8',
  shape: x.shape,
  data: new Uint8Array(x.data.length).fill(kept),
});
