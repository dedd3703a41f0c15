/** Judges one implementation by every clause of the page, one after the other. */
import type { Finding } from '../../src/judge/verify.ts';
import { element } from '../dom.ts';
import { diagnose } from '../worker/client.ts';
import type { Bench } from './bench.ts';
import { diagnosisText } from './outcome.ts';
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
  const progress = element('p', { class: 'progress' });
  const says = element('div', { class: 'says', 'aria-live': 'polite' });
  const form = element(
    'form',
    { class: 'controls every', 'aria-label': 'Judge by every clause of this page' },
    element('label', { class: 'wide' }, 'Judge by every clause of this page', pick.root),
    element('label', {}, 'Seed', seed),
    element('label', {}, 'Profile', profile),
    button,
    progress,
    says,
  );
  let current: Bench | undefined;

  async function runAll(settings: RunSettings): Promise<void> {
    const findings: Finding[] = [];
    button.textContent = 'Stop';
    says.textContent = '';
    for (const [index, each] of benches.entries()) {
      current = each;
      progress.textContent = `${index + 1} of ${benches.length}: ${each.clause}`;
      const found = await each.run(settings);
      if (found === undefined) break;
      findings.push(found.finding);
    }
    current = undefined;
    button.textContent = `Run all ${benches.length}`;
    progress.textContent = '';
    says.textContent = summaryOf(findings, benches.length);
    if (findings.some(({ verdict }) => verdict === 'refuted')) says.append(diagnosisText(await diagnose(findings)));
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
function summaryOf(findings: readonly Finding[], of: number): string {
  const words = (['holds', 'refuted', 'undecided', 'broken', 'unsupported'] as const).flatMap((each) => {
    const count = findings.filter(({ verdict }) => verdict === each).length;
    return count === 0 ? [] : [`${count} ${each === 'holds' && count > 1 ? 'hold' : each}`];
  });
  return [...words, ...(findings.length < of ? [`${of - findings.length} not judged`] : [])].join(', ');
}
