/** What the penalty of one parameter is. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { show } from '../../src/show.ts';
import { largestFinite, round, tensor, valuesOf } from '../../src/tensor.ts';
import { smallestNormal, sum } from '../allowances.ts';
import { fill } from '../arbitraries.ts';
import { conventionOf, map, penaltyOf, roundingsOf, slopes, strengthOf, sumOfSquares } from './calls.ts';
import { casesOf, exponents, largestExponent, shapes, shortAndLongWeights, strengths, weights } from './cases.ts';

export const isTheSumOfSquares = clause({
  id: 'l2/penalty-is-the-sum-of-squares',
  level: 'MUST',
  statement:
    'The penalty MUST be c · lambda · Σ w², divided by the number of examples if so declared, with c as declared.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({ W: shortAndLongWeights(dtype), ...strengths(dtype) })),
    async (subject, { W, ...strength }, must) => {
      const { value } = await penaltyOf(subject, { W }, strength);
      const wanted = strengthOf(subject, strength) * sumOfSquares(W);
      must.beNear('the penalty', value, wanted, sum(W.dtype, roundingsOf(W), wanted));
    },
  ),
});

export const isNeverNegative = clause({
  id: 'l2/penalty-is-never-negative',
  level: 'MUST',
  statement: 'The penalty of finite weights MUST be zero or more, however large or small they are.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => {
      const most = largestFinite(dtype);
      const any = fc.oneof(
        { withCrossShrink: true },
        fc.constantFrom(1, -1, 0, -0, 100, -100, 65536, -65536, most, -most),
        fc.double({ min: -most, max: most, noNaN: true }),
      );
      const W = fc.array(any, { minLength: 1, maxLength: 17 }).map((values) => fill(dtype, [values.length], values));
      return { W, ...strengths(dtype) };
    }),
    async (subject, { W, ...strength }, must) => {
      const { value } = await penaltyOf(subject, { W }, strength);
      must.hold(value >= 0, { where: 'the penalty', got: show(value), wanted: 'zero or more' });
    },
  ),
});

export const isZeroOnlyAtZero = clause({
  id: 'l2/zero-only-at-zero',
  level: 'MUST',
  statement: 'The penalty MUST be zero when every weight is zero, and more than zero as soon as a single one is not.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({
      zeros: fc.tuple(shapes(dtype), fc.constantFrom(0, -0)).map(([axes, zero]) => fill(dtype, axes, [zero])),
      at: fc.nat({ max: 66 }),
      // The last's square is 2^10 times the smallest normal number: no c in use makes that underflow.
      weight: fc.constantFrom(1, -0.5, round(dtype, 2 ** 5 * Math.sqrt(smallestNormal(dtype)))),
    })),
    async (subject, { zeros, at, weight }, must) => {
      const strength = { lambda: 1, examples: 1 };
      const atZero = await penaltyOf(subject, { W: zeros }, strength);
      must.beNear('the penalty of zeros', atZero.value, 0, { within: 0, because: 'a sum of zeros is exact' });
      const W = map(zeros, (zero, i) => (i === at % zeros.data.length ? weight : zero));
      const { value } = await penaltyOf(subject, { W }, strength);
      const where = `the penalty of a single weight ${show(weight, W.dtype)} among zeros`;
      must.hold(value > 0, { where, got: show(value), wanted: 'more than zero' });
    },
  ),
});

export const isQuadratic = clause({
  id: 'l2/quadratic-in-the-weights',
  level: 'MUST',
  statement: 'Weights s times as large MUST have a penalty s² times as large.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({ W: weights(dtype), exponent: exponents(dtype), ...strengths(dtype) })),
    async (subject, { W, exponent, ...strength }, must) => {
      const s = 2 ** exponent;
      const before = await penaltyOf(subject, { W }, strength);
      const after = await penaltyOf(subject, { W: map(W, (w) => w * s) }, strength);
      const wanted = s * s * before.value;
      const where = `given ${show(before.value)} for W, the penalty of ${show(s)} · W`;
      must.beNear(where, after.value, wanted, sum(W.dtype, 2 * roundingsOf(W), Math.abs(wanted)));
    },
  ),
});

export const staysFinite = clause({
  id: 'l2/extreme-weights-stay-finite',
  level: 'SHOULD',
  statement:
    'A penalty and a gradient that the dtype holds SHOULD come out even where the squares of the weights overflow.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({
      W: fc
        .array(fc.constantFrom(1, -1, 1.5, 1.25), { minLength: 1, maxLength: 3 })
        .map((values) => tensor(dtype, [values.length], values)),
      // w² overflows from half the largest exponent on; 2^-5 leaves room for c and the sum.
      exponent: fc.integer({ min: Math.floor(largestExponent(dtype) / 2) + 1, max: largestExponent(dtype) - 5 }),
    })),
    async (subject, { W, exponent }, must) => {
      const { coefficient, gradient = false } = conventionOf(subject);
      // lambda = 2^-e and w = m · 2^e: the penalty is c · Σ m² · 2^e, and its gradient 2 c · m.
      const strength = { lambda: 2 ** -exponent, examples: 1 };
      const large = map(W, (m) => m * 2 ** exponent);
      const { value, gradients } = await penaltyOf(subject, { W: large }, { ...strength, gradient });
      const wanted = coefficient * sumOfSquares(W) * 2 ** exponent;
      must.beNear('the penalty', value, wanted, sum(W.dtype, roundingsOf(W), wanted));
      if (!gradient) return;
      const slope = Float64Array.from(valuesOf(W), (m) => 2 * coefficient * m);
      must.beNearTensor('d:W', gradients['W'], slope, slopes(W.dtype, slope));
    },
  ),
});
