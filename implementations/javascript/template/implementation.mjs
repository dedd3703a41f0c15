/**
 * Inverted dropout by hand, as an implementation to start from: put what you want to have judged in place of `forward`
 * and `backward`, and judge it with
 *
 *     keepprob check implementation.mjs
 */

/** 1 where an element is kept. */
const draw = (size, keepProb) => new Uint8Array(size).map(() => (Math.random() < keepProb ? 1 : 0));

const forward = (x, mask, keepProb) => x.map((value, i) => (mask[i] ? value / keepProb : 0));

const backward = (dy, mask, keepProb) => dy.map((value, i) => (mask[i] ? value / keepProb : 0));

/** y and the mask, and dx where dy came; in evaluation nothing is dropped, and there is no mask. */
function dropout({ keep_prob, training }, { x, dy }) {
  if (!(0 < keep_prob && keep_prob <= 1)) {
    throw Object.assign(new Error(`keep_prob must be in (0, 1], got ${keep_prob}`), { code: 'invalid_argument' });
  }
  if (!training) return dy === undefined ? { y: x } : { y: x, dx: dy };
  const mask = draw(x.data.length, keep_prob);
  const answer = {
    y: { ...x, data: forward(x.data, mask, keep_prob) },
    mask: { dtype: 'uint8', shape: x.shape, data: mask },
  };
  return dy === undefined ? answer : { ...answer, dx: { ...dy, data: backward(dy.data, mask, keep_prob) } };
}

export default {
  name: 'my-dropout',
  version: '0.1.0',
  language: 'javascript',
  capabilities: {
    dropout: { dtypes: ['float64', 'float32'], gradient: true, mask: true, keep_prob_zero: 'error' },
  },
  dropout,
};
