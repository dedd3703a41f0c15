/** At test time nothing is dropped and nothing is scaled. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import type { Subject } from '../../src/subject.ts';
import { type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { scaling, smallestNormal } from '../allowances.ts';
import { fill, keepProb, tensorOf } from '../arbitraries.ts';
import { dtypesOf, freshLayer, maskOf, scaled, sources } from './calls.ts';

export const evaluationIsIdentity = clause({
  id: 'dropout/evaluation-is-identity',
  level: 'MUST',
  statement: 'In evaluation, the output MUST be x itself, bit for bit.',
  needs: ['dropout'],
  evidence: forAll(
    (can) => fc.record({ x: tensorOf(dtypesOf(can), { specials: true }), keepProb: keepProb() }),
    async (subject, { x, keepProb }, must) => {
      const { y } = await subject.dropout({ x, keepProb, training: false });
      must.equalTensor('y', y, x);
      const own = freshLayer(subject, 'evaluation-is-identity');
      if (!own.layer) return;
      // A layer that has trained may still hold its mask.
      await subject.dropout({ x, keepProb, training: true, ...own });
      const after = await subject.dropout({ x, keepProb, training: false, ...own });
      must.equalTensor('after training, y', after.y, x);
    },
  ),
});

export const evaluationLeavesTrainingAlone = clause({
  id: 'dropout/evaluation-leaves-training-alone',
  level: 'MUST',
  statement: 'Training after an evaluation MUST drop and scale as it did before it, with a new mask.',
  needs: ['dropout'],
  evidence: forAll(
    (can) =>
      fc.record({
        dtype: fc.constantFrom(...dtypesOf(can)),
        pattern: fc.array(fc.constantFrom(1, 2, -1, 0.5), { minLength: 1, maxLength: 3 }),
        keepProb: fc.constantFrom(0.5, 0.25, 0.8, 0.1, 0.9),
        seed: fc.nat({ max: 2 ** 31 - 1 }),
      }),
    async (subject, { dtype, pattern, keepProb, seed }, must) => {
      // Among 2 048 elements at these rates, none kept or none dropped has probability 0.9^2048 < 1e-93, and the mask
      // drawn before once more 0.82^2048 < 1e-176.
      const x = fill(dtype, [2048], pattern);
      for (const { call, words } of layersAndFunction(subject, seed)) {
        const ask = (training: boolean) => subject.dropout({ x, keepProb, training, ...call });
        const before = maskOf((await ask(true)).y);
        await ask(false);
        const { y } = await ask(true);
        const mask = maskOf(y);
        const seen = {
          where: `${words}training after an evaluation`,
          wanted: 'some elements kept and some dropped, of 2048',
        };
        must.hold(mask.includes(0), { ...seen, got: 'keeping every element' });
        must.hold(mask.includes(1), { ...seen, got: 'dropping every element' });
        const wanted = scaled(valuesOf(x), mask, keepProb);
        must.beNearTensor(`${words}after an evaluation, y`, y, wanted, scaling(dtype, keepProb, wanted));
        must.hold(
          mask.some((kept, i) => kept !== before[i]),
          {
            ...seen,
            got: 'drawing the mask of the call before it once more',
            wanted: 'a new mask',
          },
        );
      }
    },
  ),
});

/** Who trains and evaluates; a layer with a seed too, where its masks advance: a seed must not be taken up anew. */
function layersAndFunction(subject: Subject, seed: number) {
  const purpose = 'evaluation-leaves-training-alone';
  const unseeded = sources(subject, purpose);
  const { layer, seed: seeding } = subject.capabilities.dropout ?? {};
  if (!layer || seeding !== 'advances') return unseeded;
  return [...unseeded, { call: { ...freshLayer(subject, purpose), seed }, words: `in a layer of seed ${seed}, ` }];
}

export const evaluationGradientIsIdentity = clause({
  id: 'dropout/evaluation-gradient-is-identity',
  level: 'MUST',
  statement: 'In evaluation, the gradient dx MUST be dy itself, bit for bit.',
  needs: ['dropout.gradient'],
  evidence: forAll(
    (can) =>
      tensorOf(dtypesOf(can)).chain((x) =>
        fc.record({
          x: fc.constant(x),
          dy: tensorOf([x.dtype], { shapes: fc.constant(x.shape), specials: true }).map(asAddedToZero),
          keepProb: keepProb(),
        }),
      ),
    async (subject, { x, dy, keepProb }, must) => {
      const answer = await subject.dropout({ x, keepProb, training: false, dy });
      if (answer.dx) must.equalTensor('dx', answer.dx, dy);
      const own = freshLayer(subject, 'evaluation-gradient-is-identity');
      if (!own.layer) return;
      await subject.dropout({ x, keepProb, training: true, dy, ...own });
      const after = await subject.dropout({ x, keepProb, training: false, dy, ...own });
      if (after.dx) must.equalTensor('after training, dx', after.dx, dy);
    },
  ),
});

/**
 * Gradients are often added to a zero, by arithmetic that may flush subnormals: 0 + −0 is 0. Whether they are is no matter
 * of dropout, and so both become 0 before they are asked about.
 */
function asAddedToZero(dy: Tensor): Tensor {
  const added = Float64Array.from(valuesOf(dy), (value) => (Math.abs(value) < smallestNormal(dy.dtype) ? 0 : value));
  return tensor(dy.dtype, dy.shape, added);
}
