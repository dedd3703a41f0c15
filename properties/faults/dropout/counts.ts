/** Numbers of kept elements that do not vary as a binomial count does. */
import type { Fault } from '../fault.ts';
import { type Call, copying, each, fair, type Law, masking } from './law.ts';

const count = 'dropout/count-varies-like-a-binomial';

/** A mask of which a given number is kept: each element in turn is among them with the probability that is left. */
const ofCount =
  (count: (call: Call) => number): Law =>
  (call) => {
    let left = count(call);
    return each(call.size, (i) => {
      const kept = call.uniform() * (call.size - i) < left;
      if (kept) left -= 1;
      return kept;
    });
  };

const fixedCount = ofCount(({ size, keepProb }) => Math.round(size * keepProb));

/** What is no integer is rounded up or down by chance, so that each element is still kept with keep_prob. */
export const fixedCountUpToRounding = ofCount(({ size, keepProb, uniform }) => Math.floor(size * keepProb + uniform()));

export const countFaults: readonly Fault[] = [
  {
    id: 'dropout/fixed-count',
    what: 'A fixed number of elements is kept: the mask is a shuffle.',
    mend: 'Draw each element by itself, and let the number that is kept vary.',
    refutedBy: count,
    of: masking(() => fixedCount),
  },
  {
    id: 'dropout/fixed-count-up-to-rounding',
    what: 'As many elements are kept as the mean says; what is no integer is rounded up or down by chance.',
    mend: 'Draw each element by itself, and let the number that is kept vary.',
    refutedBy: count,
    of: masking(() => fixedCountUpToRounding),
  },
  {
    id: 'dropout/counts-always-even',
    what: 'The number of elements that a call keeps is always even.',
    mend: 'Draw each element by itself, and correct nothing afterwards.',
    refutedBy: count,
    of: masking(() => (call) => {
      const mask = fair(call);
      const odd = mask.reduce((sum, kept) => sum + kept, 0) % 2;
      if (odd === 1) mask[Math.floor(call.uniform() * call.size)] ^= 1;
      return mask;
    }),
  },
  {
    id: 'dropout/redrawn-once-where-nothing-is-dropped',
    what: 'A mask that would drop nothing is drawn again, once.',
    mend: 'Take the mask that was drawn, also where it happens to keep everything.',
    refutedBy: count,
    of: masking(() => (call) => {
      const mask = fair(call);
      return mask.includes(0) ? mask : fair(call);
    }),
  },
  {
    id: 'dropout/second-half-mirrors-the-first',
    what: 'The second half of an input has the mask of the first in reverse.',
    mend: 'Draw a random number of its own for each element.',
    refutedBy: count,
    of: masking(() => copying((i, { size }) => (2 * i >= size ? size - 1 - i : -1))),
  },
  {
    id: 'dropout/parity-of-three',
    what: 'Where keep_prob is 0.5, the last of each three elements is the parity of the other two.',
    mend: 'Draw a random number of its own for each element.',
    refutedBy: count,
    of: masking(
      () =>
        ({ size, keepProb, uniform }) =>
          each(size, (i, mask) =>
            keepProb === 0.5 && i % 3 === 2 ? mask[i - 1] !== mask[i - 2] : uniform() < keepProb,
          ),
    ),
  },
  {
    id: 'dropout/rate-drawn-anew',
    what: 'Each call draws a keep rate within ±0.1 of keep_prob, and its mask by that.',
    mend: 'Use keep_prob itself in every call.',
    refutedBy: count,
    of: masking(() => ({ size, keepProb, uniform }) => {
      const spread = Math.min(0.1, keepProb, 1 - keepProb);
      const own = keepProb + spread * (2 * uniform() - 1);
      return each(size, () => uniform() < own);
    }),
  },
];
