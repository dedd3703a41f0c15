/** What a JSON Schema finds wrong, in words. Whoever calls it brings the schemas: it runs in a browser too. */
import { Ajv2020, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

/** The schemas of `spec/schema/` that are of the wire. */
export type SchemaName = 'hello' | 'request' | 'answer';

/**
 * What is wrong with `value` by the schema of that name, e.g. `capabilities.dropout.dtypes must be an array, got 3`;
 * undefined if nothing is.
 */
export type FaultBy = (schema: SchemaName, value: unknown) => string | undefined;

/** Validates by schemas, each read and compiled when it is first needed. */
export function validator(schemaOf: (name: SchemaName) => AnySchema): FaultBy {
  const ajv = new Ajv2020({ verbose: true });
  const compiled = new Map<SchemaName, ValidateFunction>();
  return (name, value) => {
    const validate = compiled.get(name) ?? ajv.compile(schemaOf(name));
    compiled.set(name, validate);
    if (validate(value)) return undefined;
    return validate.errors?.[0] === undefined ? 'it does not match' : describe(validate.errors[0]);
  };
}

function describe({ instancePath, keyword, params, message, data }: ErrorObject): string {
  const where = pathOf(instancePath);
  if (keyword === 'required') return `${JSON.stringify(params.missingProperty)} is missing${where && ` in ${where}`}`;
  return `${where || 'it'} ${wish(keyword, params) ?? message}, got ${brief(data)}`;
}

function wish(keyword: string, params: Readonly<Record<string, unknown>>): string | undefined {
  if (keyword === 'type') return `must be of type ${params.type}`;
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`;
  if (keyword === 'enum')
    return `must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
  return undefined;
}

/** `/capabilities/dropout/dtypes/0` as `capabilities.dropout.dtypes[0]`. */
const pathOf = (pointer: string): string =>
  pointer
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');

function brief(value: unknown, most = 80): string {
  const text = written(value);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** As JSON; what is nested too deep for that, in a word. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'something nested too deep to be shown';
  }
}
