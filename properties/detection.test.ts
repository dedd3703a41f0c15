/**
 * The judge does not look away. The law is: masks are i.i.d. Bernoulli(keep_prob), whatever the value, position, call,
 * layer, example and seed. Each subject here breaks it in a way of its own, and the clause that is there for it must
 * refute it in the standard profile. The suite was not tuned to these: they are examples of a class.
 */
import { expect, test } from 'vitest';
import { mixer } from '../src/judge/seeds.ts';
import { verify } from '../src/judge/verify.ts';
import type { Implementation } from '../src/subject.ts';
import { sizeOf, tensor, valuesOf } from '../src/tensor.ts';
import { clauses } from './index.ts';
import { budgetOf, subjectOf } from './testing.ts';

/** One call in training of one source: a layer, or the function that is no layer. */
interface Call {
  readonly keepProb: number;
  readonly shape: readonly number[];
  readonly size: number;
  readonly x: ArrayLike<number>;
  readonly layer: string | undefined;
  readonly seed: number | undefined;
  /** Correct draws: the source's own stream where it is seeded, else one that all share. */
  readonly uniform: () => number;
  /** How often the source was called before. */
  readonly index: number;
  /** The source's earlier masks of this size, the last one first; the 128 last ones at most. */
  readonly past: readonly Uint8Array[];
}

/** The mask of a call, 1 = kept. */
type Law = (call: Call) => Uint8Array;

interface Source {
  readonly uniform: () => number;
  calls: number;
  past: Uint8Array[];
}

/** A dropout whose masks follow `law`, correct in all else. It is always in training. */
function masking(law: Law): Implementation {
  const shared = mixer(2024);
  const sources = new Map<unknown, Source>();
  const sourceOf = (layer: unknown, seed: number | undefined): Source => {
    const known = layer === undefined && seed !== undefined ? undefined : sources.get(layer);
    const source = known ?? { uniform: seed === undefined ? shared : mixer(seed), calls: 0, past: [] };
    if (layer !== undefined || seed === undefined) sources.set(layer, source);
    return source;
  };
  return {
    name: 'throw-away',
    version: '1.0.0',
    capabilities: {
      dropout: { dtypes: ['float64'], gradient: true, mask: true, seed: 'advances', layer: true, repeat: true },
    },
    dropout: (args, { x, dy }) => {
      const [layer, seed] = [args['layer'] as string | undefined, args['seed'] as number | undefined];
      const keepProb = Number(args['keep_prob']);
      const calls = Number(args['repeat'] ?? 1);
      const size = sizeOf(x.shape);
      const source = sourceOf(layer, seed);
      const shape = args['repeat'] === undefined ? x.shape : [calls, ...x.shape];
      const all = new Uint8Array(calls * size);
      for (let call = 0; call < calls; call++) {
        const past = source.past[0]?.length === size ? source.past : [];
        const { uniform, calls: index } = source;
        const mask = law({ keepProb, shape: x.shape, size, x: valuesOf(x), layer, seed, uniform, index, past });
        all.set(mask, call * size);
        source.past = [mask, ...past.slice(0, 127)];
        source.calls++;
      }
      const through = (values: ArrayLike<number>): Float64Array => {
        const passed = new Float64Array(all.length);
        for (let i = 0; i < passed.length; i++) if (all[i] === 1) passed[i] = values[i % size] / keepProb;
        return passed;
      };
      const answer = { y: tensor(x.dtype, shape, through(valuesOf(x))), mask: tensor('uint8', shape, all) };
      return dy ? { ...answer, dx: tensor(x.dtype, shape, through(valuesOf(dy))) } : answer;
    },
  };
}

/** A mask, element by element. */
function each(size: number, kept: (i: number, mask: Uint8Array) => boolean): Uint8Array {
  const mask = new Uint8Array(size);
  for (let i = 0; i < size; i++) mask[i] = kept(i, mask) ? 1 : 0;
  return mask;
}

const fair: Law = ({ size, keepProb, uniform }) => each(size, () => uniform() < keepProb);

/** Elements kept with rates of their own, independent of each other. */
const rated =
  (rate: (keepProb: number, i: number, call: Call) => number): Law =>
  (call) =>
    each(call.size, (i) => call.uniform() < rate(call.keepProb, i, call));

/** Uniform draws in [0, 1) of another generator, one that is begun for each source that has none yet. */
function fromOwn(generator: (seed: number) => () => number): Law {
  const streams = new Map<string | undefined, () => number>();
  return ({ layer, seed, size, keepProb }) => {
    const stream = streams.get(layer) ?? generator(seed ?? 7);
    streams.set(layer, stream);
    return each(size, () => stream() < keepProb);
  };
}

/** A linear congruential generator modulo 2^16, of the full period. */
function shortLcg(seed: number): () => number {
  let state = seed & 0xffff;
  return () => {
    state = (Math.imul(state, 47485) + 12345) & 0xffff;
    return state / 2 ** 16;
  };
}

/** The uniform draws of a call that copies: element i is kept as element `from(i)`, where that is an earlier one. */
const copying =
  (from: (i: number, call: Call) => number): Law =>
  (call) =>
    each(call.size, (i, mask) => {
      const j = from(i, call);
      return j >= 0 && j < i ? mask[j] === 1 : call.uniform() < call.keepProb;
    });

const rowOf = ({ shape, size }: Call): number => (shape.length < 2 ? size : Math.max(1, shape.at(-1) ?? 1));

interface Offence {
  readonly what: string;
  readonly refutedBy: string;
  /** Anew for each subject, since some remember. */
  readonly law: () => Law;
}

const offences: readonly Offence[] = [
  // The rate.
  {
    what: 'a keep rate 0.2 % too low',
    refutedBy: 'dropout/keep-rate',
    law: () => rated((keepProb) => 0.998 * keepProb),
  },
  {
    what: 'a 7-bit threshold at keep_prob 0.99',
    refutedBy: 'dropout/keep-rate',
    law: () => rated((keepProb) => (keepProb === 0.99 ? Math.round(keepProb * 128) / 128 : keepProb)),
  },
  {
    what: 'a rate that sinks by a millionth with each call',
    refutedBy: 'dropout/keep-rate',
    law: () => rated((keepProb, _, { index }) => keepProb * (1 - 1e-6 * index)),
  },
  {
    what: 'a keep_prob below 0.05 taken for 0.05',
    refutedBy: 'dropout/keep-rate',
    law: () => rated((keepProb) => Math.max(keepProb, 0.05)),
  },
  // The position.
  {
    what: 'the first of 33 elements never kept',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i, { size }) => (size === 33 && i === 0 ? 0 : keepProb)),
  },
  {
    what: 'the last element of odd lengths always kept',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i, { size }) => (size % 2 === 1 && i === size - 1 ? 1 : keepProb)),
  },
  {
    what: 'elements from the 4 093rd on never dropped',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i) => (i >= 4092 ? 1 : keepProb)),
  },
  {
    what: 'elements from the 65 536th on never dropped',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i) => (i >= 65_536 ? 1 : keepProb)),
  },
  {
    what: 'the tail of each row of 97 kept less often',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i, call) => (call.shape.length === 2 && i % rowOf(call) === 96 ? 0.2 : keepProb)),
  },
  {
    what: 'the last of six or seven elements never dropped',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i, { size }) => ((size === 6 || size === 7) && i === size - 1 ? 1 : keepProb)),
  },
  {
    what: 'a first element that is kept too often, at a keep_prob of 0.25 and of 23 elements alone',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i, { size }) => (size === 23 && i === 0 && keepProb === 0.25 ? 0.75 : keepProb)),
  },
  {
    what: 'the fourth of each eight lanes half a percent too low',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => rated((keepProb, i) => (i % 8 === 3 ? keepProb - 0.01 : keepProb)),
  },
  // The value.
  {
    what: 'a rate that depends on the magnitude of x by 2 %',
    refutedBy: 'dropout/mask-ignores-the-values',
    law: () => rated((keepProb, i, { x, size }) => keepProb * (Math.abs(x[i % size]) > 1 ? 0.99 : 1.01)),
  },
  {
    what: 'zeros that are kept a little less often',
    refutedBy: 'dropout/mask-ignores-the-values',
    law: () => rated((keepProb, i, { x, size }) => keepProb - (x[i % size] === 0 ? 0.01 : 0)),
  },
  {
    what: 'values beyond 10 000 that are always kept',
    refutedBy: 'dropout/mask-ignores-the-values',
    law: () => rated((keepProb, i, { x, size }) => (Math.abs(x[i % size]) > 1e4 ? 1 : keepProb)),
  },
  // Within a call.
  {
    what: 'elements correlated by 0.05 at lag 3',
    refutedBy: 'dropout/elements-are-independent',
    law: () => (call) => copying((i) => (call.uniform() < 0.05 ? i - 3 : -1))(call),
  },
  {
    what: 'antithetic pairs: u and 1 − u',
    refutedBy: 'dropout/elements-are-independent',
    law:
      () =>
      ({ size, keepProb, uniform }) => {
        let u = 0;
        return each(size, (i) => {
          u = i % 2 === 0 ? uniform() : 1 - u;
          return u < keepProb;
        });
      },
  },
  {
    what: 'a linear congruential generator of period 2^16',
    refutedBy: 'dropout/elements-are-independent',
    law: () => fromOwn(shortLcg),
  },
  {
    what: 'every 16th element from a generator of period 64',
    refutedBy: 'dropout/elements-are-independent',
    law: () => {
      const short = Array.from({ length: 64 }, mixer(5));
      return rated((keepProb, i, { index, size }) =>
        i % 16 === 0 ? Number(short[((index * size + i) / 16) & 63] < keepProb) : keepProb,
      );
    },
  },
  {
    what: 'one draw for 32 elements, in three blocks of a hundred',
    refutedBy: 'dropout/elements-are-independent',
    law: () => (call) => {
      let shares = false;
      return copying((i) => {
        if (i % 32 === 0) shares = call.uniform() < 0.03;
        return shares && i % 32 !== 0 ? i - 1 : -1;
      })(call);
    },
  },
  {
    what: 'the second half of an input a copy of the first',
    refutedBy: 'dropout/elements-are-independent',
    law: () => copying((i, { size }) => i - size / 2),
  },
  {
    what: 'channels of an image that are dropped as a whole',
    refutedBy: 'dropout/elements-are-independent',
    law: () => copying((i, { shape: [, , height = 1, width = 1] }) => (i % (height * width) === 0 ? -1 : i - 1)),
  },
  {
    what: 'one mask for all channels of an image',
    refutedBy: 'dropout/elements-are-independent',
    law: () =>
      copying((i, { shape: [, channels = 1, height = 1, width = 1] }) =>
        Math.floor(i / (height * width)) % channels === 0 ? -1 : i - height * width,
      ),
  },
  {
    what: 'of each four elements the last the parity of the others',
    refutedBy: 'dropout/elements-are-independent',
    law:
      () =>
      ({ size, keepProb, uniform }) =>
        each(size, (i, mask) =>
          keepProb === 0.5 && i % 4 === 3 ? (mask[i - 1] + mask[i - 2] + mask[i - 3]) % 2 === 1 : uniform() < keepProb,
        ),
  },
  // Examples.
  {
    what: 'columns of a batch that share a mask',
    refutedBy: 'dropout/examples-are-independent',
    law: () => copying((i, call) => i - rowOf(call)),
  },
  {
    what: 'a tenth of the units with one mask for all examples',
    refutedBy: 'dropout/examples-are-independent',
    law: () => copying((i, call) => ((i % rowOf(call)) % 10 === 0 ? i - rowOf(call) : -1)),
  },
  {
    what: 'rows that are shifted copies of each other',
    refutedBy: 'dropout/examples-are-independent',
    law: () => copying((i, call) => (call.shape.length === 2 && i % rowOf(call) > 0 ? i - rowOf(call) - 1 : -1)),
  },
  {
    what: 'a last example that is the first one again',
    refutedBy: 'dropout/examples-are-independent',
    law: () => copying((i, call) => (call.shape.length === 2 ? i - 31 * rowOf(call) : -1)),
  },
  // Calls.
  {
    what: 'masks that repeat after 100 calls',
    refutedBy: 'dropout/calls-are-independent',
    law: () => (call) => call.past[99] ?? fair(call),
  },
  {
    what: 'a generator that each call seeds from a clock of 10 bits',
    refutedBy: 'dropout/calls-are-independent',
    law:
      () =>
      ({ size, keepProb, uniform }) => {
        const stream = mixer(Math.floor(1024 * uniform()));
        return each(size, () => stream() < keepProb);
      },
  },
  {
    what: 'mask i of a call equal to mask i + 1 of the call before',
    refutedBy: 'dropout/calls-are-independent',
    law: () => (call) => {
      const [last] = call.past;
      if (last === undefined) return fair(call);
      return each(call.size, (i) => (i + 1 < call.size ? last[i + 1] === 1 : call.uniform() < call.keepProb));
    },
  },
  {
    what: 'a twentieth of the elements as in the call before',
    refutedBy: 'dropout/calls-are-independent',
    law: () => (call) =>
      each(call.size, (i) =>
        call.past[0] !== undefined && call.uniform() < 0.05 ? call.past[0][i] === 1 : call.uniform() < call.keepProb,
      ),
  },
  {
    what: 'a rate that swings by 0.05 up and down, a thousand calls each',
    refutedBy: 'dropout/calls-are-independent',
    law: () => rated((keepProb, _, { index }) => keepProb + (index % 2000 < 1000 ? 0.05 : -0.05)),
  },
  {
    what: 'a second call of each layer that repeats the first',
    refutedBy: 'dropout/calls-are-independent',
    law: () => (call) => (call.index === 1 && call.past[0] !== undefined ? call.past[0] : fair(call)),
  },
  {
    what: 'one of 64 elements that stays as it was in nine of ten calls',
    refutedBy: 'dropout/calls-are-independent',
    law: () => (call) => {
      const [last] = call.past;
      const stays = last !== undefined && call.size === 64 && call.uniform() < 0.9;
      return each(call.size, (i) => (stays && i === 13 ? last[i] === 1 : call.uniform() < call.keepProb));
    },
  },
  {
    what: 'calls of which each fourth is the parity of the three before',
    refutedBy: 'dropout/calls-are-independent',
    law: () => (call) => {
      const [a, b, c] = call.past;
      if (call.keepProb !== 0.5 || call.index % 4 !== 3 || c === undefined) return fair(call);
      return each(call.size, (i) => (a[i] + b[i] + c[i]) % 2 === 1);
    },
  },
  // Counts.
  {
    what: 'counts that are always even',
    refutedBy: 'dropout/count-varies-like-a-binomial',
    law: () => (call) => {
      const mask = fair(call);
      const odd = mask.reduce((sum, kept) => sum + kept, 0) % 2;
      if (odd === 1) mask[Math.floor(call.uniform() * call.size)] ^= 1;
      return mask;
    },
  },
  {
    what: 'masks that are drawn again where they drop nothing',
    refutedBy: 'dropout/every-position-has-the-keep-rate',
    law: () => (call) => {
      let mask = fair(call);
      while (!mask.includes(0)) mask = fair(call);
      return mask;
    },
  },
  {
    what: 'masks that keep all, drawn again once',
    refutedBy: 'dropout/count-varies-like-a-binomial',
    law: () => (call) => {
      const mask = fair(call);
      return mask.includes(0) ? mask : fair(call);
    },
  },
  {
    what: 'the second half of an input the mirror image of the first',
    refutedBy: 'dropout/count-varies-like-a-binomial',
    law: () => copying((i, { size }) => (2 * i >= size ? size - 1 - i : -1)),
  },
  {
    what: 'triples of which each two are independent, the third the parity of the others',
    refutedBy: 'dropout/count-varies-like-a-binomial',
    law:
      () =>
      ({ size, keepProb, uniform }) =>
        each(size, (i, mask) => (keepProb === 0.5 && i % 3 === 2 ? mask[i - 1] !== mask[i - 2] : uniform() < keepProb)),
  },
  // Layers and seeds.
  {
    what: 'layers that share every tenth element',
    refutedBy: 'dropout/layers-are-independent',
    law: () => {
      const streams = new Map<string | undefined, () => number>();
      return ({ layer, size, keepProb, uniform }) => {
        const common = streams.get(layer) ?? mixer(9);
        streams.set(layer, common);
        return each(size, (i) => (i % 10 === 0 ? common() : uniform()) < keepProb);
      };
    },
  },
  {
    what: 'layers alike but for one call',
    refutedBy: 'dropout/layers-are-independent',
    law: () => {
      const order = new Map<string | undefined, number>();
      return ({ layer, size, keepProb, index }) => {
        const place = order.get(layer) ?? order.size;
        order.set(layer, place);
        const stream = mixer(place + index);
        return each(size, () => stream() < keepProb);
      };
    },
  },
  {
    what: 'seeds of which only 16 bits are used',
    refutedBy: 'dropout/different-seeds-different-masks',
    law: () => fromOwn((seed) => mixer(seed & 0xffff)),
  },
  {
    what: 'a seed to which the number of the call is added',
    refutedBy: 'dropout/different-seeds-different-masks',
    law:
      () =>
      ({ seed = 0, size, keepProb, index }) => {
        const stream = mixer(seed + index);
        return each(size, () => stream() < keepProb);
      },
  },
  {
    what: 'seeds whose last bit is lost',
    refutedBy: 'dropout/different-seeds-different-masks',
    law: () => fromOwn((seed) => mixer(seed | 1)),
  },
  {
    what: 'seeds s and s + 1 that share half of their masks',
    refutedBy: 'dropout/different-seeds-different-masks',
    law: () => {
      const streams = new Map<string | undefined, () => number>();
      return ({ layer, seed, size, keepProb, uniform }) => {
        const half = streams.get(layer) ?? mixer(Math.floor((seed ?? 0) / 2));
        const other = streams.get(`${layer}/other`) ?? mixer(Math.ceil((seed ?? 0) / 2));
        streams.set(layer, half).set(`${layer}/other`, other);
        return each(size, (i) => (i % 3 === 0 ? half() : i % 3 === 1 ? other() : uniform()) < keepProb);
      };
    },
  },
  {
    what: 'a first call of each layer that keeps more',
    refutedBy: 'dropout/different-seeds-different-masks',
    law: () => rated((keepProb, _, { index }) => (index === 0 ? (1 + keepProb) / 2 : keepProb)),
  },
];

async function judged({ refutedBy, law }: Offence): Promise<string> {
  const clause = clauses.find(({ id }) => id === refutedBy);
  if (clause === undefined) throw new Error(`there is no clause ${refutedBy}`);
  const { verdict, message } = await verify(clause, await subjectOf(masking(law())), budgetOf('standard'));
  return `${verdict}: ${message}`;
}

test.each(offences)('$what: refuted by $refutedBy', async (offence) => {
  expect(await judged(offence)).toMatch(/^refuted/);
});

test('a subject of the same make whose masks follow the law is acquitted', async () => {
  const laws = clauses.filter(({ id, evidence }) => evidence.kind === 'statistical' && id.startsWith('dropout/'));
  const subject = await subjectOf(masking(fair));
  for (const clause of laws) {
    const { verdict, message } = await verify(clause, subject, budgetOf('quick'));
    expect(`${verdict}: ${message}`).toMatch(/^holds/);
  }
});
