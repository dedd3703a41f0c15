/** Reports that are read: by a path that somebody typed, of a content that anybody wrote. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../src/report/report.ts';
import { projectFile } from '../src/root.ts';
import { UsageError } from './usage.ts';

/** The reports in a file, of one implementation or of several, each as `spec/schema/report.json` says. */
export function reportsIn(file: string): readonly Report[] {
  const content = contentOf(file);
  const { format, reports } = (content ?? {}) as { readonly format?: unknown; readonly reports?: unknown };
  if (format !== 'keepprob-report/1' && format !== 'keepprob-reports/1')
    throw new UsageError(`${file} is no report of keepprob: its format must be keepprob-report/1`);
  if (format === 'keepprob-report/1') return demanded([content], file);
  if (!Array.isArray(reports)) throw new UsageError(`${file} is no report of keepprob: its reports must be an array`);
  return demanded(reports, file);
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `could not read the report ${file}: ${(error as Error).message}; keepprob check --report json=FILE writes one`,
    );
  }
}

function demanded(reports: readonly unknown[], file: string): readonly Report[] {
  const ajv = new Ajv2020();
  const isReport = ajv.compile<Report>(JSON.parse(readFileSync(projectFile('spec/schema/report.json'), 'utf8')));
  return reports.map((report) => {
    if (isReport(report)) return report;
    throw new UsageError(`${file} is no report of keepprob: ${ajv.errorsText(isReport.errors, { dataVar: 'it' })}`);
  });
}
