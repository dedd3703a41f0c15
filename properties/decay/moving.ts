/** What decay does beside a gradient. */
import fc from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import type { DecayConvention, Optimizer } from '../../src/subject.ts';
import { tensor, valuesOf } from '../../src/tensor.ts';
import { fill } from '../arbitraries.ts';
import { after, conventionOf, excludes, predict, step } from './calls.ts';
import { casesOf, casesOfEach, gradients, rate, rates, ratesBeyondOne, small } from './cases.ts';
import { fractionOf } from './model.ts';

export const lambdaZeroIsThePlainStep = clause({
  id: 'decay/lambda-zero-is-the-plain-step',
  level: 'MUST',
  statement: 'With weight_decay 0, a step MUST be the plain step of the optimizer.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach((shared) => ({
      W: small(shared),
      g: gradients(shared),
      lr: ratesBeyondOne(shared.dtype).lr,
      // As usual, or so large that it is seen in every dtype: 1.
      eps: fc.constantFrom<'usual' | number>('usual', 1),
      // At a constant lr, it does not matter whether lr multiplies the velocity or what enters it. Left out, it is 0.
      momentum: fc.constantFrom<'left out' | number>('left out', 0, 0.5),
      besideAnEmptyOne: fc.boolean(),
    })),
    async (subject, { optimizer, W, g, lr, besideAnEmptyOne, ...given }, must) => {
      const [steps] = g.shape;
      const eps = optimizer === 'sgd' || given.eps === 'usual' ? undefined : given.eps;
      const momentum = optimizer === 'sgd' && given.momentum !== 'left out' ? given.momentum : undefined;
      const asked = { optimizer, lr, weightDecay: 0, steps, momentum, eps };
      const ofSize = (shape: readonly number[]) => (besideAnEmptyOne ? { empty: fill(W.dtype, shape, []) } : {});
      const parameters = { W, ...ofSize([0]) };
      const got = await step(subject, asked, { parameters, gradients: { W: g, ...ofSize([steps, 0]) } });
      const { values, allowance } = predict(subject, asked, { W, gradient: g });
      const large = eps === undefined ? '' : ` with eps ${eps}`;
      const where = `${after(asked)}${large}${besideAnEmptyOne ? ' beside an empty parameter' : ''}, W`;
      must.beNearTensor(where, got['W'], values, allowance);
    },
  ),
});

export const sgdL2EqualsDecay = clause({
  id: 'decay/sgd-l2-equals-decay',
  level: 'MUST',
  statement:
    'A step of plain SGD with weight decay MUST be the step without it whose gradient has the L2 penalty’s added.',
  needs: ['step.sgd'],
  evidence: forAll(
    casesOf((shared) => ({ W: small(shared), g: gradients({ ...shared, steps: 1 }), ...ratesBeyondOne(shared.dtype) })),
    async (subject, { W, g, lr, weightDecay }, must) => {
      const convention = conventionOf(subject, 'sgd');
      const asked = { optimizer: 'sgd', lr, weightDecay } as const;
      const plain = { ...asked, weightDecay: 0 };
      const [w, slope] = [valuesOf(W), valuesOf(g)];
      const added = Float64Array.from(
        slope,
        (gi, i) => gi + penaltyGradient(convention, { lr, weightDecay, w: w[i], g: gi }),
      );
      const sum = tensor(g.dtype, g.shape, added);
      const decayed = await step(subject, asked, { parameters: { W }, gradients: { W: g } });
      const wanted = await step(subject, plain, { parameters: { W }, gradients: { W: sum } });
      const [a, b] = [predict(subject, asked, { W, gradient: g }), predict(subject, plain, { W, gradient: sum })];
      must.beNearTensor('after a step of sgd with decay, W', decayed['W'], valuesOf(wanted['W']), {
        within: (i) => a.allowance.within(i) + b.allowance.within(i),
        because: `${a.allowance.because}, and in the step without decay`,
      });
    },
  ),
});

/** weight_decay · w; of a decoupled decay what lr makes its fraction of w, which is met after the step if so declared. */
function penaltyGradient(
  convention: DecayConvention,
  { lr, weightDecay, w, g }: { lr: number; weightDecay: number; w: number; g: number },
): number {
  const met = convention.decay === 'decoupled' && convention.order === 'after' ? w - lr * g : w;
  return (fractionOf(convention, lr, weightDecay) / lr) * met;
}

export const momentumCarriesTheDecay = clause({
  id: 'decay/momentum-carries-the-decay-as-declared',
  level: 'MUST',
  statement: 'With momentum, SGD MUST carry a coupled decay on in its velocity, and no decoupled one.',
  needs: ['step.sgd'],
  evidence: forAll(
    casesOf((shared) => ({
      W: small(shared),
      // Small ones: beside a large velocity, what the decay adds to it would be lost in rounding.
      g: gradients(shared, { min: 0, max: 1 }),
      momentum: fc.constantFrom(0.5, 0.75),
      ...rates(shared.dtype),
    })),
    async (subject, { W, g, momentum, lr, weightDecay }, must) => {
      const [steps] = g.shape;
      const asked = { optimizer: 'sgd', lr, weightDecay, steps, momentum } as const;
      const { decay } = conventionOf(subject, 'sgd');
      const declared = predict(subject, asked, { W, gradient: g });
      const opposite: DecayConvention =
        decay === 'coupled' ? { decay: 'decoupled', times_lr: true, order: 'before' } : { decay: 'coupled' };
      if (!excludes(declared, predict(subject, asked, { W, gradient: g, convention: opposite }))) return;
      const got = await step(subject, asked, { parameters: { W }, gradients: { W: g } });
      must.beNearTensor(`${after(asked)} with a ${decay} decay, W`, got['W'], declared.values, declared.allowance);
    },
  ),
});

export const adamAndAdamwDiffer = clause({
  id: 'decay/adam-and-adamw-differ-as-declared',
  level: 'MUST',
  statement:
    'Adam and AdamW MUST each treat the decay as declared: a coupled one is divided by the gradient’s magnitude with the gradient, a decoupled one is not.',
  needs: ['step.adam', 'step.adamw'],
  evidence: forAll(
    casesOf((shared) => ({ W: small(shared), g: gradients({ ...shared, steps: 1 }), ...ratesBeyondOne(shared.dtype) })),
    async (subject, { W, g, lr, weightDecay }, must) => {
      const slopes = valuesOf(g);
      const pulls = Float64Array.from(valuesOf(W), (w) => weightDecay * w);
      for (const optimizer of ['adam', 'adamw'] as const) {
        const asked = { optimizer, lr, weightDecay };
        const { decay } = conventionOf(subject, optimizer);
        // Of a sum that nearly cancels only roundings are left, and Adam makes a whole step of them.
        if (decay === 'coupled' && slopes.some((slope, i) => isNearlyCancelled(slope, pulls[i]))) continue;
        const got = await step(subject, asked, { parameters: { W }, gradients: { W: g } });
        const { values, allowance } = predict(subject, asked, { W, gradient: g });
        must.beNearTensor(`${after(asked)}, whose decay is ${decay}, W`, got['W'], values, allowance);
      }
    },
  ),
});

const isNearlyCancelled = (a: number, b: number): boolean => Math.abs(a + b) < (Math.abs(a) + Math.abs(b)) / 4;

export const adamwIsDecoupled = clause({
  id: 'decay/adamw-is-decoupled',
  level: 'MUST',
  statement: 'The decay of AdamW MUST be decoupled: what adds it to the gradient is Adam.',
  needs: ['step.adamw'],
  evidence: forAll(
    // What is declared is the same in every case, and what is done under it is the other clauses' question.
    () => fc.record({ optimizer: fc.constant<Optimizer>('adamw') }),
    async (subject, { optimizer }, must) => {
      const { decay } = conventionOf(subject, optimizer);
      must.hold(decay === 'decoupled', {
        where: `the declared decay of ${optimizer}`,
        got: decay,
        wanted: 'decoupled',
      });
    },
  ),
});

export const orderIsAsDeclared = clause({
  id: 'decay/order-is-as-declared',
  level: 'MUST',
  statement:
    'A decoupled decay MUST meet the weights before or after the gradient’s step as declared, a coupled one before it.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach((shared) => ({ W: small(shared), g: gradients({ ...shared, steps: 1 }), ...rates(shared.dtype) })),
    async (subject, { optimizer, W, g, lr, weightDecay }, must) => {
      const asked = { optimizer, lr, weightDecay };
      const convention = conventionOf(subject, optimizer);
      const declared = predict(subject, asked, { W, gradient: g });
      const other: DecayConvention = { ...convention, order: convention.order === 'after' ? 'before' : 'after' };
      const decoupled = convention.decay === 'decoupled';
      if (decoupled && !excludes(declared, predict(subject, asked, { W, gradient: g, convention: other }))) return;
      const got = await step(subject, asked, { parameters: { W }, gradients: { W: g } });
      const said = decoupled ? `decay ${convention.order ?? 'before'} the step` : 'coupled decay';
      must.beNearTensor(`${after(asked)} (${said}), W`, got['W'], declared.values, declared.allowance);
    },
  ),
});

export const followsTheSchedule = clause({
  id: 'decay/follows-the-schedule',
  level: 'MUST',
  statement: 'The k-th step MUST use the k-th entry of a schedule of lr or of weight_decay.',
  needs: ['step'],
  evidence: forAll(
    casesOfEach((shared) => {
      const entries = (max: number) =>
        fc.array(rate(shared.dtype, max), { minLength: shared.steps, maxLength: shared.steps });
      return {
        W: small(shared),
        g: gradients(shared),
        lr: entries(0.999),
        weightDecay: entries(0.5),
        scheduled: fc.constantFrom('both', 'lr', 'weight_decay'),
      };
    }),
    async (subject, { optimizer, W, g, scheduled, ...rates }, must) => {
      const [steps] = g.shape;
      const lr = scheduled === 'weight_decay' ? rates.lr[0] : rates.lr;
      const weightDecay = scheduled === 'lr' ? rates.weightDecay[0] : rates.weightDecay;
      const asked = { optimizer, lr, weightDecay, steps };
      const constant = { ...asked, lr: rates.lr[0], weightDecay: rates.weightDecay[0] };
      const declared = predict(subject, asked, { W, gradient: g });
      if (!excludes(declared, predict(subject, constant, { W, gradient: g }))) return;
      const got = await step(subject, asked, { parameters: { W }, gradients: { W: g } });
      const what = scheduled === 'both' ? 'lr and weight_decay' : scheduled;
      must.beNearTensor(`${after(asked)} with a schedule of ${what}, W`, got['W'], declared.values, declared.allowance);
    },
  ),
});
