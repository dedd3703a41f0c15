import { describe, expect, it } from 'vitest';
import type { Experiment, Stream } from '../clause.ts';
import { connect } from '../protocol/connect.ts';
import { moduleChannel } from '../protocol/module.ts';
import { createReference } from '../reference/implementation.ts';
import { logThreshold } from '../statistics/claim.ts';
import { budgetOf, detectable, waldSampleSize } from '../statistics/sample-size.ts';
import type { Subject } from '../subject.ts';
import { tensor } from '../tensor.ts';
import { type RecordedChunk, talliesOf } from './chunks.ts';
import { type DrawOptions, drawShard, foldChunks, judgeStatistical, patience, type Source } from './draws.ts';
import { profileFor } from './profiles.ts';
import { mixer } from './seeds.ts';
import { coin, half, rateOf, subjectOf, tossing } from './testing.ts';

/** What a coin claims. */
const heads = rateOf('heads', 0.5, 0.01);

const subject = subjectOf();
const options: DrawOptions = {
  profile: profileFor('quick', 1),
  falseAlarm: 1e-9,
  seed: 1,
  name: 'dropout/by-hand',
};
const judge = (experiments: readonly Experiment[], rest: Partial<DrawOptions> = {}) =>
  judgeStatistical(tossing(...experiments), subject, { ...options, ...rest });
const within = (mostElements: number) => ({ profile: { ...options.profile, mostElements } });

/** A coin of that probability, tossed by the stream's seed. */
const tossed = (probability: number, streams: Stream[] = []): Experiment => ({
  ...coin(half),
  draw: async (_, elements, stream) => {
    streams.push(stream);
    const random = mixer(stream.seed + stream.round);
    let successes = 0;
    for (let i = 0; i < elements; i++) if (random() < probability) successes++;
    return [[elements, successes]];
  },
});

describe('a statistical clause', () => {
  it('holds once every rate is certified, and draws no more then', async () => {
    const outcome = await judge([tossed(0.5)]);
    expect(outcome).toMatchObject({ kind: 'holds', claims: 1, falseAlarm: 1e-9 });
    expect(outcome).not.toHaveProperty('deviation');
    expect(outcome.strongest).toMatchObject({
      experiment: 'a coin',
      event: 'heads',
      measure: 'rate',
      wanted: 0.5,
      epsilon: 0.01,
    });
    // The last round doubles what was drawn before it; the budget was enough.
    expect(outcome.elements).toBeLessThan(3 * budgetOf(heads, 1e-9));
    const { trials, counts, found, band } = outcome.strongest ?? expect.fail();
    expect(trials).toBe(outcome.elements);
    expect(counts[0]).toBe(trials);
    expect(found).toBe(counts[1] / trials);
    expect(Math.abs(found - 0.5)).toBeLessThan(0.01);
    // The looks that led there, for who wants to see the answer narrow.
    const { course = [] } = outcome.strongest ?? expect.fail();
    expect(course.length).toBeGreaterThan(2);
    expect(course.at(-1)).toEqual(counts);
    expect(band?.low).toBeLessThan(0.5);
    expect(band?.high).toBeGreaterThan(0.5);
    expect(outcome.strongest).toMatchObject({ certified: true });
    expect(outcome).not.toHaveProperty('moreDraws');
  });

  it('is refuted by a gross fault within the first round', async () => {
    const outcome = await judge([tossed(0.6), tossed(0.5)]);
    expect(outcome).toMatchObject({ kind: 'refuted', elements: 4096 });
    expect(outcome.logEvidence).toBeGreaterThan(Math.log(1e9));
    // What was not drawn is there, with nothing to say.
    expect(outcome.experiments).toHaveLength(2);
    expect(outcome.experiments[1]).toMatchObject({
      trials: 0,
      found: 0,
      counts: [0, 0],
      logEvidence: 0,
      band: { low: 0, high: 1 },
      certified: false,
      detectable: { above: null, below: null },
    });
  });

  it('is refuted by a deviation of ε, later', async () => {
    const outcome = await judge([tossed(0.51)]);
    expect(outcome.kind).toBe('refuted');
    expect(outcome.elements).toBeGreaterThan(4096);
  });

  it('says what was counted and how unlikely that is', async () => {
    const { deviation } = await judge([coin((elements) => elements / 4)]);
    expect(deviation?.message).toBe(
      "the rate of 'heads' (a coin) is 0.25, 1 024 of 4 096, but must be 0.5 " +
        '(a correct implementation is this far off less than once in 1e9 runs)',
    );
  });

  it('is undecided where the profile allows no more draws', async () => {
    const outcome = await judge([tossed(0.5)], within(4096));
    expect(outcome).toMatchObject({ kind: 'undecided', elements: 4096, strongest: { certified: false } });
    expect(outcome).not.toHaveProperty('deviation');
    expect(outcome.moreDraws).toBe(budgetOf(heads, 1e-9) - 4096);
  });

  it('is undecided where one and a half times the budget that suffices did not', async () => {
    // 0.45 ε off, exactly: at so small a probability of error that is neither far enough off nor near enough.
    const falseAlarm = 1e-300;
    const off = coin((elements) => elements * 0.5045);
    const outcome = await judge([off], { ...within(Infinity), falseAlarm });
    const budget = budgetOf(heads, falseAlarm);
    expect(outcome.kind).toBe('undecided');
    expect(outcome.elements).toBeGreaterThanOrEqual(patience * budget);
    expect(outcome.elements).toBeLessThan(2 * patience * budget + 4096);
    // So the next thing to try is to double the draws.
    expect(outcome.moreDraws).toBe(outcome.elements);
  });

  it('names the claim that is undecided, not one that is certified', async () => {
    const claims = [rateOf('heads', 0.5, 0.1), rateOf('six', 1 / 6, 0.0001)];
    const draw: Experiment['draw'] = async (_, trials) => [
      [trials, trials * 0.505],
      [trials, trials / 6],
    ];
    const outcome = await judge([{ name: 'both', claims, draw }], within(2 ** 14));
    expect(outcome).toMatchObject({ kind: 'undecided', strongest: { event: 'six' } });
    // Though it is the other that has more evidence against it.
    expect(outcome.experiments).toMatchObject([{ event: 'heads' }]);
  });

  it('holds only where the last of its rates is certified, and names the one furthest off', async () => {
    const names = ['one', 'two', 'three'];
    const rates = [0.5, 0.502, 0.5];
    const experiments = names.map((name, i) => coin((elements) => elements * rates[i], { name }));
    const outcome = await judge(experiments);
    expect(outcome).toMatchObject({ kind: 'holds', claims: 3, strongest: { experiment: 'two' } });
    expect(outcome.experiments.map(({ experiment }) => experiment)).toEqual(names);
    for (const { trials } of outcome.experiments) expect(trials).toBeGreaterThan(0);
    expect(outcome.elements).toBe(outcome.experiments.reduce((sum, { trials }) => sum + trials, 0));
  });

  it('is refuted by a later experiment though an earlier one is left undecided', async () => {
    const open = tossed(0.5);
    const outcome = await judge([open, { ...tossed(0.6), name: 'another' }], within(4096));
    expect(outcome).toMatchObject({ kind: 'refuted', strongest: { experiment: 'another' }, elements: 8192 });
    expect(outcome).not.toHaveProperty('moreDraws');
  });

  it('names the first of those that are left undecided, and draws the others all the same', async () => {
    const names = ['one', 'two', 'three'];
    const [certain, one, two] = names.map((name) => ({ ...tossed(0.5), name }));
    const wide = { ...certain, claims: [rateOf('heads', 0.5, 0.3)] };
    const outcome = await judge([wide, one, two], within(4096));
    expect(outcome).toMatchObject({ kind: 'undecided', strongest: { experiment: 'two' }, elements: 3 * 4096 });
    expect(outcome.moreDraws).toBe(budgetOf(heads, 1e-9, 3) - 4096);
  });

  it('credits counts to the claims that they bear on', async () => {
    const first = coin(half, {
      claims: [rateOf('heads', 0.5, 0.01), rateOf('tails', 0.5, 0.01)],
      draw: async (_, trials) => [
        [trials, trials / 2],
        [trials, trials / 2],
      ],
    });
    const second = coin(half, {
      name: 'a die',
      claims: [rateOf('one', 1 / 6, 0.01), rateOf('two', 1 / 6, 0.01)],
      draw: async (_, trials) => [
        [trials, trials / 6],
        [trials, trials / 3],
      ],
    });
    const outcome = await judge([first, second]);
    expect(outcome).toMatchObject({ kind: 'refuted', claims: 4, strongest: { experiment: 'a die', event: 'two' } });
  });

  it('cannot hold without a claim', async () => {
    for (const experiments of [[], [coin(half, { claims: [], draw: async () => [] })]]) {
      const outcome = await judge(experiments);
      expect(outcome).toMatchObject({ kind: 'undecided', elements: 0, claims: 0, experiments: [] });
      expect(outcome).not.toHaveProperty('strongest');
    }
  });

  it('is judged for what is declared, as finely as the profile sees', async () => {
    const given: unknown[] = [];
    const evidence = {
      ...tossing(),
      experiments: (...args: unknown[]) => {
        given.push(...args);
        return [coin(half)];
      },
    };
    await judgeStatistical(evidence, subject, options);
    expect(given).toEqual([subject.capabilities, options.profile.resolution]);
  });
});

describe('streams', () => {
  const streamsOf = async (rest: Partial<DrawOptions> = {}, experiments = 3): Promise<Stream[]> => {
    const streams: Stream[] = [];
    await judge(
      Array.from({ length: experiments }, () => tossed(0.5, streams)),
      rest,
    );
    return streams;
  };

  it('are shared by no two chunks', async () => {
    const streams = await streamsOf();
    const chunks = streams.filter(({ id }) => id.startsWith('dropout/by-hand/1/'));
    expect(chunks.map(({ id }) => id)).toEqual(chunks.map((_, i) => `dropout/by-hand/1/${i}`));
    expect(chunks.length).toBeGreaterThan(1);
    for (const { round } of streams) expect(round).toBe(0);
    for (const name of ['id', 'seed'] as const)
      expect(new Set(streams.map((stream) => stream[name])).size).toBe(streams.length);
  });

  it('follow from the seed and the name', async () => {
    const seedsOf = async (rest: Partial<DrawOptions>) =>
      new Set((await streamsOf({ ...within(4096), ...rest }, 1)).map(({ seed }) => seed));
    const [seeds] = [await seedsOf({})];
    expect(await seedsOf({})).toEqual(seeds);
    expect(await seedsOf({ seed: 2 })).not.toEqual(seeds);
    expect(await seedsOf({ name: 'dropout/other' })).not.toEqual(seeds);
  });

  it('make a subject that takes seeds show the very same counts again', async () => {
    const judged = async (seed: number) => {
      const fresh = await connect(moduleChannel(createReference()));
      return judgeStatistical(tossing(layerCoin('one'), layerCoin('other')), fresh, { ...options, seed });
    };
    const first = await judged(3);
    expect(first.kind).toBe('holds');
    expect(await judged(3)).toEqual(first);
    expect((await judged(4)).experiments).not.toEqual(first.experiments);
    const [one, other] = first.experiments;
    expect(one.counts).not.toEqual(other.counts);
  });
});

/** Counts what a layer keeps that goes on through the stream. */
function layerCoin(name: string): Experiment {
  const x = tensor('float64', [4096], new Float64Array(4096).fill(1));
  const draw = async (subject: Subject, elements: number, { id, seed }: Stream) => {
    let successes = 0;
    for (let call = 0; call < elements / 4096; call++) {
      const { y } = await subject.dropout({ x, keepProb: 0.5, training: true, layer: id, seed });
      for (const value of y.data) successes += value === 0 ? 0 : 1;
    }
    return [[elements, successes]];
  };
  return coin(half, { name, draw });
}

it('leaves a correct rate undecided about once in a million runs, at every share', () => {
  const claim = heads;
  for (const alpha of [1e-9, 1e-11, 1e-13]) {
    for (const members of [1, 4000]) {
      // Chernoff's bound, as in the budget: x = n KL falls short of ln(1/α) by 2√(λx) with probability e^-λ at most.
      const threshold = logThreshold(alpha);
      const nats = (patience * budgetOf(claim, alpha, members) * threshold) / waldSampleSize(claim, alpha);
      const lambda = ((nats - threshold) / 2) ** 2 / nats;
      // To either side, of each member.
      expect(2 * members * Math.exp(-lambda)).toBeLessThan(members === 1 ? 2e-6 : 1e-5);
    }
  }
});

it('says what deviation the draws would have shown, in a family of that size', async () => {
  const { experiments } = await judge([tossed(0.5), tossed(0.5)]);
  const [{ trials, ...first }] = experiments;
  expect(first.detectable).toEqual(detectable(heads, trials, 1e-9 / 2));
  expect(first.detectable.above).toBeGreaterThan(0);
});

describe('cut into shards', () => {
  const experiments = [tossed(0.5), tossed(0.501)];
  const of = 16;
  const chunksBy = async (index: number) => {
    const chunks: RecordedChunk[] = [];
    const shard = { index, of };
    const onChunk = (chunk: RecordedChunk) => void chunks.push(chunk);
    await drawShard(tossing(...experiments), subject, { ...options, shard, onChunk });
    return chunks;
  };
  const all = Promise.all(Array.from({ length: of }, (_, i) => chunksBy(i + 1)));
  const fold = (chunks: readonly RecordedChunk[]) => {
    const recorded = new Map(chunks.map((chunk) => [chunk.id, chunk]));
    const source: Source = async ({ id, experiment }) => {
      const chunk = recorded.get(id);
      return chunk && talliesOf(chunk, experiments[experiment].claims);
    };
    return foldChunks(experiments, source, options);
  };

  it('each chunk falls to one shard, and the verdict is that of the uncut run', async () => {
    const shards = await all;
    const ids = shards.flatMap((chunks) => chunks.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(shards.filter((chunks) => chunks.length > 0).length).toBeGreaterThan(4);
    expect(await fold(shards.flat())).toEqual(await judge(experiments));
  });

  it('no chunk is drawn that is beyond what any verdict may need', async () => {
    const trials = (await all).flat().reduce((sum, { counts }) => sum + counts[0], 0);
    const limit = patience * budgetOf(heads, 1e-9, 2);
    expect(trials).toBeGreaterThan(2 * limit);
    // The last chunk doubles what was drawn before it.
    expect(trials).toBeLessThan(2 * 2 * 1.1 * limit + 2 * 4096);
  });

  it('without one chunk that it needs there is no verdict', async () => {
    const chunks = (await all).flat().filter(({ id }) => id !== 'dropout/by-hand/1/1');
    const outcome = await fold(chunks);
    expect(outcome).toMatchObject({ kind: 'undecided', missing: { id: 'dropout/by-hand/1/1', index: 1, start: 4096 } });
  });

  it('what came before the chunk that is missing counts, and what comes after its experiment', async () => {
    const recorded = (experiment: number, share: number) =>
      [4096, 8192].map((trials, i) => ({ id: `dropout/by-hand/${experiment}/${i}`, counts: [trials, share * trials] }));
    // Of the first experiment two chunks; the second one is refuted by its first chunk.
    const first = await fold([...recorded(0, 0.5), ...recorded(1, 1)]);
    expect(first).toMatchObject({ kind: 'refuted', elements: 12_288 + 4096 });
    expect(first.experiments.map(({ trials }) => trials)).toEqual([12_288, 4096]);
    const refuted = await fold(recorded(0, 1).slice(0, 1));
    expect(refuted).toMatchObject({ kind: 'refuted', elements: 4096 });
  });

  it('draws no more than the profile allows', async () => {
    const chunks: string[] = [];
    const shard = { index: 1, of: 1 };
    const onChunk = ({ id }: RecordedChunk) => void chunks.push(id);
    await drawShard(tossing(tossed(0.5)), subject, { ...options, ...within(4096), shard, onChunk });
    expect(chunks).toEqual(['dropout/by-hand/0/0']);
  });
});

describe('of so many claims that a look takes longer than a draw', () => {
  /** Claims that are all off alike, so that their mean evidence is that of one. */
  const all = (number: number, share: number): Experiment =>
    coin(half, {
      claims: Array.from({ length: number }, () => heads),
      draw: async (_, elements) => Array.from({ length: number }, () => [elements, share * elements]),
    });

  it('one looks at each doubling of the draws all the same', async () => {
    const judgedBy = async (number: number) => {
      const evidence: number[] = [];
      const onDraw: DrawOptions['onDraw'] = ({ logEvidence }) => void evidence.push(logEvidence);
      // It takes some millions of draws to be that sure of a deviation of 0.9 ε.
      const outcome = await judge([all(number, 0.509)], { ...within(Infinity), falseAlarm: 1e-300, onDraw });
      const looks = evidence.filter((log, i) => i > 0 && log !== evidence[i - 1]);
      return { ...outcome, rounds: evidence.length, looks: looks.length };
    };
    const [one, many] = [await judgedBy(1), await judgedBy(2 ** 14)];
    for (const { kind } of [one, many]) expect(kind).toBe('refuted');
    expect(many.elements).toBeGreaterThanOrEqual(one.elements);
    expect(many.elements).toBeLessThanOrEqual(2 * one.elements);
    // After each chunk but for the first ones, whose evidence is none.
    expect(one.looks).toBeGreaterThan(one.rounds - 6);
    expect(many.looks).toBeLessThan(many.rounds - 6);
  });

  it('one looks at the end of what the profile allows', async () => {
    const outcome = await judge([all(2 ** 13, 0.505)], { ...within(2 ** 21), falseAlarm: 1e-300 });
    expect(outcome.kind).toBe('undecided');
    expect(outcome.elements).toBeGreaterThanOrEqual(2 ** 21);
    expect(outcome.elements).toBeLessThan(3 * 2 ** 20);
    expect(outcome.experiments[0].trials).toBe(outcome.elements);
  });

  it('one looks at what came before a chunk that is missing', async () => {
    const [experiment, stream] = [all(2 ** 13, 0.505), { id: '', seed: 0, round: 0 }];
    const source: Source = async ({ start, elements }) =>
      start < 2 ** 21 ? experiment.draw(subject, elements, stream) : undefined;
    const outcome = await foldChunks([experiment], source, { ...options, ...within(Infinity), falseAlarm: 1e-300 });
    expect(outcome.missing?.start).toBe(outcome.elements);
    expect(outcome.experiments[0].trials).toBe(outcome.elements);
  });
});

it('tells how far it has come, waiting until that is told', async () => {
  const told: number[] = [];
  let pending = 0;
  const onDraw: DrawOptions['onDraw'] = async ({ elements, experiment }) => {
    expect(experiment).toBe('a coin');
    expect(++pending).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    pending--;
    told.push(elements);
  };
  const { elements } = await judge([tossed(0.5)], { onDraw });
  expect(told[0]).toBe(4096);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(elements);
  expect(pending).toBe(0);
});
