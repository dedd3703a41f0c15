/** The property of a clause as it stands in its file, with what else of that file it needs. */
import { parseAst } from 'vite';

export interface Property {
  /** Its file, from the root of the package. */
  readonly file: string;
  readonly code: string;
}

interface Statement {
  readonly code: string;
  /** The names that it declares at the top of the file. */
  readonly declares: readonly string[];
  /** Every name that occurs in it. */
  readonly mentions: ReadonlySet<string>;
  /** The id of the clause that it declares, if any. */
  readonly clause?: string;
}

/** The properties of a file by the ids of their clauses. */
export function propertiesIn(file: string, text: string): ReadonlyMap<string, Property> {
  const statements = statementsOf(text);
  const declared = statements.flatMap(({ clause }, at) => (clause === undefined ? [] : [[clause, at] as const]));
  return new Map(declared.map(([id, at]) => [id, { file, code: withNeeds(statements, at) }]));
}

/** A statement after all others of its file that it mentions, and that those mention. */
function withNeeds(statements: readonly Statement[], wanted: number): string {
  const needed = new Set([wanted]);
  for (const at of needed) {
    const { mentions } = statements[at];
    statements.forEach(({ declares }, other) => {
      if (declares.some((name) => mentions.has(name))) needed.add(other);
    });
  }
  return statements
    .filter((_, at) => needed.has(at))
    .map(({ code }) => code)
    .join('\n\n');
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** The statements of a file, but for its imports, each with the comment right before it. */
function statementsOf(text: string): readonly Statement[] {
  const body = parseAst(text, { lang: 'ts' }).body as unknown as readonly Node[];
  return body.flatMap((node, at) => {
    if (node.type === 'ImportDeclaration') return [];
    const before = text.slice(body[at - 1]?.end ?? 0, node.start);
    const names = namesIn(node);
    const clause = clauseIn(node);
    return [
      {
        code: `${commentAtEnd(before)}${text.slice(node.start, node.end)}`,
        declares: declaredBy(node),
        mentions: new Set(names),
        ...(clause === undefined ? {} : { clause }),
      },
    ];
  });
}

/** The comment that ends a text, with no empty line after it. */
const commentAtEnd = (text: string): string =>
  /(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/|(?:\/\/.*\n)*\/\/.*)\n$/.exec(text)?.[0] ?? '';

/** Every node below and including this one. */
function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const each of value) yield* nodesOf(each);
  if (!isNode(value)) return;
  yield value;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

const namesIn = (node: Node): readonly string[] =>
  [...nodesOf(node)].filter(({ type }) => type === 'Identifier').map(({ name }) => String(name));

function declaredBy(node: Node): readonly string[] {
  const declaration = (node['declaration'] ?? node) as Node;
  const declarators = (declaration['declarations'] ?? [declaration]) as readonly Node[];
  return declarators.flatMap(({ id }) => (isNode(id) ? namesIn(id).slice(0, 1) : []));
}

/** The id in `export const … = clause({ id: '…', … })`. */
function clauseIn(node: Node): string | undefined {
  const call = [...nodesOf(node)].find(
    ({ type, callee }) => type === 'CallExpression' && isNode(callee) && callee['name'] === 'clause',
  );
  const [definition] = (call?.['arguments'] ?? []) as readonly Node[];
  const properties = (definition?.['properties'] ?? []) as readonly Node[];
  const id = properties.find(({ key }) => isNode(key) && key['name'] === 'id')?.['value'];
  return isNode(id) && typeof id['value'] === 'string' ? id['value'] : undefined;
}
