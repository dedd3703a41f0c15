/**
 * The reports of several shards as one. A union: of chunks by id, of shards by number, of findings by rank. So it does
 * not matter in which order, how often, or in how many steps reports are merged. The verdict on a statistical clause is
 * that of one pass over all its chunks, just as in a run that was not cut.
 */
import type { Clause, Statistical, Tally } from '../clause.ts';
import { chunksOf, isRecordOf, type RecordedChunk, talliesOf } from '../judge/chunks.ts';
import { experimentsOf, foldChunks } from '../judge/draws.ts';
import { type Profile, profileFor } from '../judge/profiles.ts';
import { totalWeightOf } from '../judge/run.ts';
import { turnOf } from '../judge/shard.ts';
import { type Finding, type Judged, ofDraws, shardLeftTo } from '../judge/verify.ts';
import { shareOf } from '../statistics/budget.ts';
import type { Capabilities } from '../subject.ts';
import { type Parts, type Report, reportOf } from './report.ts';

/** Reports that cannot be parts of one run, with why. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
}

/**
 * @param reports of shards, or of merges
 * @param registry all clauses, in their order
 * @param diagnose the likely faults from all findings
 * @throws MergeError where the reports are not of one run, or contradict each other
 */
export async function mergeReports(
  reports: readonly Report[],
  {
    registry,
    diagnose,
  }: {
    readonly registry: readonly Clause[];
    readonly diagnose: (findings: readonly Finding[]) => Report['diagnosis'];
  },
): Promise<Report> {
  const shard = partsOf(reports);
  demandOneRun(reports);
  const [{ suite, seed, profile, budget }] = reports;
  // A report on an implementation that could not be asked has no capabilities, and perhaps not even its name.
  const implementations = reports.map((report) => report.implementation);
  const implementation =
    implementations.find(({ capabilities }) => capabilities !== undefined) ??
    [...implementations].sort((a, b) => (a.name < b.name ? -1 : 1))[0];
  const setting: Setting = {
    profile: profileFor(profile, seed),
    falseAlarm: budget.falseAlarm,
    totalWeight: totalWeightOf(registry),
    capabilities: implementation.capabilities ?? {},
    shard,
  };
  const findings: Finding[] = [];
  for (const clause of registry) {
    const own = reports.flatMap(({ clauses }) => clauses.filter(({ id }) => id === clause.id));
    if (own.length > 0) findings.push(await mergeFindings(clause, own, setting));
  }
  const error = first(reports.flatMap((report) => report.error ?? []));
  return reportOf({
    version: suite.version,
    seed,
    profile,
    falseAlarm: budget.falseAlarm,
    started: new Date(Math.min(...reports.map(({ started }) => Date.parse(started)))),
    implementation,
    findings,
    diagnosis: diagnose(findings),
    ...(error === undefined ? {} : { error }),
    complete: shard.parts.length === shard.of && error === undefined,
    // As in a union: whichever came first, and however they were grouped, one strict report makes the merge strict.
    strict: reports.some(({ strict }) => strict === true),
    shard,
    ...portraitOf(reports),
  });
}

/** Of several pictures always the same one, whatever the order of the reports. */
function portraitOf(reports: readonly Report[]): Pick<Report, 'portrait'> {
  const portraits = reports.flatMap(({ portrait }) => portrait ?? []);
  const [portrait] = portraits.sort((a, b) => ((canonical(a) ?? '') < (canonical(b) ?? '') ? -1 : 1));
  return portrait === undefined ? {} : { portrait };
}

interface Setting {
  readonly profile: Profile;
  readonly falseAlarm: number;
  readonly totalWeight: number;
  readonly capabilities: Capabilities;
  readonly shard: Parts;
}

/** The shards that are there. */
function partsOf(reports: readonly Report[]): Parts {
  const shards = reports.map(({ shard }) => {
    if (shard === undefined) throw new MergeError('a report is of a whole run: only those of shards can be merged');
    return shard;
  });
  const [{ of }] = shards;
  const other = shards.find((shard) => shard.of !== of);
  if (other !== undefined)
    throw new MergeError(`the reports are of different runs: one of ${of} shards, one of ${other.of}`);
  const parts = [...new Set(shards.flatMap(({ parts }) => parts))].sort((a, b) => a - b);
  return { of, parts };
}

/** What all parts of a run have in common. */
function demandOneRun(reports: readonly Report[]): void {
  const facts: Readonly<Record<string, (report: Report) => unknown>> = {
    'suite versions': ({ suite }) => suite,
    seeds: ({ seed }) => seed,
    profiles: ({ profile }) => profile,
    'false-alarm probabilities': ({ budget }) => budget.falseAlarm,
    implementations: ({ implementation }) => (implementation.capabilities === undefined ? undefined : implementation),
    // A shard whose part is done went through every clause that it was asked for.
    clauses: ({ shard, clauses }) => (shard?.parts.length === 0 ? undefined : clauses.map(({ id }) => id)),
  };
  for (const [words, fact] of Object.entries(facts)) {
    const [one, other] = new Set(
      reports.map((report) => canonical(fact(report))).filter((value) => value !== undefined),
    );
    if (other !== undefined)
      throw new MergeError(
        `the reports are of different runs: their ${words} differ, ${short(one)} and ${short(other)}`,
      );
  }
}

/** JSON with the keys in order: two values are the same if their texts are. */
const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, each) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

const short = (text = ''): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

const first = (texts: readonly string[]): string | undefined => [...texts].sort()[0];

async function mergeFindings(clause: Clause, findings: readonly Finding[], setting: Setting): Promise<Finding> {
  const { id, level, statement, evidence } = clause;
  const judged =
    evidence.kind === 'statistical'
      ? await mergeDraws(clause.id, evidence, findings, setting)
      : settle(findings, setting.shard);
  // The longest that a shard took: what the clause takes where they all run side by side.
  const milliseconds = Math.max(...findings.map((finding) => finding.milliseconds));
  return { id, level, statement, kind: evidence.kind, ...judged, milliseconds };
}

const ranks: readonly Finding['verdict'][] = ['refuted', 'broken', 'holds', 'undecided', 'unsupported'];

/** What was found in one shard, and not just left to another. Of several findings always the same one, whatever their order. */
function settle(findings: readonly Finding[], { of, parts }: Parts): Judged {
  const found = findings.filter((finding) => shardLeftTo(finding) === undefined);
  const [best] = (found.length > 0 ? found : findings)
    .map(({ verdict, evidence, counterexample, message }) => ({
      judged: { verdict, evidence, ...(counterexample === undefined ? {} : { counterexample }), message },
      rank: ranks.indexOf(verdict),
      text: canonical({ evidence, counterexample, message }) ?? '',
    }))
    .sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : 1));
  const turn = shardLeftTo(best.judged);
  if (turn === undefined) return best.judged;
  return { ...best.judged, message: `not judged: ${reportsMissing([turn], parts, of)}` };
}

/** `the report of shard 3 of 16 is missing`; or else, that the reports lack what they should have. */
function reportsMissing(turns: readonly number[], parts: readonly number[], of: number): string {
  const absent = turns.filter((turn) => !parts.includes(turn));
  const named = [...new Set(absent.length > 0 ? absent : turns)].sort((a, b) => a - b);
  const reports = `${named.length === 1 ? 'the report of shard' : 'the reports of shards'} ${named.join(', ')} of ${of}`;
  if (absent.length === 0) return `not in ${reports}`;
  return `${reports} ${named.length === 1 ? 'is' : 'are'} missing`;
}

/**
 * A clause that a wrong answer refuted, or that broke, in some shard is settled: counts do not come into it. Else one
 * pass over all chunks decides. The chunks stay in the finding, so that it can be merged again.
 */
async function mergeDraws(
  id: string,
  evidence: Statistical,
  findings: readonly Finding[],
  setting: Setting,
): Promise<Judged> {
  const { profile, capabilities, totalWeight, shard } = setting;
  const chunks = unionOf(findings);
  const experiments = experimentsOf(evidence, capabilities, profile);
  const ordered = chunks.size === 0 ? [] : inOrder(id, chunks, experiments);
  const withChunks = (judged: Judged): Judged => ({ ...judged, evidence: { ...judged.evidence, chunks: ordered } });

  const settled = findings.filter(isSettled).map(withoutChunks);
  const refuted = settled.filter(({ verdict }) => verdict === 'refuted');
  if (refuted.length > 0) return withChunks(settle(refuted, shard));
  if (findings.every(({ verdict }) => verdict === 'unsupported')) return settle(findings, shard);

  const falseAlarm = shareOf({ falseAlarm: setting.falseAlarm, weight: evidence.weight, totalWeight });
  const source = async (chunk: {
    readonly id: string;
    readonly experiment: number;
  }): Promise<readonly Tally[] | undefined> => {
    const found = chunks.get(chunk.id);
    return found === undefined ? undefined : talliesOf(found, experiments[chunk.experiment].claims);
  };
  const outcome = await foldChunks(experiments, source, { profile, falseAlarm, name: id });
  const broken = settled.filter(({ verdict }) => verdict === 'broken');
  if (broken.length > 0 && outcome.kind !== 'refuted') return withChunks(settle(broken, shard));
  const judged = withChunks(ofDraws(outcome));
  if (outcome.missing === undefined) return judged;
  const absent = absentFrom(id, chunks, experiments.length, outcome.missing.experiment);
  const turns = absent.map((chunk) => turnOf(id, chunk.experiment + chunk.index, shard.of));
  const noun = absent.length === 1 ? '1 chunk of draws is' : `${absent.length} chunks of draws are`;
  return {
    ...judged,
    message: `${noun} missing, ${absent[0].id} first: ${reportsMissing(turns, shard.parts, shard.of)}`,
  };
}

/** A verdict that a shard found by itself, not by counting: only a pass over chunks states its evidence in nats. */
const isSettled = ({ verdict, evidence }: Finding): boolean =>
  (verdict === 'refuted' || verdict === 'broken') && evidence['logEvidence'] === undefined;

/** What was found apart from the chunks, which are everybody's. */
function withoutChunks(finding: Finding): Finding {
  const { chunks: _, ...evidence } = finding.evidence;
  return { ...finding, evidence };
}

/** All chunks of a clause by id. */
function unionOf(findings: readonly Finding[]): ReadonlyMap<string, RecordedChunk> {
  const chunks = new Map<string, RecordedChunk>();
  for (const { evidence } of findings) {
    for (const chunk of (evidence['chunks'] as readonly RecordedChunk[] | undefined) ?? []) {
      const known = chunks.get(chunk.id);
      if (known !== undefined && canonical(known.counts) !== canonical(chunk.counts))
        throw new MergeError(
          `the chunk ${chunk.id} was counted twice, with different counts: leave out one of its reports`,
        );
      chunks.set(chunk.id, chunk);
    }
  }
  return chunks;
}

/** The chunks in the order of the experiments, each with a place and a count for every claim. */
function inOrder(
  id: string,
  chunks: ReadonlyMap<string, RecordedChunk>,
  experiments: ReturnType<typeof experimentsOf>,
): readonly RecordedChunk[] {
  const placed = [...chunks.values()].map((chunk) => {
    const [experiment, index] = chunk.id
      .slice(id.length + 1)
      .split('/')
      .map(Number);
    const isNamed = chunk.id === `${id}/${experiment}/${index}` && index >= 0 && experiments[experiment] !== undefined;
    const isOne = isNamed && isRecordOf(chunk, experiments[experiment].claims);
    if (!isOne) throw new MergeError(`${chunk.id} is no chunk of ${id}`);
    return { chunk, experiment, index };
  });
  return placed.sort((a, b) => a.experiment - b.experiment || a.index - b.index).map(({ chunk }) => chunk);
}

/**
 * The chunks that are not there, from the experiment on that lacks one: the gaps before the last one recorded of each
 * experiment, or the next one, where nothing was recorded after.
 */
function absentFrom(
  name: string,
  chunks: ReadonlyMap<string, RecordedChunk>,
  experiments: number,
  from: number,
): readonly { readonly id: string; readonly experiment: number; readonly index: number }[] {
  const absent: { id: string; experiment: number; index: number }[] = [];
  for (let experiment = from; experiment < experiments; experiment++) {
    const prefix = `${name}/${experiment}/`;
    const recorded = [...chunks.keys()].filter((id) => id.startsWith(prefix)).length;
    let seen = 0;
    let gaps = 0;
    for (const { id, index } of chunksOf(name, experiment)) {
      if (seen === recorded && (gaps > 0 || experiment > from)) break;
      if (chunks.has(id)) seen++;
      else {
        gaps++;
        absent.push({ id, experiment, index });
      }
    }
  }
  return absent;
}
