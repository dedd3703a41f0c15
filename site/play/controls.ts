/** The controls of a picture: sliders that say their value, and who is asked. */

import { picker } from '../bench/picker.ts';
import type { ListedFault } from '../catalogue.ts';
import { element } from '../dom.ts';

export interface Slider {
  readonly root: HTMLElement;
  readonly value: () => number;
}

export function slider({
  label,
  min,
  max,
  step,
  value,
  onInput,
}: {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly onInput: () => void;
}): Slider {
  const input = element('input', { type: 'range', min, max, step, value });
  // A slider says its value itself: this is for the eye.
  const output = element('span', { class: 'value', 'aria-hidden': 'true' }, String(value));
  input.addEventListener('input', () => {
    output.textContent = input.value;
    onInput();
  });
  return {
    root: element('label', { class: 'slider' }, element('span', {}, label, ' ', output), input),
    value: () => input.valueAsNumber,
  };
}

/** Who answers: a picker, and what is wrong with a fault. `first` are the stems whose faults show here. */
export function answerer(
  stem: string,
  onPick: (subject: string) => void,
): { readonly root: HTMLElement; readonly says: HTMLElement } {
  const says = element('p', { class: 'what', 'aria-live': 'polite' });
  const pick = picker({
    label: 'Who answers: the reference, or a fault',
    first: ({ faults }) => faults.filter(({ id }) => id.startsWith(`${stem}/`)).map(({ id }) => id),
    onPick: (subject: string, fault?: ListedFault) => {
      says.textContent = fault?.what ?? '';
      onPick(subject);
    },
  });
  return { root: element('label', { class: 'wide' }, 'Who answers', pick.root), says };
}

/** A frame for a picture with its caption. */
export function figure(
  caption: string,
  ...children: readonly Node[]
): { readonly root: HTMLElement; readonly place: HTMLElement } {
  const place = element('div', { class: 'place' });
  place.append(...children);
  return { root: element('figure', {}, place, element('figcaption', {}, caption)), place };
}

/** Calls at most once a frame, and never while the last call still runs; the last wish is never lost. */
export function latest(work: () => Promise<void>): () => void {
  let wanted = false;
  let busy = false;
  const go = async () => {
    busy = true;
    while (wanted) {
      wanted = false;
      await new Promise(requestAnimationFrame);
      await work();
    }
    busy = false;
  };
  return () => {
    wanted = true;
    if (!busy) void go();
  };
}
