/** A thread that judges wrong implementations, one after the other, for `keepprob faults`. */
import { parentPort } from 'node:worker_threads';
import type { Fault } from '../../properties/faults/fault.ts';
import { faults, gradedFaults } from '../../properties/faults/index.ts';
import { clauses } from '../../properties/index.ts';
import { variants } from '../../properties/variants.ts';
import type { ProfileName } from '../../src/judge/profiles.ts';
import { judgeAll } from '../../src/judge/run.ts';
import { type Budget, type Finding, verify } from '../../src/judge/verify.ts';
import { connect } from '../../src/protocol/connect.ts';
import { moduleChannel } from '../../src/protocol/module.ts';
import { createReference } from '../../src/reference/implementation.ts';
import { budgetOf } from '../budget.ts';
import { examine } from './examine.ts';

/**
 * A fault to be judged by all clauses concerned or by its own alone, or a strength of a graded one by its own; or a correct
 * variant by every clause.
 */
export type Job = { readonly fault: string; readonly seed: number } & (
  | { readonly by: 'all' | 'own' | 'acquittal' }
  | { readonly by: 'strength'; readonly strength: number; readonly profile: ProfileName }
);

export type Result = readonly Finding[];

async function done(job: Job): Promise<Result> {
  const { seed } = job;
  if (job.by === 'all') return examine(named(faults, job.fault), (profile) => budgetOf(profile, seed));
  if (job.by === 'acquittal') return acquittal(job.fault, seed);
  if (job.by === 'strength') {
    const { of, refutedBy } = named(gradedFaults, job.fault);
    return [await judgedBy(refutedBy, of(job.strength), budgetOf(job.profile, seed))];
  }
  const { of, refutedBy, profile = 'quick' } = named(faults, job.fault);
  return [await judgedBy(refutedBy, of, budgetOf(profile, seed))];
}

async function acquittal(variant: string, seed: number): Promise<Result> {
  const subject = await connect(moduleChannel(named(variants, variant).implementation(seed)));
  const findings: Finding[] = [];
  for await (const finding of judgeAll(clauses, subject, budgetOf('quick', seed))) findings.push(finding);
  return findings;
}

const judgedBy = async (clause: string, of: Fault['of'], budget: Budget): Promise<Finding> =>
  verify(named(clauses, clause), await connect(moduleChannel(of(createReference()))), budget);

function named<T extends { readonly id: string }>(list: readonly T[], id: string): T {
  const found = list.find((each) => each.id === id);
  if (found === undefined) throw new RangeError(`there is no ${id}`);
  return found;
}

parentPort?.on('message', (job: Job) => {
  void done(job).then((findings) => parentPort?.postMessage(findings));
});
