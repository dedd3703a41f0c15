/** Elements of one call that depend on each other: neighbours, lanes, channels and examples. */
import type { Fault } from '../fault.ts';
import { copying, each, fromStreams, masking, rated, uniforms, unitsOf } from './law.ts';
import { isFunction, isLayer, onlyIf } from './parts.ts';

const elements = 'dropout/elements-are-independent';
const examples = 'dropout/examples-are-independent';

/** Pairs of neighbours share their random number. */
const sharingBits = masking(() => copying((i) => (i % 2 === 1 ? i - 1 : -1)));

/** A linear congruential generator modulo 2^16, of the full period. */
function shortLcg(seed: number): () => number {
  let state = seed & 0xffff;
  return () => {
    state = (Math.imul(state, 47_485) + 12_345) & 0xffff;
    return state / 2 ** 16;
  };
}

export const elementFaults: readonly Fault[] = [
  {
    id: 'dropout/neighbours-share-a-bit',
    what: 'Pairs of neighbours are kept or dropped together.',
    seen: 'pytorch issue 198333',
    mend: 'Draw a random number of its own for each element.',
    refutedBy: elements,
    of: sharingBits,
  },
  {
    id: 'dropout/function-shares-bits',
    what: 'The stateless function keeps or drops pairs of neighbours together; layers are right.',
    mend: 'Draw a random number of its own for each element, in the function too.',
    refutedBy: elements,
    of: onlyIf(isFunction, sharingBits),
  },
  {
    id: 'dropout/unseeded-layers-share-bits',
    what: 'A layer without a seed keeps or drops pairs of neighbours together; seeded ones are right.',
    mend: 'Draw from the default generator as from a seeded one: a random number for each element.',
    refutedBy: elements,
    of: onlyIf((args) => isLayer(args) && args['seed'] === undefined, sharingBits),
  },
  {
    id: 'dropout/float32-shares-bits',
    what: 'In float32, pairs of neighbours are kept or dropped together; float64 is right.',
    mend: 'Draw a random number of its own for each element, whatever the dtype.',
    refutedBy: elements,
    of: onlyIf((_, { x }) => x.dtype === 'float32', sharingBits),
  },
  {
    id: 'dropout/one-draw-for-the-whole-input',
    what: 'One random number decides whether all of an input is kept or all of it dropped.',
    mend: 'Draw as many random numbers as x has elements.',
    refutedBy: elements,
    of: masking(() => copying((i) => i - 1)),
  },
  {
    id: 'dropout/columns-share-a-mask',
    what: 'An example is dropped as a whole: its units share a mask.',
    mend: 'Draw a mask of the shape of x, not of its first axis.',
    refutedBy: elements,
    of: masking(() => copying((i, call) => (call.shape.length > 1 && i % unitsOf(call) > 0 ? i - 1 : -1))),
  },
  {
    id: 'dropout/channels-dropped-as-a-whole',
    what: 'Channels of an image are dropped as a whole, as spatial dropout does.',
    mend: 'Draw a mask of the shape of x, not of its first two axes.',
    refutedBy: elements,
    of: masking(() =>
      copying((i, { shape: [, , height = 1, width = 1] }) => (i % (height * width) === 0 ? -1 : i - 1)),
    ),
  },
  {
    id: 'dropout/one-mask-for-all-channels',
    what: 'The channels of an image share a mask.',
    mend: 'Draw a mask of the shape of x, and broadcast it along no axis.',
    refutedBy: elements,
    of: masking(() =>
      copying((i, { shape: [, channels = 1, height = 1, width = 1] }) =>
        Math.floor(i / (height * width)) % channels === 0 ? -1 : i - height * width,
      ),
    ),
  },
  {
    id: 'dropout/correlated-at-lag-3',
    what: 'A twentieth of the elements is kept or dropped as the one three places before.',
    mend: 'Use each random number for one element only.',
    refutedBy: elements,
    of: masking(() => copying((i, { uniform }) => (uniform() < 0.05 ? i - 3 : -1))),
  },
  {
    id: 'dropout/antithetic-pairs',
    what: 'Of each two elements one is drawn with u and the other with 1 − u.',
    mend: 'Draw a random number of its own for each element.',
    refutedBy: elements,
    of: masking(() => ({ size, keepProb, uniform }) => {
      let u = 0;
      return each(size, (i) => {
        u = i % 2 === 0 ? uniform() : 1 - u;
        return u < keepProb;
      });
    }),
  },
  {
    id: 'dropout/generator-of-16-bits',
    what: 'Masks are drawn from a linear congruential generator of period 65 536.',
    mend: 'Draw from a generator of a long period, such as Philox or xoshiro.',
    refutedBy: elements,
    of: masking(() => fromStreams(({ seed }) => shortLcg(seed ?? 7))),
  },
  {
    id: 'dropout/generator-restarts-after-2048',
    what: 'Within a call the generator starts again every 2 048 elements.',
    mend: 'Give each block of threads a stretch of the stream of its own.',
    refutedBy: elements,
    of: masking(() => copying((i) => i - 2048)),
  },
  {
    id: 'dropout/blocks-of-65536-alike',
    what: 'Each block of 65 536 elements is drawn from the same stream.',
    mend: 'Give each block of threads a stretch of the stream of its own.',
    refutedBy: elements,
    of: masking(() => copying((i) => i - 65_536)),
  },
  {
    id: 'dropout/one-lane-of-period-64',
    what: 'Every 16th element is drawn from a generator of period 64.',
    mend: 'Draw for all lanes from the same generator.',
    refutedBy: elements,
    of: masking(() => {
      const short = Array.from({ length: 64 }, uniforms(5));
      return rated((keepProb, i, { index, size }) =>
        i % 16 === 0 ? Number(short[((index * size + i) / 16) & 63] < keepProb) : keepProb,
      );
    }),
  },
  {
    id: 'dropout/some-blocks-share-a-draw',
    what: 'In three of a hundred blocks of 32 elements, one draw decides them all.',
    mend: 'Draw for each thread of a block, on every path.',
    refutedBy: elements,
    of: masking(() => (call) => {
      let shares = false;
      return copying((i) => {
        if (i % 32 === 0) shares = call.uniform() < 0.03;
        return shares && i % 32 !== 0 ? i - 1 : -1;
      })(call);
    }),
  },
  {
    id: 'dropout/second-half-copies-the-first',
    what: 'The second half of an input has the mask of the first: two threads draw from the same seed.',
    mend: 'Seed each thread differently, or let one thread draw.',
    refutedBy: elements,
    of: masking(() => copying((i, { size }) => i - size / 2)),
  },
  {
    id: 'dropout/parity-of-four',
    what: 'Where keep_prob is 0.5, the last of each four elements is the parity of the others.',
    mend: 'Draw a random number of its own for each element.',
    refutedBy: elements,
    of: masking(
      () =>
        ({ size, keepProb, uniform }) =>
          each(size, (i, mask) =>
            keepProb === 0.5 && i % 4 === 3
              ? (mask[i - 1] + mask[i - 2] + mask[i - 3]) % 2 === 1
              : uniform() < keepProb,
          ),
    ),
  },
  {
    id: 'dropout/one-mask-for-all-examples',
    what: 'The examples of a batch share a mask.',
    mend: 'Draw a mask of the shape of x, not of one example.',
    refutedBy: examples,
    of: masking(() => copying((i, call) => i - unitsOf(call))),
  },
  {
    id: 'dropout/a-tenth-of-the-units-shared',
    what: 'Every tenth unit is kept or dropped in all examples of a batch together.',
    mend: 'Draw anew for every unit of every example.',
    refutedBy: examples,
    of: masking(() => copying((i, call) => ((i % unitsOf(call)) % 10 === 0 ? i - unitsOf(call) : -1))),
  },
  {
    id: 'dropout/examples-shifted-copies',
    what: 'The mask of each example is that of the one before, shifted by a place.',
    mend: 'Advance the generator by as many draws as an example has units.',
    refutedBy: examples,
    of: masking(() =>
      copying((i, call) => (call.shape.length === 2 && i % unitsOf(call) > 0 ? i - unitsOf(call) - 1 : -1)),
    ),
  },
  {
    id: 'dropout/last-example-is-the-first',
    what: 'The 32nd example of a batch has the mask of the first.',
    mend: 'Give each example a mask of its own, however many there are.',
    refutedBy: examples,
    of: masking(() => copying((i, call) => (call.shape.length === 2 ? i - 31 * unitsOf(call) : -1))),
  },
];
