/** `keepprob faults --diagnosis`: how often the likely fault is the right one. */
import { faults } from '../../properties/faults/index.ts';
import { diagnose } from '../../src/report/diagnosis.ts';
import { print, style } from '../console.ts';
import { signatures } from '../zoo/data.ts';
import { chosenBy, demandAll, doneOf, jobsOf } from './measure.ts';
import type { Asked } from './options.ts';

/** The seeds of the runs that a diagnosis is tried on lie far from those that the signatures were measured with. */
const otherSeeds = 1_000_000;

/** Judges every fault with other seeds, and counts how often its diagnosis names it first. */
export async function measureDiagnosis(asked: Asked): Promise<number> {
  const { runs } = asked;
  const chosen = chosenBy(asked, faults);
  const named = new Map<string, Map<string, number>>();
  const jobs = jobsOf(chosen, { runs, firstSeed: otherSeeds, by: 'all' });
  const done = await doneOf(jobs, asked, ({ fault }, findings) => {
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
