/** Picks what is judged: the reference, or a fault, found by typing any part of its name or of what is wrong with it. */
import type { Catalogue, ListedFault } from '../catalogue.ts';
import { element } from '../dom.ts';
import { reference } from '../worker/messages.ts';

export interface Picker {
  readonly root: HTMLElement;
  /** What is picked; undefined where the text names nothing, which the field then says. */
  readonly picked: () => string | undefined;
  /** Resolves when the field says so. */
  readonly pick: (subject: string) => Promise<void>;
}

let loaded: Promise<Catalogue> | undefined;

/** The catalogue, loaded when somebody first wants to pick. */
export function catalogue(): Promise<Catalogue> {
  loaded ??= import('virtual:catalogue').then((module) => module.catalogue);
  return loaded;
}

let made = 0;

/**
 * @param first which faults are offered first
 * @param onPick called with each subject that is picked, and the fault if it is one
 */
export function picker({
  label,
  first = () => [],
  onPick,
}: {
  readonly label: string;
  readonly first?: (catalogue: Catalogue) => readonly string[];
  readonly onPick?: (subject: string, fault?: ListedFault) => void;
}): Picker {
  const list = element('datalist', { id: `faults-${made++}` });
  const field = element('input', {
    type: 'search',
    list: list.id,
    placeholder: reference,
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': label,
  });
  let faults: readonly ListedFault[] = [];
  const isKnown = (name: string) => name === '' || name === reference || faults.some(({ id }) => id === name);

  const fill = async () => {
    if (list.childElementCount > 0) return;
    const all = await catalogue();
    faults = all.faults;
    if (list.childElementCount > 0) return;
    const ahead = new Set(first(all));
    const ordered = [...faults.filter(({ id }) => ahead.has(id)), ...faults.filter(({ id }) => !ahead.has(id))];
    list.append(
      element('option', { value: reference }, 'It conforms'),
      ...ordered.map(({ id, what }) => element('option', { value: id }, what)),
    );
  };
  const check = () => {
    field.setCustomValidity(isKnown(field.value) ? '' : `There is no fault ${field.value}: pick one of the list.`);
  };
  const changed = () => {
    check();
    if (!field.validity.valid) return;
    const fault = faults.find(({ id }) => id === field.value);
    onPick?.(fault?.id ?? reference, fault);
  };
  field.addEventListener('focus', () => void fill());
  field.addEventListener('input', check);
  field.addEventListener('change', changed);

  return {
    root: element('span', { class: 'picker' }, field, list),
    picked: () => {
      check();
      return field.reportValidity() ? field.value || reference : undefined;
    },
    pick: async (subject) => {
      await fill();
      field.value = subject === reference ? '' : subject;
      changed();
    },
  };
}
