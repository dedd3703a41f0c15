/** `keepprob faults`: which clause refutes which fault, as it was measured, or with `--measure` as it is now. */
import { faults } from '../../properties/faults/index.ts';
import { type Kills, ownFaults, shortcomings } from '../../properties/faults/matrix.ts';
import { clauses } from '../../properties/index.ts';
import { symptomsOf } from '../../src/report/symptoms.ts';
import { specification } from '../../src/root.ts';
import { saysWhyItStays, stems } from '../../src/spec.ts';
import { print, style } from '../console.ts';
import { type Zoo, zoo } from '../zoo/data.ts';
import { chosenBy, demandAll, doneOf, jobsOf, keep } from './measure.ts';
import type { Asked } from './options.ts';

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

export function showMatrix({ runs, symptoms }: Pick<Zoo, 'runs' | 'symptoms'>): number {
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
export async function measureSymptoms(asked: Asked): Promise<Pick<Zoo, 'runs' | 'symptoms'>> {
  const { runs } = asked;
  const chosen = chosenBy(asked, faults);
  const symptoms: Record<string, Record<string, number>> = {};
  for (const { id } of chosen) symptoms[id] = {};
  const jobs = jobsOf(chosen, { runs, firstSeed: 0, by: 'all' });
  const done = await doneOf(jobs, asked, ({ fault }, findings) => {
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
  if (asked.keep) keep(measured);
  return measured;
}
