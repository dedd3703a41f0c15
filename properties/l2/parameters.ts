/** Which weights count in the penalty: each of them once, all of them alike. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import type { Role } from '../../src/subject.ts';
import { type Dtype, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { sum } from '../allowances.ts';
import { decimal, fill, isCoarse } from '../arbitraries.ts';
import { conventionOf, copyOf, magnitudes, penaltyOf, roundingsOf } from './calls.ts';
import { casesOf, few, strengths, weights } from './cases.ts';

export const addsOverParameters = clause({
  id: 'l2/adds-over-parameters',
  level: 'MUST',
  statement: 'The penalty of several parameters MUST be the sum of the penalties of each.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({ weights: fc.array(weights(dtype), { minLength: 2, maxLength: 3 }), ...strengths(dtype) })),
    async (subject, { weights, ...strength }, must) => {
      const parameters = Object.fromEntries(weights.map((W, i) => [`W${i + 1}`, W]));
      const together = await penaltyOf(subject, parameters, strength);
      let wanted = 0;
      for (const [name, W] of Object.entries(parameters)) {
        wanted += (await penaltyOf(subject, { [name]: W }, strength)).value;
      }
      const allowed = sum(weights[0].dtype, 2 * roundingsOf(...weights), Math.abs(wanted));
      must.beNear(`the penalty of ${Object.keys(parameters).join(', ')} together`, together.value, wanted, allowed);
    },
  ),
});

export const isInvariantUnderPermutation = clause({
  id: 'l2/invariant-under-permutation',
  level: 'MUST',
  statement: 'Weights in another order MUST have the same penalty, up to rounding.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({
      W: oneHeavy(dtype),
      shift: fc.nat({ max: 4098 }),
      reversed: fc.boolean(),
      ...strengths(dtype),
    })),
    async (subject, { W, shift, reversed, ...strength }, must) => {
      const moved = reorder(W, { shift, reversed });
      // The same numbers at the same places show nothing.
      if (moved.every((w, i) => w === valuesOf(W)[i])) return;
      const before = await penaltyOf(subject, { W }, strength);
      const after = await penaltyOf(subject, { W: tensor(W.dtype, W.shape, moved) }, strength);
      const allowed = sum(W.dtype, 2 * roundingsOf(W), Math.abs(before.value));
      must.beNear('the penalty of the reordered weights', after.value, before.value, allowed);
    },
  ),
});

/** A first weight of 16 among smaller ones: wherever it goes, leaving it out is seen, even among 4099. */
const oneHeavy = (dtype: Dtype): fc.Arbitrary<Tensor> =>
  fc
    .tuple(
      isCoarse(dtype)
        ? fc.integer({ min: 2, max: 16 })
        : fc.oneof({ withCrossShrink: true }, fc.integer({ min: 2, max: 67 }), fc.constantFrom(100, 257, 1000, 4099)),
      fc.array(decimal(dtype, { min: -2, max: 2 }), { minLength: 1, maxLength: 37 }),
    )
    .map(([length, pattern]) => {
      const W = fill(dtype, [length], pattern);
      return tensor(
        dtype,
        [length],
        Float64Array.from(valuesOf(W), (w, i) => (i === 0 ? 16 : w)),
      );
    });

/** Cyclically on by `shift` places, then perhaps backwards. */
function reorder(W: Tensor, { shift, reversed }: { shift: number; reversed: boolean }): Float64Array {
  const values = valuesOf(W);
  const moved = Float64Array.from(values, (_, i) => values[(i + shift) % values.length]);
  return reversed ? moved.reverse() : moved;
}

export const isInvariantUnderRotation = clause({
  id: 'l2/invariant-under-rotation',
  level: 'MUST',
  statement: 'Weights rotated as one vector MUST have the same penalty, up to rounding.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({
      W: fc
        .tuple(
          isCoarse(dtype) ? fc.constant(4) : fc.constantFrom(4, 16, 64, 256, 1024, 4096),
          fc.array(decimal(dtype, { min: -4, max: 4 }), { minLength: 1, maxLength: 37 }),
          fc.boolean(),
        )
        // All length in the first weight, which the rotation spreads over all, or a pattern.
        .map(([length, pattern, single]) =>
          fill(dtype, [length], single ? [2 * Math.sqrt(length), ...Array(length - 1).fill(0)] : pattern),
        ),
      ...strengths(dtype),
    })),
    async (subject, { W, ...strength }, must) => {
      const before = await penaltyOf(subject, { W }, strength);
      const rotated = tensor(W.dtype, W.shape, rotate(valuesOf(W)));
      const after = await penaltyOf(subject, { W: rotated }, strength);
      // Each of log2 n additions and the rounding to the dtype moves a weight by u, and its square by twice that.
      const rotation = 2 * (Math.log2(W.data.length) + 1);
      const allowed = sum(W.dtype, 2 * roundingsOf(W) + rotation, Math.abs(before.value));
      must.beNear('the penalty of the rotated weights', after.value, before.value, allowed);
    },
  ),
});

/**
 * H w / √n with Sylvester's n × n Hadamard matrix H, for n = 4, 16, 64, …: √n is then a power of two, and the
 * determinant 1. Simple numbers stay simple: [4, 0, 0, 0] becomes [2, 2, 2, 2].
 */
function rotate(w: ArrayLike<number>): Float64Array {
  const rotated = Float64Array.from(w);
  for (let half = 1; half < rotated.length; half *= 2) {
    for (let i = 0; i < rotated.length; i++) {
      if (i & half) continue;
      const [a, b] = [rotated[i], rotated[i + half]];
      rotated[i] = a + b;
      rotated[i + half] = a - b;
    }
  }
  return rotated.map((value) => value / Math.sqrt(rotated.length));
}

export const biasesAreExempt = clause({
  id: 'l2/biases-are-exempt-as-declared',
  level: 'MUST',
  statement:
    'Biases and normalization parameters MUST count in the penalty as weights do if so declared, and else not at all.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({ W: few(dtype), b: few(dtype), scale: few(dtype), ...strengths(dtype) })),
    async (subject, { W, b, scale, ...strength }, must) => {
      const { bias = false, gradient = false } = conventionOf(subject);
      const roles: Record<string, Role> = { W: 'weight', b: 'bias', scale: 'norm' };
      const got = await penaltyOf(subject, { W, b, scale }, { ...strength, roles, gradient });
      // As weights, or as if they were not there.
      const counted = await penaltyOf(subject, bias ? { W, b, scale } : { W }, { ...strength, gradient });
      const said = `with biases and norms declared ${bias ? 'to count' : 'exempt'}`;
      const allowed = sum(W.dtype, 2 * roundingsOf(W, b, scale), Math.abs(counted.value));
      must.beNear(`${said}, the penalty`, got.value, counted.value, allowed);
      if (!gradient) return;
      for (const [name, { dtype, data }] of Object.entries({ W, b, scale })) {
        const as = counted.gradients[name];
        const slope = as === undefined ? new Float64Array(data.length) : valuesOf(as);
        const within = sum(dtype, 12, magnitudes(slope));
        must.beNearTensor(`${said}, d:${name}`, got.gradients[name], slope, within);
      }
    },
  ),
});

export const sharedParameterCountsOnce = clause({
  id: 'l2/shared-parameter-counts-once',
  level: 'MUST',
  statement: 'A parameter that goes by two names MUST count once.',
  needs: ['penalty'],
  evidence: forAll(
    casesOf((dtype) => ({ W1: few(dtype), ...strengths(dtype) })),
    async (subject, { W1, ...strength }, must) => {
      const { gradient = false } = conventionOf(subject);
      const twice = { ...strength, gradient, alias: { W2: 'W1' } };
      const shared = await penaltyOf(subject, { W1, W2: W1 }, twice);
      const alone = await penaltyOf(subject, { W1 }, { ...strength, gradient });
      const allowed = sum(W1.dtype, 2 * roundingsOf(W1), Math.abs(alone.value));
      must.beNear('with W2 as an alias, the penalty of W1', shared.value, alone.value, allowed);
      if (!gradient) return;
      const slope = valuesOf(alone.gradients['W1']);
      must.beNearTensor(
        'with W2 as an alias, d:W1',
        shared.gradients['W1'],
        slope,
        sum(W1.dtype, 12, magnitudes(slope)),
      );
    },
  ),
});

export const weightsAreNotModified = clause({
  id: 'l2/weights-are-not-modified',
  level: 'MUST',
  statement: 'Asking for the penalty and its gradient MUST leave the parameters as they are.',
  needs: ['penalty', 'memory'],
  evidence: forAll(
    casesOf((dtype) => ({ W: weights(dtype), ...strengths(dtype) })),
    async (subject, { W, ...strength }, must) => {
      const { gradient = false } = conventionOf(subject);
      const handed = copyOf(W);
      await subject.penalty({ parameters: { W: handed }, roles: { W: 'weight' }, ...strength, gradient });
      must.equalTensor('the given W', handed, W);
    },
  ),
});
