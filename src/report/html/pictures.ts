/** The pictures of a report: how the keep rate was decided, and the portrait of the implementation. */
import type { Report } from '../report.ts';
import { narrowingFigures, portraitFigures } from './figures.ts';
import { plural } from './numbers.ts';
import type { Place } from './place.ts';
import { type Html, html } from './template.ts';

/** The clause whose course is drawn. */
const narrowed = 'dropout/keep-rate';

/** As many as stand side by side; the others are folded. */
const mostShown = 2;

export function picturesHtml({ clauses, portrait }: Report, place: Place): Html | undefined {
  const judged = clauses.find(({ id }) => id === narrowed);
  const narrowing = judged === undefined ? [] : narrowingFigures(judged, place.document);
  if (narrowing.length === 0 && portrait === undefined) return undefined;
  return html`${narrowing.length > 0 && decidedHtml(narrowing)}${portrait !== undefined && portraitHtml(portrait, place)}`;
}

function decidedHtml(figures: readonly Html[]): Html {
  const more = figures.slice(mostShown);
  return html`<h3>How the keep rate was decided</h3>
<p class="note">The band holds every rate that the draws leave possible; it may be looked at as often as one likes. The judge stops as soon as the draws exclude that the rate is ε off, which is where the grey strip ends, or that it is the wanted one.</p>
<div class="figures">${figures.slice(0, mostShown)}</div>
${more.length > 0 && html`<details class="more"><summary>${plural(more.length, 'further configuration', 'further configurations')}</summary><div class="figures">${more}</div></details>`}
<details class="more"><summary>What a test of a fixed size would take</summary>
<p class="note">n = ((z₁ √(p (1 − p)) + z₂ √(p′ (1 − p′))) / ε)² draws, decided on before the first: p is keep_prob, p′ the one of p ± ε that varies more; a standard normal variable exceeds z₁ with half the probability of a false alarm, and z₂ with that of overlooking a deviation of ε. Both are those of the judge.</p></details>`;
}

const portraitHtml = (portrait: NonNullable<Report['portrait']>, place: Place): Html => html`<h3>A portrait</h3>
<p class="note">Drawn for this picture, no part of the verdict.</p>
<div class="figures">${portraitFigures(portrait, place.document)}</div>
${portrait.left.map((sentence) => html`<p class="note">${sentence}</p>`)}`;
