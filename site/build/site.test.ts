/** The pages as they are built, without a browser. */
import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { faults } from '../../properties/faults/index.ts';
import { registry } from '../../properties/index.ts';
import { projectFile } from '../../src/root.ts';
import { catalogue, properties } from './catalogue.ts';
import { highlighted } from './highlighted.ts';
import { markdownFor, targetOf } from './markdown.ts';
import { pageHtml, pageNames } from './page.ts';
import { siteOf } from './plugin.ts';
import { propertiesIn } from './source.ts';

const site = siteOf(catalogue());
const pages = new Map(
  [...pageNames.keys()].map((name) => [`${name}.html`, parseHTML(pageHtml(name, site)).document] as const),
);

describe('the pages', () => {
  test('hold every clause once, with its sentence, its property and a bench', () => {
    const articles = [...pages.values()].flatMap((page) => [...page.querySelectorAll('article.clause')]);
    expect(articles.map(({ id }) => id)).toEqual(registry.map(({ id }) => id));
    for (const [i, article] of articles.entries()) {
      const { id, statement, level } = registry[i];
      expect(article.querySelector('.statement')?.textContent).toBe(statement.replaceAll('`', ''));
      expect(article.querySelector('.tags')?.textContent).toContain(level);
      expect(article.querySelector('.bench')?.getAttribute('data-clause')).toBe(id);
      expect(article.querySelector('.source code')?.textContent).toContain(`id: '${id}'`);
    }
  });

  test('have no link that leads nowhere', () => {
    const broken: string[] = [];
    for (const [name, page] of pages) {
      for (const link of page.querySelectorAll('a')) {
        const href = link.getAttribute('href') ?? '';
        const [file, anchor] = href.split('#');
        if (file.startsWith('schema/')) {
          expect(() => readFileSync(projectFile(`spec/${file}`))).not.toThrow();
          continue;
        }
        const target = pages.get(file === '' ? name : file);
        if (target === undefined || (anchor !== undefined && target.getElementById(anchor) === null)) {
          broken.push(`${name}: ${href}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  test('name every fault with a clause that refutes it', () => {
    const named = new Set(
      [...pages.values()].flatMap((page) =>
        [...page.querySelectorAll('[data-fault]')].map((code) => code.getAttribute('data-fault')),
      ),
    );
    expect(faults.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([]);
  });
});

describe('a property', () => {
  test('comes with what else of its file it needs, and its comments', () => {
    const code = properties().get('dropout/dropped-are-exactly-zero')?.code ?? '';
    expect(code).toContain('export const droppedAreZero = clause({');
    expect(code).toContain(
      '/** Read from the output alone: what has shrunk to less than 1/256 of x was meant to be dropped. */\nconst isMeantDropped',
    );
    expect(code).not.toContain('keptAreScaled');
  });

  test('is cut at the right places', () => {
    const file = `import { clause } from 'x';\n\nconst other = 1;\n// Detached.\n\n// One.\n// Two.\nfunction half(é: number) {\n  return é / two;\n}\nconst two = 2;\nexport const a = clause({ id: 'l2/a', of: half });\n`;
    expect(propertiesIn('f.ts', file).get('l2/a')?.code).toBe(
      "// One.\n// Two.\nfunction half(é: number) {\n  return é / two;\n}\n\nconst two = 2;\n\nexport const a = clause({ id: 'l2/a', of: half });",
    );
  });
});

describe('text', () => {
  test('of code stands for itself, set apart by what it is', () => {
    expect(highlighted("const a = '<b>'; // a & b")).toBe(
      '<span class="word">const</span> a = <span class="text">&#39;&lt;b&gt;&#39;</span>; <span class="comment">// a &amp; b</span>',
    );
  });

  test('of Markdown is never interpreted as HTML, and links stay on the site', () => {
    const { block } = markdownFor(['l2/golden']);
    expect(block('<script>alert(1)</script>')).toBe('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(block('[a](javascript:alert(1)) [b](https://example.org) [c](l2.md#the-value)')).toBe(
      '<p>a b <a href="l2.html#the-value">c</a></p>\n',
    );
    expect(block('`l2/golden` `l2/other`')).toBe(
      '<p><a href="l2.html#l2/golden"><code>l2/<wbr>golden</code></a> <code>l2/<wbr>other</code></p>\n',
    );
    expect(targetOf('#l2golden', ['l2/golden'])).toBe('l2.html#l2/golden');
  });
});
