/** The reference gives what NumPy gave, and replays the course's snippet from its seed. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Vector } from '../src/clause.ts';
import { decodeVectors } from '../src/golden.ts';
import { assertions } from '../src/must.ts';
import type { Floats } from '../src/reference/floats.ts';
import { createReference } from '../src/reference/implementation.ts';
import type { PenaltyConvention } from '../src/reference/l2.ts';
import type { Network } from '../src/reference/network.ts';
import { randomState } from '../src/reference/numpy-random.ts';
import { train } from '../src/reference/training.ts';
import type { DecayConvention, Implementation } from '../src/subject.ts';
import { type Tensor, type Tensors, tensor, unitRoundoff, valuesOf } from '../src/tensor.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const stems = ['dropout', 'l2', 'decay', 'training'];
const ajv = new Ajv2020({ allErrors: true });
const validate = ajv.compile(read('schema.json') as object);

describe.each(stems)('%s.json', (stem) => {
  const file = read(`${stem}.json`);
  const vectors = decodeVectors(file);

  it('is valid against the schema', () => {
    validate(file);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('names each of its vectors differently', () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });

  it.each(vectors.map((vector) => ({ name: vector.name, vector })))('$name', async ({ vector }) => {
    const answer = await answerOf(vector);
    const must = assertions();
    for (const [name, { tensor: wanted, roundings, magnitude }] of Object.entries(vector.expected)) {
      if (roundings === 0) {
        must.equalTensor(name, answer[name], wanted);
        continue;
      }
      const unit = roundings * unitRoundoff(workingDtype(vector));
      const because = `${roundings} roundings of ${workingDtype(vector)}`;
      const within = (i: number): number => unit * valuesOf(magnitude)[i];
      expect([answer[name].dtype, answer[name].shape]).toEqual([wanted.dtype, wanted.shape]);
      must.beNearTensor(name, answer[name], valuesOf(wanted), { within, because });
    }
    expect(must.facts).toBeGreaterThan(0);
  });
});

describe("the course's snippet", () => {
  const snippets = decodeVectors(read('dropout.json')).filter(({ name }) => name.startsWith("the course's snippet"));

  it('is there for several seeds', () => {
    expect(new Set(snippets.map(({ args }) => args['seed'])).size).toBeGreaterThan(2);
  });

  it.each(snippets.map((vector) => ({ name: vector.name, vector })))('$name, replayed', ({ vector }) => {
    const { x, u } = vector.tensors;
    const rand = randomState(Number(vector.args['seed']));
    const must = assertions();
    must.equalTensor('x', tensor(x.dtype, x.shape, Array.from(x.data, rand)), x);
    must.equalTensor('u', tensor(u.dtype, u.shape, Array.from(u.data, rand)), u);
  });

  it('comes out of a seeded reference, where x was drawn before', async () => {
    for (const vector of snippets) {
      const random = randomState(Number(vector.args['seed']));
      for (const _ of vector.tensors['x'].data) random();
      const { keep_prob, training } = vector.args;
      const { dropout } = createReference({ random });
      const answer = await dropout?.({ keep_prob, training }, { x: vector.tensors['x'] });
      expect(answer).toMatchObject({ y: vector.expected['y'].tensor, mask: vector.expected['mask'].tensor });
    }
  });
});

/** What the reference answers, under the vector's convention. */
async function answerOf(vector: Vector): Promise<Tensors> {
  if (vector.op === 'train') return trained(vector);
  const operation = referenceFor(vector)[vector.op];
  return (await operation?.(vector.args, vector.tensors)) ?? {};
}

function referenceFor({ op, args, convention }: Vector): Implementation {
  if (op === 'dropout') return createReference();
  if (op === 'step') {
    return createReference({
      conventions: { optimizers: { [String(args['optimizer'])]: convention as unknown as DecayConvention } },
    });
  }
  return createReference({ conventions: { penalty: convention as unknown as PenaltyConvention } });
}

/** Training is no operation of the protocol: the vector's args are those of `network` and of a plain descent. */
function trained({ args, convention, tensors }: Vector): Tensors {
  const network = {
    layers: args['layers'],
    activation: args['activation'],
    loss: args['loss'],
    keepProbs: args['keep_probs'],
    lambda: args['lambda'],
    convention,
  } as unknown as Network;
  const floats = (name: string): Floats => tensors[name].data as Floats;
  const names = Object.keys(tensors).filter((name) => /^[Wb]\d/.test(name));
  const { losses, parameters } = train({
    network,
    parameters: Object.fromEntries(names.map((name) => [name, floats(name)])),
    x: floats('x'),
    t: floats('t'),
    lr: Number(args['lr']),
    steps: Number(args['steps']),
    draw: network.keepProbs.map((_, l) => tensors[`mask${l + 1}`].data as Uint8Array),
  });
  const last = names.map((name): [string, Tensor] => [name, { ...tensors[name], data: parameters[name] }]);
  return { losses: tensor('float64', [losses.length], losses), ...Object.fromEntries(last) };
}

/** The format in which a vector is computed: a loss is answered in float64, whatever that is. */
const workingDtype = ({ tensors }: Vector): 'float64' | 'float32' =>
  Object.values(tensors).some(({ dtype }) => dtype === 'float32') ? 'float32' : 'float64';
