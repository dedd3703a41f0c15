/** The evidence of a clause as a table: what was claimed, drawn and found. */
import { type ClaimEvidence, count } from '../../judge/evidence.ts';
import type { Finding } from '../../judge/verify.ts';
import { type Html, html } from './template.ts';

/** The claims of a report's evidence, one of each configuration. A report comes from a file: what is none is left out. */
export function claimsOf(evidence: Finding['evidence']): readonly ClaimEvidence[] {
  const claims = evidence['experiments'];
  return Array.isArray(claims) ? claims.filter(isClaim) : [];
}

const isClaim = (claim: Partial<ClaimEvidence> | null): claim is ClaimEvidence =>
  typeof claim?.experiment === 'string' && typeof claim.trials === 'number' && typeof claim.found === 'number';

/** The claims behind a clause; nothing where it is judged by cases, whose number its message says. */
export function evidenceHtml({ id, evidence, kind }: Finding): Html | undefined {
  const claims = claimsOf(evidence);
  if (kind !== 'statistical' || claims.length === 0) return undefined;
  return html`<details class="more"><summary>${claims.length === 1 ? '1 configuration' : `${claims.length} configurations`}<span class="sr"> of ${id}</span></summary>
<div class="scroll small" tabindex="0" role="region" aria-label="Evidence on ${id}"><table>
<thead><tr><th scope="col">configuration</th><th scope="col">what is counted</th><th scope="col" class="number">wanted</th><th scope="col" class="number">found</th><th scope="col" class="number">still possible</th><th scope="col" class="number">draws</th><th scope="col" class="number">would see</th></tr></thead>
<tbody>${claims.map(claimHtml)}</tbody></table></div></details>`;
}

const claimHtml = ({
  experiment,
  event,
  measure,
  wanted,
  found,
  epsilon,
  band,
  trials,
  detectable,
}: ClaimEvidence): Html => html`
<tr><th scope="row">${experiment}</th><td>${measure === 'rate' ? event : `correlation: ${event}`}</td>
<td class="number">${text(wanted, 6)}${epsilon === null ? '' : ` ± ${text(epsilon, 2)}`}</td><td class="number">${text(found, 5)}</td>
<td class="number">${band === null ? '' : `${text(band.low, 4)} … ${text(band.high, 4)}`}</td><td class="number">${count(trials)}</td>
<td class="number">${seenText(detectable)}</td></tr>`;

/** The smallest deviations that so many draws refute. */
function seenText({ above, below }: ClaimEvidence['detectable']): string {
  const up = above === null ? undefined : `+${text(above, 2)}`;
  const down = below === null ? undefined : `−${text(below, 2)}`;
  return [up, down].filter((each) => each !== undefined).join(', ') || '–';
}

const text = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));
