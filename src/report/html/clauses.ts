/** All clauses of a report, and what was not asked. */
import type { Finding } from '../../judge/verify.ts';
import type { Report } from '../report.ts';
import { evidenceHtml } from './evidence.ts';
import { contradictionHtml } from './failures.ts';
import { plural } from './numbers.ts';
import { clauseId, failureId, type Place } from './place.ts';
import { type Html, html } from './template.ts';
import { looks, shownOf, verdictHtml } from './verdicts.ts';

export function clausesHtml({ clauses }: Report, { prefix }: Place): Html | undefined {
  if (clauses.length === 0) return undefined;
  const table = `${prefix}table`;
  const stems = [...new Set(clauses.map(stemOf))];
  const shown = [...new Set(clauses.map(shownOf))];
  return html`<form hidden data-filters="${table}" data-rows="clauses">
<label>verdict <select name="verdict"><option value="">all</option>${shown.map((each) => html`<option value="${each}">${looks[each].words}</option>`)}</select></label>
<label>topic <select name="stem"><option value="">all</option>${stems.map((stem) => html`<option>${stem}</option>`)}</select></label>
<label>text <input name="text" type="search" autocomplete="off"></label><output aria-live="polite"></output></form>
<table class="list clauses" id="${table}"><caption class="sr">Every clause with its verdict and its evidence</caption>
<thead><tr><th scope="col">verdict</th><th scope="col">clause</th><th scope="col">evidence</th><th scope="col" class="number">ms</th></tr></thead>
<tbody>${clauses.map((finding) => clauseHtml(finding, prefix))}</tbody></table>`;
}

const stemOf = ({ id }: Finding): string => id.split('/', 1)[0];

function clauseHtml(finding: Finding, prefix: string): Html {
  const { id, level, statement, message, milliseconds } = finding;
  const shown = shownOf(finding);
  const isFailure = shown === 'refuted' || shown === 'broken';
  const said = shown === 'known' ? contradictionHtml(finding) : html`${message}`;
  const why = isFailure ? html`<a href="#${failureId(prefix, finding)}">${contradictionHtml(finding)}</a>` : said;
  return html`<tr id="${clauseId(prefix, finding)}" data-verdict="${shown}" data-stem="${stemOf(finding)}">
<td>${verdictHtml(looks[shown])}</td><th scope="row"><span class="id">${id}</span><span class="level">${level}</span><span class="says">${statement}</span></th>
<td class="why">${why}${evidenceHtml(finding)}</td>
<td class="number">${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)}<span class="unit"> ms</span></td></tr>`;
}

/** What was not asked, by what is not declared. */
export function unsupportedHtml({ clauses }: Report, { prefix }: Place): Html | undefined {
  const unsupported = clauses.filter(({ verdict }) => verdict === 'unsupported');
  if (unsupported.length === 0) return undefined;
  const reasons = [...new Set(unsupported.map(({ message }) => message))];
  const rows = reasons.map((reason) => {
    const own = unsupported.filter(({ message }) => message === reason);
    const links = own.map(
      (finding, i) => html`${i > 0 && ', '}<a class="id" href="#${clauseId(prefix, finding)}">${finding.id}</a>`,
    );
    return html`<dt>${plural(own.length, 'clause', 'clauses')}</dt><dd>${reason.replace(/^not applicable: /, '')}<br>${links}</dd>`;
  });
  return html`<p class="note">What is not declared is not judged.</p><dl class="rows">${rows}</dl>`;
}
