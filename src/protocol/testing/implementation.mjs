/** A module with an implementation that does what its name says. */
const name = 'identity';

// biome-ignore lint/style/noDefaultExport: that is how a module names its implementation.
export default {
  name,
  version: '1.0.0',
  capabilities: { dropout: { dtypes: ['float64'] } },
  dropout: (_, { x }) => ({ y: x }),
};
