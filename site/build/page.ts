/** A page of the site: a file of the specification, and beside each clause its property and what it refutes. */
import type { Clause } from '../../src/clause.ts';
import { literal } from '../../src/report/markup.ts';
import type { SpecifiedClause } from '../../src/spec.ts';
import type { ListedClause, ListedFault } from '../catalogue.ts';
import type { SpecDocument } from './document.ts';
import { highlighted } from './highlighted.ts';
import { type markdownFor, slugOf } from './markdown.ts';
import type { Property } from './source.ts';

/** What pages are made of. */
export interface Site {
  readonly documents: ReadonlyMap<string, SpecDocument>;
  readonly clauses: ReadonlyMap<string, Clause>;
  readonly listed: ReadonlyMap<string, ListedClause>;
  readonly faults: ReadonlyMap<string, ListedFault>;
  readonly properties: ReadonlyMap<string, Property>;
  readonly markdown: ReturnType<typeof markdownFor>;
}

/** The pages in their order: the name of the page, and in how few words the contents call it. */
export const pageNames: ReadonlyMap<string, string> = new Map([
  ['index', 'How to read it'],
  ['dropout', 'Inverted dropout'],
  ['l2', 'The L2 penalty'],
  ['decay', 'Weight decay'],
  ['training', 'Training with both'],
  ['verdicts', 'Verdicts'],
  ['protocol', 'Protocol'],
]);

export function pageHtml(name: string, site: Site): string {
  const page = found(site.documents, name);
  const [first, ...rest] = page.lead.split(/\n\s*\n/);
  const title = name === 'index' ? 'keepprob: the playable specification' : `${page.title} – keepprob`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${literal(title)}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 4'%3E%3Cpath fill='%232456c8' d='M0 0h2v1H0zM3 0h1v2H3zM1 1h1v2H1zM0 3h1v1H0zM2 2h1v2H2z'/%3E%3C/svg%3E">
<link rel="stylesheet" href="./style/index.css">
<script>if (location.protocol === 'file:') document.documentElement.className = 'file';</script>
<script type="module" src="./main.ts"></script>
</head>
<body data-page="${name}">
<a class="skip" href="#text">Skip to the text</a>
<header class="site"><a class="name" href="index.html">keepprob</a> <span>the playable specification</span></header>
<nav class="contents" aria-label="Contents"><details open><summary>Contents</summary>
${contentsHtml(name, site)}
</details></nav>
<main id="text" tabindex="-1">
<p class="unplayed unserved">The properties run where this folder is served over http, since a browser starts no worker from a file:
<code>npm run site:serve</code> does that.</p>
<noscript><p class="unplayed">The properties are run by JavaScript, which is off here. The text is all there.</p></noscript>
<header class="title"><h1>${literal(page.title)}</h1></header>
${name === 'index' ? welcome(site) : ''}<div class="prose">${site.markdown.block(first)}</div>
<div class="play" data-play="${name}"></div>
<div class="prose">${site.markdown.block(rest.join('\n\n'))}</div>
${page.sections.map((section) => sectionHtml(section, site)).join('\n')}
</main>
</body>
</html>
`;
}

/** What the site is, in two sentences, before the specification begins. */
const welcome = ({ clauses, faults }: Site): string =>
  `<p class="welcome">Beside each of the ${clauses.size} clauses stands its property, the real one, which <code>keepprob check</code> runs
too. Here it runs in your browser, on the reference or on any of ${faults.size} implementations that are wrong on purpose.</p>\n`;

const contentsHtml = (current: string, { documents }: Site): string =>
  `<ul>${[...pageNames]
    .map(([name, words]) => {
      const here = name === current ? ' aria-current="page"' : '';
      const within = name === current ? sectionsHtml(found(documents, name)) : '';
      return `<li><a href="${name}.html"${here}>${literal(words)}</a>${within}</li>`;
    })
    .join('\n')}</ul>`;

const sectionsHtml = ({ sections }: SpecDocument): string =>
  `<ul>${sections
    .map(({ title, clauses }) => {
      const links = clauses.map(
        ({ id }) => `<li><a href="#${id}" data-verdict-of="${id}">${brokenId(nameOf(id))}</a></li>`,
      );
      const list = links.length === 0 ? '' : `<ul class="clauses">${links.join('')}</ul>`;
      return `<li><a href="#${slugOf(title)}">${literal(title)}</a>${list}</li>`;
    })
    .join('')}</ul>`;

const sectionHtml = ({ title, text, clauses }: SpecDocument['sections'][number], site: Site): string =>
  `<section aria-labelledby="${slugOf(title)}"><h2 id="${slugOf(title)}">${literal(title)}</h2>
<div class="prose">${site.markdown.block(text)}</div>
${clauses.map((specified) => clauseHtml(specified, site)).join('\n')}
</section>`;

function clauseHtml({ id, statement, commentary }: SpecifiedClause, site: Site): string {
  const { level, evidence } = found(site.clauses, id);
  const { file, code } = found(site.properties, id);
  return `<article class="clause" id="${id}" aria-label="${id}" tabindex="-1">
<header><h3><a href="#${id}">${brokenId(id)}</a></h3>
<p class="tags"><span>${level}</span> <a href="verdicts.html#kinds-of-evidence">${evidence.kind}</a></p></header>
<div class="says"><p class="statement">${withKeyWord(site.markdown.inline(statement))}</p>
<div class="prose commentary">${site.markdown.block(commentary)}</div></div>
<div class="bench" data-clause="${id}" data-kind="${evidence.kind}"></div>
<details class="source"><summary>The property <span>${literal(file)}</span></summary>
<pre tabindex="0"><code>${highlighted(code)}</code></pre></details>
${evidence.kind === 'trend' ? '' : refutesHtml(found(site.listed, id), site)}
</article>`;
}

/** The key word of RFC 2119, set apart. */
const withKeyWord = (html: string): string => html.replace(/\b(?:MUST NOT|MUST|SHOULD)\b/, '<strong>$&</strong>');

function refutesHtml({ id, refutes, alone }: ListedClause, { faults }: Site): string {
  const items = refutes.map((fault) => {
    const { what, seen } = found(faults, fault);
    const where = seen === undefined ? '' : ` <span>Seen in ${literal(seen)}.</span>`;
    return `<li><code data-fault="${fault}" data-for="${id}">${brokenId(fault)}</code> ${literal(what)}${where}</li>`;
  });
  const count = `${refutes.length} of ${faults.size} known faults`;
  const own = alone === 0 ? '' : `, ${alone} of them alone`;
  return `<details class="refutes"><summary>Refutes ${count}${own}</summary><ul>${items.join('\n')}</ul></details>`;
}

/** The part of an id after its stem. */
const nameOf = (id: string): string => id.split('/').slice(1).join('/');

/** An id that may be broken where it is too long for a line. */
const brokenId = (id: string): string => literal(id).replaceAll('/', '/<wbr>').replaceAll('-', '-<wbr>');

function found<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`the site has no ${key}`);
  return value;
}
