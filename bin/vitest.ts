/** The specification as vitest's tests: `import { describeConformance } from 'keepprob/vitest'`. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { clauses } from '../properties/index.ts';
import type { ProfileName } from '../src/judge/profiles.ts';
import { verify, whyInapplicable } from '../src/judge/verify.ts';
import { connect } from '../src/protocol/connect.ts';
import { failureText } from '../src/report/terminal.ts';
import type { Subject } from '../src/subject.ts';
import { budgetOf } from './budget.ts';
import { channelTo, type Target } from './subjects.ts';

export type { Target } from './subjects.ts';

/** How `describeConformance` judges. */
export interface ConformanceOptions {
  /** How long to look and how fine to see; `quick` unless given. */
  readonly profile?: ProfileName;
  /** The seed of the run: an integer from 0 to 2^31 − 1, drawn anew unless given. */
  readonly seed?: number;
  /** The false-alarm probability of all its tests together; 1e-9 unless given. */
  readonly falseAlarm?: number;
  /** How long a clause may take, in milliseconds; ten minutes unless given. */
  readonly timeout?: number;
}

const plain = (text: string): string => text;
const style = { good: plain, bad: plain, weak: plain, strong: plain };

/**
 * The tests of an implementation, one a clause. It passes where the clause holds; it is skipped, with the reason, where what the clause asks about is
 * not declared, and where a SHOULD does not hold; else it fails with the counterexample.
 */
export function describeConformance(name: string, target: Target, options: ConformanceOptions = {}): void {
  const {
    profile = 'quick',
    seed = Math.floor(Math.random() * 2 ** 31),
    falseAlarm = 1e-9,
    timeout = 600_000,
  } = options;
  const budget = budgetOf(profile, seed, falseAlarm);

  describe(`${name}, seed ${seed}`, () => {
    const channel = channelTo(target);
    let subject: Subject;

    beforeAll(async () => {
      subject = await connect(channel);
    }, timeout);
    afterAll(() => channel.close());

    for (const clause of clauses) {
      test(`${clause.id}: ${clause.statement}`, { timeout }, async ({ skip }) => {
        const reason = whyInapplicable(clause, subject);
        if (reason !== undefined) skip(reason);
        const finding = await verify(clause, subject, budget);
        if (finding.verdict === 'holds') return;
        if (finding.verdict === 'unsupported') skip(finding.message);
        if (finding.level === 'SHOULD' && finding.verdict === 'refuted')
          skip(`a SHOULD does not hold: ${finding.message}`);
        throw new Error(failureText(finding, () => `with the seed ${seed} and the profile ${profile}`, style));
      });
    }
  });
}
