/** The gradient is that of the same call: the same mask, the same scale. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { valuesOf } from '../../src/tensor.ts';
import { scaling } from '../allowances.ts';
import { fill, keepProb, tensorOf } from '../arbitraries.ts';
import { dtypesOf, inTraining, maskOf, scaled, sources } from './calls.ts';

const cases = fc.array(fc.constantFrom(1, 2, -3, 0.5), { minLength: 1, maxLength: 5 });

export const gradientUsesTheSameMask = clause({
  id: 'dropout/gradient-uses-the-same-mask',
  level: 'MUST',
  statement: 'The gradient MUST pass where the element was kept, and be exactly zero where it was dropped.',
  needs: ['dropout.gradient'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { nonZero: true }), keepProb: keepProb(), dy: cases }),
    async (subject, { x, keepProb, dy }, must) => {
      await inTraining(subject, { x, keepProb, dy: fill(x.dtype, x.shape, dy) }, ({ dx }, mask, words) => {
        if (!dx) return;
        const passed = maskOf(dx);
        for (let i = 0; i < mask.length; i++) {
          const wanted = mask[i] === 1 ? 'passed: x was kept' : 'zero: x was dropped';
          must.hold(passed[i] === mask[i], {
            where: `${words}the gradient at element ${i}`,
            got: passed[i] === 1 ? 'passed' : 'zero',
            wanted,
          });
        }
      });
    },
  ),
});

export const gradientIsScaledLikeTheOutput = clause({
  id: 'dropout/gradient-is-scaled-like-the-output',
  level: 'MUST',
  statement: 'Where an element was kept, dx MUST equal dy / keep_prob, up to the rounding of its dtype.',
  needs: ['dropout.gradient'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { nonZero: true }), keepProb: keepProb(), dy: cases }),
    async (subject, { x, keepProb, dy: pattern }, must) => {
      const dy = fill(x.dtype, x.shape, pattern);
      await inTraining(subject, { x, keepProb, dy }, ({ dx }, _, words) => {
        if (!dx) return;
        // Where the gradient passed: whether it passed in the right places is another clause's question.
        const passed = maskOf(dx);
        if (!passed.includes(1)) return;
        const wanted = scaled(valuesOf(dy), passed, keepProb);
        must.beNearTensor(`${words}dx`, dx, wanted, scaling(x.dtype, keepProb, wanted));
      });
    },
  ),
});

export const gradientAtZeroInputs = clause({
  id: 'dropout/gradient-at-zero-inputs',
  level: 'MUST',
  statement: 'Where x is zero, the gradient MUST still pass through kept elements and vanish at dropped ones.',
  needs: ['dropout.gradient'],
  evidence: forAll(
    (can) =>
      fc.record({
        dtype: fc.constantFrom(...dtypesOf(can)),
        keepProb: fc.constantFrom(0.5, 0.25, 0.8, 0.1, 0.9),
        dy: cases,
      }),
    async (subject, { dtype, keepProb, dy: pattern }, must) => {
      // Among 2 048 elements at these rates, none kept or none dropped has probability 0.9^2048 < 1e-93.
      const x = fill(dtype, [2048], [0]);
      const dy = fill(dtype, [2048], pattern);
      for (const { call, words } of sources(subject, 'gradient-at-zero-inputs')) {
        const { dx, mask } = await subject.dropout({ x, keepProb, training: true, dy, ...call });
        if (!dx) return;
        const passed = maskOf(dx);
        const where = `${words}the gradient at 2048 zeros`;
        must.hold(passed.includes(1), {
          where,
          got: 'zero everywhere',
          wanted: `dy / keep_prob at about ${2048 * keepProb} of them`,
        });
        must.hold(passed.includes(0), {
          where,
          got: 'passed everywhere',
          wanted: `zero at about ${Math.round(2048 * (1 - keepProb))} of them`,
        });
        if (mask) must.equalTensor(`${words}where the gradient passed, mask`, mask, { ...mask, data: passed });
      }
    },
  ),
});
