/** The version of this package, as its manifest has it. */
import { readFileSync } from 'node:fs';
import { projectFile } from './root.ts';

export const version: string = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')).version;
