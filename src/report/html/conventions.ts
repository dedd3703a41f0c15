/** What an implementation declares it can do and means, in rows. */
import type { Capabilities } from '../../subject.ts';

/** One thing that is declared: `dropout`, `keep_prob_zero`, `zeros`. */
export interface Convention {
  readonly operation: string;
  readonly name: string;
  readonly value: string;
}

export function conventionsOf(capabilities: Capabilities): readonly Convention[] {
  return Object.entries(capabilities).flatMap(([operation, declared]) =>
    Object.entries(declared as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
      name === 'optimizers'
        ? Object.entries(value as object).map(([each, rules]) => ({ operation, name: each, value: wordsOf(rules) }))
        : [{ operation, name, value: wordsOf(value) }],
    ),
  );
}

function wordsOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(wordsOf).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => (name === 'decay' ? String(each) : `${name} ${wordsOf(each)}`))
    .join(', ');
}
