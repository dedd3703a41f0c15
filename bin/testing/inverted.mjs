/** Inverted dropout and the penalty, as simple as can be and right. Its masks are the same in every run. */
let state = 1;

/** Uniform in [0, 1): splitmix32, as Steele et al. 2014 mix. */
function uniform() {
  state = (state + 0x9e3779b9) | 0;
  let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

const invalid = (message) => Object.assign(new Error(message), { code: 'invalid_argument' });

/** Dropout that multiplies what it keeps by `scale(keep_prob)`. */
export const dropoutWith =
  (scale) =>
  ({ keep_prob, training }, { x }) => {
    if (!(keep_prob >= 0 && keep_prob <= 1)) throw invalid(`keep_prob must be in [0, 1], got ${keep_prob}`);
    const dropped = (value) => (uniform() < keep_prob ? value * scale(keep_prob) : 0);
    return { y: { ...x, data: training ? x.data.map(dropped) : x.data.slice() } };
  };

function penalty({ lambda, roles, alias = {} }, parameters) {
  if (!(lambda >= 0 && lambda < Infinity)) throw invalid(`lambda must be finite and not negative, got ${lambda}`);
  let sum = 0;
  for (const [name, { data }] of Object.entries(parameters)) {
    if (roles[name] === 'weight' && alias[name] === undefined) for (const w of data) sum += w * w;
  }
  return { value: { dtype: 'float64', shape: [], data: Float64Array.of(0.5 * lambda * sum) } };
}

export default {
  name: 'inverted',
  version: '1.0.0',
  language: 'javascript',
  capabilities: {
    dropout: { dtypes: ['float64'], keep_prob_zero: 'zeros' },
    penalty: { dtypes: ['float64'], coefficient: 0.5 },
  },
  dropout: dropoutWith((keepProb) => 1 / keepProb),
  penalty,
};
