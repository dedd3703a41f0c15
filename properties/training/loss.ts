/** The loss that is reported, and the penalty in it. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { element } from '../../src/must.ts';
import type { PenaltyCapabilities } from '../../src/subject.ts';
import { largestFinite, tensor, unitRoundoff, valuesOf } from '../../src/tensor.ts';
import { isCoarse } from '../arbitraries.ts';
import { ask, evaluation, network, training } from './cases.ts';
import { arithmeticOf, exact, given, type Rounded, withinRounding } from './rounding.ts';
import { lossOf, type Setting, thinned } from './thinned.ts';

/**
 * Outputs of which a softmax is taken, all moved by as much, the last bias with them: to where exp y is infinite, or 0.
 * The loss is hardly changed. In 16 bits its roundings there would be larger than itself, and they stay as they are.
 */
function withLargeOutputs(setting: Setting, side: number): Setting {
  const { dtype } = setting.x;
  if (setting.loss !== 'softmax_cross_entropy' || isCoarse(dtype)) return setting;
  // e to 128 is beyond float32, e to 1024 beyond float64; twice as far no output of 64 leads back.
  const far = 2 * 2 ** Math.ceil(Math.log2(Math.log(largestFinite(dtype))));
  const name = `b${setting.layers.length - 1}`;
  const bias = setting.parameters[name];
  const moved = tensor(
    dtype,
    bias.shape,
    Array.from(valuesOf(bias), (value) => value + side * far),
  );
  return { ...setting, parameters: { ...setting.parameters, [name]: moved } };
}

export const lossIsThatOfTheOutput = clause({
  id: 'training/loss-is-that-of-the-output',
  level: 'MUST',
  statement:
    'The loss MUST be that of the output y of the same call: half the mean over examples of the squared error’s sum, or the mean over examples of the cross-entropy of softmax y.',
  needs: ['network'],
  evidence: forAll(
    (can) =>
      fc
        .record({ masked: network(can), side: fc.constantFrom(0, 0, 1, -1), training: fc.boolean() })
        .map(({ masked: { masks: _, ...setting }, side, training }) => ({
          setting: withLargeOutputs(setting, side),
          training,
        })),
    async (subject, { setting, training: inTraining }, must) => {
      const { dtype } = setting.x;
      const answer = await ask(subject, setting, inTraining ? training : evaluation);
      // The loss may be that of an output which was rounded to its dtype only to be answered.
      const y = Array.from(valuesOf(answer.y), (value) => ({ value, error: unitRoundoff(dtype) * Math.abs(value) }));
      const wanted = lossOf(setting.loss, y, setting.t);
      must.beNear('loss', answer.loss, wanted.value, withinRounding(dtype, wanted));
    },
  ),
});

/** By how much a penalty must exceed what rounding can hide, so that a wrong one shows. */
const clearly = 16;

export const penaltyEntersLossAndGradients = clause({
  id: 'training/penalty-enters-loss-and-gradients',
  level: 'MUST',
  statement:
    'The penalty, by its declared convention and with the batch for its examples, MUST be added to the loss, and its gradient to the gradients, whatever is dropped.',
  needs: ['network', 'penalty'],
  evidence: forAll(
    (can) =>
      fc.record({
        setting: network(can, { mostLayers: 2 }),
        lambda: fc.constantFrom(1, 0.5, 2, 0.1, 0.75),
        // A subject that draws masks of its own answers two calls alike only in evaluation.
        training: can.network?.masks === true ? fc.boolean() : fc.constant(false),
      }),
    async (subject, { setting: { masks, ...setting }, lambda, training }, must) => {
      const convention = subject.capabilities.penalty;
      if (convention === undefined) return;
      const { dtype } = setting.x;
      const { sum } = arithmeticOf(dtype);
      const mode = training ? { training, masks } : evaluation;
      const without = await ask(subject, setting, mode);
      const penalised = await ask(subject, setting, { ...mode, lambda });
      const own = thinned(setting, training ? masks : undefined);

      const penalty = penaltyOf(setting, lambda, convention);
      const loss = sum([{ value: without.loss, error: 2 * own.loss.error }, penalty.value]);
      if (penalty.value.value >= clearly * loss.error) {
        must.beNear('loss', penalised.loss, loss.value, withinRounding(dtype, loss));
      }
      for (const [name, gradient] of Object.entries(without.gradients)) {
        for (const [i, value] of valuesOf(gradient).entries()) {
          const wanted = sum([{ value, error: 2 * own.gradients[name][i].error }, penalty.gradientOf(name)[i]]);
          const visible = Math.abs(penalty.slope * valuesOf(setting.parameters[name])[i]);
          if (visible < clearly * wanted.error) continue;
          const where = element(`d:${name}`, i, gradient);
          must.beNear(where, valuesOf(penalised.gradients[name])[i], wanted.value, withinRounding(dtype, wanted));
        }
      }
    },
  ),
});

/** value = c · lambda · Σ w² / examples, and its gradient 2 · c · lambda · w / examples; biases have a part if the convention says so. */
function penaltyOf(setting: Setting, lambda: number, convention: PenaltyCapabilities) {
  const { rounded, sum, product } = arithmeticOf(setting.x.dtype);
  const factor = (convention.coefficient * lambda) / (convention.per_example === true ? setting.x.shape[0] : 1);
  // lambda, c · lambda, the quotient by the examples and the product with it are rounded; so may 2 · c · lambda be.
  const scaled = ({ value, error }: Rounded, by: number): Rounded => rounded(value * by, error * by, 4);
  const penalised = (name: string): Rounded[] =>
    given(setting.parameters[name]).map((w) => (name.startsWith('W') || convention.bias === true ? w : exact(0)));
  const squares = Object.keys(setting.parameters)
    .flatMap(penalised)
    .map((w) => product(w, w));
  return {
    value: scaled(sum(squares), factor),
    /** The gradient of a penalised element, as a multiple of it. */
    slope: 2 * factor,
    gradientOf: (name: string): Rounded[] => penalised(name).map((w) => scaled(w, 2 * factor)),
  };
}
