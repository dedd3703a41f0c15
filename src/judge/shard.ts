/** One run on several machines: whose turn a clause or a stretch of draws is. */
import { seedFor } from './seeds.ts';

/** Shard `index` of `of`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/**
 * The shard whose turn it is, from 1 to `of`: known to every shard beforehand, whatever else the run judges. Steps that
 * follow one another fall to successive shards.
 *
 * @param name of a clause
 */
export const turnOf = (name: string, step: number, of: number): number => ((seedFor(0, name) + step) % of) + 1;
