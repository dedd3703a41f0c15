/** `keepprob merge`: the evidence of several shards as one report, and several implementations as one scoreboard. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { registry } from '../properties/index.ts';
import { diagnose } from '../src/report/diagnosis.ts';
import { MergeError, mergeReports } from '../src/report/merge.ts';
import type { Report } from '../src/report/report.ts';
import { runsOf } from '../src/report/runs.ts';
import { clauseLine, closingText } from '../src/report/terminal.ts';
import { projectFile } from '../src/root.ts';
import { print, style } from './console.ts';
import { reportFrom } from './options.ts';
import { exitCodes, failuresText, type Reports, writerTo } from './results.ts';
import { tableText, worst } from './several.ts';
import { UsageError } from './usage.ts';
import { signatures } from './zoo/data.ts';

/** `merge`'s options, as commander hands them over. */
export interface TypedMergeOptions {
  readonly strict?: boolean;
  readonly report: readonly string[];
}

/** How an implementation is named in the lines that ask again: a report does not say how it was started. */
const unknown = '-- COMMAND';

/** Merges the reports in those files. Resolves to the exit code. */
export async function merge(files: readonly string[], typed: TypedMergeOptions): Promise<number> {
  const write = await writerTo(typed.report.map(reportFrom));
  const read = files.map(readReports);
  const runs = grouped(read.flatMap(({ reports }) => reports));
  const merged = await Promise.all(
    runs.map(async (run) => (run[0].shard === undefined ? run[0] : union(run, typed.strict === true))),
  );
  const missing = read.flatMap((each) => each.missing);
  if (merged.length > 1 || missing.length > 0)
    return tellAll({ format: 'keepprob-reports/1', reports: merged, missing });
  const [report] = merged;
  tell(report);
  write(report, [unknown]);
  return exitCodes[report.verdict];

  function tellAll(several: Reports): number {
    for (const each of several.reports) print(`${toldInFull(each)}\n`);
    print(tableText(several.reports, several.missing));
    write(
      several,
      several.reports.map(() => unknown),
    );
    return worst(several.reports);
  }
}

function tell(report: Report): void {
  for (const finding of report.clauses) if (finding.verdict !== 'unsupported') print(clauseLine(finding, style));
  print(`\n${toldInFull(report)}`);
}

/** What failed, what is likely wrong, and the summary. */
function toldInFull(report: Report): string {
  return [failuresText(report, unknown), closingText(report, style)].filter((text) => text !== '').join('\n\n');
}

function grouped(reports: readonly Report[]): readonly (readonly Report[])[] {
  try {
    return runsOf(reports);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

async function union(reports: readonly Report[], strict: boolean): Promise<Report> {
  try {
    return await mergeReports(reports, {
      registry,
      strict,
      diagnose: (findings) => diagnose(findings, signatures()),
    });
  } catch (error) {
    if (error instanceof MergeError) throw new UsageError(error.message);
    throw error;
  }
}

/** The reports in a file, of one implementation or of several. */
function readReports(file: string): Pick<Reports, 'reports' | 'missing'> {
  let content: Report | Reports | null;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `could not read the report ${file}: ${(error as Error).message}; keepprob check --report json=FILE writes one`,
    );
  }
  const isSeveral = content?.format === 'keepprob-reports/1' && Array.isArray(content.reports);
  const { reports, missing = [] } = isSeveral ? (content as Reports) : { reports: [content as Report] };
  for (const report of reports) demandReport(report, file);
  return { reports, missing };
}

function demandReport(report: Report | null, file: string): void {
  if (report?.format !== 'keepprob-report/1')
    throw new UsageError(`${file} is no report: its format must be keepprob-report/1 or keepprob-reports/1`);
  const ajv = new Ajv2020();
  const schema = JSON.parse(readFileSync(projectFile('spec/schema/report.json'), 'utf8'));
  if (!ajv.validate<Report>(schema, report))
    throw new UsageError(`${file} is no report: ${ajv.errorsText(ajv.errors, { dataVar: 'it' })}`);
}
