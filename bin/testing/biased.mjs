/** Dropout whose rate of keeping is 0.05 too small. */
import inverted, { dropoutWith } from './inverted.mjs';

const scaled = dropoutWith((keepProb) => 1 / (keepProb + 0.05));

export default {
  ...inverted,
  name: 'biased',
  dropout: (args, tensors) => scaled({ ...args, keep_prob: args.keep_prob - 0.05 }, tensors),
};
