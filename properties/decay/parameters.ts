/** Which parameters decay, and what a step leaves alone. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import type { Allowance } from '../../src/must.ts';
import { show } from '../../src/show.ts';
import type { Role } from '../../src/subject.ts';
import { type Tensor, valuesOf } from '../../src/tensor.ts';
import {
  type Asked,
  after,
  conventionOf,
  copyOf,
  hyperOf,
  noGradients,
  type Prediction,
  predict,
  step,
} from './calls.ts';
import { casesOfEach, gradients, rates, small, weights } from './cases.ts';

export const biasesAsDeclared = clause({
  id: 'decay/biases-as-declared',
  level: 'MUST',
  statement: 'Biases and normalization parameters MUST decay as weights do if so declared, and else not at all.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach(({ dtype }) => ({ b: weights(dtype), scale: weights(dtype), ...rates(dtype) })),
    async (subject, { optimizer, b, scale, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay };
      const parameters = { b, scale };
      const gradients = noGradients(parameters);
      const roles = { b: 'bias', scale: 'norm' } as const;
      const got = await step(subject, asked, { parameters, gradients, roles });
      const { bias = false } = conventionOf(subject, optimizer);
      const wanted = bias ? await step(subject, asked, { parameters, gradients }) : parameters;
      for (const name of ['b', 'scale'] as const) {
        const where = `${after(asked)}, the ${roles[name]} (declared ${bias ? 'to decay' : 'exempt'}) ${name}`;
        if (bias) {
          const { allowance } = predict(subject, asked, { W: parameters[name], gradient: gradients[name] });
          must.beNearTensor(where, got[name], valuesOf(wanted[name]), twice(allowance));
        } else {
          must.equalTensor(where, got[name], parameters[name]);
        }
      }
    },
  ),
});

export const frozenParametersStay = clause({
  id: 'decay/frozen-parameters-stay',
  level: 'MUST',
  statement: 'A frozen parameter MUST come out as it went in, bit for bit, with or without a gradient.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach((shared) => ({
      W: small(shared),
      frozen: small(shared),
      g: gradients(shared),
      hasGradient: fc.boolean(),
      ...rates(shared.dtype),
    })),
    async (subject, { optimizer, W, frozen, g, hasGradient, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay, steps: g.shape[0] };
      const roles: Record<string, Role> = { W: 'weight', frozen: 'frozen' };
      const given = hasGradient ? { W: g, frozen: g } : { W: g };
      const got = await step(subject, asked, { parameters: { W, frozen }, gradients: given, roles });
      must.equalTensor(`${after(asked)}, the frozen parameter`, got['frozen'], frozen);
    },
  ),
});

export const noGradientNoDecay = clause({
  id: 'decay/no-gradient-no-decay',
  level: 'MUST',
  statement: 'A parameter without a gradient MUST come out as it went in, bit for bit.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach((shared) => ({ W: small(shared), idle: small(shared), g: gradients(shared), ...rates(shared.dtype) })),
    async (subject, { optimizer, W, idle, g, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay, steps: g.shape[0] };
      const got = await step(subject, asked, { parameters: { W, idle }, gradients: { W: g } });
      must.equalTensor(`${after(asked)}, the weight without a gradient`, got['idle'], idle);
    },
  ),
});

/** A parameter and its gradient, behind a leading axis of steps. */
type Driven = { readonly W1: Tensor; readonly g: Tensor };

export const sharedParameterDecaysOnce = clause({
  id: 'decay/shared-parameter-decays-once',
  level: 'MUST',
  statement: 'A parameter that goes by two names MUST take each step, its decay included, once.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach((shared) => ({
      // Its decay shows the best where nothing else moves it; and what moves it beside shows only with a gradient.
      parameter: fc.oneof(
        { withCrossShrink: true },
        weights(shared.dtype).map((W1): Driven => ({ W1, g: noGradients({ W1 })['W1'] })),
        fc.record({ W1: small(shared), g: gradients(shared) }),
      ),
      ...rates(shared.dtype),
    })),
    async (subject, { optimizer, parameter: { W1, g }, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay, steps: g.shape[0] };
      const gradients = { W1: g };
      const both = { W1, W2: W1 };
      // One parameter has one gradient: it is sent under its own name.
      const shared = await step(subject, asked, { parameters: both, gradients, alias: { W2: 'W1' } });
      const alone = await step(subject, asked, { parameters: { W1 }, gradients });
      const { allowance } = predict(subject, asked, { W: W1, gradient: g });
      must.beNearTensor(
        `with W2 as an alias, ${after(asked)}, W1`,
        shared['W1'],
        valuesOf(alone['W1']),
        twice(allowance),
      );
    },
  ),
});

export const gradientIsNotModified = clause({
  id: 'decay/gradient-is-not-modified',
  level: 'MUST',
  statement: 'A step MUST leave the gradients and the parameters that it is given as they are.',
  needs: ['step', 'memory'],
  evidence: forAll(
    casesOfEach((shared) => ({ W: small(shared), g: gradients(shared), ...rates(shared.dtype) })),
    async (subject, { optimizer, W, g, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay, steps: g.shape[0] };
      const [weight, gradient] = [copyOf(W), copyOf(g)];
      const given = { parameters: { W: weight }, gradients: { W: gradient }, roles: { W: 'weight' } } as const;
      await subject.step({ ...asked, ...hyperOf(optimizer, W.dtype), ...given });
      must.equalTensor(`${after(asked)}, the given gradient`, gradient, g);
      must.equalTensor(`${after(asked)}, the given parameter`, weight, W);
    },
  ),
});

export const invalidArgumentsAreRejected = clause({
  id: 'decay/invalid-arguments-are-rejected',
  level: 'MUST',
  statement:
    'An lr or a weight_decay that is negative, infinite or NaN, and a schedule without exactly one entry a step, MUST be refused as an invalid argument.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach((shared) => ({
      W: small(shared),
      g: gradients(shared),
      negative: fc.constantFrom(-1, -0.1, -1e-6),
      ...rates(shared.dtype),
    })),
    async (subject, { optimizer, W, g, negative, ...rates }, must) => {
      const [steps] = g.shape;
      for (const argument of ['lr', 'weightDecay'] as const) {
        const entries = (count: number) => Array<number>(count).fill(rates[argument]);
        const invalid = [negative, NaN, Infinity, entries(steps - 1), [...entries(steps - 1), negative]];
        for (const value of invalid) {
          const asked: Asked = { optimizer, steps, ...rates, [argument]: value };
          const shown = typeof value === 'number' ? show(value) : `[${value.map((entry) => show(entry))}]`;
          const where = `${argument === 'lr' ? 'lr' : 'weight_decay'} ${shown} for ${steps} steps of ${optimizer}`;
          await must.refuse(where, step(subject, asked, { parameters: { W }, gradients: { W: g } }));
        }
      }
    },
  ),
});

/** Where two answers are compared. */
const twice = ({ within, because }: Prediction['allowance']): Allowance => ({
  within: (i) => 2 * within(i),
  because: `twice ${because}`,
});
