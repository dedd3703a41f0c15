/** A module that takes away what the suite stands on: there is no telling what comes of it. */
import inverted from './inverted.mjs';

export default {
  ...inverted,
  name: 'sabotaging',
  dropout(args, tensors) {
    Number.isFinite = undefined;
    return inverted.dropout(args, tensors);
  },
};
