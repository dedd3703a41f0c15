/** The gradient of the penalty, held against the penalty that the implementation itself reports. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { element } from '../../src/must.ts';
import type { Role } from '../../src/subject.ts';
import { type Dtype, type Tensor, valuesOf } from '../../src/tensor.ts';
import { sum } from '../allowances.ts';
import { decimal, isCoarse, patterned } from '../arbitraries.ts';
import { map, penaltyOf, roundingsOf } from './calls.ts';
import { casesOf, longLengths, strengths } from './cases.ts';

/** Multiples of 1/4 up to 4, to which h is added without rounding in every dtype. */
const quarters = (dtype: Dtype, length: number): fc.Arbitrary<Tensor> =>
  patterned(
    dtype,
    [length],
    fc.oneof(
      { withCrossShrink: true },
      fc.constantFrom(1, 2, -1, 3),
      fc.integer({ min: -16, max: 16 }).map((n) => n / 4),
    ),
  );

const lengths = (dtype: Dtype) => fc.integer({ min: 1, max: isCoarse(dtype) ? 2 : 6 });

/** Where the derivative is taken, and the step of its difference. */
type Around = { readonly W: Tensor; readonly h: number };

const fewWeights = (dtype: Dtype): fc.Arbitrary<Around> =>
  fc.record({
    W: lengths(dtype).chain((length) => quarters(dtype, length)),
    h: fc.constantFrom(1, 0.5, 2, 4),
  });

/**
 * The roundings of a long sum are those of its magnitude, n · 16 at most: divided by h = 128, which is about the root of
 * that, they are the smallest. They are then 0.16 · c · lambda in float32, and the smallest slope, of w = 1/4, is 0.5.
 */
const manyWeights = (dtype: Dtype, length: number): fc.Arbitrary<Around> =>
  fc.record({ W: quarters(dtype, length), h: fc.constant(128) });

export const isTheDerivative = clause({
  id: 'l2/gradient-is-the-derivative-of-the-value',
  level: 'MUST',
  statement: 'Each element of the gradient MUST be the derivative of the reported penalty by that element.',
  needs: ['penalty.gradient'],
  evidence: forAll(
    casesOf((dtype) => ({
      around: fc.oneof(
        { withCrossShrink: true },
        { weight: 3, arbitrary: fewWeights(dtype) },
        ...longLengths(dtype).map((length) => ({ weight: 1, arbitrary: manyWeights(dtype, length) })),
      ),
      b: quarters(dtype, 1),
      at: fc.record({ parameter: fc.constantFrom('W', 'b'), element: fc.nat({ max: 4098 }) }),
      ...strengths(dtype),
    })),
    async (subject, { around: { W, h }, b, at, ...strength }, must) => {
      const parameters: Record<string, Tensor> = { W, b };
      const roles: Record<string, Role> = { W: 'weight', b: 'bias' };
      const moving = parameters[at.parameter];
      const index = at.element % moving.data.length;
      const penaltyAt = async (by: number): Promise<number> => {
        const moved = map(moving, (w, i) => (i === index ? w + by : w));
        return (await penaltyOf(subject, { ...parameters, [at.parameter]: moved }, { ...strength, roles })).value;
      };
      const [above, below] = [await penaltyAt(h), await penaltyAt(-h)];
      const { gradients } = await penaltyOf(subject, parameters, { ...strength, roles, gradient: true });

      // A central difference of a quadratic has no truncation error, however large h is: only the values' roundings.
      const slope = (above - below) / (2 * h);
      const magnitude = (Math.abs(above) + Math.abs(below)) / (2 * h);
      const where = element(`d:${at.parameter}`, index, moving);
      const got = valuesOf(gradients[at.parameter])[index];
      // The gradient's own six roundings are of less than this magnitude: |above − below| ≤ |above| + |below|.
      must.beNear(where, got, slope, sum(W.dtype, roundingsOf(W, b) + 6, magnitude));
    },
  ),
});

export const isLinear = clause({
  id: 'l2/gradient-is-linear',
  level: 'MUST',
  statement: 'The gradient at s · W + V MUST be s times the gradient at W plus the gradient at V.',
  needs: ['penalty.gradient'],
  evidence: forAll(
    casesOf((dtype) => ({
      pair: lengths(dtype).chain((length) => {
        const any = patterned(dtype, [length], decimal(dtype, { min: -10, max: 10 }));
        return fc.record({ W: any, V: any });
      }),
      exponent: fc.oneof(
        { withCrossShrink: true },
        fc.constantFrom(0, 1),
        fc.integer({ min: -2, max: isCoarse(dtype) ? 2 : 20 }),
      ),
      ...strengths(dtype),
    })),
    async (subject, { pair: { W, V }, exponent, ...strength }, must) => {
      const s = 2 ** exponent;
      const gradientAt = async (at: Tensor): Promise<Tensor> =>
        (await penaltyOf(subject, { W: at }, { ...strength, gradient: true })).gradients['W'];
      const [v, ofW, ofV] = [V, await gradientAt(W), await gradientAt(V)].map(valuesOf);
      const ofSum = await gradientAt(map(W, (w, i) => s * w + v[i]));
      const wanted = Float64Array.from(ofW, (slope, i) => s * slope + ofV[i]);
      // Six roundings of each gradient and that of s · W + V, relative to terms that may cancel.
      const magnitude = Float64Array.from(ofW, (slope, i) => Math.abs(s * slope) + Math.abs(ofV[i]));
      must.beNearTensor(`at ${s} · W + V, d:W`, ofSum, wanted, sum(W.dtype, 13, magnitude));
    },
  ),
});
