/**
 * The conventions of an implementation, observed: what it does is read from its answers to a few questions, beside what it
 * declares. Conventions differ between correct libraries; a declaration that differs from what is seen is a finding.
 */
import { Deviation, Refusal } from './errors.ts';
import { show } from './show.ts';
import type { DropoutCall, Optimizer, Role, Subject } from './subject.ts';
import { type Dtype, type Tensor, tensor, valuesOf } from './tensor.ts';

/** One convention: what was seen, and what is declared of it, in the same words; undefined where nothing can be. */
export interface Trait {
  readonly operation: 'dropout' | 'penalty' | 'step';
  readonly name: string;
  readonly observed: string;
  readonly declared?: string;
}

/** Whether an implementation declares something else than it does. */
export const isMisdeclared = ({ observed, declared }: Trait): boolean =>
  declared !== undefined && declared !== observed;

/** All that can be seen of what is declared, in a fixed order. Rejects with a Breakage where the implementation breaks. */
export async function fingerprint(subject: Subject): Promise<readonly Trait[]> {
  const { dropout, penalty, step } = subject.capabilities;
  return [
    ...(dropout === undefined ? [] : await dropoutTraits(subject)),
    ...(penalty === undefined ? [] : await penaltyTraits(subject)),
    ...(step === undefined ? [] : await stepTraits(subject)),
  ];
}

const refused = 'refused';

/** What a question comes to: what can be read from the answer, or why nothing can though the operation is declared. */
interface Seen {
  readonly observed: string;
  readonly isFailure?: true;
}

async function seen(question: () => Promise<string>): Promise<Seen> {
  try {
    return { observed: await question() };
  } catch (error) {
    if (error instanceof Deviation) return { observed: `answered wrongly: ${error.message}`, isFailure: true };
    if (!(error instanceof Refusal)) throw error;
    // To refuse a question is a convention too; not to have the operation, or to fail at it, is none.
    if (error.code === 'invalid_argument') return { observed: refused };
    return { observed: `${error.code}: ${error.message}`, isFailure: true };
  }
}

/** What is declared of a trait: where a declared operation fails, at least that there is one. */
const declaredOf = ({ isFailure }: Seen, declared?: string): { readonly declared?: string } => {
  if (declared !== undefined) return { declared };
  return isFailure ? { declared: 'an operation that answers' } : {};
};

const all = (dtype: Dtype, length: number, value: number): Tensor =>
  tensor(dtype, [length], new Float64Array(length).fill(value));

/** So many elements that at a keep_prob of 1/4 some are kept and some dropped, but for a chance of 0.75^1024 < 1e-127. */
const enough = 1024;

async function dropoutTraits(subject: Subject): Promise<readonly Trait[]> {
  const { dtypes, layer = false, seed, keep_prob_zero } = subject.capabilities.dropout ?? { dtypes: [] };
  const [dtype] = dtypes;
  const trait = (name: string, answer: Seen, declared?: string): Trait => ({
    operation: 'dropout',
    name,
    observed: answer.observed,
    ...declaredOf(answer, declared),
  });
  const trained = async (value: number, keepProb: number, call: Partial<DropoutCall> = {}) =>
    valuesOf((await subject.dropout({ x: all(dtype, enough, value), keepProb, training: true, ...call })).y);
  const keepProb = 1 / 4;

  const kept = await seen(async () => {
    const values = [...(await trained(1, keepProb))].filter((value) => value !== 0);
    return factorText(values[0], keepProb);
  });
  const x = all(dtype, enough, 3);
  const evaluated = await seen(async () => {
    const { y } = await subject.dropout({ x, keepProb, training: false });
    // Only an implementation in this very process can answer the same object.
    if (y.data.buffer === x.data.buffer) return 'x, the same object';
    return valuesOf(y).every((value) => value === 3) ? 'x' : `${factorText(valuesOf(y)[0] / 3, keepProb)}`;
  });
  const atZero = await seen(async () => {
    const values = await trained(1, 0);
    if (values.every((value) => value === 0)) return 'zeros';
    return values.every((value) => value === 1) ? 'x' : show(values[0], dtype);
  });
  // Of an infinity what is kept stays one.
  const infinite = await seen(async () => {
    const dropped = [...(await trained(Infinity, keepProb))].find((value) => value !== Infinity);
    return dropped === undefined ? 'nothing is dropped' : show(dropped, dtype);
  });
  const negative = await seen(async () => {
    const dropped = [...(await trained(-1, keepProb))].find((value) => value === 0);
    return dropped === undefined ? 'nothing is dropped' : Object.is(dropped, -0) ? '-0' : '0';
  });
  return [
    trait('a kept element is multiplied by', kept),
    trait('evaluation answers', evaluated),
    trait('keep_prob 0 answers', atZero, keep_prob_zero === 'error' ? refused : keep_prob_zero),
    trait('a dropped infinity is', infinite),
    trait('a dropped −1 is', negative),
    ...(layer && seed !== undefined
      ? [trait('the masks of a seeded layer', await seen(() => seedOf(subject, dtype)), words[seed])]
      : []),
    ...(await Promise.all(
      dtypes.map(async (each) =>
        trait(`keep_prob is resolved in ${each}`, await seen(() => resolutionOf(subject, each))),
      ),
    )),
  ];
}

/** A factor of known make. */
function factorText(factor: number, keepProb: number): string {
  const known: readonly (readonly [string, number])[] = [
    ['1 / keep_prob', 1 / keepProb],
    ['1', 1],
    ['keep_prob', keepProb],
    ['1 / (1 − keep_prob)', 1 / (1 - keepProb)],
    ['1 − keep_prob', 1 - keepProb],
  ];
  const found = known.find(([, value]) => Math.abs(factor / value - 1) < 1e-2);
  return found?.[0] ?? `${show(factor)} at keep_prob ${keepProb}`;
}

const words = { advances: 'advance', repeats: 'repeat in each call' };

async function seedOf(subject: Subject, dtype: Dtype): Promise<string> {
  const x = all(dtype, enough, 1);
  const draw = async (layer: string): Promise<string> => {
    const { y } = await subject.dropout({ x, keepProb: 1 / 4, training: true, layer: `fingerprint/${layer}`, seed: 7 });
    return valuesOf(y).join();
  };
  const [first, second, again] = [await draw('one'), await draw('one'), await draw('other')];
  if (first !== again) return 'do not follow from the seed';
  return first === second ? words.repeats : words.advances;
}

/** The finest fraction that is asked about, 2^-12: the rounding errors of real libraries begin at 2^-7. */
const finest = 12;

/**
 * Whether a keep_prob of 1 − 2^-k drops as often as it says, for k from 6 on: the last k at which it does. Among 2^6 · 2^k
 * elements 64 are dropped on average, and by chance fewer than 16 or more than 160 with a probability below 1e-10 a k.
 */
async function resolutionOf(subject: Subject, dtype: Dtype): Promise<string> {
  for (let k = 6; k <= finest; k++) {
    const { y } = await subject.dropout({ x: all(dtype, 2 ** (k + 6), 1), keepProb: 1 - 2 ** -k, training: true });
    const dropped = [...valuesOf(y)].filter((value) => value === 0).length;
    if (dropped < 16 || dropped > 160) return `to 2^-${k - 1}, not to 2^-${k}`;
  }
  return `to 2^-${finest} or finer`;
}

async function penaltyTraits(subject: Subject): Promise<readonly Trait[]> {
  const {
    dtypes,
    coefficient,
    per_example = false,
    bias = false,
  } = subject.capabilities.penalty ?? { dtypes: [], coefficient: 0 };
  const W = tensor(dtypes[0], [2], [3, 4]);
  const penaltyOf = async (role: Role, examples: number): Promise<number> =>
    (await subject.penalty({ parameters: { W }, roles: { W: role }, lambda: 1 / 2, examples })).value;
  const ofOne = (value: number): string => show(Number((value / 12.5).toPrecision(3)));
  const trait = (name: string, { observed }: Seen, declared: string): Trait => ({
    operation: 'penalty',
    name,
    observed,
    declared,
  });
  return [
    trait(
      'the coefficient of lambda · Σ w²',
      await seen(async () => ofOne(await penaltyOf('weight', 1))),
      ofOne(12.5 * coefficient),
    ),
    trait(
      'the penalty of a batch',
      await seen(async () => divided((await penaltyOf('weight', 4)) * 2 < (await penaltyOf('weight', 1)))),
      divided(per_example),
    ),
    trait('biases and norms', await seen(async () => counted((await penaltyOf('bias', 1)) !== 0)), counted(bias)),
  ];
}

const divided = (isDivided: boolean): string => `is ${isDivided ? '' : 'not '}divided by its examples`;
const counted = (isCounted: boolean): string => (isCounted ? 'count' : 'do not count');

const known: readonly Optimizer[] = ['sgd', 'adam', 'adamw'];

async function stepTraits(subject: Subject): Promise<readonly Trait[]> {
  const { dtypes, optimizers } = subject.capabilities.step ?? { dtypes: [], optimizers: {} };
  const traits: Trait[] = [];
  for (const optimizer of known) {
    const declared = optimizers[optimizer];
    if (declared === undefined) continue;
    const at = (role: Role, gradients: readonly number[], momentum?: number) =>
      stepped(subject, { dtype: dtypes[0], optimizer, role, gradients, momentum });
    const isDecoupled = declared.decay === 'decoupled';
    const trait = (name: string, { observed }: Seen, own: string): Trait => ({
      operation: 'step',
      name: `${optimizer}: ${name}`,
      observed,
      declared: own,
    });
    traits.push(
      trait(
        'the decay',
        await seen(async () => decayText(optimizer, await at('weight', optimizer === 'sgd' ? [0, 0] : [0], 0.5))),
        isDecoupled ? `is decoupled${declared.times_lr === true ? ', times lr' : ''}` : 'is coupled',
      ),
      trait(
        'biases and norms',
        await seen(async () => decayed((await at('bias', [0])) !== 1)),
        decayed(declared.bias === true),
      ),
    );
    if (!isDecoupled) continue;
    const fraction = declared.times_lr === true ? lr * weightDecay : weightDecay;
    const order = (value: number): string =>
      Math.abs(value - (1 - fraction - lr)) < 1e-3
        ? 'before the step'
        : Math.abs(value - (1 - lr) * (1 - fraction)) < 1e-3
          ? 'after the step'
          : `neither before nor after the step: 1 becomes ${show(value)}`;
    traits.push(
      trait(
        'it decays',
        await seen(async () => order(await at('weight', [1]))),
        `${declared.order ?? 'before'} the step`,
      ),
    );
  }
  return traits;
}

const decayed = (isDecayed: boolean): string => (isDecayed ? 'decay' : 'do not decay');

const lr = 1 / 2;
const weightDecay = 1 / 4;

/** Where a parameter of 1 is after a step for each of its gradients. */
async function stepped(
  subject: Subject,
  {
    dtype,
    optimizer,
    role,
    gradients,
    momentum,
  }: {
    readonly dtype: Dtype;
    readonly optimizer: Optimizer;
    readonly role: Role;
    readonly gradients: readonly number[];
    readonly momentum: number | undefined;
  },
): Promise<number> {
  const steps = gradients.length;
  const hyper =
    optimizer === 'sgd' ? (momentum === undefined ? {} : { momentum }) : { beta1: 0.5, beta2: 0.75, eps: 1e-8 };
  const { W } = await subject.step({
    ...{ optimizer, lr, weightDecay, steps, roles: { W: role }, ...hyper },
    parameters: { W: tensor(dtype, [1], [1]) },
    gradients: { W: tensor(dtype, [steps, 1], [...gradients]) },
  });
  return valuesOf(W)[0];
}

/**
 * What steps without a gradient say: of gradient descent with momentum 1/2 two, since momentum remembers a coupled decay
 * and no other; of Adam one, which a coupled decay moves by lr, and any other multiplies by 1 − fraction.
 */
function decayText(optimizer: Optimizer, value: number): string {
  const steps = optimizer === 'sgd' ? 2 : 1;
  const outcomes: readonly (readonly [string, number])[] = [
    ['is coupled', optimizer === 'sgd' ? 0.703125 : 1 - lr],
    ['is decoupled, times lr', (1 - lr * weightDecay) ** steps],
    ['is decoupled', (1 - weightDecay) ** steps],
    ['has no effect', 1],
  ];
  const found = outcomes.find(([, wanted]) => Math.abs(value - wanted) < 1e-2);
  return found?.[0] ?? `is another one: without a gradient 1 becomes ${show(value)}`;
}
