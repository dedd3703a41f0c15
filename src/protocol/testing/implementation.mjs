/** A module with an implementation that does what its name says. */
const name = 'identity';

export default {
  name,
  version: '1.0.0',
  capabilities: { dropout: { dtypes: ['float64'] } },
  dropout: (_, { x }) => ({ y: x }),
};
