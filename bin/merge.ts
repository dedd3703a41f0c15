/** `keepprob merge`: the evidence of several shards as one report, and several implementations as one scoreboard. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { registry } from '../properties/index.ts';
import { diagnose } from '../src/report/diagnosis.ts';
import { MergeError, mergeReports } from '../src/report/merge.ts';
import { type Report, strictly } from '../src/report/report.ts';
import { runsOf } from '../src/report/runs.ts';
import { clauseLine, closingText } from '../src/report/terminal.ts';
import { projectFile } from '../src/root.ts';
import { print, style } from './console.ts';
import { reportsFrom } from './options.ts';
import { exitCodeOf, failuresText, type Reports, writerTo } from './results.ts';
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
  const write = await writerTo(reportsFrom(typed.report));
  const read = files.map(readReports);
  const reports = read.flatMap((each) => each.reports);
  const missing = read.flatMap((each) => each.missing);
  if (reports.length + missing.length === 0)
    throw new UsageError(
      `there is no report in ${files.join(', ')}; keepprob check --report json=FILE writes one, and check --all several`,
    );
  const runs = grouped(typed.strict ? reports.map(strictly) : reports);
  const merged = await Promise.all(runs.map(async (run) => (run[0].shard === undefined ? run[0] : union(run))));
  if (merged.length > 1 || missing.length > 0)
    return tellAll({ format: 'keepprob-reports/1', reports: merged, missing });
  const [report] = merged;
  tell(report);
  write(report, [unknown]);
  return exitCodeOf(report);

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

async function union(reports: readonly Report[]): Promise<Report> {
  try {
    return await mergeReports(reports, {
      registry,
      diagnose: (findings) => diagnose(findings, signatures()),
    });
  } catch (error) {
    if (error instanceof MergeError) throw new UsageError(error.message);
    throw error;
  }
}

/** The reports in a file, of one implementation or of several. */
function readReports(file: string): Pick<Reports, 'reports' | 'missing'> {
  const content = parsed(file);
  if (content?.format !== 'keepprob-reports/1') return { reports: [demanded(file, content)], missing: [] };
  demand<Reports>(severalSchema, content, `${file} is no file of several reports`);
  const { reports, missing = [] } = content;
  return { reports: reports.map((report) => demanded(file, report)), missing };
}

/** What is in a file, of which no more is known than that it is JSON. */
function parsed(file: string): { readonly format?: unknown } | null {
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

function demanded(file: string, content: { readonly format?: unknown } | null): Report {
  if (content?.format !== 'keepprob-report/1')
    throw new UsageError(`${file} is no report: its format must be keepprob-report/1 or keepprob-reports/1`);
  const schema = JSON.parse(readFileSync(projectFile('spec/schema/report.json'), 'utf8'));
  demand<Report>(schema, content, `${file} is no report`);
  return content;
}

/** @throws UsageError that begins with `what` and says what is wrong by the schema */
function demand<T>(schema: object, content: unknown, what: string): asserts content is T {
  const ajv = new Ajv2020();
  if (!ajv.validate<T>(schema, content))
    throw new UsageError(`${what}: ${ajv.errorsText(ajv.errors, { dataVar: 'it' })}`);
}
