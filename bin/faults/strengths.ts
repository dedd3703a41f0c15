/** `keepprob faults --strengths`: how weak a fault each profile refutes, as it was measured, or with `--measure` as it is now. */
import { gradedFaults } from '../../properties/faults/index.ts';
import { profileNames } from '../../src/judge/profiles.ts';
import { print, style } from '../console.ts';
import { type Zoo, zoo } from '../zoo/data.ts';
import { chosenBy, demandAll, doneOf, keep } from './measure.ts';
import type { Asked } from './options.ts';

/** Of each graded fault and profile the weakest strength that is refuted, going from the strongest on until one is not. */
export async function measureStrengths(asked: Asked): Promise<Zoo['strengths']> {
  const { profiles } = asked;
  const chosen = chosenBy(asked, gradedFaults);
  const strengths: Record<string, Record<string, number | null>> = structuredClone(zoo().strengths) as never;
  for (const profile of profiles) {
    const open = new Map(chosen.map((fault) => [fault.id, { fault, from: 0, to: fault.strengths.length }]));
    // All faults side by side: of each the strength in the middle of those that are still open.
    while (open.size > 0) {
      const jobs = [...open.values()].map(({ fault, from, to }) => {
        const middle = (from + to) >> 1;
        return { fault: fault.id, by: 'strength' as const, profile, seed: 1, strength: fault.strengths[middle] };
      });
      const done = await doneOf(jobs, asked, (job, [finding]) => {
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
  if (asked.keep) keep({ strengths });
  return strengths;
}

export function showStrengths(measuredOf: Zoo['strengths']): number {
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
