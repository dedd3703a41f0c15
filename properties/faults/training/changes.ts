/** How the network of a correct implementation is made wrong. */
import type { Args, Implementation, Operation } from '../../../src/subject.ts';
import { type Tensor, type Tensors, tensor, valuesOf } from '../../../src/tensor.ts';
import { asking, instead, mapped, mappedTensors, numberIn } from '../fault.ts';

export const isTraining = (args: Args): boolean => args['training'] === true;

/** One a hidden layer. */
export const keepProbsOf = (args: Args): readonly number[] => args['keep_probs'] as readonly number[];

export const layersOf = (args: Args): readonly number[] => args['layers'] as readonly number[];

export const batchOf = ({ x }: Tensors): number => x.shape[0];

export const isWeight = (name: string): boolean => /^W\d+$/.test(name);
export const isParameter = (name: string): boolean => /^[Wb]\d+$/.test(name);
export const isMask = (name: string): boolean => /^mask\d+$/.test(name);
export const isGradient = (name: string): boolean => name.startsWith('d:');

/** 3 of W3, d:b3 and mask3. */
export const layerOf = (name: string): number => Number(name.replace(/\D/g, ''));

export const only = (tensors: Tensors, isWanted: (name: string) => boolean): Tensors =>
  mappedTensors(tensors, (each, name) => (isWanted(name) ? each : undefined));

/** A bit of a mask: `layer` is 1 for the first hidden one. */
export interface Bit {
  readonly layer: number;
  readonly example: number;
  readonly node: number;
  readonly keepProb: number;
}

export const isKeptAtRandom = ({ keepProb }: Bit): boolean => Math.random() < keepProb;

/** With masks, as a training call has them: those that are given, else drawn bit by bit. */
export const withMasks = (args: Args, tensors: Tensors, isKept: (bit: Bit) => boolean = isKeptAtRandom): Tensors => {
  const batch = batchOf(tensors);
  const drawn = keepProbsOf(args).map((keepProb, l) => {
    const layer = l + 1;
    const width = layersOf(args)[layer];
    const bits = Array.from({ length: batch * width }, (_, i) =>
      isKept({ layer, example: Math.floor(i / width), node: i % width, keepProb }) ? 1 : 0,
    );
    return [`mask${layer}`, tensor('uint8', [batch, width], bits)];
  });
  return { ...Object.fromEntries(drawn), ...tensors };
};

/** Draws its masks in another way: `begin` is called once a call, its result once a bit. */
export const drawing = (begin: (args: Args, batch: number) => (bit: Bit) => boolean) =>
  asking('network', (args, tensors) => [
    args,
    isTraining(args) ? withMasks(args, tensors, begin(args, batchOf(tensors))) : tensors,
  ]);

/** Scales the kept nodes of a layer in training as if another keep_prob were its own; the masks are drawn by its own. */
export const scaling = (change: (keepProb: number, mask: Tensor) => number) =>
  asking('network', (args, tensors) => {
    if (!isTraining(args)) return [args, tensors];
    const masked = withMasks(args, tensors);
    const changed = keepProbsOf(args).map((keepProb, l) => change(keepProb, masked[`mask${l + 1}`]));
    return [{ ...args, keep_probs: changed }, masked];
  });

/**
 * A network in two parts, either of which may be wrong: what it answers without a penalty, in training at masks that
 * are settled, and what the penalty adds to it. The operation `penalty` itself stays as it is.
 */
export const inParts =
  (
    bare: (correct: Operation) => Operation,
    withPenalty: (implementation: Implementation) => Implementation = (implementation) => implementation,
  ) =>
  (implementation: Implementation): Implementation => {
    const { penalty } = withPenalty(implementation);
    return instead('network', (correct) => {
      const wrong = bare(correct);
      return async (args, tensors) => {
        const settled = isTraining(args) ? withMasks(args, tensors) : tensors;
        const answer = await wrong({ ...args, lambda: 0 }, settled);
        const lambda = numberIn(args, 'lambda');
        if (penalty === undefined || lambda === 0) return answer;
        const parameters = only(tensors, isParameter);
        const roles = Object.keys(parameters).map((name) => [name, isWeight(name) ? 'weight' : 'bias']);
        const asked = { lambda, roles: Object.fromEntries(roles), examples: batchOf(tensors), gradient: true };
        const { value, ...gradient } = await penalty(asked, parameters);
        const added: Tensors = { loss: value, ...gradient };
        return mappedTensors(answer, (each, name) =>
          name in added ? mapped(each, (number, i) => number + added[name].data[i]) : each,
        );
      };
    })(implementation);
  };

/** Changes the answer of training, or of evaluation, without its penalty. */
export const bareAnswer = (training: boolean, change: (answer: Tensors, args: Args, tensors: Tensors) => Tensors) =>
  inParts((correct) => async (args, tensors) => {
    const answer = await correct(args, tensors);
    return isTraining(args) === training ? { ...answer, ...change(answer, args, tensors) } : answer;
  });

/** Takes some of what training answers from the full network. */
export const fromTheFullNetwork = (isTaken: (name: string) => boolean) =>
  inParts((correct) => async (args, tensors) => ({
    ...(await correct(args, tensors)),
    ...only(await correct({ ...args, training: false }, tensors), isTaken),
  }));

/** Each gradient multiplied by one factor for each layer's dropout that it has come back through, the first being 1. */
export const throughDropout = (
  answer: Tensors,
  args: Args,
  factor: (keepProb: number, layer: number) => number,
): Tensors =>
  mappedTensors(only(answer, isGradient), (gradient, name) => {
    const product = keepProbsOf(args).reduce(
      (all, keepProb, l) => (l + 1 >= layerOf(name) ? all * factor(keepProb, l + 1) : all),
      1,
    );
    return mapped(gradient, (slope) => slope * product);
  });

/**
 * Asks about a part of a batch after the other, each in a way of its own, and puts the answers together.
 *
 * @param ends where each part ends, the last one with the batch
 */
export const partByPart =
  (ends: readonly number[], operationOf: (part: number) => Operation): Operation =>
  async (args, tensors) => {
    const batch = batchOf(tensors);
    const answers: { readonly answer: Tensors; readonly share: number }[] = [];
    let from = 0;
    for (const [part, to] of ends.entries()) {
      const rows = rowsBetween(from, to);
      const own = mappedTensors(tensors, (each, name) => (isParameter(name) ? each : rows(each)));
      answers.push({ answer: await operationOf(part)(args, own), share: (to - from) / batch });
      from = to;
    }
    const [first] = answers;
    return mappedTensors(first.answer, ({ dtype, shape }, name) => {
      const parts = answers.map(({ answer }) => valuesOf(answer[name]));
      if (name === 'loss' || isGradient(name)) {
        const mean = Float64Array.from(parts[0], (_, i) =>
          parts.reduce((sum, values, part) => sum + answers[part].share * values[i], 0),
        );
        return tensor(dtype, shape, mean);
      }
      const rows = parts.flatMap((values) => Array.from(values));
      return tensor(dtype, [batch, ...shape.slice(1)], rows);
    });
  };

const rowsBetween =
  (from: number, to: number) =>
  ({ dtype, shape: [, width], data }: Tensor): Tensor => ({
    dtype,
    shape: [to - from, width],
    data: data.slice(from * width, to * width),
  });

/** Asks about one example after the other. */
export const exampleByExample =
  (ofExample: () => Operation): Operation =>
  (args, tensors) => {
    const ends = Array.from({ length: batchOf(tensors) }, (_, i) => i + 1);
    return partByPart(ends, ofExample)(args, tensors);
  };
