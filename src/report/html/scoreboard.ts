/** Several reports as one page: libraries × clauses, and below them each library's own report. */
import type { Finding } from '../../judge/verify.ts';
import type { Report } from '../report.ts';
import { conventionsOf } from './conventions.ts';
import { apart, nameOf } from './names.ts';
import { type Drawing, page } from './page.ts';
import { clauseId } from './place.ts';
import { reportHtml } from './report-page.ts';
import { type Html, html } from './template.ts';
import { looks, type RunShown, runLooks, runShownOf, type Shown, shownOf, verdictHtml } from './verdicts.ts';

/** A report and how the command line names its implementation. */
export interface Entry {
  readonly report: Report;
  readonly typed: string;
}

/** An implementation that could not be judged, with what is missing. */
export interface Missing {
  readonly name: string;
  readonly missing: string;
}

export function scoreboardPage(entries: readonly Entry[], missing: readonly Missing[], drawing: Drawing): string {
  const reports = entries.map(({ report }) => report);
  const own = entries.map(({ report, typed }, i) => {
    const id = idOf(i);
    const place = { typed, prefix: `${id}-`, document: drawing.document };
    return html`<section class="report" id="${id}"><p class="note"><a href="#content">← All implementations</a></p>${reportHtml(report, place)}</section>`;
  });
  const body = html`<header class="top wide"><b>keepprob</b> scoreboard</header>
<main id="content" class="wide"><div class="overview">${headHtml(reports)}${boardHtml(reports)}${conventionsHtml(reports)}${missingHtml(missing)}</div>
${own}</main>`;
  return page({ title: 'Scoreboard · keepprob', body }, drawing);
}

const idOf = (index: number): string => `r${index + 1}`;

function headHtml(reports: readonly Report[]): Html {
  const number = (shown: RunShown) => reports.filter((report) => runShownOf(report) === shown).length;
  const known = number('known') === 0 ? '' : `, and ${number('known')} but for what is known to deviate`;
  const profiles = [...new Set(reports.map(({ profile }) => profile))];
  const editions = [...new Set(reports.map(({ suite }) => suite.spec))];
  return html`<header><h1>Dropout and weight decay, <br>library by library</h1>
<p class="lead">${number('conforms')} of ${reports.length} implementations conform to the specification, edition ${editions.join(', ')}${known}. Judged with the profile ${profiles.join(', ')}.</p></header>`;
}

/** A clause of the board. */
interface Column {
  readonly id: string;
  readonly stem: string;
  readonly statement: string;
}

/** All clauses that were asked about, stem by stem in their order. */
function columnsOf(reports: readonly Report[]): readonly Column[] {
  const columns = new Map<string, Column>();
  for (const { clauses } of reports)
    for (const { id, statement } of clauses) columns.set(id, { id, statement, stem: id.split('/', 1)[0] });
  const all = [...columns.values()];
  const stems = [...new Set(all.map(({ stem }) => stem))];
  return stems.flatMap((stem) => all.filter((column) => column.stem === stem));
}

/** Columns before those of the clauses. */
const leading = 2;

function boardHtml(reports: readonly Report[]): Html {
  const columns = columnsOf(reports);
  const stems = [...new Set(columns.map(({ stem }) => stem))];
  const languages = [...new Set(reports.map(languageOf))].sort();
  const verdicts = [...new Set(reports.map(runShownOf))];
  return html`<section aria-labelledby="board-title"><h2 id="board-title">Verdicts</h2>
<ul class="legend">${Object.values(looks).map((look) => html`<li>${verdictHtml(look)}</li>`)}</ul>
<form hidden data-filters="board" data-rows="implementations">
<label>language <select name="language"><option value="">all</option>${languages.map((each) => html`<option>${each}</option>`)}</select></label>
<label>verdict <select name="verdict"><option value="">all</option>${verdicts.map((each) => html`<option value="${each}">${runLooks[each].words}</option>`)}</select></label>
<label>clause <input name="column" type="search" autocomplete="off"></label>
<label class="check"><input type="checkbox" name="differences"> only clauses that differ</label><output aria-live="polite"></output></form></section>
<div class="scroll" tabindex="0" role="region" aria-label="Table of verdicts"><table class="board" id="board"><caption class="sr">Implementations and how each clause came out</caption>
<thead><tr><th scope="col" rowspan="2" class="name">implementation</th><th scope="col" rowspan="2">verdict</th>${stems.map((stem) => html`<th scope="colgroup" data-group="${stem}" colspan="${columns.filter((column) => column.stem === stem).length}">${stem}</th>`)}</tr>
<tr>${columns.map(
    (column, i) =>
      html`<th scope="col" class="${isFirst(columns, i) && 'first'}" data-column="${i + leading}" data-stem="${column.stem}" data-words="${column.id} ${column.statement}" title="${column.statement}"><span>${column.id.slice(column.stem.length + 1)}</span></th>`,
  )}</tr></thead>
<tbody>${reports.map((report, i) => rowHtml(report, i, columns))}</tbody></table></div>`;
}

const isFirst = (columns: readonly Column[], i: number): boolean => columns[i - 1]?.stem !== columns[i].stem;

const languageOf = ({ implementation }: Report): string => implementation.language ?? 'unknown';

function rowHtml(report: Report, index: number, columns: readonly Column[]): Html {
  const { implementation, clauses } = report;
  const shown = runShownOf(report);
  const findings = new Map(clauses.map((finding) => [finding.id, finding]));
  const name = nameOf(report);
  return html`<tr data-language="${languageOf(report)}" data-verdict="${shown}">
<th scope="row" class="name"><a href="#${idOf(index)}">${apart(implementation.name)}</a><small>${apart([implementation.version, implementation.language].filter(Boolean).join(' · '))}</small></th>
<td>${verdictHtml(runLooks[shown])}</td>${columns.map((column, i) => cellHtml({ finding: findings.get(column.id), name, index, isFirst: isFirst(columns, i) }))}</tr>`;
}

/** What leads somewhere is a link; the rest is not, so that the tab key is of use. */
function cellHtml({
  finding,
  name,
  index,
  isFirst,
}: {
  readonly finding: Finding | undefined;
  readonly name: string;
  readonly index: number;
  readonly isFirst: boolean;
}): Html {
  const first = isFirst && ' first';
  if (finding === undefined)
    return html`<td class="cell none${first}" data-verdict="unsupported"><span class="sr">not asked</span></td>`;
  const shown = shownOf(finding);
  const { sign, words, tone } = looks[shown];
  const inside = html`<i aria-hidden="true">${sign}</i><span class="sr">${words}</span>`;
  if (!leads.includes(shown)) return html`<td class="cell ${tone}${first}" data-verdict="${shown}">${inside}</td>`;
  const why = `${name}, ${finding.id}: ${words}. ${finding.message}`;
  return html`<td class="cell ${tone}${first}" data-verdict="${shown}"><a href="#${clauseId(`${idOf(index)}-`, finding)}" title="${why.slice(0, 400)}">${inside}<span class="sr"> ${name} ${finding.id}</span></a></td>`;
}

const leads: readonly Shown[] = ['refuted', 'broken', 'undecided', 'known'];

function conventionsHtml(reports: readonly Report[]): Html {
  const declared = reports.map(({ implementation }) => conventionsOf(implementation.capabilities ?? {}));
  const operations = [...new Set(declared.flatMap((rows) => rows.map(({ operation }) => operation)))];
  const columns = operations.flatMap((operation) => {
    const own = declared.flatMap((rows) => rows.filter((row) => row.operation === operation));
    return [...new Set(own.map(({ name }) => name))].map((name, i) => ({ operation, name, first: i === 0 && 'first' }));
  });
  if (columns.length === 0) return html``;
  const groups = operations.map((operation) => {
    const own = columns.filter((column) => column.operation === operation);
    return html`<th scope="colgroup" data-group="${operation}" colspan="${own.length}">${operation}</th>`;
  });
  const rows = reports.map(({ implementation }, i) => {
    const cells = columns.map(({ operation, name, first }) => {
      const own = declared[i].find((row) => row.operation === operation && row.name === name);
      return html`<td class="${first}">${own?.value ?? '–'}</td>`;
    });
    return html`<tr><th scope="row" class="name"><a href="#${idOf(i)}">${apart(implementation.name)}</a></th>${cells}</tr>`;
  });
  return html`<section aria-labelledby="conventions"><h2 id="conventions">Conventions</h2>
<p class="note">Correct libraries differ in what they mean. Each is judged by what it declares, and what it declares is verified.</p></section>
<div class="scroll" tabindex="0" role="region" aria-label="Table of conventions"><table class="board"><caption class="sr">What each implementation declares</caption>
<thead><tr><th scope="col" rowspan="2" class="name">implementation</th>${groups}</tr>
<tr>${columns.map(({ name, first }) => html`<th scope="col" class="${first}">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function missingHtml(missing: readonly Missing[]): Html {
  if (missing.length === 0) return html``;
  return html`<section aria-labelledby="missing"><h2 id="missing">Not judged</h2>
<p class="note">Implementations of this project that the machine could not start.</p>
<dl class="rows">${missing.map(({ name, missing: what }) => html`<dt>${apart(name)}</dt><dd>${what}</dd>`)}</dl></section>`;
}
