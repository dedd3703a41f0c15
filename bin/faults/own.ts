/** `keepprob faults --own`: how often each fault is refuted by the clause that is there for it. */
import { faults } from '../../properties/faults/index.ts';
import { print, style } from '../console.ts';
import { chosenBy, demandAll, doneOf, jobsOf } from './measure.ts';
import type { Asked } from './options.ts';

/** Judges every fault in so many runs by the clause that is there for it, and by no other. */
export async function measureOwn(asked: Asked): Promise<number> {
  const { runs } = asked;
  const chosen = chosenBy(asked, faults);
  const missed = new Map<string, number[]>();
  const jobs = jobsOf(chosen, { runs, firstSeed: 0, by: 'own' });
  const done = await doneOf(jobs, asked, ({ fault, seed }, [{ verdict }]) => {
    if (verdict !== 'refuted') missed.set(fault, [...(missed.get(fault) ?? []), seed]);
  });
  for (const [fault, seeds] of missed)
    print(style.bad(`${fault} was not refuted in ${seeds.length} of ${runs} runs: with seed ${seeds.join(', ')}`));
  demandAll(done, jobs);
  const always = chosen.length - missed.size;
  print(`${always} of ${chosen.length} faults were refuted by their own clause in each of ${runs} runs`);
  return missed.size === 0 ? 0 : 1;
}
