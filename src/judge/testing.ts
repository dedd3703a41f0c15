/** What the tests of this room share: a subject made by hand, and clauses about nothing but what they are told. */
import { type Claim, type Clause, type Experiment, type Statistical, statistical } from '../clause.ts';
import type { Capabilities, DropoutAnswer, DropoutCall, Subject } from '../subject.ts';
import { profileFor } from './profiles.ts';
import type { Budget } from './verify.ts';

const unasked = async (): Promise<never> => {
  throw new Error('this subject is not there to be asked that');
};

/** A subject that declares dropout in float64 alone, unless told otherwise, and answers what `dropout` answers. */
export const subjectOf = ({
  capabilities = { dropout: { dtypes: ['float64'] } },
  dropout = unasked,
}: {
  readonly capabilities?: Capabilities;
  readonly dropout?: (call: DropoutCall) => Promise<DropoutAnswer>;
} = {}): Subject => ({
  identity: { name: 'by hand', version: '1' },
  capabilities,
  dropout,
  penalty: unasked,
  step: unasked,
  network: unasked,
});

/** A clause that needs dropout, with that evidence. */
export const clauseOf = (evidence: Clause['evidence'], rest: Partial<Clause> = {}): Clause => ({
  id: 'dropout/by-hand',
  level: 'MUST',
  statement: 'It MUST be as it is.',
  needs: ['dropout'],
  evidence,
  ...rest,
});

/** The claim that something happens at a rate; it is watched only where no ε is given. */
export const rateOf = (event: string, rate: number, epsilon?: number): Claim => ({
  law: 'rate',
  event,
  rate,
  ...(epsilon === undefined ? {} : { epsilon }),
});

/** An experiment that claims a rate of 0.5 and draws what it is told: successes among `elements`, exactly. */
export const coin = (
  successes: (elements: number, round: number) => number,
  rest: Partial<Experiment> = {},
): Experiment => ({
  name: 'a coin',
  claims: [rateOf('heads', 0.5, 0.01)],
  draw: async (_, elements, { round }) => [[elements, successes(elements, round)]],
  ...rest,
});

export const half = (elements: number): number => elements / 2;

export const tossing = (...experiments: readonly Experiment[]): Statistical => statistical(1, () => experiments);

export const budget: Budget = {
  profile: profileFor('quick', 1),
  seed: 1,
  falseAlarm: 1e-9,
  totalWeight: 2,
  golden: async () => [],
  digits: async () => ({ images: [], labels: [] }),
};
