/** An implementation that ends the process which judges it, with the exit code of a conforming one. */
export default {
  name: 'leaving',
  version: '1.0.0',
  capabilities: { dropout: { dtypes: ['float64'] } },
  dropout: () => process.exit(0),
};
