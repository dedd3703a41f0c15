/** The page of one report: the verdict, what is likely wrong, what failed, what was drawn, and all clauses. */
import { decodeCase } from '../../case.ts';
import type { Finding } from '../../judge/verify.ts';
import { checkLine, failuresOf, replayLine } from '../again.ts';
import type { ChartDocument } from '../charts.ts';
import type { Report } from '../report.ts';
import { caseText, knownText } from '../terminal.ts';
import { conventionsOf } from './conventions.ts';
import { evidenceHtml } from './evidence.ts';
import { narrowingFigures, portraitFigures } from './figures.ts';
import { type Drawing, page } from './page.ts';
import { type Html, html, trusted } from './template.ts';
import { countsOf, looks, runLooks, shownOf, verdictHtml } from './verdicts.ts';

/** Where a report stands in its page. */
export interface Place {
  /** How the command line names the implementation. */
  readonly typed: string;
  /** Before all ids, so that those of several reports in one page differ. */
  readonly prefix: string;
  /** Of the report's own heading; its sections are one below. */
  readonly level: 1 | 2;
  readonly document: ChartDocument;
}

export const nameOf = ({ implementation: { name, version } }: Report): string =>
  `${shortened(name)} ${shortened(version)}`.trim();

/** A name is read at a glance, or not at all. */
const shortened = (name: string): string => (name.length > 120 ? `${name.slice(0, 120)}…` : name);

export const reportPage = (report: Report, typed: string, drawing: Drawing): string =>
  page(
    {
      title: `${nameOf(report)} ${report.verdict} · keepprob`,
      body: html`<header class="top"><b>keepprob</b> conformance report</header>
<main id="content">${reportHtml(report, { typed, prefix: '', level: 1, document: drawing.document })}</main>`,
    },
    drawing,
  );

/** A report without the page around it. */
export function reportHtml(report: Report, place: Place): Html {
  const sections = [
    section(place, 'likely', 'Likely faults', likelyHtml(report)),
    section(place, 'failures', 'Failures', failuresHtml(report, place)),
    section(place, 'known', 'Known deviations', knownHtml(report, place)),
    section(place, 'pictures', 'Pictures', picturesHtml(report, place)),
    section(place, 'clauses', 'All clauses', clausesHtml(report, place)),
    section(place, 'conventions', 'Declared conventions', declaredHtml(report)),
    section(place, 'unsupported', 'Not applicable', unsupportedHtml(report, place)),
  ].filter((each) => each !== undefined);
  return html`${headHtml(report, place)}
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
${sections.map(({ body }) => body)}`;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** A section, where there is anything to say. */
function section(
  { prefix, level }: Place,
  name: string,
  title: string,
  content: Html | undefined,
): Section | undefined {
  if (content === undefined) return undefined;
  const id = `${prefix}${name}`;
  const body = html`<section aria-labelledby="${id}">${heading(level + 1, title, html` id="${id}"`)}${content}</section>`;
  return { id, title, body };
}

function heading(level: number, content: Html | string, attributes: Html = html``): Html {
  const tag = trusted(`h${level}`);
  return html`<${tag}${attributes}>${content}</${tag}>`;
}

function headHtml(report: Report, { level }: Place): Html {
  const { implementation, verdict, error, clauses } = report;
  const { name, version } = implementation;
  const title = html`<bdi>${shortened(name)}</bdi> <small><bdi>${shortened(version)}</bdi></small>`;
  const counts = countsOf(report);
  return html`<header>${heading(level, title)}
<div class="stamp ${runLooks[verdict].tone}">${verdictHtml(runLooks[verdict])}</div>
<p class="lead">${leadText(report)}</p>
${error !== undefined && html`<pre>${error}</pre>`}
${
  clauses.length > 0 &&
  html`<div class="bar" aria-hidden="true">${barHtml(counts, clauses.length)}</div>
<ul class="counts">${counts.map(({ shown, count }) => html`<li><b>${count}</b>${verdictHtml(looks[shown])}</li>`)}</ul>`
}
<dl class="facts">${factsOf(report).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

/** The widths are of an SVG, since no style may be written into the page's elements. */
function barHtml(counts: ReturnType<typeof countsOf>, all: number): Html {
  let at = 0;
  const parts = counts.map(({ shown, count }) => {
    const [x, width] = [(100 * at) / all, (100 * count) / all];
    at += count;
    return html`<rect class="${looks[shown].tone}" x="${x.toFixed(3)}%" width="${Math.max(0, width - 0.3).toFixed(3)}%" height="100%" fill="currentColor"/>`;
  });
  return html`<svg width="100%" height="8">${parts}</svg>`;
}

function leadText(report: Report): string {
  const { verdict, clauses, complete, error } = report;
  const failed = failuresOf(report).filter(({ level }) => level === 'MUST').length;
  const known = clauses.filter((finding) => shownOf(finding) === 'known').length;
  const but =
    known === 0 ? '' : ` ${known === 1 ? 'One deviation is' : `${known} deviations are`} known and as recorded.`;
  const cut = complete || error !== undefined ? '' : ' The run did not come to its end.';
  const said = {
    conforms: 'Every applicable clause that it must keep to was judged, and none was refuted.',
    violates: `${failed === 1 ? 'One clause that it must keep to is' : `${failed} clauses that it must keep to are`} refuted.`,
    undecided: 'Not every clause that it must keep to was judged or decided.',
    broken: 'It did not start, crashed, hung or spoke wrongly.',
  }[verdict];
  return `${said}${but}${cut}`;
}

function factsOf(report: Report): readonly (readonly [string, Html | string])[] {
  const { implementation, seed, profile, budget, started, suite, shard } = report;
  const { language, homepage } = implementation;
  return [
    ...(language === undefined ? [] : [['language', html`<bdi>${shortened(language)}</bdi>`] as const]),
    ...(homepage === undefined ? [] : [['homepage', linkHtml(homepage)] as const]),
    ['profile', profile],
    ['seed', String(seed)],
    ['false alarms', `fewer than one in ${oneIn(budget.falseAlarm)} runs; ${budget.spent.toPrecision(2)} spent`],
    ['started', html`<time datetime="${started}">${started.slice(0, 16).replace('T', ' ')} UTC</time>`],
    ['suite', `keepprob ${suite.version}, specification ${suite.spec}`],
    ...(shard === undefined ? [] : [['shards', `${shard.parts.join(', ')} of ${shard.of}`] as const]),
  ];
}

const oneIn = (probability: number): string => (1 / probability).toExponential(0).replace('e+', 'e');

/** A link, where it is one that may be followed; else the text. */
const linkHtml = (url: string): Html =>
  /^https?:\/\//.test(url)
    ? html`<a href="${url}" rel="noreferrer">${shortened(url)}</a>`
    : html`<bdi>${shortened(url)}</bdi>`;

function likelyHtml({ diagnosis }: Report): Html | undefined {
  if (diagnosis.length === 0) return undefined;
  return html`<p class="note">Known faults that look like what was seen.</p>
${diagnosis.map(
  ({
    fault,
    agreement,
    advice,
    because,
    clauses,
  }) => html`<details class="fold" open><summary><span><span class="id">${fault}</span>
<span class="says">${advice}</span></span></summary><div class="inside"><dl class="rows">
<dt>agreement</dt><dd>${Math.round(100 * agreement)} %</dd>
<dt>because</dt><dd>${because}</dd>
<dt>explains</dt><dd>${clauses.map((id, i) => html`${i > 0 && ', '}<span class="id">${id}</span>`)}</dd></dl></div></details>`,
)}`;
}

function failuresHtml(report: Report, place: Place): Html | undefined {
  const failed = failuresOf(report);
  if (failed.length === 0) return undefined;
  return html`<p class="note">Each with the smallest case that contradicts the clause. For <code>replay</code>, keep the run with <code>--report json=report.json</code>.</p>
${failed.map((finding, i) => failureHtml(finding, report, place, i === 0))}`;
}

const failureId = (prefix: string, { id }: Finding): string => `${prefix}failure-${id.replace('/', '-')}`;

function failureHtml(finding: Finding, report: Report, { typed, prefix }: Place, isOpen: boolean): Html {
  const { id, level, statement, message, verdict, counterexample, known } = finding;
  const rows: readonly (readonly [string, Html | string])[] = [
    ...(counterexample === undefined
      ? []
      : ([
          ['asked', askedText(counterexample.case)],
          ['where', counterexample.where],
          ['got', html`<span class="bad">${counterexample.got}</span>`],
          ['wanted', counterexample.wanted],
          ['off by', counterexample.distance ?? ''],
          ['allowed', counterexample.allowed ?? ''],
        ] as const)),
    ['known', known === undefined ? '' : knownText(known)],
    ['ask again', html`<pre tabindex="0">${checkLine(finding, report, typed)}</pre>`],
    ...(counterexample === undefined
      ? []
      : [['replay', html`<pre tabindex="0">${replayLine(finding, typed)}</pre>`] as const]),
  ];
  return html`<details class="fold" id="${failureId(prefix, finding)}"${isOpen && html` open`}><summary><span><span class="id">${id}</span>
<span class="level">${level}</span> ${verdict !== 'refuted' && verdictHtml(looks[verdict])}
<span class="says">${statement}</span><span class="says found">${message}</span></span></summary>
<div class="inside"><dl class="rows">${rows.filter(([, value]) => value !== '').map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl></div></details>`;
}

/** A case comes from a file: one that cannot be read is shown as it is. */
function askedText(example: unknown): string {
  try {
    return caseText(decodeCase(example));
  } catch {
    return JSON.stringify(example);
  }
}

function knownHtml({ clauses }: Report, { prefix }: Place): Html | undefined {
  const known = clauses.filter((finding) => finding.known !== undefined);
  if (known.length === 0) return undefined;
  return html`<p class="note">Recorded, each with a reason and the day up to which it is expected.</p>
<div class="scroll"><table class="list"><thead><tr><th scope="col">clause</th><th scope="col">status</th><th scope="col">reason</th><th scope="col">until</th></tr></thead>
<tbody>${known.map((finding) => {
    const { status, reason, link, expires } = finding.known ?? { status: 'gone', reason: '', expires: '' };
    return html`<tr><th scope="row"><a class="id" href="#${clauseId(prefix, finding)}">${finding.id}</a></th><td class="${status === 'as recorded' ? 'warn' : 'bad'}">${status}</td>
<td>${reason}${link !== undefined && html`<br>${linkHtml(link)}`}</td><td>${expires}</td></tr>`;
  })}</tbody></table></div>`;
}

/** The clause whose course is drawn. */
const narrowed = 'dropout/keep-rate';

/** As many as stand side by side; the others are folded. */
const mostShown = 2;

function picturesHtml({ clauses, portrait }: Report, { document, level }: Place): Html | undefined {
  const judged = clauses.find(({ id }) => id === narrowed);
  const narrowing = judged === undefined ? [] : narrowingFigures(judged, document);
  if (narrowing.length === 0 && portrait === undefined) return undefined;
  const sub = (title: string): Html => heading(level + 2, title, html` class="sub"`);
  return html`${
    narrowing.length > 0 &&
    html`${sub('How the keep rate was decided')}
<p class="note">Draw by draw, the band holds every rate that the draws leave possible, and may be looked at as often as one likes. The grey strip is ±ε: nothing further off may be said to hold. The dashed line is where a test of a fixed size would have stopped, with the same probabilities of an error: after ((z₁√(p(1−p)) + z₂√(p′(1−p′)))/ε)² draws, p′ = p ± ε, z₁ and z₂ being what a normal variable exceeds with half the probability of a false alarm and with that of a miss.</p>
<div class="figures">${narrowing.slice(0, mostShown)}</div>
${
  narrowing.length > mostShown &&
  html`<details class="more"><summary>The other ${narrowing.length - mostShown} configurations</summary><div class="figures">${narrowing.slice(mostShown)}</div></details>`
}`
  }
${
  portrait !== undefined &&
  html`${sub('A portrait')}
<p class="note">Drawn for these pictures, after all was judged: no part of the verdict.</p>
<div class="figures">${portraitFigures(portrait, document)}</div>
${portrait.left.map((sentence) => html`<p class="note">${sentence}</p>`)}`
}`;
}

export const clauseId = (prefix: string, { id }: Pick<Finding, 'id'>): string => `${prefix}${id.replace('/', '-')}`;

function clausesHtml({ clauses }: Report, { prefix }: Place): Html | undefined {
  if (clauses.length === 0) return undefined;
  const table = `${prefix}table`;
  const stems = [...new Set(clauses.map(stemOf))];
  const shown = [...new Set(clauses.map(shownOf))];
  return html`<form hidden data-filters="${table}" data-rows="clauses">
<label>verdict <select name="verdict"><option value="">all</option>${shown.map((each) => html`<option value="${each}">${looks[each].words}</option>`)}</select></label>
<label>topic <select name="stem"><option value="">all</option>${stems.map((stem) => html`<option>${stem}</option>`)}</select></label>
<label>text <input name="text" type="search" autocomplete="off"></label><output aria-live="polite"></output></form>
<table class="list" id="${table}"><caption class="sr">Every clause with its verdict and its evidence</caption>
<thead><tr><th scope="col">verdict</th><th scope="col">clause</th><th scope="col" class="number">ms</th></tr></thead>
<tbody>${clauses.map((finding) => clauseHtml(finding, prefix))}</tbody></table>`;
}

const stemOf = ({ id }: Finding): string => id.split('/', 1)[0];

function clauseHtml(finding: Finding, prefix: string): Html {
  const { id, level, statement, message, milliseconds } = finding;
  const shown = shownOf(finding);
  const isFailure = shown === 'refuted' || shown === 'broken';
  const why = isFailure ? html`<a href="#${failureId(prefix, finding)}">${message}</a>` : html`${message}`;
  return html`<tr id="${clauseId(prefix, finding)}" data-verdict="${shown}" data-stem="${stemOf(finding)}">
<td>${verdictHtml(looks[shown])}</td><th scope="row"><span class="id">${id}</span><span class="level">${level}</span>
<span class="says">${statement}</span><span class="says note">${why}</span>${evidenceHtml(finding)}</th>
<td class="number" data-label="milliseconds">${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)}</td></tr>`;
}

function declaredHtml({ implementation: { capabilities } }: Report): Html | undefined {
  if (capabilities === undefined) return undefined;
  const rows = conventionsOf(capabilities);
  if (rows.length === 0) return undefined;
  return html`<p class="note">What it says it does and means; what is declared was verified.</p>
<div class="scroll small"><table><thead><tr><th scope="col">operation</th><th scope="col">convention</th><th scope="col">declared</th></tr></thead>
<tbody>${rows.map(({ operation, name, value }, i) => html`<tr><td>${rows[i - 1]?.operation === operation ? '' : operation}</td><th scope="row" class="id">${name}</th><td>${value}</td></tr>`)}</tbody></table></div>`;
}

/** What was not asked, by what is not declared. */
function unsupportedHtml({ clauses }: Report, { prefix }: Place): Html | undefined {
  const unsupported = clauses.filter(({ verdict }) => verdict === 'unsupported');
  if (unsupported.length === 0) return undefined;
  const reasons = [...new Set(unsupported.map(({ message }) => message))];
  return html`<dl class="rows">${reasons.map((reason) => {
    const own = unsupported.filter(({ message }) => message === reason);
    return html`<dt>${own.length === 1 ? '1 clause' : `${own.length} clauses`}</dt><dd>${reason.replace(/^not applicable: /, '')}: ${own.map((finding, i) => html`${i > 0 && ', '}<a class="id" href="#${clauseId(prefix, finding)}">${finding.id}</a>`)}</dd>`;
  })}</dl>`;
}
