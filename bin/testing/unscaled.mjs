/** Dropout without the division by keep_prob. */
import inverted, { dropoutWith } from './inverted.mjs';

export default { ...inverted, name: 'unscaled', dropout: dropoutWith(() => 1) };
