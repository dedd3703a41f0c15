/** An implementation that ends the process which judges it, once it is asked to sit for its portrait and no longer judged. */
import inverted from './inverted.mjs';

export default {
  ...inverted,
  name: 'posing',
  capabilities: { ...inverted.capabilities, step: { dtypes: ['float64'], optimizers: { sgd: { decay: 'coupled' } } } },
  step: () => process.exit(0),
};
