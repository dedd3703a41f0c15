/** Reports that are read: by a path that somebody typed, of a content that anybody wrote. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../src/report/report.ts';
import { projectFile } from '../src/root.ts';
import type { Reports } from './results.ts';
import { UsageError } from './usage.ts';

/**
 * The reports in a file, of one implementation or of several, each as `spec/schema/report.json` says.
 *
 * @throws UsageError if they cannot be read, or are none
 */
export function readReports(file: string): Pick<Reports, 'reports' | 'missing'> {
  const content = contentOf(file);
  const ajv = new Ajv2020();
  const demand = <T>(schema: object, what: unknown, isNot: string): T => {
    if (ajv.validate<T>(schema, what)) return what;
    throw new UsageError(`${file} ${isNot}: ${ajv.errorsText(ajv.errors, { dataVar: 'it' })}`);
  };
  const schema = JSON.parse(readFileSync(projectFile('spec/schema/report.json'), 'utf8'));
  const report = (each: unknown): Report => demand(schema, each, 'is no report');
  switch (content?.format) {
    case 'keepprob-report/1':
      return { reports: [report(content)], missing: [] };
    case 'keepprob-reports/1': {
      const { reports, missing = [] } = demand<Reports>(severalSchema, content, 'is no file of several reports');
      return { reports: reports.map(report), missing };
    }
    default:
      throw new UsageError(`${file} is no report: its format must be keepprob-report/1 or keepprob-reports/1`);
  }
}

/** What is in a file, of which no more is known than that it is JSON. */
function contentOf(file: string): { readonly format?: unknown } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `could not read the report ${file}: ${(error as Error).message}; keepprob check --report json=FILE writes one`,
    );
  }
}

/** Of several reports in one file what is not a report: those have a schema of their own. */
const severalSchema = {
  type: 'object',
  required: ['reports'],
  properties: {
    reports: { type: 'array' },
    missing: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'missing'],
        properties: { name: { type: 'string' }, missing: { type: 'string' } },
      },
    },
  },
};
