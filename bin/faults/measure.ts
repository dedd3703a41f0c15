/** What all measurements share: who is chosen, and judgements done side by side until they are interrupted. */
import { writeFileSync } from 'node:fs';
import type { Fault } from '../../properties/faults/fault.ts';
import { projectFile } from '../../src/root.ts';
import { progressLine } from '../console.ts';
import { patternOf } from '../options.ts';
import { endingSignals } from '../results.ts';
import { UsageError } from '../usage.ts';
import { type Zoo, zoo, zooFile } from '../zoo/data.ts';
import { eachDone } from '../zoo/threads.ts';
import type { Job } from '../zoo/worker.ts';
import type { Asked } from './options.ts';

/** A measurement that was interrupted. */
export class CutOff extends Error {}

/** @throws CutOff where not all jobs were done */
export function demandAll(done: number, jobs: readonly Job[]): void {
  if (done < jobs.length) throw new CutOff(`interrupted after ${done} of ${jobs.length} judgements`);
}

/** Those that are asked for: all, unless some are named. */
export function chosenBy<T extends { readonly id: string }>(
  { only }: Pick<Asked, 'only'>,
  all: readonly T[],
): readonly T[] {
  const patterns = only.map((glob) => {
    const pattern = patternOf(glob);
    if (all.some(({ id }) => pattern.test(id))) return pattern;
    throw new UsageError(`--only ${glob} matches none of ${all.length}, such as ${all[0].id}`);
  });
  return patterns.length === 0 ? all : all.filter(({ id }) => patterns.some((pattern) => pattern.test(id)));
}

export const jobsOf = (
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

/** Does all jobs, or those that are done when it is interrupted. Resolves to their number. */
export async function doneOf(
  jobs: readonly Job[],
  { progress }: Pick<Asked, 'progress'>,
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

/** Makes what was measured what is shown. */
export function keep(measured: Partial<Zoo>): void {
  const kept: Zoo = { ...zoo(), ...measured };
  Object.assign(zoo(), measured);
  writeFileSync(projectFile(zooFile), `${JSON.stringify(kept, null, 1)}\n`);
}
