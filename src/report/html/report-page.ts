/** The page of one report: the verdict, what is likely wrong, what failed, what was drawn, and all clauses. */

import { failuresOf, type Report, recordedOf } from '../report.ts';
import { clausesHtml, unsupportedHtml } from './clauses.ts';
import { conventionsOf } from './conventions.ts';
import { failuresHtml, knownHtml, likelyHtml } from './failures.ts';
import { apart, linkHtml, nameOf } from './names.ts';
import { plural } from './numbers.ts';
import { type Drawing, page } from './page.ts';
import { picturesHtml } from './pictures.ts';
import { type Place, section } from './place.ts';
import { type Html, html } from './template.ts';
import { countsOf, looks, runLooks, runShownOf, verdictHtml } from './verdicts.ts';

/** @param typed how the command line names the implementation */
export function reportPage(report: Report, typed: string, drawing: Drawing): string {
  const place: Place = { typed, prefix: '', document: drawing.document };
  const body = html`<header class="top"><b>keepprob</b> conformance report</header>
<main id="content">${reportHtml(report, place)}</main>`;
  return page({ title: `${nameOf(report)} ${report.verdict} · keepprob`, body }, drawing);
}

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
  return html`${headHtml(report)}
<nav aria-label="Sections of ${nameOf(report)}"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
${sections.map(({ body }) => body)}`;
}

function headHtml(report: Report): Html {
  const { implementation, error, clauses } = report;
  const look = runLooks[runShownOf(report)];
  const counts = countsOf(report);
  return html`<header><h1>${apart(implementation.name)} <small>${apart(implementation.version)}</small></h1>
<div class="stamp ${look.tone}">${verdictHtml(look)}</div>
<p class="lead">${leadText(report)}</p>
${error !== undefined && html`<pre tabindex="0">${error}</pre>`}
${clauses.length > 0 && barHtml(counts, clauses.length)}
<ul class="counts">${counts.map(({ shown, count }) => html`<li><b>${count}</b>${verdictHtml(looks[shown])}</li>`)}</ul>
<dl class="facts">${factsOf(report).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

/** The counts as a bar: an SVG, since no element may have a style of its own. */
function barHtml(counts: ReturnType<typeof countsOf>, all: number): Html {
  let before = 0;
  const parts = counts.map(({ shown, count }) => {
    const [start, width] = [before, count].map((clauses) => ((100 * clauses) / all).toFixed(3));
    before += count;
    return html`<rect class="${looks[shown].tone}" x="${start}%" width="${width}%" height="100%"/>`;
  });
  return html`<div class="bar" aria-hidden="true"><svg width="100%" height="8">${parts}</svg></div>`;
}

function leadText(report: Report): string {
  const { verdict, complete, error } = report;
  const failed = failuresOf(report).filter(({ level, verdict: each }) => level === 'MUST' && each === 'refuted').length;
  const known = recordedOf(report).length;
  const said = {
    conforms: 'Every applicable clause that it must keep to holds',
    violates: `${plural(failed, 'clause', 'clauses')} that it must keep to ${failed === 1 ? 'is' : 'are'} refuted`,
    undecided: 'Not everything that it must keep to was judged or decided',
    broken: 'It did not start, crashed, hung or spoke wrongly',
  }[verdict];
  const but = known === 0 ? '' : `, but for ${plural(known, 'known deviation', 'known deviations')}`;
  const cut = complete || error !== undefined ? '' : ' The run did not come to its end.';
  return `${said}${verdict === 'conforms' ? but : ''}.${cut}`;
}

function factsOf(report: Report): readonly (readonly [string, Html | string])[] {
  const { implementation, seed, profile, budget, started, suite, shard } = report;
  const { language, homepage } = implementation;
  return [
    ...(language === undefined ? [] : [['language', apart(language)] as const]),
    ['profile', profile],
    ['seed', String(seed)],
    ['started', html`<time datetime="${started}">${started.slice(0, 16).replace('T', ' ')} UTC</time>`],
    ['suite', `keepprob ${suite.version}, specification ${suite.spec}`],
    [
      'false alarms',
      `at most one in ${(1 / budget.falseAlarm).toExponential(0).replace('e+', 'e')} runs; ${budget.spent > 0 ? budget.spent.toPrecision(2) : 'nothing'} spent`,
    ],
    ...(shard === undefined ? [] : [['shards', `${shard.parts.join(', ')} of ${shard.of}`] as const]),
    ...(homepage === undefined ? [] : [['homepage', linkHtml(homepage)] as const]),
  ];
}

function declaredHtml({ implementation: { capabilities = {} } }: Report): Html | undefined {
  const rows = conventionsOf(capabilities);
  if (rows.length === 0) return undefined;
  const operations = [...new Set(rows.map(({ operation }) => operation))];
  return html`<p class="note">What it says it does and means. What is declared was verified.</p>
<div class="columns">${operations.map(
    (operation) =>
      html`<table><caption>${operation}</caption><tbody>${rows
        .filter((row) => row.operation === operation)
        .map(
          ({ name, value }) => html`<tr><th scope="row" class="id">${name}</th><td>${value}</td></tr>`,
        )}</tbody></table>`,
  )}</div>`;
}
