/** What dropout is on average over its masks: exact sums, since all masks of a small network are enumerated. */
import fc from 'fast-check';
import { clause, overAllMasks } from '../../src/clause.ts';
import type { NetworkAnswer } from '../../src/subject.ts';
import { type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { dtypeOf, fill } from '../arbitraries.ts';
import {
  ask,
  dtypesOf,
  evaluation,
  masksOf,
  matrix,
  network,
  nodesOf,
  possibleBits,
  probabilityOf,
  rate,
} from './cases.ts';
import { arithmeticOf, given, negative, type Rounded, withinRounding } from './rounding.ts';
import { type Setting, type Thinned, thinned } from './thinned.ts';

/** The most hidden nodes whose masks are enumerated: 64 masks, as the examples of one batch. */
const mostNodes = 6;

/** Σ probability(mask) · number(mask) over the masks of one example, in the order of `possibleBits`. */
function expectation(setting: Setting, number: (mask: number) => Rounded): Rounded {
  const { rounded, sum, product } = arithmeticOf('float64');
  return sum(
    possibleBits(setting).map((bits, mask) =>
      product(rounded(probabilityOf(bits, setting), 0, 2 * bits.length), number(mask)),
    ),
  );
}

export const linearEnsembleMeanIsTheFullNetwork = clause({
  id: 'training/linear-ensemble-mean-is-the-full-network',
  level: 'MUST',
  statement:
    'Where the activation is the identity, the mean of the training output over all masks, each weighted by its probability, MUST be the evaluation output.',
  needs: ['network.masks'],
  evidence: overAllMasks(
    (can) =>
      network(can, { activations: ['identity'], losses: ['mse'], mostExamples: 1 })
        .filter((masked) => nodesOf(masked) <= mostNodes)
        .map(({ masks: _, ...setting }): Setting => setting),
    async (subject, setting, must) => {
      const { x, t } = setting;
      const rows = possibleBits(setting);
      // One batch holds the same example once for every mask.
      const repeated = (row: Tensor): Tensor => fill(row.dtype, [rows.length, row.shape[1]], Array.from(valuesOf(row)));
      const ensemble = { ...setting, x: repeated(x), t: repeated(t) };
      const masks = masksOf(rows, setting);
      const { y } = await ask(subject, ensemble, { training: true, masks });
      const full = await ask(subject, setting, evaluation);

      const errors = { y: thinned(ensemble, masks).y, full: thinned(setting).y };
      const [answered, outputs] = [valuesOf(y), t.shape[1]];
      for (const [k, wanted] of valuesOf(full.y).entries()) {
        const mean = expectation(setting, (mask) => {
          const i = mask * outputs + k;
          return { value: answered[i], error: errors.y[i].error };
        });
        const allowed = { value: wanted, error: mean.error + errors.full[k].error };
        must.beNear(`the mean of y[${k}]`, mean.value, wanted, withinRounding(x.dtype, allowed));
      }
    },
  ),
});

/** Linear regression on dropped inputs: y = w · (x · mask / keep_prob), as a network whose first layer passes x on. */
function regression({ x, w, t, keepProb }: { x: Tensor; w: Tensor; t: Tensor; keepProb: number }): Setting {
  const { dtype } = x;
  const inputs = x.shape[1];
  const identity = Array.from({ length: inputs ** 2 }, (_, i) => (i % (inputs + 1) === 0 ? 1 : 0));
  return {
    layers: [inputs, inputs, 1],
    activation: 'identity',
    loss: 'mse',
    keepProbs: [keepProb],
    x,
    t,
    parameters: {
      W1: tensor(dtype, [inputs, inputs], identity),
      b1: fill(dtype, [inputs], [0]),
      W2: w,
      b2: fill(dtype, [1], [0]),
    },
  };
}

/**
 * 1/(2·batch) · (‖t − Xw‖² + (1 − p)/p · Σ_j w_j² Σ_i x_ij²) and its gradient by w (Srivastava et al. 2014, §9.1; Wager
 * et al. 2013): L2 with a strength for each weight, adapted to the size of its input.
 */
function adaptiveL2({ x, t, parameters, keepProbs }: Setting): { loss: Rounded; gradient: readonly Rounded[] } {
  const { rounded, sum, product, quotient } = arithmeticOf(x.dtype);
  const [batch, inputs] = x.shape;
  const [X, w, targets] = [given(x), given(parameters['W2']), given(t)];
  const columnOf = (j: number): readonly Rounded[] => X.filter((_, i) => i % inputs === j);
  const residuals = targets.map((target, i) =>
    sum([negative(target), ...w.map((weight, j) => product(X[i * inputs + j], weight))]),
  );
  const strengths = w.map((_, j) => {
    const { value, error } = sum(columnOf(j).map((element) => product(element, element)));
    const odds = (1 - keepProbs[0]) / keepProbs[0];
    return rounded(odds * value, odds * error, 4);
  });
  const penalties = w.map((weight, j) => product(strengths[j], weight));
  return {
    loss: quotient(
      sum([...residuals.map((r) => product(r, r)), ...w.map((weight, j) => product(penalties[j], weight))]),
      2 * batch,
    ),
    gradient: w.map((_, j) =>
      quotient(sum([penalties[j], ...columnOf(j).map((element, i) => product(element, residuals[i]))]), batch),
    ),
  };
}

export const dropoutOnLinearRegressionIsAdaptiveL2 = clause({
  id: 'training/dropout-on-linear-regression-is-adaptive-l2',
  level: 'MUST',
  statement:
    'In linear regression with dropout on the inputs, the mean of the loss over all masks, each weighted by its probability, MUST be the loss without dropout plus (1 − keep_prob) / keep_prob · Σ_j w_j² Σ_i x_ij² / (2 · batch), and the mean of its gradient the gradient of that.',
  needs: ['network.masks'],
  evidence: overAllMasks(
    (can) =>
      fc
        .record({
          dtype: dtypeOf(dtypesOf(can)),
          inputs: fc.integer({ min: 1, max: 3 }),
          batch: fc.integer({ min: 1, max: 3 }),
        })
        .chain(({ dtype, inputs, batch }) =>
          fc.record({
            x: matrix(dtype, [batch, inputs]),
            w: matrix(dtype, [1, inputs], { nonZero: true }),
            t: matrix(dtype, [batch, 1]),
            keepProb: rate(),
          }),
        ),
    async (subject, example, must) => {
      const setting = regression(example);
      const { dtype, shape } = example.x;
      // Every example has the same mask: the mean over the masks of a sum over examples does not ask how they go together.
      const answers: { readonly answer: NetworkAnswer; readonly own: Thinned }[] = [];
      for (const bits of possibleBits(setting)) {
        const masks = masksOf(Array<readonly number[]>(shape[0]).fill(bits), setting);
        answers.push({ answer: await ask(subject, setting, { training: true, masks }), own: thinned(setting, masks) });
      }
      const wanted = adaptiveL2(setting);
      const loss = expectation(setting, (mask) => {
        const { answer, own } = answers[mask];
        return { value: answer.loss, error: own.loss.error };
      });
      const allowed = { value: wanted.loss.value, error: loss.error + wanted.loss.error };
      must.beNear('the mean loss', loss.value, wanted.loss.value, withinRounding(dtype, allowed));
      for (const [j, { value, error }] of wanted.gradient.entries()) {
        const mean = expectation(setting, (mask) => {
          const { answer, own } = answers[mask];
          return { value: valuesOf(answer.gradients['W2'])[j], error: own.gradients['W2'][j].error };
        });
        must.beNear(
          `the mean of d:W2[0,${j}]`,
          mean.value,
          value,
          withinRounding(dtype, { value, error: mean.error + error }),
        );
      }
    },
  ),
});
