/** An implementation whose every text would be markup, if it were let. Its dropout does not scale, and it refuses its decay. */
import { dropoutWith } from './inverted.mjs';

const hostile = `</script></style><img src=x onerror=alert(1)>"'&\u202E`;

export default {
  name: `<img src=x onerror=alert(1)>${'very '.repeat(30)}long`,
  version: hostile,
  language: hostile,
  homepage: `javascript:alert(1)//${hostile}`,
  capabilities: {
    dropout: { dtypes: ['float64'], repeat: true },
    step: { dtypes: ['float64'], optimizers: { sgd: { decay: 'coupled' } } },
  },
  dropout: ({ repeat, ...args }, { x }) => {
    if (!args.training) throw new Error(`evaluation ${hostile}\nand a second line`);
    const calls = Array.from({ length: repeat ?? 1 }, () => [...dropoutWith(() => 1)(args, { x }).y.data]);
    return {
      y: { ...x, shape: repeat === undefined ? x.shape : [repeat, ...x.shape], data: Float64Array.from(calls.flat()) },
    };
  },
  step: () => {
    throw new Error(hostile);
  },
};
