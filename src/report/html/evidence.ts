/** The evidence of a statistical clause: of each configuration what was claimed, drawn and found. */
import type { ClaimEvidence } from '../../judge/evidence.ts';
import type { Finding } from '../../judge/verify.ts';
import { counted, plural, rounded } from './numbers.ts';
import { type Html, html } from './template.ts';

/** The claims of a report's evidence, one of each configuration. A report comes from a file: what is none is left out. */
export function claimsOf(evidence: Finding['evidence']): readonly ClaimEvidence[] {
  const claims = evidence['experiments'];
  return Array.isArray(claims) ? claims.filter(isClaim) : [];
}

const isClaim = (claim: Partial<ClaimEvidence> | null): claim is ClaimEvidence =>
  typeof claim?.experiment === 'string' &&
  [claim.trials, claim.found, claim.wanted].every((value) => typeof value === 'number');

/** Nothing where a clause is judged by cases, whose number its message says. */
export function evidenceHtml({ id, evidence }: Finding): Html | undefined {
  const claims = claimsOf(evidence);
  if (claims.length === 0) return undefined;
  return html`<details class="more"><summary>${plural(claims.length, 'configuration', 'configurations')}<span class="sr"> of ${id}</span></summary>
<ul>${claims.map(claimHtml)}</ul></details>`;
}

function claimHtml({
  experiment,
  event,
  measure,
  wanted,
  found,
  epsilon,
  band,
  trials,
  detectable,
}: ClaimEvidence): Html {
  const claimed = `${rounded(wanted, 6)}${typeof epsilon === 'number' ? ` ± ${rounded(epsilon, 2)}` : ''}`;
  const drawn = `${rounded(found, 5)} of ${counted(trials)}`;
  const possible = band ? `; still possible ${rounded(band.low, 4)} to ${rounded(band.high, 4)}` : '';
  return html`<li><b>${experiment}</b> ${measure === 'rate' ? event : `correlation, ${event}`}<br>
${drawn}, wanted ${claimed}${possible}${seenText(detectable)}</li>`;
}

/** The smallest deviations that so many draws refute. */
function seenText(detectable: ClaimEvidence['detectable'] | undefined): string {
  const { above, below } = detectable ?? {};
  const sides = [above ? `+${rounded(above, 2)}` : '', below ? `−${rounded(below, 2)}` : ''].filter(
    (side) => side !== '',
  );
  return sides.length === 0 ? '' : `; would see ${sides.join(' and ')}`;
}
