/** The fields that say how a clause is judged. */
import { type ProfileName, profileNames } from '../../src/judge/profiles.ts';
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

/** Of one clause even a thorough run takes minutes, and can be stopped. */
export const profileSelect = (): HTMLSelectElement =>
  element('select', {}, ...profileNames.map((name) => element('option', { value: name }, name)));
