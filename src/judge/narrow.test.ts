import { describe, expect, it } from 'vitest';
import type { Experiment, Stream, Tally } from '../clause.ts';
import { Breakage, Deviation, Refusal } from '../errors.ts';
import { logEvidence, logThreshold } from '../statistics/claim.ts';
import { detectable } from '../statistics/sample-size.ts';
import { type DrawOptions, judgeStatistical } from './draws.ts';
import { narrow } from './narrow.ts';
import { mixer } from './seeds.ts';
import { budget, clauseOf, coin, half, rateOf, subjectOf, tossing } from './testing.ts';
import { verify } from './verify.ts';

const subject = subjectOf();
const heads = rateOf('heads', 0.5, 0.01);
const options = { falseAlarm: 1e-9, seed: 1, name: 'dropout/by-hand', spent: 4096 };

/** What was drawn, in its order. */
interface Log {
  readonly name: string;
  readonly elements: number;
  readonly stream: Stream;
}

/** A coin of that probability, tossed by the stream's seed. */
const tossed = (name: string, probability: number, log: Log[] = [], rest: Partial<Experiment> = {}): Experiment => ({
  ...coin(half),
  name,
  draw: async (_, elements, stream) => {
    log.push({ name, elements, stream });
    const random = mixer(stream.seed + stream.round);
    let successes = 0;
    for (let i = 0; i < elements; i++) if (random() < probability) successes++;
    return [[elements, successes]];
  },
  ...rest,
});

const drawnIn = (log: readonly Log[]): number => log.reduce((sum, { elements }) => sum + elements, 0);

describe('the simplest configuration', () => {
  it('is the first that is refuted; those after it are not asked', async () => {
    const log: Log[] = [];
    const simpler = [0.5, 0.5, 0.7, 0.9].map((probability, i) => tossed(`size ${i}`, probability, log));
    const simplest = await narrow(simpler, subject, options);
    expect(simplest).toMatchObject({ experiment: 'size 2', event: 'heads', wanted: 0.5 });
    expect(simplest?.found).toBeCloseTo(0.7, 1);
    expect(simplest?.logEvidence).toBeGreaterThan(logThreshold(1e-9 / 4));
    expect(new Set(log.map(({ name }) => name))).toEqual(new Set(['size 0', 'size 1', 'size 2']));
    // A gross fault shows in the first chunk.
    expect(simplest?.trials).toBe(4096);
  });

  it('is nothing where none is refuted, or there is none', async () => {
    const log: Log[] = [];
    expect(await narrow([tossed('one', 0.5, log), tossed('two', 0.5, log)], subject, options)).toBeUndefined();
    expect(log.length).toBeGreaterThan(2);
    expect(await narrow([], subject, options)).toBeUndefined();
  });

  it('is named with the claim of it that has the most evidence', async () => {
    const both = coin(half, {
      name: 'both',
      claims: [heads, rateOf('six', 1 / 6, 0.01), rateOf('tails', 0.5)],
      draw: async (_, trials) => [
        [trials, trials * 0.4],
        [trials, trials / 6],
        [trials, trials * 0.7],
      ],
    });
    expect(await narrow([both], subject, options)).toMatchObject({ experiment: 'both', event: 'tails', found: 0.7 });
  });
});

describe('the draws', () => {
  it('are fresh: no stream of the clause, and none of another configuration, is drawn from again', async () => {
    const [clause, fresh]: [Log[], Log[]] = [[], []];
    const simpler = [0.5, 0.5, 0.8].map((probability, i) => tossed(`size ${i}`, probability, fresh));
    const judged = [tossed('right', 0.5, clause), tossed('wrong', 0.8, clause, { simpler: () => simpler })];
    const outcome = await judgeStatistical(tossing(...judged), subject, { ...budget, ...options });
    expect(outcome).toMatchObject({ strongest: { experiment: 'wrong' }, simplest: { experiment: 'size 2' } });
    const streams = [...clause, ...fresh].map(({ stream }) => stream);
    for (const name of ['id', 'seed'] as const)
      expect(new Set(streams.map((stream) => stream[name])).size).toBe(streams.length);
    for (const { name, stream } of fresh) expect(stream.id).toMatch(`dropout/by-hand/simpler/${name.at(-1)}/`);
  });

  it('follow from the seed of the run', async () => {
    const seedsOf = async (seed: number) => {
      const log: Log[] = [];
      await narrow([tossed('one', 0.5, log)], subject, { ...options, seed });
      return log.map(({ stream }) => stream.seed);
    };
    expect(await seedsOf(1)).toEqual(await seedsOf(1));
    expect(await seedsOf(1)).not.toEqual(await seedsOf(2));
  });

  it.each([
    { spent: 4096, most: 2 ** 18 },
    { spent: 2 ** 20, most: 2 ** 20 },
    { spent: 2 ** 30, most: 2 ** 22 },
  ])('are about as many as the refutation took, within limits: $spent', async ({ spent, most }) => {
    const log: Log[] = [];
    // Exact counts, as fast as can be.
    const right = (name: string) =>
      coin(half, {
        name,
        draw: async (_, elements, stream) => {
          log.push({ name, elements, stream });
          return [[elements, elements / 2]];
        },
      });
    const simpler = Array.from({ length: 40 }, (_, i) => right(`size ${i}`));
    expect(await narrow(simpler, subject, { ...options, spent })).toBeUndefined();
    // The chunk that reaches the limit is the last one, of no more than were drawn of its configuration before it.
    expect(drawnIn(log)).toBeGreaterThanOrEqual(most / 2);
    expect(drawnIn(log)).toBeLessThan(2 * most);
    const first = drawnIn(log.filter(({ name }) => name === 'size 0'));
    expect(first).toBeLessThanOrEqual(most / 2);
    expect(drawnIn(log.filter(({ name }) => name === 'size 1'))).toBe(first);
  });

  it('of a configuration that counts nothing are the first chunk alone', async () => {
    const log: Log[] = [];
    const short = coin(half, {
      name: 'too short',
      draw: async (_, elements, stream) => {
        log.push({ name: 'too short', elements, stream });
        return [[0, 0]];
      },
    });
    const silent = tossed('silent', 0.5, log, { claims: [], draw: async () => [] });
    const simplest = await narrow([short, short, silent, tossed('long', 0.9)], subject, options);
    expect(simplest).toMatchObject({ experiment: 'long' });
    expect(log.map(({ elements }) => elements)).toEqual([4096, 4096]);
  });
});

describe('the account', () => {
  /** Off by so much in the first chunk, and by nothing after it: its evidence is the largest then. */
  const once = (off: number): Experiment =>
    coin(half, {
      name: 'once',
      draw: async (_, elements, { id }) => [[elements, elements / 2 + (id.endsWith('/0') ? off : 0)]],
    });
  const right = coin(half, { name: 'right' });

  it('is shared among the configurations: one of twenty must bring twenty times the evidence', async () => {
    const evidenceAt = (off: number) => logEvidence(heads, [4096, 2048 + off]);
    const off = Array.from({ length: 2048 }, (_, i) => i).find((each) => evidenceAt(each) > logThreshold(1e-9)) ?? 0;
    expect(evidenceAt(off)).toBeLessThan(logThreshold(1e-9 / 20));
    expect(await narrow([once(off)], subject, options)).toMatchObject({ experiment: 'once' });
    const others = Array.from({ length: 19 }, () => right);
    expect(await narrow([once(off), ...others], subject, options)).toBeUndefined();
    const enough =
      off +
      Array.from({ length: 100 }, (_, i) => i).findIndex((more) => evidenceAt(off + more) > logThreshold(1e-9 / 20));
    expect(await narrow([once(enough), ...others], subject, options)).toMatchObject({ experiment: 'once' });
  });

  it('is that of what is said to be detectable', async () => {
    const simplest = await narrow([once(2000), right], subject, options);
    expect(simplest?.detectable).toEqual(detectable(heads, 4096, 1e-9 / 2));
  });

  it('of a configuration is shared among its claims', async () => {
    const claims = Array.from({ length: 50 }, () => heads);
    const evidenceAt = (off: number) => logEvidence(heads, [4096, 2048 + off]);
    const off = Array.from({ length: 2048 }, (_, i) => i).find((each) => evidenceAt(each) > logThreshold(1e-9)) ?? 0;
    const one = (size: number): Experiment =>
      coin(half, {
        claims: claims.slice(0, size),
        draw: async (_, elements, { id }) =>
          claims
            .slice(0, size)
            .map((__, i): Tally => [elements, elements / 2 + (i === 0 && id.endsWith('/0') ? off : 0)]),
      });
    expect(await narrow([one(1)], subject, options)).toBeDefined();
    expect(await narrow([one(50)], subject, options)).toBeUndefined();
  });
});

describe('a finding', () => {
  const simpler = () => [tossed('small', 0.5), tossed('larger', 0.8)];
  const wrong = (rest: Partial<Experiment>) => clauseOf(tossing(tossed('large', 0.8, [], rest)));
  const judged = (rest: Partial<Experiment>) => verify(wrong(rest), subject, budget);

  it('has the simplest configuration for its counterexample, and what was found first as its evidence', async () => {
    const finding = await judged({ simpler });
    expect(finding).toMatchObject({
      verdict: 'refuted',
      message: expect.stringMatching(/^the rate of 'heads' \(larger\) is 0\.\d+, 3 \d{3} of 4 096, but must be 0\.5 /),
      counterexample: { case: { experiment: 'larger', event: 'heads' }, where: "the rate of 'heads' (larger)" },
      evidence: { strongest: { experiment: 'large' }, simplest: { experiment: 'larger' } },
    });
    // The draws that refuted were all there were of the clause: the simpler ones are counted apart.
    expect(finding.evidence['elements']).toBe(4096);
    expect(finding.counterexample?.distance).toContain('less than once in 2e9 runs');
  });

  it.each<[string, Partial<Experiment>]>([
    ['no simpler one is known', {}],
    ['no simpler one is refuted', { simpler: () => [tossed('small', 0.5)] }],
  ])('has that of the clause where %s', async (_, rest) => {
    const finding = await judged(rest);
    expect(finding).toMatchObject({
      verdict: 'refuted',
      counterexample: { case: { experiment: 'large', event: 'heads' } },
    });
    expect(finding.evidence).not.toHaveProperty('simplest');
  });

  it.each([
    ['breaks', new Breakage('it crashed')],
    ['refuses', new Refusal('internal', 'too short')],
    ['answers wrongly', new Deviation({ where: 'y[0]', got: 'NaN', wanted: 'a number' })],
  ])('stands where the subject %s at a simpler configuration', async (_, error) => {
    const failing = tossed('small', 0.5, [], {
      draw: async () => {
        throw error;
      },
    });
    expect(await judged({ simpler: () => [failing, tossed('larger', 0.8)] })).toMatchObject({
      verdict: 'refuted',
      counterexample: { case: { experiment: 'large', event: 'heads' } },
      evidence: { elements: 4096, logEvidence: expect.any(Number), strongest: { experiment: 'large' } },
    });
  });

  it('passes on what is a fault of the suite', async () => {
    const faulty = tossed('small', 0.5, [], { draw: async () => [] });
    await expect(judged({ simpler: () => [faulty] })).rejects.toThrow('counts 0 claims of 1: small');
  });

  it('asks for no simpler configuration where nothing is refuted', async () => {
    const asked: string[] = [];
    const right = tossed('large', 0.5, [], {
      simpler: () => {
        asked.push('simpler');
        return [];
      },
    });
    expect(await verify(clauseOf(tossing(right)), subject, budget)).toMatchObject({ verdict: 'holds' });
    expect(asked).toEqual([]);
  });

  it('tells its progress on and on, by the names of what is drawn', async () => {
    const told: { readonly elements: number; readonly experiment: string }[] = [];
    const onDraw: DrawOptions['onDraw'] = (progress) => void told.push(progress);
    const evidence = tossing(tossed('large', 0.8, [], { simpler }));
    await judgeStatistical(evidence, subject, { ...budget, ...options, onDraw });
    const numbers = told.map(({ elements }) => elements);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect([...new Set(told.map(({ experiment }) => experiment))]).toEqual(['large', 'small', 'larger']);
  });
});
