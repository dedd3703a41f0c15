/** Runs evidence that one counterexample refutes: drawn cases with shrinking, or recorded vectors one by one. */
import fc from 'fast-check';
import type { Case, Golden, Universal, Vector } from '../clause.ts';
import { Breakage, Deviation, Refusal } from '../errors.ts';
import { assertions, type Must } from '../must.ts';
import type { Subject } from '../subject.ts';

export type Outcome =
  | { readonly kind: 'held'; readonly cases: number; readonly facts: number }
  | {
      readonly kind: 'refuted';
      readonly cases: number;
      readonly facts: number;
      readonly counterexample: Counterexample;
    }
  | {
      readonly kind: 'broke';
      readonly cases: number;
      readonly facts: number;
      readonly case?: Case;
      readonly breakage: Breakage;
    };

export interface Counterexample {
  /** What was asked: the property's case, or `{vector}` by name for a golden clause. */
  readonly case: Case;
  readonly deviation: Deviation;
  /** How often the case was made simpler before no simpler one failed. */
  readonly shrinks: number;
}

/** Draws `runs` cases by `seed`; the first that fails is shrunk until no simpler one fails. */
export async function judgeUniversal(
  evidence: Universal,
  subject: Subject,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<Outcome> {
  const must = assertions();
  let broke: { readonly case: Case; readonly breakage: Breakage } | undefined;
  let isRefuted = false;
  const property = fc.asyncProperty(evidence.cases(subject.capabilities), async (example) => {
    // After a breakage nothing more is asked: a crash is never shrunk, and never counts as a counterexample.
    if (broke !== undefined) return;
    try {
      // A copy: what the subject does to its tensors must not change what is reported, nor what is asked next.
      await evidence.check(subject, structuredClone(example), must);
    } catch (error) {
      if (error instanceof Breakage) broke = { case: example, breakage: error };
      // Nor does it unsettle a fact: where a simpler case of a counterexample breaks, the counterexample stands.
      if (broke !== undefined && isRefuted) return;
      isRefuted = true;
      throw error;
    }
  });
  const details = await fc.check(property, { seed, numRuns: runs });
  const counts = { cases: details.numRuns, facts: must.facts };
  if (!details.failed) return { kind: 'held', ...counts };
  if (details.counterexample === null)
    throw new Error('too few of the cases drawn meet the preconditions of the check');
  const { errorInstance, numShrinks: shrinks } = details;
  const [example] = details.counterexample;
  if (errorInstance instanceof Breakage) return { kind: 'broke', ...counts, case: example, breakage: errorInstance };
  return {
    kind: 'refuted',
    ...counts,
    counterexample: { case: example, deviation: asDeviation(errorInstance), shrinks },
  };
}

/** Asks every vector that `applies`; the first that fails refutes. */
export async function judgeGolden(evidence: Golden, subject: Subject, vectors: readonly Vector[]): Promise<Outcome> {
  const must = assertions();
  let cases = 0;
  for (const vector of vectors) {
    const counts = () => ({ cases, facts: must.facts });
    const facts = must.facts;
    try {
      await evidence.check(subject, structuredClone(vector), must);
      if (must.facts > facts) cases++;
    } catch (error) {
      cases++;
      if (error instanceof Breakage)
        return { kind: 'broke', ...counts(), case: { vector: vector.name }, breakage: error };
      const counterexample = { case: { vector: vector.name }, deviation: asDeviation(error), shrinks: 0 };
      return { kind: 'refuted', ...counts(), counterexample };
    }
  }
  return { kind: 'held', cases, facts: must.facts };
}

/** Asks one recorded case again. Resolves to the deviation that it shows, if any, and the number of facts stated. */
export async function replayCase(
  check: (must: Must) => Promise<void>,
): Promise<{ readonly facts: number; readonly deviation?: Deviation }> {
  const must = assertions();
  try {
    await check(must);
    return { facts: must.facts };
  } catch (error) {
    if (error instanceof Breakage) throw error;
    return { facts: must.facts, deviation: asDeviation(error) };
  }
}

/**
 * A valid request that is refused, or failed at, contradicts the clause that made it: the capability was declared.
 * Any other error is a fault of the suite itself, and is passed on.
 */
export function asDeviation(error: unknown): Deviation {
  if (error instanceof Deviation) return error;
  if (!(error instanceof Refusal)) throw error;
  const reason = {
    invalid_argument: 'refused',
    unsupported: 'answered as unsupported though declared',
    internal: 'failed at',
  };
  return new Deviation({ where: 'the request', got: `${reason[error.code]}: ${error.message}`, wanted: 'answered' });
}
