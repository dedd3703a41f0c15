/** A case of a property as JSON: readable in a report, and exact, so that a replay asks the very same thing. */
import type { Case, CaseValue } from './clause.ts';
import { decodeTensor, encodeTensor } from './golden.ts';
import { show } from './show.ts';
import type { Tensor } from './tensor.ts';

/** What JSON has no number for, by the name that it has instead. No case holds one of these texts as a text. */
const named = new Map([Infinity, -Infinity, NaN, -0].map((value) => [show(value), value]));

export function encodeCase(value: CaseValue): unknown {
  if (typeof value === 'number') return encodeNumber(value);
  if (isTensor(value)) return encodeTensor(value);
  if (Array.isArray(value)) return value.map(encodeCase);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, encodeCase(field)]));
}

/** The case that `encodeCase` wrote. */
export const decodeCase = (json: unknown): Case => decodeValue(json) as Case;

function decodeValue(json: unknown): CaseValue {
  if (typeof json === 'string') return named.get(json) ?? json;
  if (Array.isArray(json)) return json.map(decodeValue);
  if (typeof json !== 'object' || json === null) return json as number | boolean;
  if (isTensor(json)) return decodeTensor(json, 'the case');
  return Object.fromEntries(Object.entries(json).map(([key, field]) => [key, decodeValue(field)]));
}

const encodeNumber = (value: number): number | string => (named.has(show(value)) ? show(value) : value);

export const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'dtype' in value && 'data' in value;
