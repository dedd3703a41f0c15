/** An implementation that leaves a rejected promise behind, outside of any call. */
export default {
  name: 'rejecting',
  version: '1.0.0',
  capabilities: { dropout: { dtypes: ['float64'] } },
  dropout: (_, { x }) => {
    Promise.reject(new Error('left behind'));
    return new Promise((resolve) => setTimeout(resolve, 50, { y: x }));
  },
};
