/** The operations of the protocol: what travels is read, asked of the reference's functions, and named again. */
import { Refusal } from '../errors.ts';
import type { Activation, Args, Loss, StepCapabilities } from '../subject.ts';
import { scalar, sizeOf, type Tensor, type Tensors } from '../tensor.ts';
import { descend } from './decay.ts';
import { demand, demandCount } from './demand.ts';
import { demandProbability, drawMask, dropout, dropoutGradient, evaluate } from './dropout.ts';
import { type Floats, mapValues, type NamedFloats, zerosLike } from './floats.ts';
import { type PenaltyConvention, penalty, penaltyGradient } from './l2.ts';
import { activations, lossAndGradients, losses, type Network } from './network.ts';
import { randomState } from './numpy-random.ts';
import {
  choice,
  distinct,
  type FloatTensor,
  flag,
  floatTensor,
  floatTensors,
  maskTensor,
  number,
  numbers,
  optionalCount,
  optionalNumber,
  rolesOf,
  schedule,
  uniformTensor,
} from './request.ts';

/** What a stateful layer remembers; a stateless call has one for itself. */
interface Layer {
  readonly keepProb: number;
  readonly random: () => number;
}

export function dropoutOperation(random: () => number): (args: Args, tensors: Tensors) => Tensors {
  const layers = new Map<string | undefined, Layer>();

  function layerOf(args: Args): Layer {
    const id = args['layer'];
    demand(id === undefined || typeof id === 'string', 'layer must be a string', id);
    const keepProb = number(args, 'keep_prob');
    const seed = optionalNumber(args, 'seed');
    demandProbability(keepProb);
    const made = layers.get(id);
    if (made !== undefined) return made;
    const layer = { keepProb, random: seed === undefined ? random : randomState(seed) };
    if (id !== undefined) layers.set(id, layer);
    return layer;
  }

  return (args, tensors) => {
    const training = flag(args, 'training');
    const calls = optionalCount(args, 'repeat');
    const x = floatTensor(tensors, 'x');
    const dy = Object.hasOwn(tensors, 'dy') ? floatTensor(tensors, 'dy', x) : undefined;
    const u = uniformTensor(tensors, 'u', x.shape);
    const layer = layerOf(args);
    const { keepProb } = layer;

    // Successive calls on the same input are one call on the input laid out so often: elements are drawn in order.
    const shape = calls === undefined ? x.shape : [calls, ...x.shape];
    const size = sizeOf(shape);
    const laidOut = (data: Floats): Floats => tile(data, size);
    const random = u === undefined ? layer.random : replay(laidOut(u));
    const mask = training ? drawMask({ size, keepProb, random }) : new Uint8Array(size).fill(1);
    const y = training ? dropout({ x: laidOut(x.data), mask, keepProb }) : evaluate(laidOut(x.data));
    const answer: Tensors = { y: { dtype: x.dtype, shape, data: y }, mask: { dtype: 'uint8', shape, data: mask } };
    if (dy === undefined) return answer;
    const dx = training ? dropoutGradient({ dy: laidOut(dy.data), mask, keepProb }) : evaluate(laidOut(dy.data));
    return { ...answer, dx: { dtype: x.dtype, shape, data: dx } };
  };
}

export function penaltyOperation(args: Args, tensors: Tensors, convention: PenaltyConvention): Tensors {
  const parameters = floatTensors(distinct(args, tensors));
  const question = {
    parameters: mapValues(parameters, ({ data }) => data),
    roles: rolesOf(args, Object.keys(parameters)),
    lambda: number(args, 'lambda'),
    examples: optionalCount(args, 'examples'),
    convention,
  };
  const value = scalar(penalty(question));
  const wanted = args['gradient'] !== undefined && flag(args, 'gradient');
  return wanted ? { value, ...derivatives(parameters, penaltyGradient(question)) } : { value };
}

export function stepOperation(args: Args, tensors: Tensors, optimizers: StepCapabilities['optimizers']): Tensors {
  const optimizer = choice(args, 'optimizer', ['sgd', 'adam', 'adamw']);
  const convention = optimizers[optimizer];
  if (convention === undefined) throw new Refusal('unsupported', `optimizer ${optimizer} has no convention`);
  const steps = number(args, 'steps');
  const named = Object.entries(tensors);
  const isGradient = ([name]: [string, Tensor]): boolean => name.startsWith('g:');
  const parameters = floatTensors(distinct(args, Object.fromEntries(named.filter((entry) => !isGradient(entry)))));
  const sent = Object.fromEntries(named.filter(isGradient).map(([name, g]) => [name.slice('g:'.length), g]));
  const gradients = mapValues(distinct(args, sent), (g, name) => {
    demand(Object.hasOwn(parameters, name), `g:${name} must be the gradient of a parameter`, Object.keys(parameters));
    const { dtype, shape } = parameters[name];
    return floatTensor({ [`g:${name}`]: g }, `g:${name}`, { dtype, shape: [steps, ...shape] }).data;
  });
  const moved = descend({
    optimizer,
    convention,
    lr: schedule(args, 'lr'),
    weightDecay: schedule(args, 'weight_decay'),
    steps,
    momentum: optionalNumber(args, 'momentum'),
    beta1: optionalNumber(args, 'beta1'),
    beta2: optionalNumber(args, 'beta2'),
    eps: optionalNumber(args, 'eps'),
    parameters: mapValues(parameters, ({ data }) => data),
    roles: rolesOf(args, Object.keys(parameters)),
    gradients,
  });
  return mapValues(parameters, ({ dtype, shape }, name) => ({ dtype, shape, data: moved[name] }));
}

export function networkOperation(
  args: Args,
  tensors: Tensors,
  { convention, random }: { convention: PenaltyConvention; random: () => number },
): Tensors {
  const network = networkOf(args, convention);
  const { layers } = network;
  const training = flag(args, 'training');
  const { dtype, shape } = floatTensor(tensors, 'x');
  const [batch] = shape;
  demand(batch > 0, 'x must hold at least one example', shape);
  const floats = (name: string, wanted: readonly number[]): FloatTensor =>
    floatTensor(tensors, name, { dtype, shape: wanted });
  const x = floats('x', [batch, layers[0]]);
  const t = floats('t', [batch, layers[layers.length - 1]]);
  const parameters = Object.fromEntries(
    layers.slice(1).flatMap((outputs, l) => [
      [`W${l + 1}`, floats(`W${l + 1}`, [outputs, layers[l]])],
      [`b${l + 1}`, floats(`b${l + 1}`, [outputs])],
    ]),
  );
  const masks = training ? masksOf(tensors, { network, batch, random }) : undefined;
  const { loss, y, gradients } = lossAndGradients({
    network,
    parameters: mapValues(parameters, ({ data }) => data),
    x: x.data,
    t: t.data,
    masks: masks?.map(({ data }) => data),
  });
  const answer = { loss: scalar(loss), y: { dtype, shape: t.shape, data: y }, ...derivatives(parameters, gradients) };
  return { ...answer, ...Object.fromEntries((masks ?? []).map((mask, l) => [`mask${l + 1}`, mask])) };
}

/** The masks that are sent; a layer without one draws it. */
function masksOf(
  tensors: Tensors,
  { network, batch, random }: { network: Network; batch: number; random: () => number },
) {
  return network.keepProbs.map((keepProb, l) => {
    const shape = [batch, network.layers[l + 1]];
    const sent = maskTensor(tensors, `mask${l + 1}`, shape);
    return { dtype: 'uint8' as const, shape, data: sent ?? drawMask({ size: sizeOf(shape), keepProb, random }) };
  });
}

function networkOf(args: Args, convention: PenaltyConvention): Network {
  const layers = numbers(args, 'layers');
  demand(layers.length >= 2, 'layers must name at least the input and the output', layers);
  for (const [l, size] of layers.entries()) demandCount(`layers[${l}]`, size);
  const keepProbs = numbers(args, 'keep_probs', layers.length - 2);
  keepProbs.forEach(demandProbability);
  return {
    layers,
    activation: choice(args, 'activation', Object.keys(activations) as Activation[]),
    loss: choice(args, 'loss', Object.keys(losses) as Loss[]),
    keepProbs,
    lambda: number(args, 'lambda'),
    convention,
  };
}

/** The answer's `d:NAME` for each parameter. */
const derivatives = (parameters: Readonly<Record<string, FloatTensor>>, gradients: NamedFloats): Tensors =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { dtype, shape }]) => [
      `d:${name}`,
      { dtype, shape, data: gradients[name] },
    ]),
  );

/** `data` over and over, `size` elements in all. */
function tile(data: Floats, size: number): Floats {
  if (data.length === size) return data;
  const tiled = zerosLike(data, size);
  for (let from = 0; from < size; from += data.length) tiled.set(data, from);
  return tiled;
}

/** The given draws, one a call, as if they were drawn. */
function replay(u: Floats): () => number {
  let next = 0;
  return () => u[next++];
}
