/** Each observation counts on packed masks what the plain loops count, for the very claims that it makes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendNonZeros, rowFor } from '../../src/bits.ts';
import type { Claim, Clause, Experiment, Statistical, Tally } from '../../src/clause.ts';
import { drawChunk } from '../../src/judge/chunks.ts';
import { profileFor, profileNames } from '../../src/judge/profiles.ts';
import { createReference } from '../../src/reference/implementation.ts';
import { epsilonOf, logThreshold, observe, sizeOfTally, trialsOf, undrawn } from '../../src/statistics/claim.ts';
import { probabilityOf } from '../../src/statistics/histogram.ts';
import type { Capabilities, DropoutCall, Subject } from '../../src/subject.ts';
import { tensor } from '../../src/tensor.ts';
import { clauses } from '../index.ts';
import { subjectOf } from '../testing.ts';
import {
  columnsOf,
  countCells,
  independenceAt,
  independenceByPosition,
  keepRateByBlock,
  keepRateByPosition,
  keepRateOf,
  noRepeats,
  numberKept,
  numbersKept,
  type Observation,
  type Offset,
  together,
  wordsOf,
} from './observations.ts';

/** Masks as they are: one list of bits a call. */
type Bits = readonly (readonly number[])[];

const masksOf = (bits: Bits) => {
  const flat = bits.flat();
  const row = rowFor(flat.length);
  appendNonZeros(row, tensor('uint8', [flat.length], flat));
  return { row, calls: bits.length, size: bits[0].length };
};

/** Some calls of some size, of masks of some density. */
const someBits = ({ sizes = 70, calls = 40 } = {}) =>
  fc
    .record({
      size: fc.integer({ min: 1, max: sizes }),
      calls: fc.integer({ min: 1, max: calls }),
      density: fc.constantFrom(0, 0.2, 0.5, 0.8, 1),
      numbers: fc.infiniteStream(fc.nat(999)),
    })
    .map(({ size, calls: number, density, numbers }): Bits => {
      const flat = [...numbers.take(size * number)].map((each) => (each < 1000 * density ? 1 : 0));
      return Array.from({ length: number }, (_, call) => flat.slice(call * size, (call + 1) * size));
    });

/** The tallies by the words of their claims. */
function counted({ claims, count }: Observation, bits: Bits): Readonly<Record<string, Tally>> {
  const tallies = count(masksOf(bits));
  expect(tallies).toHaveLength(claims.length);
  const named = Object.fromEntries(claims.map(({ event }, i) => [event, [...tallies[i]]]));
  expect(Object.keys(named)).toHaveLength(claims.length);
  return named;
}

/** How often those bits are one that a condition on their place chooses. */
function rateWhere(bits: Bits, isChosen: (place: number) => boolean): Tally {
  const chosen = bits.flatMap((mask) => mask.filter((_, i) => isChosen(i)));
  return [chosen.length, chosen.filter((bit) => bit === 1).length];
}

/** The table of some pairs of a context and an element. */
const table = (pairs: readonly (readonly [number, number])[]): Tally => [
  pairs.length,
  pairs.filter(([context]) => context === 1).length,
  pairs.filter(([, element]) => element === 1).length,
  pairs.filter(([context, element]) => context === 1 && element === 1).length,
];

/** Every element that has a context there, with it; `size` elements make a call. */
function pairsAt(flat: readonly number[], size: number, { calls, elements }: Offset): readonly [number, number][] {
  const pairs: [number, number][] = [];
  const whole = Math.floor(flat.length / size) * size;
  for (let i = 0; i < whole; i++) {
    const call = Math.floor(i / size) - calls;
    const place = (i % size) - elements;
    if (call >= 0 && place >= 0 && place < size) pairs.push([flat[call * size + place], flat[i]]);
  }
  return pairs;
}

/** The halves of patterns of eight, and the patterns: how often each came, by its cell's name. */
function histograms(patterns: readonly (readonly number[])[]): readonly Readonly<Record<string, number>>[] {
  const tally = (words: readonly (readonly number[])[]) => {
    const counts: Record<string, number> = {};
    for (const word of words) counts[word.join('')] = (counts[word.join('')] ?? 0) + 1;
    return counts;
  };
  return [tally(patterns.flatMap((each) => [each.slice(0, 4), each.slice(4)])), tally(patterns)];
}

/** What a histogram counted, by the names of its cells; those that never came are left out. */
const byCell = (claim: Claim, tally: Tally): Readonly<Record<string, number>> => {
  if (claim.law !== 'histogram') throw new TypeError(`${claim.event} has no cells`);
  expect(tally).toHaveLength(claim.cells.length);
  return Object.fromEntries(
    claim.cells.flatMap(({ name }, i): [string, number][] => (tally[i] === 0 ? [] : [[name, tally[i]]])),
  );
};

describe('what is counted of masks', () => {
  it('how many are kept', () => {
    fc.assert(
      fc.property(someBits(), (bits) => {
        expect(counted(keepRateOf(0.5, 0.01), bits)).toEqual({ kept: rateWhere(bits, () => true) });
      }),
    );
  });

  it('how many are kept at each place, in each lane, and after the last whole vector', () => {
    fc.assert(
      fc.property(someBits({ sizes: 140 }), (bits) => {
        const size = bits[0].length;
        const expected: Record<string, Tally> = {};
        for (let i = 0; i < size; i++) expected[`kept at position ${i}`] = rateWhere(bits, (place) => place === i);
        for (const width of [4, 8, 32]) {
          for (let lane = 0; lane < width && size >= 4 * width; lane++) {
            const words = `kept at positions that leave ${lane} when divided by ${width}`;
            expected[words] = rateWhere(bits, (place) => place % width === lane);
          }
          const tail = size % width;
          if (size > width && tail > 1)
            expected[`kept among the last ${tail}`] = rateWhere(bits, (place) => place >= size - tail);
        }
        expect(counted(keepRateByPosition(0.5, size), bits)).toEqual(expected);
      }),
    );
  });

  it('how many are kept in each block, also in a last one that is shorter', () => {
    fc.assert(
      fc.property(someBits(), fc.integer({ min: 1, max: 80 }), (bits, block) => {
        const size = bits[0].length;
        const expected: Record<string, Tally> = {};
        for (let from = 0; from < size; from += block) {
          const to = Math.min(size, from + block) - 1;
          expected[`kept at positions ${from} to ${to}`] = rateWhere(bits, (place) => place >= from && place <= to);
        }
        expect(counted(keepRateByBlock(0.5, size, block), bits)).toEqual(expected);
      }),
    );
  });

  it('pairs at offsets within a call, across calls, and across calls taken together', () => {
    const offset = fc.record({ calls: fc.nat({ max: 3 }), elements: fc.integer({ min: -5, max: 150 }) });
    const offsets = fc.uniqueArray(offset, { selector: ({ calls, elements }) => `${calls}/${elements}`, maxLength: 8 });
    fc.assert(
      fc.property(someBits(), offsets, fc.integer({ min: 1, max: 3 }), (bits, places, taken) => {
        const named = places.map((place) => ({ ...place, words: JSON.stringify(place) }));
        const flat = bits.flat();
        const size = taken * bits[0].length;
        expect(counted(independenceAt(0.5, named, 0.1, taken), bits)).toEqual(
          Object.fromEntries(named.map((each) => [each.words, table(pairsAt(flat, size, each))])),
        );
      }),
    );
  });

  it('pairs of each place with itself, one call before', () => {
    fc.assert(
      fc.property(someBits(), (bits) => {
        const expected = bits[0].map((_, i): [string, Tally] => [
          `that of the call before, at position ${i}`,
          table(bits.slice(1).map((mask, call) => [bits[call][i], mask[i]])),
        ]);
        expect(counted(independenceByPosition(0.5, bits[0].length), bits)).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it('masks that an earlier call had', () => {
    fc.assert(
      fc.property(someBits({ sizes: 40 }), (bits) => {
        const seen = new Set(bits.map((mask) => mask.join('')));
        expect(counted(noRepeats(), bits)).toEqual({
          'the mask of an earlier call, again': [bits.length, bits.length - seen.size],
        });
      }),
    );
  });

  it('words of each call, whole and in halves', () => {
    fc.assert(
      fc.property(someBits(), (bits) => {
        const words = bits.flatMap((mask) =>
          Array.from({ length: Math.floor(mask.length / 8) }, (_, i) => mask.slice(8 * i, 8 * i + 8)),
        );
        const { claims, count } = wordsOf(0.5);
        const tallies = count(masksOf(bits));
        expect(claims.map((claim, i) => byCell(claim, tallies[i]))).toEqual(histograms(words));
      }),
    );
  });

  it('columns of successive calls, and of the examples of each call', () => {
    fc.assert(
      fc.property(someBits(), fc.integer({ min: 1, max: 9 }), (bits, length) => {
        const size = bits[0].length;
        const columnsOfEight = (stretches: Bits) =>
          Array.from({ length: Math.floor(stretches.length / 8) }, (_, i) => stretches.slice(8 * i, 8 * i + 8)).flatMap(
            (eight) => eight[0].map((_, place) => eight.map((stretch) => stretch[place])),
          );
        const seen = (observation: Observation) => {
          const tallies = observation.count(masksOf(bits));
          return observation.claims.map((claim, i) => byCell(claim, tallies[i]));
        };
        expect(seen(columnsOf(0.5, 'calls', size))).toEqual(histograms(columnsOfEight(bits)));
        if (length >= size) return;
        const examples = bits.map((mask) =>
          Array.from({ length: Math.floor(size / length) }, (_, i) => mask.slice(i * length, (i + 1) * length)),
        );
        expect(seen(columnsOf(0.5, 'examples', length))).toEqual(histograms(examples.flatMap(columnsOfEight)));
      }),
    );
  });

  it('how many each call keeps', () => {
    fc.assert(
      fc.property(someBits(), (bits) => {
        const size = bits[0].length;
        const expected = Array.from({ length: size + 1 }, (_, kept) => {
          return bits.filter((mask) => mask.filter((bit) => bit === 1).length === kept).length;
        });
        expect(numbersKept(masksOf(bits))).toEqual(expected);
        expect(counted(numberKept(0.5, size), bits)).toEqual({ 'elements that a call keeps': expected });
      }),
    );
  });

  it('all of several observations, in their order', () => {
    fc.assert(
      fc.property(someBits(), (bits) => {
        const size = bits[0].length;
        const parts = [keepRateOf(0.5, 0.1), numberKept(0.5, size), keepRateByPosition(0.5, size), noRepeats()];
        const { claims, count } = together(parts);
        expect(claims).toEqual(parts.flatMap((part) => part.claims));
        expect(count(masksOf(bits))).toEqual(parts.flatMap((part) => part.count(masksOf(bits))));
      }),
    );
  });
});

describe('what is claimed of masks', () => {
  it('holds to ε where it is given, and is watched where not', () => {
    expect(keepRateOf(0.8, 0.01).claims).toEqual([{ law: 'rate', event: 'kept', rate: 0.8, epsilon: 0.01 }]);
    const places = keepRateByPosition(0.8, 40, 0.1).claims;
    expect(places.map(epsilonOf)).toEqual(places.map((_, i) => (i < 40 ? 0.1 : undefined)));
    const offsets = [
      { calls: 0, elements: 1, words: 'one' },
      { calls: 1, elements: 0, words: 'other', watched: true },
    ];
    expect(independenceAt(0.8, offsets, 0.03).claims).toEqual([
      { law: 'pairs', event: 'one', rate: 0.8, epsilon: 0.03 },
      { law: 'pairs', event: 'other', rate: 0.8 },
    ]);
  });

  it('of numbers is a partition, of binomial ways', () => {
    expect(countCells(4).map(({ ways }) => ways)).toEqual([1, 4, 6, 4, 1]);
    expect(countCells(50)[25].ways).toBe(126410606437752);
    for (const n of [1, 10, 50]) expect(countCells(n).reduce((sum, { ways }) => sum + ways, 0)).toBe(2 ** n);
  });

  it.each([1, 3, 8, 100])('of words, columns and the numbers of %d has probabilities that sum to 1', (n) => {
    for (const p of [0.1, 0.5, 0.8]) {
      const { claims } = together([wordsOf(p), columnsOf(p, 'calls', n), numberKept(p, n)]);
      for (const claim of claims) {
        if (claim.law !== 'histogram') throw new TypeError(`${claim.event} has no cells`);
        const sum = claim.cells.reduce((total, cell) => total + probabilityOf(claim, cell), 0);
        expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
      }
    }
  });
});

describe('the experiments of the statistical clauses', () => {
  const lawsOf = (stem: string) =>
    clauses.filter(
      (clause): clause is Clause & { readonly evidence: Statistical } =>
        clause.evidence.kind === 'statistical' && clause.id.startsWith(stem),
    );
  const laws = lawsOf('');

  const declared: readonly Capabilities[] = [
    {
      dropout: {
        dtypes: ['float64', 'float32'],
        gradient: true,
        mask: true,
        seed: 'advances',
        layer: true,
        repeat: true,
      },
      network: { dtypes: ['float64'], masks: true },
    },
    { dropout: { dtypes: ['float32'], layer: true, seed: 'repeats' }, network: { dtypes: ['float32'], masks: true } },
    { dropout: { dtypes: ['float16'] }, network: { dtypes: ['float64'], masks: true } },
  ];

  it.each(laws.map(({ id, evidence }) => [id, evidence] as const))(
    '%s: each has a claim that is certified, a name of its own, and claims that differ',
    (_, evidence) => {
      for (const can of declared) {
        for (const profile of profileNames) {
          const experiments = evidence.experiments(can, profileFor(profile, 1).resolution);
          expect(experiments.length).toBeGreaterThan(0);
          expect(new Set(experiments.map(({ name }) => name)).size).toBe(experiments.length);
          for (const { name, claims } of experiments) {
            expect(claims.some((claim) => epsilonOf(claim) !== undefined) ? '' : name).toBe('');
            expect(new Set(claims.map(({ event }) => event)).size).toBe(claims.length);
          }
        }
      }
    },
  );

  it('never compare a seed with itself, even where its halves are the same', async () => {
    const { evidence } = laws.find(
      ({ id }) => id === 'dropout/different-seeds-different-masks',
    ) as (typeof laws)[number];
    const reference = await subjectOf(createReference());
    // The stream whose block 31, where halves change places, starts with the seed 0x00050005.
    const seed = (0x00050005 - Math.imul(0x9e3779b1, 32)) & 0x7fffffff;
    for (const experiment of evidence.experiments(reference.capabilities, profileFor('quick', 1).resolution)) {
      const seeds = new Map<number | undefined, number>();
      const dropout = (call: DropoutCall) => {
        seeds.set(call.seed, (seeds.get(call.seed) ?? 0) + 1);
        return reference.dropout(call);
      };
      await experiment.draw({ ...reference, dropout }, 64 * 2 * 1021, { id: experiment.name, seed, round: 0 });
      expect(seeds.size).toBeGreaterThan(60);
      expect(new Set(seeds.values()).size).toBe(1);
    }
  });

  /** Counts the elements that it is asked for. */
  function counting(subject: Subject): { readonly subject: Subject; readonly drawn: () => number } {
    let drawn = 0;
    return {
      subject: {
        ...subject,
        dropout: async (call) => {
          const answer = await subject.dropout(call);
          drawn += answer.y.data.length;
          return answer;
        },
      },
      drawn: () => drawn,
    };
  }

  /** Of what is counted in a chunk: a tally of each claim, of no more than was drawn. */
  async function demandCounts(experiment: Experiment, reference: Subject, id: string, elements: number) {
    const { subject, drawn } = counting(reference);
    const { claims, name } = experiment;
    const tallies = await drawChunk(experiment, { id, elements }, { subject, seed: 7, onRound: () => {} });
    expect(tallies.map(({ length }) => length)).toEqual(claims.map(sizeOfTally));
    expect(drawn()).toBeGreaterThanOrEqual(elements);
    for (const [i, claim] of claims.entries()) {
      const { logAgainst } = observe(claim, undrawn(claim), tallies[i]);
      const trials = trialsOf(claim, tallies[i]);
      const elementsOfOne = claim.law === 'histogram' ? claim.length : 1;
      const text = `${name}: ${claim.event}, ${trials} of ${drawn()}`;
      expect(trials * elementsOfOne <= drawn() ? '' : text).toBe('');
      // The reference is right: what accuses it as much as this counts the wrong thing.
      expect(logAgainst < logThreshold(1e-9 / claims.length) ? '' : text).toBe('');
    }
    return tallies;
  }

  it.each(lawsOf('dropout/').map(({ id, evidence }) => [id, evidence] as const))(
    '%s: each counts what it claims, and all that is certified',
    async (id, evidence) => {
      const reference = await subjectOf(createReference());
      const { resolution } = profileFor('quick', 1);
      for (const [i, experiment] of evidence.experiments(reference.capabilities, resolution).entries()) {
        const tallies = await demandCounts(experiment, reference, `${id}/${i}`, 2 ** 15);
        for (const [k, claim] of experiment.claims.entries()) {
          if (epsilonOf(claim) === undefined) continue;
          expect(trialsOf(claim, tallies[k]) > 0 ? '' : `${experiment.name}: ${claim.event} is never counted`).toBe('');
        }
      }
    },
  );

  it.each(lawsOf('dropout/').map(({ id, evidence }) => [id, evidence] as const))(
    '%s: so do the simpler ones of each',
    async (id, evidence) => {
      const reference = await subjectOf(createReference());
      const { resolution } = profileFor('quick', 1);
      for (const [i, experiment] of evidence.experiments(reference.capabilities, resolution).entries()) {
        for (const [k, simpler] of (experiment.simpler?.() ?? []).entries())
          await demandCounts(simpler, reference, `${id}/${i}/simpler/${k}`, 2 ** 9);
      }
    },
  );
});
