/** Seeds that follow from the run's seed and a name, so that a clause draws the same cases whatever ran before it. */
import { mersenne } from 'pure-rand/generator/mersenne';

/** A 31-bit seed from a name (FNV-1a) and the run's seed. */
export function seedFor(runSeed: number, name: string): number {
  let hash = 0x811c9dc5 ^ runSeed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}

/** Uniform draws in [0, 1) for choices of the suite itself. */
export function mixer(seed: number): () => number {
  const generator = mersenne(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}
