/** Judges one implementation by every clause of the page, one after the other. */
import { element } from '../dom.ts';
import type { Bench } from './bench.ts';
import { picker } from './picker.ts';
import { profileSelect, type RunSettings, seedField, seedIn } from './settings.ts';

export function everyClause(benches: readonly Bench[]): HTMLElement {
  const stem = benches[0].clause.split('/')[0];
  const pick = picker({
    label: 'Who is judged by every clause of this page: the reference, or a fault',
    first: ({ faults }) => faults.filter(({ id }) => id.startsWith(`${stem}/`)).map(({ id }) => id),
    onPick: (_, fault) => {
      profile.value = fault?.profile ?? 'quick';
    },
  });
  const seed = seedField();
  const profile = profileSelect();
  const button = element('button', { type: 'submit', class: 'run' }, `Run all ${benches.length}`);
  const says = element('p', { class: 'says', 'aria-live': 'polite' });
  const form = element(
    'form',
    { class: 'controls every', 'aria-label': 'Judge by every clause of this page' },
    element('label', { class: 'wide' }, 'Judge by every clause of this page', pick.root),
    element('label', {}, 'Seed', seed),
    element('label', {}, 'Profile', profile),
    button,
    says,
  );
  let current: Bench | undefined;

  async function runAll(settings: RunSettings): Promise<void> {
    const verdicts = new Map<string, number>();
    button.textContent = 'Stop';
    for (const [index, each] of benches.entries()) {
      current = each;
      says.textContent = `${index + 1} of ${benches.length}: ${each.clause}`;
      const found = await each.run(settings);
      if (found === undefined) break;
      const { verdict } = found.finding;
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }
    current = undefined;
    button.textContent = `Run all ${benches.length}`;
    says.textContent = summaryOf(verdicts, benches.length);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (current !== undefined) {
      current.stop();
      return;
    }
    const [subject, number] = [pick.picked(), seedIn(seed)];
    if (subject === undefined || number === undefined) return;
    void runAll({ subject, seed: number, profile: profile.value as RunSettings['profile'] });
  });
  return form;
}

/** `27 hold, 1 refuted`; what was not judged is said. */
function summaryOf(verdicts: ReadonlyMap<string, number>, of: number): string {
  const judged = [...verdicts.values()].reduce((sum, count) => sum + count, 0);
  const counts = [...verdicts].map(
    ([verdict, count]) => `${count} ${verdict === 'holds' && count > 1 ? 'hold' : verdict}`,
  );
  return [...counts, ...(judged < of ? [`${of - judged} not judged`] : [])].join(', ');
}
