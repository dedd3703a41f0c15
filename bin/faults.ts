/** `keepprob faults`: the zoo of wrong implementations, which clause refutes which, and what that was measured by. */
import { print } from './console.ts';
import { measureAcquittal } from './faults/acquittal.ts';
import { measureDiagnosis } from './faults/diagnosis.ts';
import { measureSymptoms, showMatrix } from './faults/matrix.ts';
import { CutOff } from './faults/measure.ts';
import { type Asked, askedFor, type FaultsOptions } from './faults/options.ts';
import { measureOwn } from './faults/own.ts';
import { measureStrengths, showStrengths } from './faults/strengths.ts';
import { exitCodes } from './results.ts';
import { zoo } from './zoo/data.ts';

export type { FaultsOptions } from './faults/options.ts';

/** Resolves to the exit code: 1 where something was measured and is not as it must be. */
export async function showFaults(options: FaultsOptions): Promise<number> {
  const asked = askedFor(options);
  try {
    return await shown(asked);
  } catch (error) {
    if (!(error instanceof CutOff)) throw error;
    print(`${error.message}: what stands above is of these, and nothing is kept`);
    return exitCodes.undecided;
  }
}

async function shown(asked: Asked): Promise<number> {
  switch (asked.screen) {
    case 'strengths':
      return showStrengths(asked.measure ? await measureStrengths(asked) : zoo().strengths);
    case 'diagnosis':
      return measureDiagnosis(asked);
    case 'own':
      return measureOwn(asked);
    case 'acquittal':
      return measureAcquittal(asked);
    case 'matrix':
      return showMatrix(asked.measure ? await measureSymptoms(asked) : zoo());
  }
}
