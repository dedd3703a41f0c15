/** What the package exports, with the first sentence of each export's own comment, read from the sources. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFile } from '../../src/root.ts';

export interface Exported {
  readonly name: string;
  readonly kind: 'type' | 'value';
  /** The first sentence of its JSDoc; '' where it has none. */
  readonly says: string;
}

const declaration =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export (?:async )?(function\*?|const|class|interface|type) (\w+)(?=[\s(<:=])/g;
const list = /^export (?:type )?\{([^}]*)\} from '([^']+)';/gm;

/** The exports of a source file, by name, those that it hands on from others included. */
export function exportsOf(file: string): readonly Exported[] {
  const text = readFileSync(projectFile(file), 'utf8');
  const from = (path: string) => exportsOf(join(dirname(file), path));
  const own = [...text.matchAll(declaration)].map(([, comment = '', keyword, name]) => entryOf(name, keyword, comment));
  const handedOn = [...text.matchAll(list)].flatMap(([, names, path]) => {
    const wanted = namesIn(names);
    return from(path).filter(({ name }) => wanted.includes(name));
  });
  const all = [...text.matchAll(/^export \* from '([^']+)';/gm)].flatMap(([, path]) => from(path));
  const main = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export default /.exec(text);
  const found = [...own, ...handedOn, ...all, ...(main === null ? [] : [entryOf('default', 'const', main[1] ?? '')])];
  return found.sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

const namesIn = (names: string): readonly string[] =>
  names
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '');

function entryOf(name: string, keyword: string, comment: string): Exported {
  const text = comment
    .replaceAll(/\n? *\* ?/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const [sentence] = text.split(/(?<=\.) (?=[A-Z`@])|\s@/);
  return { name, kind: ['interface', 'type'].includes(keyword) ? 'type' : 'value', says: sentence };
}
