/** The JSON Schemas of `spec/schema/`, and what they find wrong, in words. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { projectFile } from '../root.ts';

const ajv = new Ajv2020({ verbose: true });
const compiled = new Map<string, ValidateFunction>();

/**
 * What is wrong with `value` by the schema of that name, e.g. `capabilities.dropout.dtypes must be an array, got 3`;
 * undefined if nothing is.
 */
export function faultBy(schema: 'hello' | 'request' | 'answer', value: unknown): string | undefined {
  const validate = compiled.get(schema) ?? compile(schema);
  if (validate(value)) return undefined;
  return validate.errors?.[0] === undefined ? 'it does not match' : describe(validate.errors[0]);
}

function compile(schema: string): ValidateFunction {
  const validate = ajv.compile(JSON.parse(readFileSync(projectFile(`spec/schema/${schema}.json`), 'utf8')));
  compiled.set(schema, validate);
  return validate;
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
