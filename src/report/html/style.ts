/** How a page looks: one column of text, quiet colours, one accent; light or dark as the reader's system is. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --raised: #f5f5f2; --ink: #1d1e20; --weak: #5a5c60; --line: #e2e2dd;
  --accent: #2456c8; --good: #17693f; --bad: #b3261e; --bad-tint: #fbeae8; --warn: #7a5200; --warn-tint: #fbf1dc;
  --chart-found: var(--accent); --chart-paper: var(--paper);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141517; --raised: #1d1f22; --ink: #e6e6e3; --weak: #a2a4a8; --line: #303236;
    --accent: #8fb2ff; --good: #6fcf9b; --bad: #ff9085; --bad-tint: #3a1f1d; --warn: #e5bb66; --warn-tint: #352b17;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif;
  overflow-wrap: anywhere;
}
main, .top { max-width: 60rem; margin-inline: auto; padding-inline: clamp(1.1rem, 5vw, 2.5rem); }
main { padding-block: 1rem 5rem; }
main.wide, .top.wide { max-width: 118rem; }
section.report { max-width: 60rem; margin: 0 auto; }
.top { padding-block: 1.25rem; font-size: .875rem; color: var(--weak); }
.top b { color: var(--ink); font-weight: 650; letter-spacing: -.01em; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 9; background: var(--paper); padding: .5rem 1rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
h1, h2, h3, h4 { line-height: 1.25; letter-spacing: -.015em; text-wrap: balance; margin: 0; font-weight: 650; }
h1 { font-size: clamp(1.8rem, 5vw, 2.5rem); letter-spacing: -.028em; }
h1 small { font-weight: 400; color: var(--weak); font-size: .62em; letter-spacing: 0; }
section { margin-top: 4rem; }
section > h2 { font-size: 1.375rem; margin-bottom: .35rem; }
section > h3 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 68ch; text-wrap: pretty; }
.note { color: var(--weak); font-size: .9375rem; }
code, .id { font-family: var(--mono); font-size: .875em; }
code { white-space: nowrap; }
.id { letter-spacing: -.01em; }
pre {
  margin: .35rem 0 0; padding: .65rem .85rem; background: var(--raised); border-radius: 6px; overflow-x: auto;
  font: .8125rem/1.55 var(--mono); white-space: pre-wrap;
}
.lead { font-size: 1.1875rem; line-height: 1.5; margin-top: 1rem; }

.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .none { color: var(--weak); }
.verdict { font-weight: 600; white-space: nowrap; }
.verdict i, .cell i { font-style: normal; font-weight: 700; display: inline-block; width: 1.15em; text-align: center; }
.stamp { display: inline-block; margin-top: .9rem; padding: .2rem .8rem .2rem .55rem; border: 1px solid currentColor; border-radius: 99px; }

.counts { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem 1.75rem; padding: 0; margin: 1.25rem 0 0; }
.counts b { font-size: 1.375rem; font-weight: 650; font-variant-numeric: tabular-nums; margin-right: .3rem; color: var(--ink); }
.bar { margin-top: 1.4rem; border-radius: 4px; overflow: hidden; }
.bar svg { display: block; }
.bar rect { fill: currentColor; stroke: var(--paper); stroke-width: 2px; }
.bar .none { opacity: .35; }

dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9.5rem, 45%), 1fr)); gap: 1.1rem 2rem; margin: 2rem 0 0; }
dl.facts dt, dl.rows dt { color: var(--weak); font-size: .8125rem; }
dl.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
dl.rows { display: grid; grid-template-columns: fit-content(12rem) 1fr; gap: .4rem 1.5rem; margin: .75rem 0 0; }
dl.rows dt { padding-top: .18rem; }
dl.rows dd { margin: 0; min-width: 0; }

nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; padding: 0; margin: 2.25rem 0 0; font-size: .9375rem; }

details.fold { border-top: 1px solid var(--line); }
details.fold:last-of-type { border-bottom: 1px solid var(--line); }
details.fold > summary { padding: .9rem 0; cursor: pointer; list-style: none; display: grid; grid-template-columns: 1.6rem 1fr; }
details.fold > summary::-webkit-details-marker { display: none; }
details.fold > summary::before { content: '+'; font: 500 1.1rem/1.45 var(--mono); color: var(--weak); }
details.fold[open] > summary::before { content: '−'; }
details.fold > summary:hover .id { text-decoration: underline; text-underline-offset: .2em; }
details.fold .inside { padding: 0 0 1.5rem 1.6rem; }
.says { display: block; margin-top: .2rem; }
.says.found { color: var(--weak); }
.says .bad, .why .bad { font-weight: 600; }
.says { text-wrap: pretty; }
.level { font-size: .75rem; letter-spacing: .04em; color: var(--weak); margin-left: .6rem; }
details.more { margin-top: .3rem; font-size: .875rem; }
details.more > summary { cursor: pointer; color: var(--accent); width: fit-content; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 2.25rem 2.5rem; margin-top: 1.5rem; }
/* Two rows of the grid: where captions are of different length, the pictures beside each other are level. */
figure { margin: 0; display: grid; grid-row: span 2; grid-template-rows: subgrid; row-gap: .75rem; }
figcaption { font-size: .9375rem; max-width: 60ch; }
figcaption b { display: block; font-weight: 650; }
figcaption span { color: var(--weak); }
.chart { display: block; width: 100%; max-width: 30rem; height: auto; overflow: visible; }
.chart text { white-space: pre; }

form { display: flex; flex-wrap: wrap; gap: .75rem 1.1rem; align-items: end; margin: 1.25rem 0 1rem; }
form[hidden] { display: none; }
label { font-size: .8125rem; color: var(--weak); display: grid; gap: .2rem; }
label.check { display: flex; align-items: center; gap: .45rem; min-height: 2.4rem; color: var(--ink); font-size: .9375rem; }
select, input:not([type=checkbox]) {
  font: inherit; font-size: .9375rem; color: var(--ink); background: var(--paper); min-height: 2.4rem;
  border: 1px solid var(--weak); border-radius: 6px; padding: .3rem .6rem; max-width: min(80vw, 16rem);
}
input[type=checkbox] { width: 1.1rem; height: 1.1rem; accent-color: var(--accent); }
output { font-size: .875rem; color: var(--weak); margin-left: auto; min-height: 2.4rem; display: flex; align-items: center; }

table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .6rem 1rem .6rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--weak); font-size: .8125rem; vertical-align: bottom; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.number:last-child, th.number:last-child { padding-right: 0; }
caption { text-align: left; color: var(--weak); font-size: .9375rem; padding-bottom: .5rem; }
.scroll { overflow-x: auto; max-width: 100%; position: relative; }
table.clauses { table-layout: fixed; }
.clauses col, .clauses th:first-child { width: 8.75rem; }
.clauses thead th:nth-child(3) { width: 38%; } .clauses thead th:last-child { width: 3.5rem; }
.why { color: var(--weak); font-size: .875rem; }
.why a { text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); color: inherit; }
.unit { display: none; }
.more ul { list-style: none; padding: 0; margin: .4rem 0 0; font-size: .8125rem; line-height: 1.5; }
.more li { margin-bottom: .6rem; } .more li b { font-weight: 600; color: var(--ink); }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 1.75rem 3rem; margin-top: 1.25rem; align-items: start; }
.columns caption { color: var(--ink); font-weight: 600; }
.columns th, .columns td { padding-block: .35rem; } .columns td:last-child { text-align: right; padding-right: 0; }
tr:target > *, details:target > summary { background: var(--warn-tint); }
[hidden] { display: none !important; }

.board { width: auto; font-size: .875rem; line-height: 20px; border-collapse: separate; border-spacing: 0; }
.board th, .board td { padding: 6px .5rem; vertical-align: middle; overflow-wrap: normal; white-space: nowrap; }
.board thead th { vertical-align: bottom; }
.board tbody th { overflow-wrap: anywhere; white-space: normal; }
.board td.cell { padding: 0; text-align: center; min-width: 1.5rem; height: 2.3rem; }
.board td.cell.good { font-weight: 400; }
.board td.cell a { display: grid; place-items: center; height: 100%; min-height: 2.3rem; text-decoration: none; color: inherit; }
.board td.cell.bad { background: var(--bad-tint); } .board td.cell.warn { background: var(--warn-tint); }
.board .name { position: sticky; left: 0; background: var(--paper); min-width: 10rem; max-width: 14rem; z-index: 1; padding-left: 0; }
.board tbody th small { display: block; color: var(--weak); font-size: 12px; line-height: 16px; }
.board thead th[data-group] { color: var(--ink); font-weight: 600; border-bottom: 0; border-left: 1px solid var(--line); padding-left: .6rem; }
.board thead th[data-column] { padding: .3rem .1rem .6rem; height: 17rem; }
.board thead th[data-column] span {
  writing-mode: vertical-rl; transform: rotate(180deg); font: .75rem/1.2 var(--mono); letter-spacing: -.02em; margin-inline: auto;
  max-height: 16.5rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; display: block;
}
.board .first { border-left: 1px solid var(--line); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; padding: 0; font-size: .875rem; color: var(--weak); }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

/* The reports of a scoreboard are pages of their own: one is shown where a link leads into it. */
@supports selector(:has(*)) {
  @media screen {
    section.report:not(:target, :has(:target)) { display: none; }
    body:has(section.report:target, section.report :target) .overview { display: none; }
  }
}
@media (max-width: 40rem) {
  .list thead { display: none; }
  .list, .list tbody, .list tr, .list td, .list th { display: block; border: 0; padding: 0; text-align: left; }
  .list tr { border-bottom: 1px solid var(--line); padding: .9rem 0; }
  .list tr { position: relative; }
  .list .number { position: absolute; right: 0; top: .9rem; color: var(--weak); }
  .unit { display: inline; }
  .list td { margin-top: .25rem; }
  .board .name { min-width: 7.5rem; max-width: 8.5rem; }
  .board .verdict .words { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  dl.rows { grid-template-columns: 1fr; gap: .1rem; } dl.rows dd { margin-bottom: .6rem; }
  output { margin-left: 0; width: 100%; min-height: 0; }
  details.fold .inside { padding-left: 0; }
}
@media print {
  form, nav, .skip { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
