/** A correct adapter of little ambition: dropout in float64 with given uniform draws, and the penalty. */
import { message, serve, write } from './wire.mjs';

const hello = {
  protocol: 1,
  name: 'little',
  version: '1.0.0',
  language: 'javascript',
  capabilities: {
    dropout: { dtypes: ['float64'], gradient: true, mask: true, uniforms: true, keep_prob_zero: 'zeros' },
    penalty: { dtypes: ['float64'], gradient: true, coefficient: 0.5 },
  },
};

const numbersIn = ({ bytes }) => Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));

const float64 = (shape, numbers) => {
  const bytes = Buffer.alloc(8 * numbers.length);
  numbers.forEach((number, i) => {
    bytes.writeDoubleLE(number, 8 * i);
  });
  return { dtype: 'float64', shape, bytes };
};

function dropout({ keep_prob, training }, { x, dy, u }) {
  const keepProb = Number(keep_prob);
  if (!(keepProb >= 0 && keepProb <= 1)) throw invalid(`keep_prob must be in [0, 1], got ${keep_prob}`);
  const draws = u ? numbersIn(u) : numbersIn(x).map(Math.random);
  const mask = draws.map((draw) => (training && draw >= keepProb ? 0 : 1));
  const drop = (number, i) => (training ? (mask[i] === 1 ? number / keepProb : 0) : number);
  return {
    y: float64(x.shape, numbersIn(x).map(drop)),
    mask: { dtype: 'uint8', shape: x.shape, bytes: Buffer.from(mask) },
    ...(dy ? { dx: float64(x.shape, numbersIn(dy).map(drop)) } : {}),
  };
}

function penalty({ lambda, roles, gradient, alias = {} }, parameters) {
  if (!(lambda >= 0 && lambda < Infinity)) throw invalid(`lambda must be finite and >= 0, got ${lambda}`);
  const own = Object.keys(parameters).filter((name) => alias[name] === undefined);
  const slopes = own.map((name) => numbersIn(parameters[name]).map((w) => (roles[name] === 'weight' ? lambda * w : 0)));
  const values = own.map((name, p) =>
    numbersIn(parameters[name]).reduce((sum, w, i) => sum + (slopes[p][i] * w) / 2, 0),
  );
  const value = float64([], [values.reduce((sum, part) => sum + part, 0)]);
  const gradients = own.map((name, p) => [`d:${name}`, float64(parameters[name].shape, slopes[p])]);
  return { value, ...(gradient ? Object.fromEntries(gradients) : {}) };
}

const invalid = (text) => Object.assign(new Error(text), { code: 'invalid_argument' });

const operations = { dropout, penalty, echo: (_, tensors) => tensors };

await serve(async ({ id, op, args, tensors }) => {
  if (op === 'hello') return write(message({ id, ok: true, result: hello }));
  try {
    if (!operations[op]) throw Object.assign(new Error(`no operation ${op}`), { code: 'unsupported' });
    await write(message({ id, ok: true, result: {} }, operations[op](args, tensors)));
  } catch ({ code = 'internal', message: text }) {
    await write(message({ id, ok: false, error: { code, message: text } }));
  }
});
