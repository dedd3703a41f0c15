/** The library's document: it names every export of every entry, in the words of the export's own comment. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { projectFile } from '../src/root.ts';
import { type Exported, exportsOf } from './testing/api.ts';

const file = projectFile('spec/api.md');
const entries = [
  { entry: 'keepprob', source: 'bin/library.ts' },
  { entry: 'keepprob/vitest', source: 'bin/vitest.ts' },
  { entry: 'keepprob/properties', source: 'properties/index.ts' },
  { entry: 'keepprob/reference', source: 'src/reference/implementation.ts' },
];

const rowOf = ({ name, kind, says }: Exported): string => `| \`${name}\` | ${kind} | ${says.replaceAll('|', '\\|')} |`;

const tableOf = (exported: readonly Exported[]): string =>
  ['| export | | |', '| --- | --- | --- |', ...exported.map(rowOf)].join('\n');

/** The document with the table of each entry as the sources have it now. */
const withTables = (text: string): string =>
  entries.reduce(
    (document, { entry, source }) =>
      document.replace(
        new RegExp(`(<!-- exports of ${entry} -->\n)[\\s\\S]*?(<!-- end -->)`),
        (_, begin, end) => `${begin}\n${tableOf(exportsOf(source))}\n\n${end}`,
      ),
    text,
  );

describe.each(entries)('$entry', ({ entry, source }) => {
  it('exports what its source says, each with a comment', async () => {
    const exported = exportsOf(source);
    expect(exported.filter(({ says }) => says.length < 10).map(({ name }) => name)).toEqual([]);
    const loaded: object = await import(/* @vite-ignore */ projectFile(source));
    const values = exported.filter(({ kind }) => kind === 'value').map(({ name }) => name);
    expect(values).toEqual(Object.keys(loaded).sort((a, b) => a.localeCompare(b, 'en')));
  });

  it('has its table in the document', () => {
    expect(readFileSync(file, 'utf8')).toContain(`<!-- exports of ${entry} -->`);
  });
});

it('is documented as it is; vitest run bin/api.test.ts -u writes the tables anew', async () => {
  await expect(withTables(readFileSync(file, 'utf8'))).toMatchFileSnapshot(file);
});
