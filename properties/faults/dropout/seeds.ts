/** Layers that have something in common, and seeds that do too much or too little. */
import { asking, type Fault } from '../fault.ts';
import { each, fair, fairMask, masking, ofEach, rated, type Source, uniforms } from './law.ts';
import { forgetting, isFunction, isLayer, onlyIf, reseeding, without } from './parts.ts';

const layers = 'dropout/layers-are-independent';
const sameSeed = 'dropout/same-seed-same-masks';
const differentSeeds = 'dropout/different-seeds-different-masks';

/**
 * Layers with neighbouring seeds s and s + 1 share a part of their elements: one part with the seed below, another with
 * the seed above.
 */
export const sharingWithNeighbours = (part: number): Fault['of'] =>
  masking(() => {
    const streamsOf = ofEach(({ seed = 0 }) => ({
      below: uniforms(Math.floor(seed / 2), 1),
      above: uniforms(Math.ceil(seed / 2), 2),
    }));
    return ({ size, keepProb, source, uniform }) => {
      if (source.seed === undefined) return fairMask({ size, keepProb }, uniform);
      const { below, above } = streamsOf(source);
      return each(size, (i) => {
        // Parts that are spread evenly, and are the same places for all seeds.
        const place = (i * 0.6180339887498949) % 1;
        const stream = place < part ? below : place < 2 * part ? above : uniform;
        return stream() < keepProb;
      });
    };
  });

export const seedFaults: readonly Fault[] = [
  {
    id: 'dropout/layers-share-a-stream',
    what: 'Every layer without a seed starts from the same one.',
    seen: 'transformers issue 31412, tt-metal pull request 16823',
    mend: 'Let layers without a seed share one generator, or seed each from the entropy of the system.',
    refutedBy: layers,
    of: asking('dropout', (args, tensors) => [
      args['layer'] !== undefined && args['seed'] === undefined ? { ...args, seed: 1 } : args,
      tensors,
    ]),
  },
  {
    id: 'dropout/layers-share-every-tenth-element',
    what: 'Every tenth element is kept or dropped in all layers alike.',
    mend: 'Draw every element of a mask from the generator of its own layer.',
    refutedBy: layers,
    of: masking(() => {
      const commonOf = ofEach(() => uniforms(9));
      return ({ size, keepProb, source, uniform }) => {
        const common = commonOf(source);
        return each(size, (i) => (i % 10 === 0 ? common() : uniform()) < keepProb);
      };
    }),
  },
  {
    id: 'dropout/layers-one-call-apart',
    what: 'Layers are numbered, and the seed of a call is the number of its layer plus that of the call.',
    mend: 'Mix the number of the layer and that of the call by a hash, or split the generator.',
    refutedBy: layers,
    of: masking(() => (call) => fairMask(call, uniforms(call.source.order + call.index))),
  },
  {
    id: 'dropout/layers-share-a-buffer',
    what: 'A layer without a seed leaves a fifth of its mask as another layer wrote it last.',
    mend: 'Give each mask memory of its own, or write all of it.',
    refutedBy: layers,
    of: masking(() => {
      let written: { readonly source: Source; readonly mask: Uint8Array } | undefined;
      return (call) => {
        const { source, size, keepProb, uniform } = call;
        if (source.layer === undefined || source.seed !== undefined) return fair(call);
        const other = written?.source === source || written?.mask.length !== size ? undefined : written.mask;
        const mask = each(size, (i) => (other && uniform() < 0.2 ? other[i] === 1 : uniform() < keepProb));
        written = { source, mask };
        return mask;
      };
    }),
  },
  {
    id: 'dropout/seed-ignored',
    what: 'A seed is taken and ignored.',
    seen: 'mxnet issue 15662, xformers issue 173',
    mend: 'Draw the masks of a seeded layer from a generator with that seed.',
    refutedBy: sameSeed,
    of: forgetting('seed'),
  },
  {
    id: 'dropout/seed-zero-ignored',
    what: 'A seed of 0 counts as none.',
    seen: 'Paddle pull request 7979',
    mend: 'Ask whether a seed was given, not whether it is truthy.',
    refutedBy: sameSeed,
    of: asking('dropout', (args, tensors) => [args['seed'] === 0 ? without(args, 'seed') : args, tensors]),
  },
  {
    id: 'dropout/seed-for-the-first-call-only',
    what: 'The first call of a seeded layer uses its seed, the others the default generator.',
    mend: 'Draw all masks of a seeded layer from its own generator.',
    refutedBy: sameSeed,
    of: (correct) => {
      const begun = new Set<unknown>();
      return asking('dropout', (args, tensors) => {
        if (!isLayer(args) || args['seed'] === undefined) return [args, tensors];
        if (begun.has(args['layer'])) {
          return [{ ...without(args, 'seed'), layer: `${args['layer']}, unseeded` }, tensors];
        }
        begun.add(args['layer']);
        return [args, tensors];
      })(correct);
    },
  },
  {
    id: 'dropout/function-ignores-its-seed',
    what: 'The stateless function takes a seed and ignores it; layers do not.',
    mend: 'Draw the mask of a seeded call from a generator with that seed, in the function too.',
    refutedBy: sameSeed,
    of: onlyIf(isFunction, forgetting('seed')),
  },
  {
    id: 'dropout/seed-for-the-first-block-only',
    what: 'Elements from the 65 537th on are drawn by a second thread, which is not seeded.',
    mend: 'Seed every thread from the seed that was given.',
    refutedBy: sameSeed,
    of: masking(() => {
      const unseeded = uniforms(3);
      return ({ size, keepProb, uniform }) => each(size, (i) => (i < 65_536 ? uniform() : unseeded()) < keepProb);
    }),
  },
  {
    id: 'dropout/seeds-all-alike',
    what: 'Every seed is the same seed.',
    mend: 'Hand the seed that was given to the generator.',
    refutedBy: differentSeeds,
    of: reseeding(() => 1),
  },
  {
    id: 'dropout/seed-cut-to-16-bits',
    what: 'Only 16 bits of a seed are used.',
    mend: 'Seed the generator with all bits of the seed.',
    refutedBy: differentSeeds,
    of: reseeding((seed) => seed & 0xffff),
  },
  {
    id: 'dropout/seed-halves-added',
    what: 'The two halves of a seed are added to make one of 16 bits.',
    mend: 'Seed the generator with all bits of the seed.',
    refutedBy: differentSeeds,
    of: reseeding((seed) => (seed & 0xffff) + ((seed >>> 16) & 0xffff)),
  },
  {
    id: 'dropout/function-cuts-its-seed',
    what: 'The stateless function divides its seed by two; layers do not.',
    mend: 'Seed the generator with all bits of the seed, in the function too.',
    refutedBy: differentSeeds,
    of: onlyIf(
      isFunction,
      reseeding((seed) => Math.floor(seed / 2)),
    ),
  },
  {
    id: 'dropout/call-added-to-the-seed',
    what: 'Each call is seeded by the seed plus the number of the call.',
    mend: 'Mix the seed and the number of the call by a hash, or let one generator run on.',
    refutedBy: differentSeeds,
    of: masking(() => (call) => {
      const { seed } = call.source;
      return seed === undefined ? fair(call) : fairMask(call, uniforms(seed + call.index));
    }),
  },
  {
    id: 'dropout/last-bit-of-the-seed-lost',
    what: 'The last bit of a seed is lost: an even seed is the odd one after it.',
    mend: 'Seed the generator with all bits of the seed.',
    refutedBy: differentSeeds,
    of: reseeding((seed) => seed | 1),
  },
  {
    id: 'dropout/neighbouring-seeds-share-masks',
    what: 'Seeds s and s + 1 share a third of their masks.',
    mend: 'Seed the generator through a hash, so that neighbouring seeds begin far apart.',
    refutedBy: differentSeeds,
    of: sharingWithNeighbours(1 / 3),
  },
  {
    id: 'dropout/first-call-keeps-more',
    what: 'The first call of each layer keeps more than it should.',
    mend: 'Discard nothing and warm nothing up: use keep_prob from the first call on.',
    refutedBy: differentSeeds,
    of: masking(() => rated((keepProb, _, { index }) => (index === 0 ? (1 + keepProb) / 2 : keepProb))),
  },
];
