/** The Vite plugin that makes the pages of `spec/*.md`, and the catalogue of what is judged. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Plugin } from 'vite';
import { registry } from '../../properties/index.ts';
import { projectFile } from '../../src/root.ts';
import { catalogue, properties } from './catalogue.ts';
import { documentOf } from './document.ts';
import { markdownFor } from './markdown.ts';
import { pageHtml, pageNames, type Site } from './page.ts';

const virtualModule = 'virtual:catalogue';

/**
 * Lets a page's own style load where the page is opened as a file: what Vite asks for across origins, a browser refuses
 * to read from a disk.
 */
export const readableAsFile = (): Plugin => ({
  name: 'keepprob-readable-as-file',
  transformIndexHtml: { order: 'post', handler: (html) => html.replaceAll(' crossorigin', '') },
});

export function specification(): Plugin {
  const list = catalogue();
  const site = siteOf(list);
  return {
    name: 'keepprob-specification',
    resolveId: (id) => (id === virtualModule ? `\0${virtualModule}` : undefined),
    load: (id) => (id === `\0${virtualModule}` ? `export const catalogue = ${JSON.stringify(list)};` : undefined),
    transformIndexHtml: { order: 'pre', handler: (_, { filename }) => pageHtml(basename(filename, '.html'), site) },
    generateBundle() {
      for (const name of readdirSync(projectFile('spec/schema'))) {
        const source = readFileSync(projectFile(`spec/schema/${name}`));
        this.emitFile({ type: 'asset', fileName: `schema/${name}`, source });
      }
    },
  };
}

/** All that the pages are made of, read from this package. */
export function siteOf(list: ReturnType<typeof catalogue>): Site {
  const ids = registry.map(({ id }) => id);
  const fileOf = (page: string) => projectFile(`spec/${page === 'index' ? 'README' : page}.md`);
  const byId = <T extends { readonly id: string }>(entries: readonly T[]) =>
    new Map(entries.map((each) => [each.id, each]));
  return {
    documents: new Map(
      [...pageNames.keys()].map((page) => [page, documentOf(readFileSync(fileOf(page), 'utf8'), new Set<string>(ids))]),
    ),
    clauses: byId(registry),
    listed: byId(list.clauses),
    faults: byId(list.faults),
    properties: properties(),
    markdown: markdownFor(ids),
  };
}
