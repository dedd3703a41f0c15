/** What lambda does to the penalty. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { show } from '../../src/show.ts';
import { sum } from '../allowances.ts';
import { isCoarse } from '../arbitraries.ts';
import { conventionOf, penaltyOf, roundingsOf } from './calls.ts';
import { casesOf, strengths, weights } from './cases.ts';

/** From strengths in use to ones beyond 1, and factors up to 1000 either way. */
const usual = [1, 0.5, 0.01, 1e-4, 5e-4, 1e-6];

export const isLinearInLambda = clause({
  id: 'l2/linear-in-lambda',
  level: 'MUST',
  statement: 'A lambda k times as large MUST give a penalty k times as large.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({
      W: weights(dtype),
      lambda: isCoarse(dtype) ? fc.constantFrom(0.5, 0.25, 1) : fc.constantFrom(...usual),
      factor: isCoarse(dtype) ? fc.constantFrom(2, 0.5) : fc.constantFrom(2, 3, 10, 100, 1000, 0.5, 0.001),
      examples: strengths(dtype).examples,
    })),
    async (subject, { W, lambda, factor, examples }, must) => {
      const before = await penaltyOf(subject, { W }, { lambda, examples });
      const after = await penaltyOf(subject, { W }, { lambda: factor * lambda, examples });
      const wanted = factor * before.value;
      const where = `given ${show(before.value)} for lambda ${show(lambda)}, the penalty for ${show(factor * lambda)}`;
      // One rounding more: factor · lambda.
      must.beNear(where, after.value, wanted, sum(W.dtype, 2 * roundingsOf(W) + 1, Math.abs(wanted)));
    },
  ),
});

export const lambdaZeroIsNoPenalty = clause({
  id: 'l2/lambda-zero-is-no-penalty',
  level: 'MUST',
  statement: 'With lambda 0 the penalty and its gradient MUST be zero.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({ W: weights(dtype), examples: strengths(dtype).examples })),
    async (subject, { W, examples }, must) => {
      const { gradient = false } = conventionOf(subject);
      const { value, gradients } = await penaltyOf(subject, { W }, { lambda: 0, examples, gradient });
      const exactly = { within: 0, because: 'a product with 0 is exact' };
      must.beNear('the penalty', value, 0, exactly);
      if (gradient) must.beNearTensor('d:W', gradients['W'], new Float64Array(W.data.length), exactly);
    },
  ),
});

export const invalidLambdaIsRejected = clause({
  id: 'l2/invalid-lambda-is-rejected',
  level: 'MUST',
  statement: 'A lambda that is negative, infinite or NaN MUST be refused as an invalid argument.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({
      W: weights(dtype),
      negative: fc.constantFrom(-1, -0.1, -0.5, -1e-6, -1e6),
      examples: strengths(dtype).examples,
    })),
    async (subject, { W, negative, examples }, must) => {
      for (const lambda of [negative, NaN, Infinity, -Infinity]) {
        await must.refuse(`lambda ${show(lambda)}`, penaltyOf(subject, { W }, { lambda, examples }));
      }
    },
  ),
});
