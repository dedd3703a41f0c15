/** Which known faults look like what was found. What was measured of them is loaded when something is first refuted. */
import { signaturesWith } from '../../bin/zoo/signatures.ts';
import type { Finding } from '../../src/judge/verify.ts';
import { diagnose, ranked, rarityOf, type Signature } from '../../src/report/diagnosis.ts';
import { symptomsOf } from '../../src/report/symptoms.ts';
import type { Diagnosed } from './messages.ts';

let measured: Promise<readonly Signature[]> | undefined;

function signatures(): Promise<readonly Signature[]> {
  measured ??= import('../../properties/faults/zoo.json').then(({ default: zoo }) =>
    signaturesWith(zoo.symptoms as unknown as Parameters<typeof signaturesWith>[0]),
  );
  return measured;
}

/** The likely faults by all that was found, as a report names them. */
export const diagnosed = async (findings: readonly Finding[]): Promise<Diagnosed> => ({
  kind: 'diagnosed',
  diagnosis: diagnose(findings, await signatures()),
});

/** The faults that look most like a refuted clause. One clause tells little: often there are several. */
export async function looksLike(finding: Finding): Promise<readonly string[]> {
  const known = await signatures();
  const judged = new Set([finding.id]);
  const candidates = ranked(new Set(symptomsOf(finding)), known, { judged, weigh: rarityOf(known) });
  const [best] = candidates;
  if (best === undefined || best.agreement < leastAgreement) return [];
  return candidates
    .filter(({ agreement }) => agreement >= best.agreement - tie)
    .map(({ signature }) => signature.fault);
}

/** Below this agreement a pattern is unknown, as in a diagnosis. */
const leastAgreement = 0.5;

/** Agreements that differ by less are the same: sums in another order. */
const tie = 1e-9;
