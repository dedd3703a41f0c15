/** The Markdown of the specification as HTML: its links lead from page to page, its clauses' names to the clauses. */
import { Marked } from 'marked';
import { literal } from '../../src/report/markup.ts';

/** The pages of the site by the file of `spec/` that each is made of. */
const pages: Readonly<Record<string, string>> = {
  'README.md': 'index.html',
  'dropout.md': 'dropout.html',
  'l2.md': 'l2.html',
  'decay.md': 'decay.html',
  'training.md': 'training.html',
  'verdicts.md': 'verdicts.html',
  'protocol.md': 'protocol.html',
};

export const hrefOf = (clause: string): string => `${clause.split('/')[0]}.html#${clause}`;

/** As GitHub names a heading, since the specification's links count on that. */
export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
    .replaceAll(' ', '-');

/** Where a link of the specification leads on this site; undefined where it leads out of it. */
export function targetOf(href: string, clauses: readonly string[]): string | undefined {
  const [file, slug] = href.split('#');
  const clause = clauses.find((id) => slug !== undefined && slugOf(id) === slug);
  if (clause !== undefined) return hrefOf(clause);
  if (file === '' || /^schema\/.+\.json$/.test(file)) return href;
  const page = pages[file];
  return page === undefined ? undefined : `${page}${slug === undefined ? '' : `#${slug}`}`;
}

/** Renders Markdown in which the names of these clauses are links. HTML in it is shown, not interpreted. */
export function markdownFor(clauses: readonly string[]): { block(text: string): string; inline(text: string): string } {
  const marked = new Marked({
    renderer: {
      html: ({ text }) => literal(text),
      // A list of things to do is read here, not ticked.
      checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
      image: ({ text }) => literal(text),
      codespan: ({ text }) => {
        const code = `<code>${literal(text).replaceAll('/', '/<wbr>')}</code>`;
        return clauses.includes(text) ? `<a href="${literal(hrefOf(text))}">${code}</a>` : code;
      },
      code: ({ text }) => `<pre tabindex="0"><code>${literal(text)}</code></pre>\n`,
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const target = targetOf(href, clauses);
        return target === undefined ? text : `<a href="${literal(target)}">${text}</a>`;
      },
      heading({ depth, text, tokens }) {
        return `<h${depth} id="${literal(slugOf(text))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      table(token) {
        const cells = (row: typeof token.header, tag: string) =>
          `<tr>${row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
        const head = token.header.some(({ text }) => text !== '') ? `<thead>${cells(token.header, 'th')}</thead>` : '';
        const body = token.rows.map((row) => cells(row, 'td')).join('\n');
        return `<div class="table" tabindex="0" role="group" aria-label="Table"><table>${head}<tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return {
    block: (text) => marked.parse(text, { async: false }),
    inline: (text) => marked.parseInline(text, { async: false }),
  };
}
