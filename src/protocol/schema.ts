/** The JSON Schemas of `spec/schema/`, read from this package. */
import { readFileSync } from 'node:fs';
import { projectFile } from '../root.ts';
import { validator } from './validation.ts';

/** What is wrong with a value by one of the schemas, in words; undefined if nothing is. */
export const faultBy = validator((name) => JSON.parse(readFileSync(projectFile(`spec/schema/${name}.json`), 'utf8')));
