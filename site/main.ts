/** Makes a page that can be read one that can be played: benches beside the clauses, and something to play with. */
import { type Bench, bench } from './bench/bench.ts';
import { markVerdict } from './bench/contents.ts';
import { everyClause } from './bench/every.ts';
import { element } from './dom.ts';

/** On a narrow screen the contents are closed at first; on a wide one they stand beside the text. */
function foldContents(): void {
  const details = document.querySelector<HTMLDetailsElement>('.contents details');
  const narrow = matchMedia('(max-width: 60rem)');
  const fold = () => {
    if (details !== null) details.open = !narrow.matches;
  };
  narrow.addEventListener('change', fold);
  fold();
}

function setUpBenches(): readonly Bench[] {
  const places = [...document.querySelectorAll<HTMLElement>('.bench')];
  return places.map((place) => bench(place, markVerdict));
}

/** Each fault in a list of refuted ones can be judged by a click. */
function setUpFaults(benches: readonly Bench[]): void {
  for (const code of document.querySelectorAll<HTMLElement>('code[data-fault]')) {
    const { fault, for: clause } = code.dataset;
    const button = element('button', { type: 'button', class: 'judge', title: 'Judge it' });
    code.replaceWith(button);
    button.append(code);
    button.addEventListener('click', () => {
      const place = document.querySelector(`[data-clause="${clause}"]`);
      place?.scrollIntoView({ block: 'nearest' });
      void benches.find((each) => each.clause === clause)?.run(fault === undefined ? {} : { subject: fault });
    });
  }
}

const plays: Readonly<Record<string, (place: HTMLElement) => Promise<void>>> = {
  dropout: async (place) => (await import('./play/dropout.ts')).playDropout(place),
  l2: async (place) => (await import('./play/l2.ts')).playPenalty(place),
  decay: async (place) => (await import('./play/decay.ts')).playDecay(place),
  training: async (place) => (await import('./play/training.ts')).playTraining(place),
};

foldContents();
const benches = setUpBenches();
setUpFaults(benches);
const place = document.querySelector<HTMLElement>('.play');
if (place !== null) {
  const play = plays[place.dataset['play'] ?? ''];
  if (play !== undefined) void play(place);
}
// As the command line does: what trains for minutes is asked by itself.
const quick = benches.filter(({ isTrend }) => !isTrend);
if (quick.length > 0) document.querySelector('main > section')?.before(everyClause(quick));
