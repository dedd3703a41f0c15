/** How the reference refuses what has no meaning: one sentence that says what is asked for and names what came. */
import { Refusal } from '../errors.ts';
import { show } from '../show.ts';

/** Throws a Refusal with code `invalid_argument`, e.g. `keep_prob must be in [0, 1], got 1.5`, unless it `holds`. */
export function demand(holds: boolean, sentence: string, got: unknown): asserts holds {
  if (!holds) throw new Refusal('invalid_argument', `${sentence}, got ${describe(got)}`);
}

/** A learning rate, a decay or an L2 strength: finite and not negative. */
export function demandStrength(name: string, value: number): void {
  demand(Number.isFinite(value) && value >= 0, `${name} must be finite and >= 0`, value);
}

/** A number of steps, calls or examples. */
export function demandCount(name: string, value: unknown): asserts value is number {
  demand(Number.isInteger(value) && Number(value) > 0, `${name} must be a positive integer`, value);
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'number' ? show(value) : JSON.stringify(value);
}
