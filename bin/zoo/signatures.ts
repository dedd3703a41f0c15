/** The known faults and how they look, for a diagnosis. Browser-safe: whoever calls it brings what was measured. */
import { faults } from '../../properties/faults/index.ts';
import type { Signature } from '../../src/report/diagnosis.ts';

/** @param symptoms of each fault by its id, in what share of its runs each symptom showed */
export const signaturesWith = (symptoms: Readonly<Record<string, Signature['symptoms']>>): readonly Signature[] =>
  faults.map(({ id, what, mend, seen }) => ({
    fault: id,
    what,
    mend,
    ...(seen === undefined ? {} : { seen }),
    symptoms: symptoms[id] ?? {},
  }));
