/** What decay alone does: the gradient is zero, and nothing else moves the weights. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { show } from '../../src/show.ts';
import type { Subject } from '../../src/subject.ts';
import { type Dtype, type Tensor, tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { isCoarse } from '../arbitraries.ts';
import { type Asked, after, conventionOf, noGradients, type Prediction, predict, step } from './calls.ts';
import { casesOfEach, rates, ratesBeyondOne, shortAndLongWeights, weights } from './cases.ts';
import { fractionOf, isNormalized } from './model.ts';

/** The weights after the steps without a gradient, and what the recurrences say. */
async function rest(subject: Subject, asked: Asked, W: Tensor): Promise<{ got: Tensor; predicted: Prediction }> {
  const gradients = noGradients({ W }, asked.steps);
  const { W: got } = await step(subject, asked, { parameters: { W }, gradients });
  return { got, predicted: predict(subject, asked, { W, gradient: gradients['W'] }) };
}

/** lr and weight_decay as they are used, from the strong to the weak: [0.001, 0.01] is AdamW's default. */
const usual: readonly (readonly [number, number])[] = [
  [0.5, 0.5],
  [0.1, 0.1],
  [0.1, 0.01],
  [0.01, 0.1],
  [0.1, 5e-4],
  [0.001, 0.01],
  [0.01, 5e-4],
  [0.1, 1e-4],
];

/** Those of which a step takes 32 roundings at least, so that every element is seen to shrink. */
const seen = (dtype: Dtype): readonly (readonly [number, number])[] =>
  usual.filter(([lr, weightDecay]) => lr * weightDecay >= 32 * unitRoundoff(dtype));

export const shrinksTheNorm = clause({
  id: 'decay/shrinks-the-norm',
  level: 'MUST',
  statement: 'With a zero gradient, a step with weight decay MUST make the norm of the weights smaller.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach(({ dtype }) => ({ W: weights(dtype), rates: fc.constantFrom(...seen(dtype)) })),
    async (subject, { optimizer, W, rates: [lr, weightDecay] }, must) => {
      const { got } = await rest(subject, { optimizer, lr, weightDecay }, W);
      const [was, is] = [norm(W), norm(got)];
      const where = `after a step of ${optimizer}, the norm of W`;
      must.hold(is < was, { where, got: show(is), wanted: `less than before, ${show(was)}` });
    },
  ),
});

const norm = (W: Tensor): number => Math.hypot(...valuesOf(W));

export const keepsTheDirection = clause({
  id: 'decay/keeps-the-direction',
  level: 'MUST',
  statement:
    'With a zero gradient, all weights MUST shrink by the same factor; where Adam normalizes the decay, by the same amount.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach(({ dtype }) => ({
      first: weights(dtype),
      second: weights(dtype),
      // Zeros have no direction of their own: what is added to every weight shows there.
      zeros: fc.integer({ min: 0, max: 2 }),
      ...rates(dtype),
    })),
    async (subject, { optimizer, first, second, zeros, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay };
      const values = [...valuesOf(second), ...Array<number>(zeros).fill(0)];
      const parameters = { W1: first, W2: tensor(first.dtype, [values.length], values) };
      const gradients = noGradients(parameters);
      const got = await step(subject, asked, { parameters, gradients });
      const normalized = isNormalized(optimizer, conventionOf(subject, optimizer));
      const [pivot, moved] = [valuesOf(first)[0], valuesOf(got['W1'])[0]];
      const { allowance } = predict(subject, asked, { W: first, gradient: gradients['W1'] });
      for (const [name, W] of Object.entries(parameters)) {
        const start = valuesOf(W);
        const own = predict(subject, asked, { W, gradient: noGradients({ W })['W'] }).allowance;
        // An element moves in proportion to W1[0], or as far where the decay is normalized; and so does an error of it.
        const share = (w: number): number => (normalized ? Math.sign(w) * Math.sign(pivot) : w / pivot);
        const wanted = Float64Array.from(start, (w) => w + share(w) * (moved - pivot));
        const where = `given W1[0] from ${show(pivot)} to ${show(moved)}, ${after(asked)}, ${name}`;
        must.beNearTensor(where, got[name], wanted, {
          within: (i) => own.within(i) + Math.abs(share(start[i])) * allowance.within(0),
          because: `${own.because}, and those of W1[0]`,
        });
      }
    },
  ),
});

export const factorIsAsDeclared = clause({
  id: 'decay/factor-is-as-declared',
  level: 'MUST',
  statement:
    'With a zero gradient, a step MUST multiply every weight by 1 − lr · weight_decay, or 1 − weight_decay if so declared; where Adam normalizes the decay, it moves by lr towards zero.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach(({ dtype }) => ({ W: shortAndLongWeights(dtype), ...ratesBeyondOne(dtype) })),
    async (subject, { optimizer, W, lr, weightDecay }, must) => {
      const convention = conventionOf(subject, optimizer);
      const asked = { optimizer, lr, weightDecay };
      const { got, predicted } = await rest(subject, asked, W);
      const factor = 1 - fractionOf(convention, lr, weightDecay);
      const wanted = Float64Array.from(valuesOf(W), (w) =>
        isNormalized(optimizer, convention) ? w - lr * Math.sign(w) : w * factor,
      );
      must.beNearTensor(`${after(asked)}, W`, got, wanted, predicted.allowance);
    },
  ),
});

export const isGeometricOverSteps = clause({
  id: 'decay/geometric-over-steps',
  level: 'MUST',
  statement:
    'With a zero gradient, k steps MUST multiply the weights by the k-th power of the factor of one step; where Adam normalizes the decay, they follow its recurrence.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach(({ dtype, steps }) => ({
      W: weights(dtype),
      // In 16 bits only a few: their roundings leave the power a meaning.
      steps: isCoarse(dtype)
        ? fc.constant(steps)
        : fc.oneof({ withCrossShrink: true }, fc.constant(steps), fc.constantFrom(12, 25)),
      ...rates(dtype),
    })),
    async (subject, { optimizer, W, steps, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay };
      const many = await rest(subject, { ...asked, steps }, W);
      const where = `${after({ ...asked, steps })}, W`;
      if (isNormalized(optimizer, conventionOf(subject, optimizer))) {
        // Near zero the recurrence amplifies roundings: it is asked of weights that stay well away from it.
        if (valuesOf(W).some((w) => Math.abs(w) < (steps + 1) * lr)) return;
        must.beNearTensor(where, many.got, many.predicted.values, many.predicted.allowance);
        return;
      }
      const one = await rest(subject, asked, W);
      const start = valuesOf(W);
      const wanted = Float64Array.from(valuesOf(one.got), (w, i) => start[i] * (w / start[i]) ** steps);
      must.beNearTensor(`given what one step does, ${where}`, many.got, wanted, {
        within: (i) => many.predicted.allowance.within(i) + steps * one.predicted.allowance.within(i),
        because: `${many.predicted.allowance.because}, and ${steps} times those of one`,
      });
    },
  ),
});

export const isProportional = clause({
  id: 'decay/proportional-to-the-weight',
  level: 'MUST',
  statement:
    'With a zero gradient, weights s times as large MUST change by s times as much; where Adam normalizes the decay, by as much.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach(({ dtype }) => ({
      W: weights(dtype),
      exponent: isCoarse(dtype)
        ? fc.constantFrom(1, -1, 2, -2)
        : fc.oneof({ withCrossShrink: true }, fc.constantFrom(1, -4), fc.integer({ min: -10, max: 10 })),
      ...rates(dtype),
    })),
    async (subject, { optimizer, W, exponent, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay };
      const s = 2 ** exponent;
      const start = valuesOf(W);
      const scaled = tensor(
        W.dtype,
        W.shape,
        Float64Array.from(start, (w) => s * w),
      );
      const [own, other] = [await rest(subject, asked, W), await rest(subject, asked, scaled)];
      const factor = isNormalized(optimizer, conventionOf(subject, optimizer)) ? 1 : s;
      const wanted = Float64Array.from(valuesOf(own.got), (w, i) => s * start[i] + factor * (w - start[i]));
      must.beNearTensor(`given what it makes of W, ${after(asked)}, ${s} · W`, other.got, wanted, {
        within: (i) => other.predicted.allowance.within(i) + factor * own.predicted.allowance.within(i),
        because: `${other.predicted.allowance.because}, and ${factor} times those from W`,
      });
    },
  ),
});
