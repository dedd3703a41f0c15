/** The fields that say how a clause is judged. */
import type { ProfileName } from '../../src/judge/profiles.ts';
import { element } from '../dom.ts';

export interface RunSettings {
  readonly subject: string;
  readonly seed: number;
  readonly profile: ProfileName;
}

export const seedField = (): HTMLInputElement =>
  element('input', { type: 'number', min: 0, max: 2147483647, step: 1, value: 1, required: true });

/** The seed in a field; undefined where there is none, which the field then says. */
export const seedIn = (field: HTMLInputElement): number | undefined =>
  field.reportValidity() ? field.valueAsNumber : undefined;

/** A thorough run takes hours: it is left to the command line. */
export const profileSelect = (): HTMLSelectElement =>
  element('select', {}, ...(['quick', 'standard'] as const).map((name) => element('option', { value: name }, name)));
