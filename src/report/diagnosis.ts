/**
 * The likely fault, from what was refuted and what was seen: the symptoms of a run are compared with those that known
 * faults showed when they were judged themselves. Nothing is concluded where no known fault looks like it.
 */
import type { Finding } from '../judge/verify.ts';
import { clauseOf, symptomsOf } from './symptoms.ts';

/** How a known fault looks. */
export interface Signature {
  readonly fault: string;
  /** One sentence on what is wrong. */
  readonly what: string;
  /** What to change, in the imperative. */
  readonly mend: string;
  /** Library and issue where it was seen. */
  readonly seen?: string;
  /** In what share of its runs each symptom showed. */
  readonly symptoms: Readonly<Record<string, number>>;
}

/** A known fault that looks like what was seen. */
export interface Diagnosis {
  readonly fault: string;
  /** How much of what was seen and of what the fault shows is the same, from 0 to 1, the rarer a symptom the more it counts. */
  readonly agreement: number;
  /** What is likely wrong, where that was seen, and what to change. */
  readonly advice: string;
  /** The refuted clauses that it explains. */
  readonly clauses: readonly string[];
  /** What was found, in the words of the clause that tells most. */
  readonly because: string;
}

/** Below this agreement a fault is not named. */
const leastAgreement = 0.5;

/** An implementation may have several faults: what one shows and another does not counts less against it than what it lacks. */
const unexplainedCounts = 0.3;

/** As many as a screen has lines for. */
const mostFaults = 10;

/**
 * The likely faults of a run, the likeliest first; each explains refuted clauses that those before it do not. Of none
 * where nothing was refuted, and where what was is not like anything known.
 */
export function diagnose(findings: readonly Finding[], signatures: readonly Signature[]): readonly Diagnosis[] {
  const weigh = rarityOf(signatures);
  const judged = new Set(
    findings.filter(({ verdict }) => verdict === 'holds' || verdict === 'refuted').map(({ id }) => id),
  );
  let open = findings.filter(({ verdict }) => verdict === 'refuted');
  const found: Diagnosis[] = [];
  while (open.length > 0 && found.length < mostFaults) {
    const seen = new Set(open.flatMap(symptomsOf));
    const [best] = ranked(seen, signatures, { judged, weigh }).filter(({ agreement }) => agreement >= leastAgreement);
    if (best === undefined) break;
    const explained = open.filter(({ id }) => (best.signature.symptoms[id] ?? 0) > 0);
    if (explained.length === 0) break;
    found.push(diagnosisOf(best, explained, weigh));
    open = open.filter((finding) => !explained.includes(finding));
  }
  return found;
}

interface Candidate {
  readonly signature: Signature;
  /** How well it explains the clauses that it refutes. */
  readonly agreement: number;
  /** How well it explains all that was seen: several faults each explain a part. */
  readonly rank: number;
}

/** All signatures, those first that explain most of what was seen. */
export function ranked(
  seen: ReadonlySet<string>,
  signatures: readonly Signature[],
  { judged, weigh }: { readonly judged: ReadonlySet<string>; readonly weigh: (symptom: string) => number },
): readonly Candidate[] {
  return signatures
    .map((signature) => {
      let [shared, lacking, known] = [0, 0, 0];
      for (const [symptom, share] of Object.entries(signature.symptoms)) {
        if (!judged.has(clauseOf(symptom))) continue;
        const weight = share * weigh(symptom);
        if (seen.has(symptom)) {
          shared += weight;
          known += 1;
        } else {
          // One that comes and goes tells little by its absence.
          lacking += share * weight;
        }
      }
      let [unexplained, elsewhere] = [0, 0];
      for (const symptom of seen) {
        if ((signature.symptoms[symptom] ?? 0) > 0) continue;
        if ((signature.symptoms[clauseOf(symptom)] ?? 0) > 0) unexplained += weigh(symptom);
        else elsewhere += weigh(symptom);
      }
      const shareOf = (other: number) => (known === 0 ? 0 : shared / (shared + lacking + unexplainedCounts * other));
      return { signature, agreement: shareOf(unexplained), rank: shareOf(unexplained + elsewhere) };
    })
    .sort((a, b) => b.rank - a.rank);
}

/** How much a symptom tells: the more, the fewer faults show it. One that none of them shows tells as little as one of them all. */
export function rarityOf(signatures: readonly Signature[]): (symptom: string) => number {
  const shown = new Map<string, number>();
  for (const { symptoms } of signatures) {
    for (const [symptom, share] of Object.entries(symptoms)) shown.set(symptom, (shown.get(symptom) ?? 0) + share);
  }
  return (symptom) => {
    const times = shown.get(symptom);
    return times === undefined ? 1 : 1 + Math.log(signatures.length / Math.max(times, 1));
  };
}

function diagnosisOf(
  { signature, agreement }: Candidate,
  explained: readonly Finding[],
  weigh: (symptom: string) => number,
): Diagnosis {
  const { fault, what, mend, seen, symptoms } = signature;
  const telling = (finding: Finding): number =>
    symptomsOf(finding).reduce((sum, symptom) => sum + (symptoms[symptom] ?? 0) * weigh(symptom), 0);
  const most = explained.reduce((best, finding) => (telling(finding) > telling(best) ? finding : best));
  return {
    fault,
    agreement: Math.round(agreement * 1000) / 1000,
    advice: `${what}${seen === undefined ? '' : ` Seen in ${seen}.`} ${mend}`,
    clauses: explained.map(({ id }) => id),
    because: most.message,
  };
}
