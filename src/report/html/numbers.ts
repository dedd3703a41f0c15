/** Numbers as a page shows them. */
import { count } from '../../judge/evidence.ts';

/** A count with its thousands apart, which no line breaks. */
export const counted = (value: number): string => count(value).replaceAll(' ', '\u202F');

/** A number with so many significant digits, and no zeros after them. */
export const rounded = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));

export const plural = (number: number, one: string, many: string): string =>
  `${counted(number)} ${number === 1 ? one : many}`;
