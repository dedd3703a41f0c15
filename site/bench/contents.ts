/** The verdicts of a page in its contents. */
import { element } from '../dom.ts';
import type { Found } from '../worker/messages.ts';
import { signs } from './outcome.ts';

/** Marks a clause in the contents by what was found of it; of nothing found, takes the mark away. */
export function markVerdict(clause: string, found?: Found): void {
  const link = document.querySelector(`[data-verdict-of="${clause}"]`);
  link?.querySelector('.mark')?.remove();
  if (found === undefined) return;
  const { verdict } = found.finding;
  link?.append(
    element(
      'span',
      { class: `mark ${verdict}` },
      element('span', { 'aria-hidden': 'true' }, signs[verdict]),
      element('span', { class: 'unseen' }, `: ${verdict}`),
    ),
  );
}
