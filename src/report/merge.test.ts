import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clauses as allClauses } from '../../properties/index.ts';
import { type Clause, forAll, statistical } from '../clause.ts';
import { Breakage, Deviation } from '../errors.ts';
import type { RecordedChunk } from '../judge/chunks.ts';
import { profileFor } from '../judge/profiles.ts';
import { judgeAll, totalWeightOf } from '../judge/run.ts';
import { mixer } from '../judge/seeds.ts';
import { clauseOf, coin, half, subjectOf } from '../judge/testing.ts';
import type { Budget, Finding } from '../judge/verify.ts';
import { connect } from '../protocol/connect.ts';
import { moduleChannel } from '../protocol/module.ts';
import { createReference } from '../reference/implementation.ts';
import type { Subject } from '../subject.ts';
import { mergeReports } from './merge.ts';
import { type Report, reportOf, strictly } from './report.ts';

const seed = 11;

/** Judges those clauses of a registry, whole or a shard of them, and reports as the command line does. */
async function reportBy(
  registry: readonly Clause[],
  subject: Subject,
  {
    shard,
    asked = registry,
    cutOff = Infinity,
  }: Pick<Budget, 'shard'> & { asked?: readonly Clause[]; cutOff?: number } = {},
): Promise<Report> {
  const budget: Budget = {
    profile: profileFor('quick', seed),
    seed,
    falseAlarm: 1e-9,
    totalWeight: totalWeightOf(registry),
    golden: async () => [],
    digits: async () => ({ images: [], labels: [] }),
    ...(shard === undefined ? {} : { shard }),
  };
  const findings: Finding[] = [];
  for await (const finding of judgeAll(asked, subject, budget)) {
    if (findings.length < cutOff) findings.push(finding);
  }
  const complete = findings.length === asked.length;
  return reportOf({
    version: '0.1.0',
    seed,
    profile: 'quick',
    falseAlarm: 1e-9,
    started: new Date(1e12 + 1000 * (shard?.index ?? 0)),
    implementation: { ...subject.identity, capabilities: subject.capabilities },
    findings,
    diagnosis: diagnose(findings),
    complete,
    strict: false,
    ...(shard === undefined ? {} : { shard: { of: shard.of, parts: complete ? [shard.index] : [] } }),
  });
}

/** Likely is what was refuted first. */
const diagnose = (findings: readonly Finding[]): Report['diagnosis'] =>
  findings
    .filter(({ verdict }) => verdict === 'refuted')
    .slice(0, 1)
    .map(({ id, message }) => ({ fault: id, agreement: 1, advice: 'mend it', clauses: [id], because: message }));

const text = (report: Report) => JSON.stringify(report, null, 2);

/** As it comes from a file. */
const parsed = (report: Report): Report => JSON.parse(text(report));

/** What a merged report shares with that of the uncut run: all but times, chunks and the shards. */
const conclusions = ({ verdict, clauses, budget, complete }: Report) => ({
  verdict,
  budget,
  complete,
  clauses: clauses.map(({ milliseconds: _, evidence, ...rest }) => {
    const { chunks, ...facts } = evidence;
    return { ...rest, evidence: facts };
  }),
});

/** A coin of that probability, tossed by the stream's seed. */
const tossed = (id: Clause['id'], probability: number): Clause =>
  clauseOf(
    statistical(1, () => [
      coin(half, {
        draw: async (_, elements, stream) => {
          const random = mixer(stream.seed + stream.round);
          let successes = 0;
          for (let i = 0; i < elements; i++) if (random() < probability) successes++;
          return [[elements, successes]];
        },
      }),
    ]),
    { id },
  );
const stated = (id: Clause['id'], wanted: number): Clause =>
  clauseOf(
    forAll(
      () => fc.record({ number: fc.nat() }),
      async (_, __, must) => must.equal('y', 1, wanted),
    ),
    { id },
  );
const absent: Clause = { ...stated('dropout/absent', 1), needs: ['step'] };
const registry = [tossed('dropout/fair', 0.5), stated('dropout/one', 1), absent, tossed('dropout/other', 0.5)];
const subject = subjectOf();
const merged = (reports: readonly Report[], clauses: readonly Clause[] = registry) =>
  mergeReports(reports, { registry: clauses, diagnose });
const shardsOf = (of: number, clauses: readonly Clause[] = registry, whom: Subject = subject) =>
  Promise.all(
    Array.from({ length: of }, async (_, i) => parsed(await reportBy(clauses, whom, { shard: { index: i + 1, of } }))),
  );

describe('a run cut into 16 shards', () => {
  it.each([
    ['holds', 0.5],
    ['is refuted', 0.51],
    ['is refuted at once', 0.9],
  ])('comes to what the uncut run does, where it %s', async (_, probability) => {
    const clauses = [
      ...registry,
      tossed('dropout/third', probability),
      stated('dropout/two', probability === 0.9 ? 2 : 1),
    ];
    const whole = parsed(await reportBy(clauses, subject));
    const report = await merged(await shardsOf(16, clauses), clauses);
    expect(conclusions(parsed(report))).toEqual(conclusions(whole));
    expect(report.shard).toEqual({ of: 16, parts: Array.from({ length: 16 }, (_, i) => i + 1) });
    // The looks on the way are the same too.
    expect(report.clauses[0].evidence).toMatchObject({ experiments: [{ course: expect.any(Array) }] });
  });

  it('does so for the masks of an implementation that takes seeds', async () => {
    const asked = allClauses.filter(({ id }) =>
      [
        'dropout/examples-are-independent',
        'dropout/calls-are-independent',
        'dropout/kept-are-scaled-by-inverse-keep-prob',
      ].includes(id),
    );
    const fresh = () => connect(moduleChannel(createReference()));
    const whole = parsed(await reportBy(allClauses, await fresh(), { asked }));
    const shards: Report[] = [];
    for (let index = 1; index <= 16; index++)
      shards.push(parsed(await reportBy(allClauses, await fresh(), { asked, shard: { index, of: 16 } })));
    const report = parsed(await merged(shards, allClauses));
    expect(whole.verdict).toBe('conforms');
    // The exact clause is asked of functions that draw masks of their own: how many cases showed what is no matter.
    const statisticalOnly = (each: Report) =>
      conclusions({ ...each, clauses: each.clauses.filter(({ kind }) => kind === 'statistical') });
    expect(statisticalOnly(report)).toEqual(statisticalOnly(whole));
    expect(report.clauses.map(({ verdict }) => verdict)).toEqual(whole.clauses.map(({ verdict }) => verdict));
  });
});

it('a merge draws nothing: it names what was refuted, where the uncut run goes on to the simplest configuration', async () => {
  const wrong = (name: string) => coin((elements) => 0.8 * elements, { name });
  const large = { ...wrong('large'), simpler: () => [wrong('small')] };
  const clauses = [clauseOf(statistical(1, () => [large]))];
  const whole = await reportBy(clauses, subject);
  expect(whole.clauses[0]).toMatchObject({ verdict: 'refuted', counterexample: { case: { experiment: 'small' } } });
  const report = await merged(await shardsOf(3, clauses), clauses);
  expect(report.clauses[0]).toMatchObject({ verdict: 'refuted', counterexample: { case: { experiment: 'large' } } });
  expect(report.clauses[0].evidence).not.toHaveProperty('simplest');
  expect(report.clauses[0].evidence['strongest']).toEqual(whole.clauses[0].evidence['strongest']);
});

describe('a merge', () => {
  const shards = shardsOf(5);

  it('is the same text in any order, twice, and in steps', async () => {
    const all = await shards;
    const expected = text(await merged(all));
    expect(text(await merged([...all].reverse()))).toBe(expected);
    expect(text(await merged([...all, ...all]))).toBe(expected);
    const some = parsed(await merged([all[3], all[0]]));
    const others = parsed(await merged([all[1], all[4], all[0]]));
    expect(text(await merged([others, all[2], some]))).toBe(expected);
    expect(text(await merged([parsed(await merged(all))]))).toBe(expected);
  });

  it('has one of the portraits, always the same', async () => {
    const [first, second, third] = await shardsOf(3);
    const sat = { ...first, portrait: { left: ['Masks could not be drawn.'] } };
    const other = { ...second, portrait: { left: ['Decay could not be drawn.'] } };
    expect((await merged([third, sat, other])).portrait).toEqual(other.portrait);
    expect((await merged([other, third, sat])).portrait).toEqual(other.portrait);
    expect(await merged([first, second, third])).not.toHaveProperty('portrait');
  });

  it('has the earliest start, and of each clause the longest time', async () => {
    const all = await shards;
    const report = await merged(all);
    expect(report.started).toBe(all[0].started);
    for (const { id, milliseconds } of report.clauses) {
      const times = all.flatMap(({ clauses }) => clauses.filter((own) => own.id === id).map((own) => own.milliseconds));
      expect(milliseconds).toBe(Math.max(...times));
    }
  });

  it('says which chunks are missing, and whose report', async () => {
    const all = await shards;
    const report = await merged(all.filter((_, i) => i !== 1 && i !== 2));
    expect(report).toMatchObject({ verdict: 'undecided', complete: false, shard: { of: 5, parts: [1, 4, 5] } });
    const [fair] = report.clauses;
    expect(fair.verdict).toBe('undecided');
    expect(fair.message).toMatch(
      /^\d chunks of draws are missing, dropout\/fair\/0\/\d first: the reports of shards 2, 3 of 5 are missing$/,
    );
    const { elements } = fair.evidence;
    // What comes before the gap is counted.
    expect(elements).toBeGreaterThanOrEqual(0);
    const left = await merged(all.filter(({ clauses }) => clauses[1].verdict === 'undecided'));
    expect(left.clauses[1]).toMatchObject({
      verdict: 'undecided',
      message: expect.stringMatching(/^not judged: the report of shard \d of 5 is missing$/),
    });
    expect(left.clauses[2]).toMatchObject({ verdict: 'unsupported' });
  });

  it('is undecided where even the first chunk is missing, and all that follow', async () => {
    const all = await shards;
    const strip = (finding: Finding) => ({ ...finding, evidence: { ...finding.evidence, chunks: [] } });
    const [first] = all;
    const report = await merged([{ ...first, clauses: first.clauses.map(strip) }]);
    expect(report.clauses[0].message).toMatch(/^1 chunk of draws is missing, dropout\/fair\/0\/0 first: /);
  });

  it('says which chunk is missing from the report that should have it', async () => {
    const all = await shards;
    const lost = 'dropout/fair/0/1';
    const strip = (finding: Finding) => {
      const chunks = finding.evidence['chunks'] as readonly RecordedChunk[] | undefined;
      if (chunks === undefined) return finding;
      return { ...finding, evidence: { ...finding.evidence, chunks: chunks.filter(({ id }) => id !== lost) } };
    };
    const report = await merged(all.map((each) => ({ ...each, clauses: each.clauses.map(strip) })));
    expect(report.verdict).toBe('undecided');
    expect(report.clauses[0].message).toMatch(
      /^1 chunk of draws is missing, dropout\/fair\/0\/1 first: not in the report of shard \d of 5$/,
    );
    expect(report.clauses[0].evidence['elements']).toBe(4096);
  });

  it('is not complete without the clauses that a shard was cut off before', async () => {
    const [one, two] = [1, 2].map((index) => ({ shard: { index, of: 2 } }));
    const cut = parsed(await reportBy(registry, subject, { ...one, cutOff: 1 }));
    const other = parsed(await reportBy(registry, subject, two));
    expect(cut.shard?.parts).toEqual([]);
    const report = await merged([cut, other]);
    expect(report).toMatchObject({ verdict: 'undecided', complete: false, shard: { parts: [2] } });
    // Done anew, it takes its place.
    const again = parsed(await reportBy(registry, subject, one));
    expect((await merged([report, again])).verdict).toBe('conforms');
  });

  it('counts SHOULD where one of the reports does, in any order and any number of steps', async () => {
    const clauses = [stated('dropout/one', 1), { ...stated('dropout/two', 2), level: 'SHOULD' as const }];
    const [one, two, three] = await shardsOf(3, clauses);
    const report = await merged([one, two, three], clauses);
    expect(report).toMatchObject({ verdict: 'conforms' });
    expect(report).not.toHaveProperty('strict');
    const strict = await merged([one, strictly(two), three], clauses);
    expect(strict).toMatchObject({ verdict: 'violates', strict: true });
    const some = parsed(await merged([strictly(two), one], clauses));
    expect(text(await merged([three, some], clauses))).toBe(text(strict));
  });
});

describe('what a shard found by itself', () => {
  const failing = (error: Error): readonly Clause[] => [
    clauseOf(
      statistical(1, () => [
        coin(half, {
          draw: async (_, trials, { id }) => {
            if (id.endsWith('/3')) throw error;
            return [[trials, trials / 2]];
          },
        }),
      ]),
    ),
  ];

  it.each([
    ['refutes, whatever the counts', 'violates', new Deviation({ where: 'y[0]', got: 'NaN', wanted: 'a number' })],
    ['breaks, unless the counts refute', 'broken', new Breakage('it crashed')],
  ])('%s', async (_, verdict, error) => {
    const clauses = failing(error);
    const shards = await shardsOf(3, clauses);
    const report = await merged(shards, clauses);
    expect(report.verdict).toBe(verdict);
    expect(report.clauses[0].message).toMatch(/NaN|crashed/);
    const some = parsed(await merged(shards.slice(1), clauses));
    expect(text(await merged([some, shards[0]], clauses))).toBe(text(report));
  });

  it('is kept where the implementation could not be asked at all', async () => {
    const all = await shardsOf(2);
    const { implementation: _, ...rest } = all[0];
    const dead: Report = {
      ...rest,
      implementation: { name: 'python3 adapter.py', version: '' },
      clauses: [],
      error: 'it did not start',
      complete: false,
      shard: { of: 2, parts: [] },
    };
    const report = await merged([dead, all[1]]);
    expect(report).toMatchObject({ verdict: 'broken', error: 'it did not start', implementation: { name: 'by hand' } });
    expect((await merged([dead])).implementation.name).toBe('python3 adapter.py');
  });
});

describe('what cannot be merged', () => {
  const refused = async (change: (report: Report) => Report) => {
    const [one, other] = await shardsOf(2);
    return merged([one, change(other)]).then(
      () => 'merged',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  };

  it.each<[string, (report: Report) => Report]>([
    ['seeds differ, 11 and 12', (report) => ({ ...report, seed: 12 })],
    ['profiles differ', (report) => ({ ...report, profile: 'standard' })],
    ['false-alarm probabilities differ', (report) => ({ ...report, budget: { falseAlarm: 1e-6, spent: 0 } })],
    ['suite versions differ', (report) => ({ ...report, suite: { version: '0.0.9', spec: '1.0' } })],
    ['implementations differ', (report) => ({ ...report, implementation: { ...report.implementation, version: '2' } })],
    ['clauses differ', (report) => ({ ...report, clauses: report.clauses.slice(1) })],
    ['one of 2 shards, one of 3', (report) => ({ ...report, shard: { of: 3, parts: [2] } })],
    ['a report is of a whole run', ({ shard: _, ...report }) => report],
  ])('%s', async (why, change) => {
    expect(await refused(change)).toMatch(new RegExp(`^MergeError: .*${why}`));
  });

  const withChunk = (chunk: RecordedChunk) => (report: Report) => ({
    ...report,
    clauses: report.clauses.map((finding) =>
      finding.id === 'dropout/fair'
        ? { ...finding, evidence: { ...finding.evidence, chunks: [chunk, { ...chunk, counts: [8192, 4000] }] } }
        : finding,
    ),
  });

  it('a chunk with two different counts', async () => {
    const id = 'dropout/fair/0/1';
    expect(await refused(withChunk({ id, counts: [8192, 4001] }))).toBe(
      `MergeError: the chunk ${id} was counted twice, with different counts: leave out one of its reports`,
    );
  });

  it.each(['dropout/fair/7/1', 'dropout/other/0/0', 'dropout/fair/0/-1', 'dropout/fair/0/01'])(
    'the chunk %s, which is none of the clause',
    async (id) => {
      expect(await refused(withChunk({ id, counts: [8192, 4000] }))).toBe(
        `MergeError: ${id} is no chunk of dropout/fair`,
      );
    },
  );
});
