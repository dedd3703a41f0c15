/** What failed, what is likely wrong, and what was known to fail. */
import { decodeCase } from '../../case.ts';
import type { Finding } from '../../judge/verify.ts';
import { checkLine, replayLine } from '../again.ts';
import type { Report } from '../report.ts';
import { failuresOf } from '../report.ts';
import { caseText, knownText } from '../terminal.ts';
import { linkHtml } from './names.ts';
import { clauseId, failureId, type Place } from './place.ts';
import { type Html, html } from './template.ts';
import { looks, verdictHtml } from './verdicts.ts';

type Rows = readonly (readonly [string, Html | string])[];

const rowsHtml = (rows: Rows): Html =>
  html`<dl class="rows">${rows.map(([term, value]) => value !== '' && html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;

export function likelyHtml({ diagnosis }: Report): Html | undefined {
  if (diagnosis.length === 0) return undefined;
  const faults = diagnosis.map(({ fault, agreement, advice, because = '', clauses = [] }) => {
    const rows: Rows = [
      ['agreement', `${Math.round(100 * agreement)} %`],
      ['because', because],
      ['explains', html`${clauses.map((id, i) => html`${i > 0 && ', '}<span class="id">${id}</span>`)}`],
    ];
    return html`<details class="fold"><summary><span><span class="id">${fault}</span>
<span class="says">${advice}</span></span></summary><div class="inside">${rowsHtml(rows)}</div></details>`;
  });
  return html`<p class="note">The known faults that look most like what was seen.</p>${faults}`;
}

export function failuresHtml(report: Report, place: Place): Html | undefined {
  const failed = failuresOf(report);
  if (failed.length === 0) return undefined;
  return html`<p class="note">Each with the simplest case that contradicts its clause. <code>replay</code> reads the report that <code>--report json=report.json</code> keeps.</p>
${failed.map((finding, i) => failureHtml(finding, report, place, i === 0))}`;
}

function failureHtml(finding: Finding, report: Report, { typed, prefix }: Place, isOpen: boolean): Html {
  const { id, level, statement, message, verdict, counterexample, known } = finding;
  const rows: Rows = [
    ...(counterexample === undefined ? [] : caseRows(counterexample)),
    ['broke', verdict === 'broken' ? html`<pre tabindex="0">${message}</pre>` : ''],
    ['known', known === undefined ? '' : knownText(known)],
    ['ask again', commandHtml(checkLine(finding, report, typed))],
    ['replay', counterexample === undefined ? '' : commandHtml(replayLine(finding, typed))],
  ];
  const look = verdict !== 'refuted' && html` ${verdictHtml(looks[verdict])}`;
  return html`<details class="fold" id="${failureId(prefix, finding)}"${isOpen && html` open`}><summary><span><span class="id">${id}</span><span class="level">${level}</span>${look}
<span class="says">${statement}</span><span class="says found">${contradictionHtml(finding)}</span></span></summary>
<div class="inside">${rowsHtml(rows)}</div></details>`;
}

const commandHtml = (line: string): Html => html`<pre tabindex="0">${line}</pre>`;

const caseRows = (found: NonNullable<Finding['counterexample']>): Rows => [
  ['asked', askedText(found.case)],
  ['got', html`<span class="bad">${found.got}</span>`],
  ['wanted', found.wanted],
  ['distance', found.distance ?? ''],
  ['allowed', found.allowed ?? ''],
];

/** What is wrong in a sentence; how far off it is stands apart. */
export function contradictionHtml({ counterexample, message }: Finding): Html {
  if (counterexample === undefined) return html`${message}`;
  const { where, got, wanted } = counterexample;
  return html`${where} is <span class="bad">${got}</span>, but must be ${wanted}`;
}

/** A case comes from a file: one that cannot be read is shown as it is. */
function askedText(example: unknown): string {
  try {
    return caseText(decodeCase(example));
  } catch {
    return JSON.stringify(example);
  }
}

export function knownHtml({ clauses }: Report, { prefix }: Place): Html | undefined {
  const known = clauses.filter((finding) => finding.known !== undefined);
  if (known.length === 0) return undefined;
  const rows = known.flatMap((finding) => {
    if (finding.known === undefined) return [];
    const { status, reason, link, expires } = finding.known;
    return html`<tr><th scope="row"><a class="id" href="#${clauseId(prefix, finding)}">${finding.id}</a></th>
<td class="${status === 'as recorded' ? 'warn' : 'bad'}">${status}, until ${expires}</td>
<td>${reason}${link !== undefined && html` ${linkHtml(link)}`}</td></tr>`;
  });
  return html`<p class="note">Each was recorded with its reason and with the day up to which it is expected.</p>
<table class="list"><caption class="sr">Known deviations</caption>
<thead><tr><th scope="col">clause</th><th scope="col">status</th><th scope="col">reason</th></tr></thead><tbody>${rows}</tbody></table>`;
}
