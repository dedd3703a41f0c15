/** The lines that ask again, to be typed. */
import type { Finding } from '../judge/verify.ts';
import type { Report } from './report.ts';

/**
 * Judges a clause again as it was judged in the run.
 * @param typed how the command line names the implementation
 */
export function checkLine({ id }: Pick<Finding, 'id'>, { seed, profile, budget }: Report, typed: string): string {
  const falseAlarm = budget.falseAlarm === 1e-9 ? '' : ` --false-alarm ${budget.falseAlarm}`;
  return `npx keepprob check --only ${id} --seed ${seed} --profile ${profile}${falseAlarm} ${typed}`;
}

/** Asks the recorded counterexample again, with the traffic shown. */
export const replayLine = ({ id }: Pick<Finding, 'id'>, typed: string): string =>
  `npx keepprob replay report.json ${id} ${typed}`;
