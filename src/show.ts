/** How numbers and tensors are written for a reader: the shortest text that means the same number. */
import { type Dtype, round, type Tensor, valuesOf } from './tensor.ts';

/** The shortest decimal text that rounds to `value` in its dtype; −0, NaN and infinities by name. */
export function show(value: number, dtype: Dtype = 'float64'): string {
  if (Object.is(value, -0)) return '-0';
  if (dtype === 'float64' || dtype === 'uint8' || !Number.isFinite(value)) return String(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (round(dtype, text) === value) return String(text);
  }
  return String(value);
}

/** A tensor as nested JSON would write it, with its dtype; long ones by their first elements and their number. */
export function showTensor(tensor: Tensor, most = 12): string {
  const values = valuesOf(tensor);
  const shown = Array.from(values.slice(0, most), (value) => show(value, tensor.dtype));
  const list = tensor.shape.length === 0 ? shown[0] : `[${shown.join(', ')}${values.length > most ? ', …' : ''}]`;
  return `${list} (${tensor.dtype}${tensor.shape.length === 1 && values.length <= most ? '' : ` [${tensor.shape.join(', ')}]`})`;
}

/**
 * A text from outside, as it may be printed: control characters, which could move the cursor, forge a line or turn the
 * direction in which it reads, are spelt out, and what is longer than `most` is cut. A text of several lines keeps them if
 * `lines` says so.
 */
export function printable(text: string, { lines = false, most = 2000 } = {}): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  const spelt = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return cut.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
    lines && '\n\t'.includes(character) ? character : spelt(character),
  );
}
