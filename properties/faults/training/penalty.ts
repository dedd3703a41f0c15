/** Networks whose penalty is wrong. */
import type { Args, Implementation, Operation } from '../../../src/subject.ts';
import { answering, asking, type Fault, instead, mapped, mappedTensors, numberIn } from '../fault.ts';
import { inParts, isGradient, isTraining, only, withMasks } from './changes.ts';

/** A network whose penalty is that of a wrong implementation. */
const penalised = (wrong: (implementation: Implementation) => Implementation) => inParts((correct) => correct, wrong);

const penaltyGradient = (change: (slope: number, args: Args) => number) =>
  answering('penalty', (answer, args) =>
    mappedTensors(only(answer, isGradient), (gradient) => mapped(gradient, (slope) => change(slope, args))),
  );

/** Asks for the penalty of parameters in other roles. */
const withRoles = (roleOf: (name: string, args: Args) => string) =>
  asking('penalty', (args, tensors) => [
    { ...args, roles: Object.fromEntries(Object.keys(tensors).map((name) => [name, roleOf(name, args)])) },
    tensors,
  ]);

/** Adds the penalty's gradient only where there is another one: a dropped node's weights have none. */
const penaltyOfWhatActed: (correct: Operation) => Operation = (correct) => async (args, tensors) => {
  const settled = isTraining(args) ? withMasks(args, tensors) : tensors;
  const answer = await correct(args, settled);
  const bare = await correct({ ...args, lambda: 0 }, settled);
  const gradients = mappedTensors(only(answer, isGradient), (gradient, name) =>
    mapped(gradient, (slope, i) => (bare[name].data[i] === 0 ? 0 : slope)),
  );
  return { ...answer, ...gradients };
};

export const penaltyFaults: readonly Fault[] = [
  {
    id: 'training/penalty-not-in-the-loss',
    what: 'The penalty is in the gradients and not in the loss.',
    seen: 'nntrainer pull request 157',
    mend: 'Add the penalty to the loss that is reported.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(answering('penalty', ({ value }) => ({ value: mapped(value, () => 0) }))),
  },
  {
    id: 'training/penalty-not-in-the-gradients',
    what: 'The penalty is in the loss and not in the gradients.',
    mend: 'Add the penalty’s gradient to that of the loss.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(penaltyGradient(() => 0)),
  },
  {
    id: 'training/penalty-gradient-doubled',
    what: 'The gradient of the penalty has a 2 that its 1/2 should have cancelled.',
    seen: 'CS231n issue 3',
    mend: 'Derive the gradient from the penalty that is added: with the factor 1/2 it is lambda · w.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(penaltyGradient((slope) => 2 * slope)),
  },
  {
    id: 'training/penalty-gradient-divided-by-the-batch',
    what: 'The gradient of the penalty is divided by the batch with that of the loss, and the penalty is not.',
    seen: 'ConvNetJS',
    mend: 'Add the penalty’s gradient after the division by the batch, or divide both.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(penaltyGradient((slope, args) => slope / numberIn(args, 'examples'))),
  },
  {
    id: 'training/biases-penalised',
    what: 'Biases are penalised though declared exempt.',
    seen: 'transformers issue 4360',
    mend: 'Leave the biases out of the penalty, or declare that they count.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(withRoles(() => 'weight')),
  },
  {
    id: 'training/only-the-first-layer-penalised',
    what: 'Only the weights of the first layer are penalised.',
    seen: 'gcn issue 108, google-research issue 95',
    mend: 'Go through the weights of all layers.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(withRoles((name) => (name === 'W1' ? 'weight' : 'bias'))),
  },
  {
    id: 'training/lambda-clipped-to-one',
    what: 'A lambda above 1 is taken for 1, as if it were a probability.',
    mend: 'Take lambda as it is: it has no upper bound.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: asking('network', (args, tensors) => [{ ...args, lambda: Math.min(1, numberIn(args, 'lambda')) }, tensors]),
  },
  {
    id: 'training/dropped-nodes-not-penalised',
    what: 'The gradients have the penalty’s only where they have another one: not for the weights of dropped nodes.',
    mend: 'Add the penalty’s gradient for all weights, whatever is dropped.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: instead('network', penaltyOfWhatActed),
  },
];
