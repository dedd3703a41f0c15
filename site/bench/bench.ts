/** What stands beside a clause: whom to judge, a button that runs its property, and what was found. */
import { element, widthIn } from '../dom.ts';
import { judge, type Running } from '../worker/client.ts';
import type { Drawn, Found, Standing } from '../worker/messages.ts';
import { outcome, thousands } from './outcome.ts';
import { picker } from './picker.ts';
import { profileSelect, type RunSettings, seedField, seedIn } from './settings.ts';

export interface Bench {
  readonly clause: string;
  /** Whether it trains for minutes. */
  readonly isTrend: boolean;
  /** Judges, as the fields say unless told otherwise. Resolves when it is over, to nothing if it was stopped. */
  readonly run: (settings?: Partial<RunSettings>) => Promise<Found | undefined>;
  readonly stop: () => void;
}

/**
 * Sets a bench up in its place.
 *
 * @param onVerdict hears of each finding, and of nothing when one is no longer true
 */
export function bench(place: HTMLElement, onVerdict: (clause: string, found?: Found) => void): Bench {
  const clause = place.dataset['clause'] ?? '';
  const pick = picker({
    label: `Who is judged by ${clause}: the reference, or a fault`,
    first: ({ clauses }) => clauses.find(({ id }) => id === clause)?.refutes ?? [],
    onPick: (_, fault) => {
      what.textContent =
        fault === undefined ? '' : `${fault.what}${fault.seen === undefined ? '' : ` Seen in ${fault.seen}.`}`;
      profile.value = fault?.profile ?? 'quick';
    },
  });
  const seed = seedField();
  const profile = profileSelect();
  const button = element('button', { type: 'submit', class: 'run' }, 'Run');
  const what = element('p', { class: 'what' });
  const progress = element('p', { class: 'progress' });
  const verdict = element('div', { class: 'found', 'aria-live': 'polite' });
  const picture = element('div', { class: 'picture' });
  const form = element(
    'form',
    { class: 'controls', 'aria-label': `Judge by ${clause}` },
    element('label', { class: 'wide' }, 'Judge', pick.root),
    element('label', {}, 'Seed', seed),
    element('label', {}, 'Profile', profile),
    button,
  );
  place.append(form, what, progress, verdict, picture);

  let running: Running | undefined;
  const stop = () => running?.stop();

  async function run(settings: Partial<RunSettings> = {}): Promise<Found | undefined> {
    stop();
    if (settings.subject !== undefined) await pick.pick(settings.subject);
    if (settings.seed !== undefined) seed.value = String(settings.seed);
    if (settings.profile !== undefined) profile.value = settings.profile;
    const subject = pick.picked();
    const number = seedIn(seed);
    if (subject === undefined || number === undefined) return undefined;
    const asked = { clause, subject, seed: number, profile: profile.value as RunSettings['profile'] };
    verdict.replaceChildren();
    picture.replaceChildren();
    onVerdict(clause);
    progress.textContent = 'asking …';
    button.textContent = 'Stop';
    const mine = judge(asked, (drawn) => {
      progress.textContent = progressText(drawn);
      void draw(picture, drawn.standings);
    });
    running = mine;
    try {
      const found = await mine.found;
      if (running !== mine) return undefined;
      progress.textContent = found === undefined ? 'stopped' : '';
      if (found === undefined) return undefined;
      verdict.replaceChildren(outcome(found, asked));
      onVerdict(clause, found);
      await draw(picture, found.standings);
      return found;
    } catch (error) {
      if (running === mine) progress.textContent = `could not be judged: ${(error as Error).message}`;
      return undefined;
    } finally {
      if (running === mine) {
        running = undefined;
        button.textContent = 'Run';
      }
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (running === undefined) void run();
    else stop();
  });
  return { clause, isTrend: place.dataset['kind'] === 'trend', run, stop };
}

const progressText = ({ elements, experiment, logEvidence, threshold }: Drawn): string =>
  `${elements === undefined ? '' : `${thousands(elements)} elements; `}${logEvidence.toFixed(1)} nats against it, ${threshold.toFixed(1)} would refute; ${experiment}`;

/** Draws where the experiments stand, if there are any; what draws is loaded with the first. */
async function draw(place: HTMLElement, standings: readonly Standing[]): Promise<void> {
  if (standings.length === 0) return;
  const { standingsChart } = await import('../charts.ts');
  place.replaceChildren(
    standingsChart(standings, {
      document,
      label: `Where ${standings.length} experiments stand`,
      width: widthIn(place),
    }),
    element(
      'p',
      { class: 'caption' },
      'What the draws leave possible of each experiment, in units of its ε: within ±1 it is certified.',
    ),
  );
}
