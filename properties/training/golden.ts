/** What NumPy computes for given masks: single calls, and twenty steps of gradient descent. */
import { clause, type ExpectedTensor, golden, type Vector } from '../../src/clause.ts';
import type { Must } from '../../src/must.ts';
import type { Activation, Capabilities, Loss, Subject } from '../../src/subject.ts';
import { scalar, type Tensor, tensor, valuesOf } from '../../src/tensor.ts';
import { scaling, sum } from '../allowances.ts';
import { ask, dtypesOf, type Masked } from './cases.ts';

export const goldenTraining = clause({
  id: 'training/golden',
  level: 'MUST',
  statement:
    'Losses, outputs, gradients and the parameters after twenty steps of gradient descent MUST be those that NumPy computes for the same masks.',
  needs: ['network'],
  evidence: golden('training', async (subject, vector, must) => {
    if (!isAskable(vector, subject.capabilities)) return;
    const answer = vector.op === 'train' ? await train(subject, vector) : await once(subject, vector);
    for (const [name, expected] of Object.entries(vector.expected))
      beExpected(name, answer[name], expected, vector, must);
  }),
});

/** Whether the subject has the vector's dtype, takes masks where there are some, and has its convention where it matters. */
function isAskable({ args, convention, tensors }: Vector, can: Capabilities): boolean {
  if (!dtypesOf(can).includes(tensors['x'].dtype)) return false;
  if (args['training'] !== false && can.network?.masks !== true) return false;
  if (args['lambda'] === 0) return true;
  const declared: Readonly<Record<string, unknown>> = { per_example: false, bias: false, ...can.penalty };
  return Object.entries(convention ?? {}).every(([key, value]) => declared[key] === value);
}

const settingOf = ({ args, tensors }: Vector): Masked => {
  const layers = args['layers'] as readonly number[];
  const numbers = layers.slice(1).map((_, l) => l + 1);
  const hidden = numbers.slice(0, -1).filter((l) => `mask${l}` in tensors);
  return {
    layers,
    activation: args['activation'] as Activation,
    loss: args['loss'] as Loss,
    keepProbs: args['keep_probs'] as readonly number[],
    x: tensors['x'],
    t: tensors['t'],
    parameters: Object.fromEntries(numbers.flatMap((l) => [`W${l}`, `b${l}`].map((name) => [name, tensors[name]]))),
    masks: hidden.map((l) => tensors[`mask${l}`]),
  };
};

async function once(subject: Subject, vector: Vector): Promise<Readonly<Record<string, Tensor>>> {
  const setting = settingOf(vector);
  const training = vector.args['training'] === true;
  const mode = training ? { training, masks: setting.masks } : { training };
  const { loss, y, gradients } = await ask(subject, setting, { ...mode, lambda: Number(vector.args['lambda']) });
  const named = Object.entries(gradients).map(([name, gradient]) => [`d:${name}`, gradient]);
  return { loss: scalar(loss), y, ...Object.fromEntries(named) };
}

/** The subject gives the gradients; the steps, w − lr · d:w, are taken here. */
async function train(subject: Subject, vector: Vector): Promise<Readonly<Record<string, Tensor>>> {
  const { masks, ...setting } = settingOf(vector);
  const [steps, lr, lambda] = ['steps', 'lr', 'lambda'].map((name) => Number(vector.args[name]));
  const losses: number[] = [];
  let { parameters } = setting;
  for (let step = 0; step < steps; step++) {
    const mode = { training: true, lambda, masks: masks.map((all) => stepOf(all, step)) };
    const { loss, gradients } = await ask(subject, { ...setting, parameters }, mode);
    losses.push(loss);
    const moved = Object.entries(parameters).map(([name, w]) => {
      const gradient = valuesOf(gradients[name]);
      const next = Array.from(valuesOf(w), (value, i) => value - lr * gradient[i]);
      return [name, tensor(w.dtype, w.shape, next)];
    });
    parameters = Object.fromEntries(moved);
  }
  return { losses: tensor('float64', [steps], losses), ...parameters };
}

/** One step's masks of a tensor with a leading axis of steps. */
function stepOf({ dtype, shape: [, ...shape], data }: Tensor, step: number): Tensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return { dtype, shape, data: data.slice(step * size, (step + 1) * size) };
}

function beExpected(
  name: string,
  got: Tensor,
  { tensor: wanted, roundings, magnitude }: ExpectedTensor,
  vector: Vector,
  must: Must,
) {
  const { dtype } = vector.tensors['x'];
  const values = valuesOf(wanted);
  const keepProb = Math.min(1, ...(vector.args['keep_probs'] as readonly number[]));
  const allowed = roundings === 0 ? scaling(dtype, keepProb, values) : sum(dtype, roundings, valuesOf(magnitude));
  must.beNearTensor(name, got, values, allowed);
}
