/** `keepprob faults --acquittal`: how often correct implementations are refuted. */
import { isAcquitted, variants } from '../../properties/variants.ts';
import { print, style } from '../console.ts';
import { chosenBy, demandAll, doneOf, jobsOf } from './measure.ts';
import type { Asked } from './options.ts';

/** Judges correct implementations, which differ in all that correct ones may differ in. None may be refuted. */
export async function measureAcquittal(asked: Asked): Promise<number> {
  const { runs } = asked;
  const chosen = chosenBy(asked, variants);
  const doubts: string[] = [];
  const jobs = jobsOf(chosen, { runs, firstSeed: 0, by: 'acquittal' });
  const done = await doneOf(jobs, asked, ({ fault, seed }, findings) => {
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
