/** Wrong dropouts, each with the clause that must refute it. */
import type { Args, Operation } from '../../src/subject.ts';
import { sizeOf, type Tensor, type Tensors, tensor, valuesOf } from '../../src/tensor.ts';
import { answering, asking, type Fault, instead, mapped, numberIn } from './fault.ts';

const keepProbOf = (args: Args): number => numberIn(args, 'keep_prob');

/** Changes the outputs of training alone, or of evaluation alone. */
const output = (training: boolean, change: (y: Tensor, keepProb: number, tensors: Tensors) => Tensor) =>
  answering('dropout', ({ y }, args, tensors) =>
    args['training'] === training ? { y: change(y, keepProbOf(args), tensors) } : {},
  );

const gradient = (training: boolean, change: (dx: Tensor, keepProb: number, tensors: Tensors) => Tensor) =>
  answering('dropout', ({ dx }, args, tensors) =>
    dx && args['training'] === training ? { dx: change(dx, keepProbOf(args), tensors) } : {},
  );

/** Draws the uniforms of a training call itself, calls after each other, and has the correct operation use them. */
const drawing = (
  uniforms: (draw: {
    readonly keepProb: number;
    readonly shape: readonly number[];
    readonly calls: number;
    readonly x: Tensor;
  }) => Float64Array,
) =>
  instead('dropout', (correct) => async (args, tensors) => {
    const keepProb = keepProbOf(args);
    if (args['training'] !== true || tensors['u'] || !(keepProb > 0 && keepProb < 1)) return correct(args, tensors);
    const { repeat, layer: _, seed: __, ...rest } = args;
    const { x } = tensors;
    const calls = repeat === undefined ? 1 : Number(repeat);
    const u = uniforms({ keepProb, shape: x.shape, calls, x });
    const size = sizeOf(x.shape);
    const answers: Tensors[] = [];
    for (let call = 0; call < calls; call++) {
      const own = tensor('float64', x.shape, u.subarray(call * size, (call + 1) * size));
      answers.push(await correct(rest, { ...tensors, u: own }));
    }
    return repeat === undefined ? answers[0] : stacked(answers);
  });

/** The answers of successive calls, each tensor with a leading axis. */
function stacked(answers: readonly Tensors[]): Tensors {
  return Object.fromEntries(
    Object.entries(answers[0]).map(([name, { dtype, shape }]) => {
      const values = answers.map((answer) => valuesOf(answer[name]));
      const all = new Float64Array(values.length * sizeOf(shape));
      values.forEach((each, call) => {
        all.set(each, call * sizeOf(shape));
      });
      return [name, tensor(dtype, [answers.length, ...shape], all)];
    }),
  );
}

const random = (length: number, at: (i: number) => number = Math.random): Float64Array =>
  Float64Array.from({ length }, (_, i) => at(i));

/** Uniforms whose masks are kept with a probability of each element's own. */
const withRates = (rate: (keepProb: number, i: number, x: Tensor) => number) =>
  drawing(({ keepProb, shape, calls, x }) => {
    const size = Math.max(1, sizeOf(shape));
    return random(calls * sizeOf(shape), (i) => (Math.random() < rate(keepProb, i % size, x) ? 0 : 1 - 2 ** -53));
  });

/** Pairs of neighbours share their random number. */
const sharingBits = drawing(({ shape, calls }) => {
  const u = random(calls * sizeOf(shape));
  return u.map((_, i) => u[i - (i % 2)]);
});

/** Wrong for some requests, and correct for the others. */
const onlyIf =
  (applies: (args: Args, tensors: Tensors) => boolean, wrong: Fault['of']): Fault['of'] =>
  (correct) =>
    instead('dropout', (right) => (args, tensors) => {
      const operation = applies(args, tensors) ? wrong(correct).dropout : right;
      return (operation ?? right)(args, tensors);
    })(correct);

/** A layer's operation that forgets which layer, seed or call it is. */
const forgetting = (...names: readonly string[]) =>
  asking('dropout', (args, tensors) => [
    Object.fromEntries(Object.entries(args).filter(([name]) => !names.includes(name))),
    tensors,
  ]);

const isOutOfRange = (keepProb: number): boolean => !(keepProb >= 0 && keepProb <= 1);

/** The gradient that ignores the call's mask: that of a call of its own. */
const freshGradient: (correct: Operation) => Operation = (correct) => async (args, tensors) => {
  const answer = await correct(args, tensors);
  if (args['training'] !== true || !answer['dx']) return answer;
  const { layer: _, seed: __, ...rest } = args;
  return { ...answer, dx: (await correct(rest, tensors))['dx'] };
};

/** After the first evaluation, training is evaluation. */
const stuckInEvaluation: (correct: Operation) => Operation = (correct) => {
  const evaluated = new Set<unknown>();
  return (args, tensors) => {
    if (args['training'] !== true) evaluated.add(args['layer']);
    return correct(evaluated.has(args['layer']) ? { ...args, training: false } : args, tensors);
  };
};

export const dropoutFaults: readonly Fault[] = [
  {
    id: 'dropout/no-scale',
    what: 'Kept elements are not divided by keep_prob.',
    seen: 'shainet issue 106',
    refutedBy: 'dropout/kept-are-scaled-by-inverse-keep-prob',
    of: output(true, (y, keepProb) => mapped(y, (value) => value * keepProb)),
  },
  {
    id: 'dropout/scale-by-drop-prob',
    what: 'Kept elements are divided by the probability of dropping.',
    seen: 'kaldi pull request 2814, theanets issue 123',
    refutedBy: 'dropout/kept-are-scaled-by-inverse-keep-prob',
    of: output(true, (y, keepProb) => mapped(y, (value) => (value * keepProb) / (1 - keepProb))),
  },
  {
    id: 'dropout/leaks',
    what: 'Dropped elements are multiplied by a small number instead of zero.',
    refutedBy: 'dropout/dropped-are-exactly-zero',
    of: output(true, (y, _, { x }) =>
      mapped(y, (value, i) => (value === 0 ? valuesOf(x)[i % x.data.length] * 1e-3 : value)),
    ),
  },
  {
    id: 'dropout/rate-half',
    what: 'The mask is kept with probability 0.5, whatever keep_prob.',
    seen: 'neuralnets issue 1',
    refutedBy: 'dropout/keep-rate',
    of: withRates(() => 0.5),
  },
  {
    id: 'dropout/rate-in-8-bits',
    what: 'keep_prob is rounded to a multiple of 1/256.',
    seen: 'FlashAttention',
    refutedBy: 'dropout/keep-rate',
    profile: 'standard',
    of: withRates((keepProb) => Math.round(keepProb * 256) / 256),
  },
  {
    id: 'dropout/mask-confuses-keep-and-drop',
    what: 'Elements are kept with the probability of dropping.',
    seen: 'electra pull request 61',
    refutedBy: 'dropout/mean-is-preserved',
    of: withRates((keepProb) => 1 - keepProb),
  },
  {
    id: 'dropout/training-is-the-identity',
    what: 'Training changes nothing.',
    refutedBy: 'dropout/variance-is-that-of-the-mask',
    of: output(true, (y, _, { x }) => mapped(y, (_value, i) => valuesOf(x)[i % x.data.length])),
  },
  {
    id: 'dropout/evaluation-scaled-by-drop-prob',
    what: 'Evaluation multiplies by the probability of dropping.',
    seen: 'ConvNetJS pull request 61, brain.js 2 beta',
    refutedBy: 'dropout/evaluation-is-identity',
    of: output(false, (y, keepProb) => mapped(y, (value) => value * (1 - keepProb))),
  },
  {
    id: 'dropout/evaluation-loses-the-sign-of-zero',
    what: 'Evaluation adds 0, which turns −0 into 0.',
    refutedBy: 'dropout/evaluation-is-identity',
    of: output(false, (y) => mapped(y, (value) => value + 0)),
  },
  {
    id: 'dropout/off-after-evaluation',
    what: 'A layer that has evaluated once never drops again.',
    seen: 'Megatron-LM pull request 411',
    refutedBy: 'dropout/evaluation-leaves-training-alone',
    of: instead('dropout', stuckInEvaluation),
  },
  {
    id: 'dropout/keep-prob-one-drops',
    what: 'keep_prob 1 still drops a little.',
    seen: 'mxnet issue 9816, boltz issue 553',
    refutedBy: 'dropout/keep-prob-one-is-identity',
    of: output(true, (y, keepProb) => (keepProb === 1 ? mapped(y, (value) => (Math.random() < 0.01 ? 0 : value)) : y)),
  },
  {
    id: 'dropout/keep-prob-zero-is-nan',
    what: 'keep_prob 0 divides zero by zero.',
    seen: 'flax issue 2055',
    refutedBy: 'dropout/keep-prob-zero-is-as-declared',
    of: output(true, (y, keepProb) => (keepProb === 0 ? mapped(y, () => Number.NaN) : y)),
  },
  {
    id: 'dropout/keep-prob-clamped',
    what: 'A keep_prob out of range is clamped in silence.',
    refutedBy: 'dropout/keep-prob-out-of-range-is-rejected',
    of: asking('dropout', (args, tensors) => {
      const keepProb = keepProbOf(args);
      return [isOutOfRange(keepProb) ? { ...args, keep_prob: keepProb > 1 ? 1 : 0.5 } : args, tensors];
    }),
  },
  {
    id: 'dropout/loses-an-axis',
    what: 'A scalar comes back as a vector of one element.',
    refutedBy: 'dropout/shape-and-dtype-are-preserved',
    of: answering('dropout', ({ y }) => (y.shape.length === 0 ? { y: { ...y, shape: [1] } } : {})),
  },
  {
    id: 'dropout/in-place',
    what: 'The input itself is overwritten with the output.',
    seen: 'deeplearning4j issue 2469',
    refutedBy: 'dropout/input-is-not-modified',
    of: answering('dropout', ({ y }, args, { x }) => {
      if (args['training'] === true && y.data.length === x.data.length) x.data.set(y.data);
      return {};
    }),
  },
  {
    id: 'dropout/gradient-with-a-new-mask',
    what: 'The gradient uses a mask that was drawn for it.',
    seen: 'guided-diffusion issue 167',
    refutedBy: 'dropout/gradient-uses-the-same-mask',
    of: instead('dropout', freshGradient),
  },
  {
    id: 'dropout/gradient-without-scale',
    what: 'The gradient is masked but not divided by keep_prob.',
    refutedBy: 'dropout/gradient-is-scaled-like-the-output',
    of: gradient(true, (dx, keepProb) => mapped(dx, (value) => value * keepProb)),
  },
  {
    id: 'dropout/mask-inferred-from-zeros',
    what: 'The gradient vanishes wherever the output is zero, also where x was.',
    seen: 'kaldi issue 3890',
    refutedBy: 'dropout/gradient-at-zero-inputs',
    of: gradient(true, (dx, _, { x }) => mapped(dx, (value, i) => (valuesOf(x)[i % x.data.length] === 0 ? 0 : value))),
  },
  {
    id: 'dropout/evaluation-gradient-scaled',
    what: 'In evaluation the gradient is still divided by keep_prob.',
    refutedBy: 'dropout/evaluation-gradient-is-identity',
    of: gradient(false, (dx, keepProb) => mapped(dx, (value) => value / keepProb)),
  },
  {
    id: 'dropout/mask-output-all-zeros',
    what: 'The mask that is answered is all zeros.',
    seen: 'mxnet issue 15659',
    refutedBy: 'dropout/mask-output-matches-the-result',
    of: answering('dropout', ({ mask }) => (mask ? { mask: mapped(mask, () => 0) } : {})),
  },
  {
    id: 'dropout/neighbours-share-a-bit',
    what: 'Pairs of neighbours are kept or dropped together.',
    seen: 'pytorch issue 198333',
    refutedBy: 'dropout/elements-are-independent',
    of: sharingBits,
  },
  {
    id: 'dropout/function-ignores-keep-prob',
    what: 'The stateless function keeps 0.8 of the elements whatever keep_prob; layers are right.',
    refutedBy: 'dropout/keep-rate',
    of: onlyIf(
      ({ layer }) => layer === undefined,
      withRates(() => 0.8),
    ),
  },
  {
    id: 'dropout/function-shares-bits',
    what: 'The stateless function keeps or drops pairs of neighbours together; layers are right.',
    refutedBy: 'dropout/elements-are-independent',
    of: onlyIf(({ layer }) => layer === undefined, sharingBits),
  },
  {
    id: 'dropout/unseeded-layers-share-bits',
    what: 'A layer without a seed keeps or drops pairs of neighbours together; seeded ones are right.',
    refutedBy: 'dropout/elements-are-independent',
    of: onlyIf(({ layer, seed }) => layer !== undefined && seed === undefined, sharingBits),
  },
  {
    id: 'dropout/float32-shares-bits',
    what: 'In float32, pairs of neighbours are kept or dropped together; float64 is right.',
    refutedBy: 'dropout/elements-are-independent',
    of: onlyIf((_, { x }) => x.dtype === 'float32', sharingBits),
  },
  {
    id: 'dropout/tail-left-out',
    what: 'The tail of a loop in steps of 8 is never dropped.',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    of: withRates((keepProb, i, x) => (i >= x.data.length - (x.data.length % 8) ? 1 : keepProb)),
  },
  {
    id: 'dropout/one-mask-for-every-call',
    what: 'Successive calls use the same mask.',
    seen: 'Paddle issue 7796',
    refutedBy: 'dropout/calls-are-independent',
    of: drawing(({ shape, calls }) => {
      const size = Math.max(1, sizeOf(shape));
      const once = random(size);
      return random(calls * sizeOf(shape), (i) => once[i % size]);
    }),
  },
  {
    id: 'dropout/masks-repeat-after-100-calls',
    what: 'A layer has a hundred masks and goes through them again and again.',
    refutedBy: 'dropout/calls-are-independent',
    of: drawing(
      (() => {
        const streams = new Map<number, Float64Array>();
        let drawn = 0;
        return ({ shape, calls }) => {
          const size = Math.max(1, sizeOf(shape));
          const stream = streams.get(size) ?? random(100 * size);
          streams.set(size, stream);
          const u = random(calls * sizeOf(shape), (i) => stream[(drawn * size + i) % stream.length]);
          drawn += calls;
          return u;
        };
      })(),
    ),
  },
  {
    id: 'dropout/columns-share-a-mask',
    what: 'An example is dropped as a whole: its units share a mask.',
    refutedBy: 'dropout/elements-are-independent',
    of: drawing(({ shape, calls }) => {
      const u = random(calls * sizeOf(shape));
      const row = shape.length < 2 ? 1 : Math.max(1, shape.at(-1) ?? 1);
      return u.map((_, i) => u[i - (i % row)]);
    }),
  },
  {
    id: 'dropout/one-mask-for-all-examples',
    what: 'The examples of a batch share a mask.',
    refutedBy: 'dropout/examples-are-independent',
    of: drawing(({ shape, calls }) => {
      const u = random(calls * sizeOf(shape));
      const [row, size] = [Math.max(1, shape.at(-1) ?? 1), Math.max(1, sizeOf(shape))];
      return u.map((_, i) => u[i - (i % size) + (i % row)]);
    }),
  },
  {
    id: 'dropout/layers-share-a-stream',
    what: 'Every layer without a seed starts from the same one.',
    seen: 'transformers issue 31412',
    refutedBy: 'dropout/layers-are-independent',
    of: asking('dropout', (args, tensors) => [
      args['layer'] !== undefined && args['seed'] === undefined ? { ...args, seed: 1 } : args,
      tensors,
    ]),
  },
  {
    id: 'dropout/rate-depends-on-the-sign',
    what: 'Negative elements are dropped a little more often than positive ones.',
    refutedBy: 'dropout/mask-ignores-the-values',
    of: withRates((keepProb, i, x) => keepProb + (valuesOf(x)[i % x.data.length] < 0 ? -0.05 : 0.05)),
  },
  {
    id: 'dropout/fixed-count',
    what: 'A fixed number of elements is kept: the mask is a shuffle.',
    refutedBy: 'dropout/count-varies-like-a-binomial',
    of: drawing(({ keepProb, shape, calls }) => {
      const size = sizeOf(shape);
      const keep = Math.round(size * keepProb);
      const u = new Float64Array(calls * size);
      for (let call = 0; call < calls; call++) {
        const order = Array.from({ length: size }, (_, i) => i);
        for (let i = size - 1; i > 0; i--) {
          const j = Math.floor(Math.random() * (i + 1));
          [order[i], order[j]] = [order[j], order[i]];
        }
        order.forEach((place, rank) => {
          u[call * size + place] = rank < keep ? 0 : 1 - 2 ** -53;
        });
      }
      return u;
    }),
  },
  {
    id: 'dropout/seed-ignored',
    what: 'A seed is taken and ignored.',
    refutedBy: 'dropout/same-seed-same-masks',
    of: forgetting('seed'),
  },
  {
    id: 'dropout/seeds-all-alike',
    what: 'Every seed is the same seed.',
    refutedBy: 'dropout/different-seeds-different-masks',
    of: asking('dropout', (args, tensors) => [args['seed'] === undefined ? args : { ...args, seed: 1 }, tensors]),
  },
  {
    id: 'dropout/boundary-kept',
    what: 'An element is kept where u equals keep_prob.',
    refutedBy: 'dropout/injected-uniforms-decide-the-mask',
    of: asking('dropout', (args, tensors) => {
      const { u } = tensors;
      return [args, u ? { ...tensors, u: mapped(u, (draw) => (draw === keepProbOf(args) ? 0 : draw)) } : tensors];
    }),
  },
  {
    id: 'dropout/scaled-by-a-rounded-keep-prob',
    what: 'The scale is taken from keep_prob rounded to three decimals.',
    refutedBy: 'dropout/golden',
    of: answering('dropout', ({ y, dx }, args) => {
      const keepProb = keepProbOf(args);
      if (args['training'] !== true || !(keepProb > 0.001)) return {};
      const ratio = keepProb / (Math.round(keepProb * 1000) / 1000);
      return { y: mapped(y, (value) => value * ratio), ...(dx ? { dx: mapped(dx, (value) => value * ratio) } : {}) };
    }),
  },
];
