/**
 * NumPy's legacy generator, bit for bit: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded by
 * `init_genrand`, two outputs a double (`genrand_res53`). A frozen stream: NumPy guarantees it (NEP 19).
 */
import { mersenne } from 'pure-rand/generator/mersenne';
import { demand } from './demand.ts';

/**
 * `numpy.random.RandomState(seed).rand`, one number a call: uniform in [0, 1), a multiple of 2^-53. Refuses a seed
 * that is not an integer in [0, 2^32).
 */
export function randomState(seed: number): () => number {
  demand(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, 'seed must be an integer in [0, 2^32)', seed);
  const generator = mersenne(seed);
  return () => {
    const high = generator.next() >>> 5; // 27 bits
    const low = generator.next() >>> 6; // 26 bits
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}
