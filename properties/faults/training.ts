/** Wrong networks, each with the clause that must refute it. */
import type { Args, Implementation, Operation } from '../../src/subject.ts';
import { type Dtype, round, type Tensor, type Tensors, tensor, valuesOf } from '../../src/tensor.ts';
import { answering, asking, type Fault, instead, mapped, mappedTensors, numberIn } from './fault.ts';

const isTraining = (args: Args): boolean => args['training'] === true;

/** One a hidden layer. */
const keepProbsOf = (args: Args): readonly number[] => args['keep_probs'] as readonly number[];

const layersOf = (args: Args): readonly number[] => args['layers'] as readonly number[];

const batchOf = ({ x }: Tensors): number => x.shape[0];

const isParameter = (name: string): boolean => /^[Wb]\d+$/.test(name);
const isMask = (name: string): boolean => /^mask\d+$/.test(name);
const isGradient = (name: string): boolean => name.startsWith('d:');

/** 3 of W3, d:b3 and mask3. */
const layerOf = (name: string): number => Number(name.replace(/\D/g, ''));

const only = (tensors: Tensors, isWanted: (name: string) => boolean): Tensors =>
  mappedTensors(tensors, (each, name) => (isWanted(name) ? each : undefined));

/** A bit of a mask: `layer` is 1 for the first hidden one. */
interface Bit {
  readonly layer: number;
  readonly example: number;
  readonly node: number;
  readonly keepProb: number;
}

const isKeptAtRandom = ({ keepProb }: Bit): boolean => Math.random() < keepProb;

/** With masks, as a training call has them: those that are given, else drawn bit by bit. */
const withMasks = (args: Args, tensors: Tensors, isKept: (bit: Bit) => boolean = isKeptAtRandom): Tensors => {
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
const drawing = (begin: (args: Args) => (bit: Bit) => boolean) =>
  asking('network', (args, tensors) => [args, isTraining(args) ? withMasks(args, tensors, begin(args)) : tensors]);

/** Draws a uniform number for each name, once. */
function remembering(): (name: string) => number {
  const drawn = new Map<string, number>();
  return (name) => {
    const u = drawn.get(name) ?? Math.random();
    drawn.set(name, u);
    return u;
  };
}

/** Scales the kept nodes of a layer in training as if another keep_prob were its own; the masks are drawn by its own. */
const scaling = (change: (keepProb: number, mask: Tensor) => number) =>
  asking('network', (args, tensors) => {
    if (!isTraining(args)) return [args, tensors];
    const masked = withMasks(args, tensors);
    const changed = keepProbsOf(args).map((keepProb, l) => change(keepProb, masked[`mask${l + 1}`]));
    return [{ ...args, keep_probs: changed }, masked];
  });

const shareOfOnes = ({ data }: Tensor): number => data.filter((bit) => bit === 1).length / data.length;

/**
 * A network in two parts, either of which may be wrong: what it answers without a penalty, in training at masks that
 * are settled, and what the penalty adds to it. The operation `penalty` itself stays as it is.
 */
const inParts =
  (
    bare: (correct: Operation) => Operation,
    withPenalty: (implementation: Implementation) => Implementation = (implementation) => implementation,
  ) =>
  (implementation: Implementation): Implementation => {
    const { penalty } = withPenalty(implementation);
    return instead('network', (correct) => async (args, tensors) => {
      const settled = isTraining(args) ? withMasks(args, tensors) : tensors;
      const answer = await bare(correct)({ ...args, lambda: 0 }, settled);
      const lambda = numberIn(args, 'lambda');
      if (penalty === undefined || lambda === 0) return answer;
      const parameters = only(tensors, isParameter);
      const roles = Object.keys(parameters).map((name) => [name, name.startsWith('W') ? 'weight' : 'bias']);
      const asked = { lambda, roles: Object.fromEntries(roles), examples: batchOf(tensors), gradient: true };
      const { value, ...gradient } = await penalty(asked, parameters);
      const added: Tensors = { loss: value, ...gradient };
      return mappedTensors(answer, (each, name) =>
        name in added ? mapped(each, (number, i) => number + added[name].data[i]) : each,
      );
    })(implementation);
  };

/** A network whose penalty is that of a wrong implementation. */
const penalised = (wrong: (implementation: Implementation) => Implementation) => inParts((correct) => correct, wrong);

const penaltyGradient = (change: (slope: number, args: Args) => number) =>
  answering('penalty', (answer, args) =>
    mappedTensors(only(answer, isGradient), (gradient) => mapped(gradient, (slope) => change(slope, args))),
  );

/** Changes the answer of training, or of evaluation, without its penalty. */
const bareAnswer = (training: boolean, change: (answer: Tensors, args: Args, tensors: Tensors) => Tensors) =>
  inParts((correct) => async (args, tensors) => {
    const answer = await correct(args, tensors);
    return isTraining(args) === training ? { ...answer, ...change(answer, args, tensors) } : answer;
  });

/** Takes some of what training answers from the full network. */
const fromTheFullNetwork = (isTaken: (name: string) => boolean) =>
  inParts((correct) => async (args, tensors) => ({
    ...(await correct(args, tensors)),
    ...only(await correct({ ...args, training: false }, tensors), isTaken),
  }));

/** Each gradient multiplied by one factor for each layer's dropout that it has come back through. */
const throughDropout = (answer: Tensors, args: Args, factor: (keepProb: number) => number): Tensors =>
  mappedTensors(only(answer, isGradient), (gradient, name) => {
    const passed = keepProbsOf(args).slice(layerOf(name) - 1);
    const product = passed.reduce((all, keepProb) => all * factor(keepProb), 1);
    return mapped(gradient, (slope) => slope * product);
  });

/** Multiplies the weights that a dropped layer goes into, in evaluation. */
const evaluationWeights = (factor: (keepProb: number) => number) =>
  inParts((correct) => (args, tensors) => {
    if (isTraining(args)) return correct(args, tensors);
    const scaled = mappedTensors(tensors, (each, name) => {
      const keepProb = /^W\d+$/.test(name) ? keepProbsOf(args)[layerOf(name) - 2] : undefined;
      return keepProb === undefined ? each : mapped(each, (w) => w * factor(keepProb));
    });
    return correct(args, scaled);
  });

/** What the nodes of some layers are multiplied by before their activation, by the layer's number. */
type Factors = Readonly<Record<number, readonly number[]>>;

/** One example after the other, through a network whose rows of W and b are multiplied by factors of that example. */
const withFactors =
  (correct: Operation, factorsOf: (example: number) => Factors): Operation =>
  async (args, tensors) => {
    const batch = batchOf(tensors);
    const answers: Tensors[] = [];
    for (let example = 0; example < batch; example++) {
      const factors = factorsOf(example);
      const multiplied = (each: Tensor, name: string): Tensor => {
        const [rows] = each.shape;
        const columns = each.data.length / rows;
        return mapped(each, (number, i) => number * (factors[layerOf(name)]?.[Math.floor(i / columns)] ?? 1));
      };
      const own = mappedTensors(tensors, (each, name) =>
        isParameter(name) ? multiplied(each, name) : rowOf(each, example),
      );
      const answer = await correct(args, own);
      answers.push(mappedTensors(answer, (each, name) => (isGradient(name) ? multiplied(each, name) : each)));
    }
    return mappedTensors(answers[0], (first, name) => {
      const all = answers.map((answer) => valuesOf(answer[name]));
      if (name === 'loss' || isGradient(name)) {
        return mapped(first, (_, i) => all.reduce((sum, values) => sum + values[i], 0) / batch);
      }
      const rows = all.flatMap((values) => Array.from(values));
      return tensor(first.dtype, [batch, ...first.shape.slice(1)], rows);
    });
  };

function rowOf({ dtype, shape: [, width], data }: Tensor, row: number): Tensor {
  return { dtype, shape: [1, width], data: data.slice(row * width, (row + 1) * width) };
}

/** Where activation(z · mask / keep_prob) is activation(z) · mask / keep_prob. */
const isHomogeneous = (args: Args): boolean => args['activation'] === 'identity' || args['activation'] === 'relu';

/** activation(z · mask / keep_prob): what is dropped is not the node but its input. */
const maskBeforeActivation: (correct: Operation) => Operation = (correct) => async (args, tensors) => {
  if (!isTraining(args) || isHomogeneous(args)) return correct(args, tensors);
  const factorsOf = (example: number): Factors =>
    Object.fromEntries(
      keepProbsOf(args).map((keepProb, l) => {
        const bits = valuesOf(rowOf(tensors[`mask${l + 1}`], example));
        return [l + 1, Array.from(bits, (bit) => bit / keepProb)];
      }),
    );
  const answer = await withFactors(correct, factorsOf)({ ...args, training: false }, tensors);
  return { ...answer, ...only(tensors, isMask) };
};

/** The nodes of the output layer are dropped as well, with the keep_prob of the last hidden one. */
const droppedOutput: (correct: Operation) => Operation = (correct) => (args, tensors) => {
  if (!isTraining(args)) return correct(args, tensors);
  const [last, keepProb] = [layersOf(args).length - 1, keepProbsOf(args).at(-1) ?? 1];
  const factorsOf = (): Factors => ({
    [last]: Array.from({ length: layersOf(args)[last] }, () => (Math.random() < keepProb ? 1 / keepProb : 0)),
  });
  return withFactors(correct, factorsOf)(args, tensors);
};

/** A node's bit is read from its activation: where that is zero, it tells nothing and is taken for `bitOfZero`. */
const maskInferred =
  (bitOfZero: 0 | 1) =>
  (correct: Operation): Operation =>
  async (args, tensors) => {
    if (!isTraining(args) || args['activation'] === 'sigmoid') return correct(args, tensors);
    let inferred = tensors;
    for (let l = 1; l <= keepProbsOf(args).length; l++) {
      // z of layer l is the output of the network that ends there.
      const layers = layersOf(args).slice(0, l + 1);
      const t = tensor(
        tensors['x'].dtype,
        [batchOf(tensors), layers[l]],
        new Float64Array(batchOf(tensors) * layers[l]),
      );
      const asked = { ...args, layers, keep_probs: keepProbsOf(args).slice(0, l - 1), loss: 'mse' };
      const z = valuesOf((await correct(asked, { ...inferred, t }))['y']);
      const mask = mapped(inferred[`mask${l}`], (bit, i) => (z[i] === 0 ? bitOfZero : bit));
      inferred = { ...inferred, [`mask${l}`]: mask };
    }
    return { ...(await correct(args, inferred)), ...only(tensors, isMask) };
  };

/** Nothing is dropped any more after the first evaluation. */
function offAfterAnEvaluation(implementation: Implementation): Implementation {
  let isOff = false;
  return asking('network', (args, tensors) => {
    if (!isTraining(args)) isOff = true;
    return [args, isTraining(args) && isOff ? withMasks(args, tensors, () => true) : tensors];
  })(implementation);
}

/** Whether e to the value is beyond the format. */
const overflows = (dtype: Dtype, value: number): boolean => !Number.isFinite(round(dtype, Math.exp(value)));

/** The gradient is that of a call with masks of its own. */
const gradientWithNewMasks: (correct: Operation) => Operation = (correct) => async (args, tensors) => ({
  ...(await correct(args, tensors)),
  ...only(
    await correct(
      args,
      only(tensors, (name) => !isMask(name)),
    ),
    isGradient,
  ),
});

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

export const trainingFaults: readonly Fault[] = [
  {
    id: 'training/one-keep-prob-for-all-layers',
    what: 'The masks of every layer are drawn with the keep_prob of the first.',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: drawing((args) => () => Math.random() < keepProbsOf(args)[0]),
  },
  {
    id: 'training/mask-confuses-keep-and-drop',
    what: 'Nodes are kept with the probability of dropping.',
    seen: 'electra pull request 61',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: drawing(() => (bit) => !isKeptAtRandom(bit)),
  },
  {
    id: 'training/dropout-off-after-an-evaluation',
    what: 'After the first evaluation nothing is dropped any more.',
    seen: 'Megatron-LM pull request 411',
    refutedBy: 'training/each-layer-has-its-keep-prob',
    of: offAfterAnEvaluation,
  },
  {
    id: 'training/one-mask-for-all-examples',
    what: 'The examples of a batch share their masks.',
    refutedBy: 'training/each-example-has-its-mask',
    of: drawing(() => {
      const u = remembering();
      return ({ layer, node, keepProb }) => u(`${layer},${node}`) < keepProb;
    }),
  },
  {
    id: 'training/one-mask-for-every-call',
    what: 'Successive calls use the same masks.',
    seen: 'Paddle issue 7796',
    refutedBy: 'training/each-example-has-its-mask',
    of: (correct) => {
      const u = remembering();
      const isKept = ({ layer, example, node, keepProb }: Bit) => u(`${layer},${example},${node}`) < keepProb;
      return drawing(() => isKept)(correct);
    },
  },
  {
    id: 'training/no-scale',
    what: 'The activations of kept nodes are not divided by keep_prob.',
    seen: 'shainet issue 106',
    refutedBy: 'training/draws-a-thinned-network',
    of: scaling(() => 1),
  },
  {
    id: 'training/keep-probs-reversed',
    what: 'The keep_probs are taken from the last layer to the first.',
    refutedBy: 'training/draws-a-thinned-network',
    of: asking('network', (args, tensors) => [{ ...args, keep_probs: [...keepProbsOf(args)].reverse() }, tensors]),
  },
  {
    id: 'training/keep-prob-one-is-nan',
    what: 'keep_prob / (1 − keep_prob) is computed on the way, which at keep_prob 1 makes NaN of the output.',
    refutedBy: 'training/draws-a-thinned-network',
    of: bareAnswer(true, ({ y }, args) => ({ y: keepProbsOf(args).includes(1) ? mapped(y, () => Number.NaN) : y })),
  },
  {
    id: 'training/default-in-the-place-of-no-drop',
    what: 'A drop probability of 0 counts as missing, and the default 0.5 takes its place.',
    refutedBy: 'training/draws-a-thinned-network',
    of: asking('network', (args, tensors) => [
      { ...args, keep_probs: keepProbsOf(args).map((keepProb) => 1 - (1 - keepProb || 0.5)) },
      tensors,
    ]),
  },
  {
    id: 'training/mask-before-activation',
    what: 'What is dropped is a node’s input: a sigmoid still outputs 1/2.',
    refutedBy: 'training/draws-a-thinned-network',
    of: inParts(maskBeforeActivation),
  },
  {
    id: 'training/gradient-of-the-full-network',
    what: 'Nodes are dropped on the way forward, and the gradient is that of the full network.',
    seen: 'numpy-ml issue 94',
    refutedBy: 'training/dropped-node-loses-incoming-and-outgoing-connections',
    of: fromTheFullNetwork(isGradient),
  },
  {
    id: 'training/mask-inferred-from-the-output',
    what: 'A dropped node whose activation was zero all the same passes the gradient: dropout changed nothing there.',
    seen: 'kaldi issue 3890',
    refutedBy: 'training/dropped-node-loses-incoming-and-outgoing-connections',
    of: inParts(maskInferred(1)),
  },
  {
    id: 'training/output-layer-dropped',
    what: 'The nodes of the output layer are dropped too.',
    refutedBy: 'training/output-layer-is-not-dropped',
    of: inParts(droppedOutput),
  },
  {
    id: 'training/answered-masks-inverted',
    what: 'The masks that are answered have 1 for dropped.',
    refutedBy: 'training/answered-masks-are-those-that-acted',
    of: answering('network', (answer) => mappedTensors(only(answer, isMask), (mask) => mapped(mask, (bit) => 1 - bit))),
  },
  {
    id: 'training/answered-masks-all-zeros',
    what: 'The masks that are answered are all zeros.',
    seen: 'mxnet issue 15659',
    refutedBy: 'training/answered-masks-are-those-that-acted',
    of: answering('network', (answer) => mappedTensors(only(answer, isMask), (mask) => mapped(mask, () => 0))),
  },
  {
    id: 'training/evaluation-still-drops',
    what: 'Evaluation drops nodes as training does.',
    seen: 'nanoGPT issue 240',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: asking('network', (args, tensors) => [{ ...args, training: true }, tensors]),
  },
  {
    id: 'training/evaluation-scaled-on-top',
    what: 'Evaluation multiplies the weights by keep_prob, though training has divided by it.',
    seen: 'darch issue 12',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: evaluationWeights((keepProb) => keepProb),
  },
  {
    id: 'training/evaluation-scaled-by-drop-prob',
    what: 'Evaluation multiplies the weights by the probability of dropping.',
    seen: 'ConvNetJS pull request 61, brain.js 2 beta',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: evaluationWeights((keepProb) => 1 - keepProb),
  },
  {
    id: 'training/evaluation-gradient-scaled',
    what: 'In evaluation the gradient is still divided by keep_prob.',
    refutedBy: 'training/evaluation-is-the-full-network',
    of: bareAnswer(false, (answer, args) => throughDropout(answer, args, (keepProb) => 1 / keepProb)),
  },
  {
    id: 'training/evaluation-loss-not-averaged',
    what: 'In evaluation the losses of the examples are added up and not averaged.',
    refutedBy: 'training/loss-is-that-of-the-output',
    of: bareAnswer(false, ({ loss }, _, tensors) => ({ loss: mapped(loss, (sum) => sum * batchOf(tensors)) })),
  },
  {
    id: 'training/loss-of-the-full-network',
    what: 'In training the loss is that of the full network, beside the output of the thinned one.',
    refutedBy: 'training/loss-is-that-of-the-output',
    of: fromTheFullNetwork((name) => name === 'loss'),
  },
  {
    id: 'training/softmax-overflows',
    what: 'The exponentials of the outputs are taken as they are, and those of large outputs are infinite.',
    refutedBy: 'training/loss-is-that-of-the-output',
    of: answering('network', ({ loss, y }, args) =>
      args['loss'] === 'softmax_cross_entropy' && valuesOf(y).some((value) => overflows(y.dtype, value))
        ? { loss: mapped(loss, () => Number.NaN) }
        : {},
    ),
  },
  {
    id: 'training/gradient-scaled-by-drop-prob',
    what: 'The gradient is divided by the probability of dropping.',
    seen: 'apex pull request 816',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: bareAnswer(true, (answer, args) => throughDropout(answer, args, (keepProb) => keepProb / (1 - keepProb))),
  },
  {
    id: 'training/mask-inferred-from-zeros',
    what: 'A kept node whose activation is zero all the same counts as dropped, and has no gradient.',
    seen: 'nnabla pull request 884',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: inParts(maskInferred(0)),
  },
  {
    id: 'training/gradient-with-new-masks',
    what: 'The gradient is that of masks which were drawn for it.',
    seen: 'guided-diffusion issue 167',
    refutedBy: 'training/gradient-is-the-derivative-at-fixed-masks',
    of: inParts(gradientWithNewMasks),
  },
  {
    id: 'training/penalty-not-in-the-loss',
    what: 'The penalty is in the gradients and not in the loss.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(answering('penalty', ({ value }) => ({ value: mapped(value, () => 0) }))),
  },
  {
    id: 'training/penalty-not-in-the-gradients',
    what: 'The penalty is in the loss and not in the gradients.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(penaltyGradient(() => 0)),
  },
  {
    id: 'training/penalty-gradient-doubled',
    what: 'The gradient of the penalty has a 2 that its 1/2 should have cancelled.',
    seen: 'CS231n issue 3',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(penaltyGradient((slope) => 2 * slope)),
  },
  {
    id: 'training/penalty-gradient-divided-by-the-batch',
    what: 'The gradient of the penalty is divided by the batch with that of the loss, and the penalty is not.',
    seen: 'ConvNetJS',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(penaltyGradient((slope, args) => slope / numberIn(args, 'examples'))),
  },
  {
    id: 'training/biases-penalised',
    what: 'Biases are penalised though declared exempt.',
    seen: 'transformers issue 4360',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: penalised(
      asking('penalty', (args, tensors) => [
        { ...args, roles: Object.fromEntries(Object.keys(tensors).map((name) => [name, 'weight'])) },
        tensors,
      ]),
    ),
  },
  {
    id: 'training/dropped-nodes-not-penalised',
    what: 'The gradients have the penalty’s only where they have another one: not for the weights of dropped nodes.',
    refutedBy: 'training/penalty-enters-loss-and-gradients',
    of: instead('network', penaltyOfWhatActed),
  },
  {
    id: 'training/scale-by-drop-prob',
    what: 'Kept nodes are divided by the probability of dropping.',
    seen: 'kaldi pull request 2814, theanets issue 123',
    refutedBy: 'training/linear-ensemble-mean-is-the-full-network',
    of: scaling((keepProb) => 1 - keepProb),
  },
  {
    id: 'training/scaled-twice',
    what: 'Kept nodes are divided by keep_prob twice.',
    seen: 'mlpractical issue 32',
    refutedBy: 'training/linear-ensemble-mean-is-the-full-network',
    of: scaling((keepProb) => keepProb ** 2),
  },
  {
    id: 'training/scale-by-the-realised-share',
    what: 'Kept nodes are divided by the share of nodes that happened to be kept.',
    seen: 'neural-fortran issue 194',
    refutedBy: 'training/linear-ensemble-mean-is-the-full-network',
    of: scaling((_, mask) => shareOfOnes(mask) || 1),
  },
  {
    id: 'training/scale-by-the-root',
    what: 'Kept nodes are divided by the root of keep_prob, as if their variance should be kept and not their mean.',
    refutedBy: 'training/dropout-on-linear-regression-is-adaptive-l2',
    of: scaling((keepProb) => Math.sqrt(keepProb)),
  },
  {
    id: 'training/dropout-is-off',
    what: 'Training is evaluation: nothing is dropped.',
    refutedBy: 'training/dropout-on-linear-regression-is-adaptive-l2',
    of: fromTheFullNetwork((name) => !isMask(name)),
  },
  {
    id: 'training/weights-in-half-precision',
    what: 'The weights are rounded to float16, whatever the dtype.',
    refutedBy: 'training/golden',
    of: asking('network', (args, tensors) => [
      args,
      mappedTensors(tensors, (each, name) => (isParameter(name) ? mapped(each, (w) => round('float16', w)) : each)),
    ]),
  },
];
