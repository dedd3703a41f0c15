/** `keepprob faults`: the zoo of wrong implementations, which clause refutes which, and what that was measured by. */
import { writeFileSync } from 'node:fs';
import type { Fault } from '../properties/faults/fault.ts';
import { faults, gradedFaults } from '../properties/faults/index.ts';
import { type Kills, ownFaults, shortcomings } from '../properties/faults/matrix.ts';
import { clauses } from '../properties/index.ts';
import { isAcquitted, variants } from '../properties/variants.ts';
import { type ProfileName, profileNames } from '../src/judge/profiles.ts';
import { diagnose } from '../src/report/diagnosis.ts';
import { symptomsOf } from '../src/report/symptoms.ts';
import { projectFile, specification } from '../src/root.ts';
import { saysWhyItStays, stems } from '../src/spec.ts';
import { print, progressLine, style } from './console.ts';
import { patternOf } from './options.ts';
import { endingSignals, exitCodes } from './results.ts';
import { UsageError } from './usage.ts';
import { signatures, type Zoo, zoo, zooFile } from './zoo/data.ts';
import { eachDone } from './zoo/threads.ts';
import type { Job } from './zoo/worker.ts';

export interface FaultsOptions {
  readonly measure?: boolean;
  readonly keep?: boolean;
  readonly strengths?: boolean;
  readonly diagnosis?: boolean;
  readonly own?: boolean;
  readonly acquittal?: boolean;
  readonly only: readonly string[];
  readonly runs: string;
  readonly profile?: string;
  readonly progress: boolean;
}

/** Resolves to the exit code: 1 where something was measured and is not as it must be. */
export async function showFaults(options: FaultsOptions): Promise<number> {
  const runs = Number(options.runs);
  if (!(Number.isInteger(runs) && runs > 0)) throw new UsageError(`--runs takes a number of runs, got ${options.runs}`);
  if (options.keep && !options.measure)
    throw new UsageError('--keep goes with --measure: nothing else is measured to be kept');
  try {
    if (options.strengths) {
      return showStrengths(options.measure ? await measureStrengths(options) : zoo().strengths);
    }
    if (options.diagnosis) return await measureDiagnosis(runs, options);
    if (options.own) return await measureOwn(runs, options);
    if (options.acquittal) return await measureAcquittal(runs, options);
    return showMatrix(options.measure ? await measureSymptoms(runs, options) : zoo());
  } catch (error) {
    if (!(error instanceof CutOff)) throw error;
    print(`${error.message}: what stands above is of these, and nothing is kept`);
    return exitCodes.undecided;
  }
}

/** A measurement that was interrupted. */
class CutOff extends Error {}

/** @throws CutOff where not all jobs were done */
function demandAll(done: number, jobs: readonly Job[]): void {
  if (done < jobs.length) throw new CutOff(`interrupted after ${done} of ${jobs.length} judgements`);
}

/** The matrix of a measured zoo: symptoms that are a clause's id say that it refuted. */
const killsIn = (symptoms: Zoo['symptoms']): Kills =>
  Object.fromEntries(
    Object.entries(symptoms).map(([fault, own]) => [
      fault,
      Object.fromEntries(Object.entries(own).filter(([symptom]) => clauses.some(({ id }) => id === symptom))),
    ]),
  );

/** The clauses whose specification says why they stay, though others see all that they see. */
const staying = (): ReadonlySet<string> =>
  new Set(
    specification()
      .filter(saysWhyItStays)
      .map(({ id }) => id),
  );

function showMatrix({ runs, symptoms }: Pick<Zoo, 'runs' | 'symptoms'>): number {
  const kills = killsIn(symptoms);
  for (const stem of stems) {
    const own = faults.filter(({ id }) => id.startsWith(`${stem}/`));
    const used = clauses.filter(({ id }) => own.some((fault) => (kills[fault.id]?.[id] ?? 0) > 0));
    print(style.strong(`${stem}: ${own.length} faults`));
    used.forEach(({ id, level }, i) => {
      print(`  ${'│'.repeat(i)}┌${'─'.repeat(used.length - i)} ${id}${level === 'MUST' ? '' : ` (${level})`}`);
    });
    for (const { id, what } of own) {
      const cells = used.map((clause) => cellOf(kills[id]?.[clause.id] ?? 0)).join('');
      print(`  ${cells}   ${id}  ${style.weak(what)}`);
    }
    print('');
  }
  print('Faults that one clause alone refutes:');
  for (const { id } of clauses) {
    const own = ownFaults(id, kills);
    const more = own.length > 3 ? `, and ${own.length - 3} more` : '';
    print(`  ${id}  ${style.weak(own.length === 0 ? 'none' : `${own.slice(0, 3).join(', ')}${more}`)}`);
  }
  const missing = shortcomings({ clauses, faults, kills, staying: staying() });
  const judged = runs === 1 ? 'in one run' : `in each of ${runs} runs`;
  print(`\n● refuted ${judged}, ◐ in some, · in none; ${faults.length} faults by ${clauses.length} clauses`);
  for (const { about, what } of missing) print(style.bad(`${about} ${what}`));
  if (missing.length === 0)
    print(style.good('every fault is refuted by a MUST, and every MUST is needed or says why it stays'));
  return missing.length === 0 ? 0 : 1;
}

const cellOf = (share: number): string => (share === 1 ? '●' : share > 0 ? '◐' : '·');

/** Judges every fault in so many runs, and sees how it looks. */
async function measureSymptoms(runs: number, options: FaultsOptions): Promise<Pick<Zoo, 'runs' | 'symptoms'>> {
  const chosen = chosenBy(options, faults);
  const symptoms: Record<string, Record<string, number>> = {};
  for (const { id } of chosen) symptoms[id] = {};
  const jobs = jobsOf(chosen, { runs, firstSeed: 0, by: 'all' });
  const done = await doneOf(jobs, options, ({ fault }, findings) => {
    const own = symptoms[fault];
    for (const symptom of findings.flatMap(symptomsOf)) own[symptom] = (own[symptom] ?? 0) + 1 / runs;
  });
  demandAll(done, jobs);
  for (const own of Object.values(symptoms)) {
    for (const [symptom, share] of Object.entries(own)) own[symptom] = Math.round(share * 1000) / 1000;
  }
  // What was measured of the others stays.
  const known = Object.fromEntries(faults.map(({ id }) => [id, symptoms[id] ?? zoo().symptoms[id] ?? {}]));
  const measured = { runs: chosen.length === faults.length ? runs : Math.min(runs, zoo().runs), symptoms: known };
  if (options.keep) keep(measured);
  return measured;
}

/** Those that are asked for: all, unless some are named. */
function chosenBy<T extends { readonly id: string }>({ only }: FaultsOptions, all: readonly T[]): readonly T[] {
  const patterns = only.map(patternOf);
  const chosen = patterns.length === 0 ? all : all.filter(({ id }) => patterns.some((pattern) => pattern.test(id)));
  if (chosen.length === 0)
    throw new UsageError(`--only ${only.join(', ')} matches none of ${all.length}, such as ${all[0].id}`);
  return chosen;
}

const jobsOf = (
  chosen: readonly Pick<Fault, 'id'>[],
  {
    runs,
    firstSeed,
    by,
  }: { readonly runs: number; readonly firstSeed: number; readonly by: 'all' | 'own' | 'acquittal' },
): readonly Job[] =>
  Array.from({ length: runs }, (_, run) => run).flatMap((run) =>
    chosen.map(({ id }) => ({ fault: id, seed: firstSeed + run + 1, by })),
  );

/** Judges every fault in so many runs by the clause that is there for it, and by no other. */
async function measureOwn(runs: number, options: FaultsOptions): Promise<number> {
  const chosen = chosenBy(options, faults);
  const missed = new Map<string, number[]>();
  const jobs = jobsOf(chosen, { runs, firstSeed: 0, by: 'own' });
  const done = await doneOf(jobs, options, ({ fault, seed }, [{ verdict }]) => {
    if (verdict !== 'refuted') missed.set(fault, [...(missed.get(fault) ?? []), seed]);
  });
  for (const [fault, seeds] of missed)
    print(style.bad(`${fault} was not refuted in ${seeds.length} of ${runs} runs: with seed ${seeds.join(', ')}`));
  demandAll(done, jobs);
  const always = chosen.length - missed.size;
  print(`${always} of ${chosen.length} faults were refuted by their own clause in each of ${runs} runs`);
  return missed.size === 0 ? 0 : 1;
}

/** Judges correct implementations, which differ in all that correct ones may differ in. None may be refuted. */
async function measureAcquittal(runs: number, options: FaultsOptions): Promise<number> {
  const chosen = chosenBy(options, variants);
  const doubts: string[] = [];
  const jobs = jobsOf(chosen, { runs, firstSeed: 0, by: 'acquittal' });
  const done = await doneOf(jobs, options, ({ fault, seed }, findings) => {
    for (const finding of findings) {
      const { id, verdict, message } = finding;
      if (!isAcquitted(finding)) doubts.push(`${fault}, seed ${seed}: ${id} ${verdict}: ${message}`);
    }
  });
  for (const doubt of doubts) print(style.bad(doubt));
  demandAll(done, jobs);
  for (const { id, what } of chosen) print(`  ${id}  ${style.weak(what)}`);
  const verdicts = doubts.length === 0 ? 'all acquitted' : `${doubts.length} clauses in doubt`;
  print(`${chosen.length} correct implementations, in ${runs} runs each: ${verdicts}`);
  return doubts.length === 0 ? 0 : 1;
}

/** Does all jobs, or those that are done when it is interrupted. Resolves to their number. */
async function doneOf(
  jobs: readonly Job[],
  { progress }: FaultsOptions,
  onDone: Parameters<typeof eachDone>[1],
): Promise<number> {
  const line = progressLine(progress);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of endingSignals) process.once(signal, interrupt);
  if (progress) process.stderr.write(`${jobs.length} judgements; Ctrl-C ends them and tells what they have shown\n`);
  let done = 0;
  const tell = (job: Job, result: Parameters<typeof onDone>[1]) => {
    done += 1;
    void line.show({ clause: `${done} of ${jobs.length}: ${job.fault}` });
    onDone(job, result);
  };
  await eachDone(jobs, tell, interruption.signal);
  for (const signal of endingSignals) process.off(signal, interrupt);
  line.clear();
  return done;
}

function keep(measured: Partial<Zoo>): void {
  const kept: Zoo = { ...zoo(), ...measured };
  Object.assign(zoo(), measured);
  writeFileSync(projectFile(zooFile), `${JSON.stringify(kept, null, 1)}\n`);
}

/** The seeds of the runs that a diagnosis is tried on lie far from those that the signatures were measured with. */
const otherSeeds = 1_000_000;

/** Judges every fault with other seeds, and counts how often its diagnosis names it first. */
async function measureDiagnosis(runs: number, options: FaultsOptions): Promise<number> {
  const chosen = chosenBy(options, faults);
  const named = new Map<string, Map<string, number>>();
  const jobs = jobsOf(chosen, { runs, firstSeed: otherSeeds, by: 'all' });
  const done = await doneOf(jobs, options, ({ fault }, findings) => {
    const [first] = diagnose(findings, signatures());
    const name = first?.fault ?? 'unknown pattern';
    const row = named.get(fault) ?? new Map<string, number>();
    named.set(fault, row.set(name, (row.get(name) ?? 0) + 1));
  });
  const right = chosen.reduce((sum, { id }) => sum + (named.get(id)?.get(id) ?? 0), 0);
  print(
    `named first, where not always the right one (of ${runs} runs each, with seeds that no signature was measured with):`,
  );
  for (const { id } of chosen) {
    const row = [...(named.get(id) ?? [])].sort(([, a], [, b]) => b - a);
    if (row.length === 1 && row[0][0] === id) continue;
    print(
      `  ${id}  ${row.map(([name, times]) => `${times} × ${name === id ? style.good('right') : name}`).join(', ')}`,
    );
  }
  const share = right / Math.max(1, done);
  print(`right first: ${right} of ${done}, ${(100 * share).toFixed(1)} %`);
  demandAll(done, jobs);
  return share >= 0.9 ? 0 : 1;
}

/** Of each graded fault and profile the weakest strength that is refuted, going from the strongest on until one is not. */
async function measureStrengths(options: FaultsOptions): Promise<Zoo['strengths']> {
  const profiles = profilesOf(options);
  const chosen = chosenBy(options, gradedFaults);
  const strengths: Record<string, Record<string, number | null>> = structuredClone(zoo().strengths) as never;
  for (const profile of profiles) {
    const open = new Map(chosen.map((fault) => [fault.id, { fault, from: 0, to: fault.strengths.length }]));
    // All faults side by side: of each the strength in the middle of those that are still open.
    while (open.size > 0) {
      const jobs = [...open.values()].map(({ fault, from, to }) => {
        const middle = (from + to) >> 1;
        return { fault: fault.id, by: 'strength' as const, profile, seed: 1, strength: fault.strengths[middle] };
      });
      const done = await doneOf(jobs, options, (job, [finding]) => {
        const range = open.get(job.fault);
        if (range === undefined) return;
        const middle = (range.from + range.to) >> 1;
        if (finding.verdict === 'refuted') range.from = middle + 1;
        else range.to = middle;
        if (range.from < range.to) return;
        open.delete(job.fault);
        strengths[job.fault] = {
          ...strengths[job.fault],
          [profile]: range.from === 0 ? null : range.fault.strengths[range.from - 1],
        };
      });
      demandAll(done, jobs);
    }
  }
  if (options.keep) keep({ strengths });
  return strengths;
}

function profilesOf({ profile }: FaultsOptions): readonly ProfileName[] {
  if (profile === undefined) return ['quick', 'standard'];
  const found = profileNames.find((name) => name === profile);
  if (found === undefined) throw new UsageError(`--profile is one of ${profileNames.join(', ')}, got ${profile}`);
  return [found];
}

function showStrengths(measuredOf: Zoo['strengths']): number {
  print('The weakest strength that is refuted, of the strengths tried:');
  for (const { id, parameter, strengths } of gradedFaults) {
    const measured = measuredOf[id] ?? {};
    const found = profileNames.map((profile) => {
      const weakest = measured[profile];
      return `${profile} ${weakest === undefined ? 'not measured' : weakest === null ? 'none' : weakest}`;
    });
    print(
      `  ${style.strong(id)}  ${parameter}\n    ${found.join(', ')}  ${style.weak(`tried: ${strengths.join(', ')}`)}`,
    );
  }
  return 0;
}
