/** `keepprob merge`: the evidence of several shards as one report. */
import { readFileSync } from 'node:fs';
import { clauses } from '../properties/index.ts';
import { diagnose } from '../src/report/diagnosis.ts';
import { MergeError, mergeReports } from '../src/report/merge.ts';
import type { Report } from '../src/report/report.ts';
import { clauseLine, closingText } from '../src/report/terminal.ts';
import { print, style } from './console.ts';
import { reportFrom } from './options.ts';
import { exitCodes, failuresText, writeReports } from './results.ts';
import { UsageError } from './usage.ts';
import { signatures } from './zoo/data.ts';

/** `merge`'s options, as commander hands them over. */
export interface TypedMergeOptions {
  readonly strict?: boolean;
  readonly report: readonly string[];
}

/** Merges the reports in those files. Resolves to the exit code. */
export async function merge(files: readonly string[], typed: TypedMergeOptions): Promise<number> {
  const targets = typed.report.map(reportFrom);
  const merged = await union(files.map(readReport), typed.strict === true);
  for (const finding of merged.clauses) if (finding.verdict !== 'unsupported') print(clauseLine(finding, style));
  const failures = failuresText(merged, '-- COMMAND');
  if (failures !== '') print(`\n${failures}`);
  print(`\n${closingText(merged, style)}`);
  writeReports(targets, merged);
  return exitCodes[merged.verdict];
}

async function union(reports: readonly Report[], strict: boolean): Promise<Report> {
  try {
    return await mergeReports(reports, {
      registry: clauses,
      strict,
      diagnose: (findings) => diagnose(findings, signatures()),
    });
  } catch (error) {
    if (error instanceof MergeError) throw new UsageError(error.message);
    throw error;
  }
}

function readReport(file: string): Report {
  let content: Partial<Report> | undefined;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `could not read the report ${file}: ${(error as Error).message}; keepprob check --report json=FILE writes one`,
    );
  }
  if (content?.format !== 'keepprob-report/1' || !Array.isArray(content.clauses))
    throw new UsageError(`${file} is no report on one implementation: its format must be keepprob-report/1`);
  if (!Array.isArray(content.shard?.parts))
    throw new UsageError(`${file} is the report of a whole run: only those of shards can be merged`);
  return content as Report;
}
