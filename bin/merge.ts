/** `keepprob merge`: the evidence of several shards as one report, and several implementations as one scoreboard. */
import { registry } from '../properties/index.ts';
import { diagnose } from '../src/report/diagnosis.ts';
import { MergeError, mergeReports } from '../src/report/merge.ts';
import { type Report, strictly } from '../src/report/report.ts';
import { runsOf } from '../src/report/runs.ts';
import { clauseLine, closingText } from '../src/report/terminal.ts';
import { print, style } from './console.ts';
import { reportsFrom } from './options.ts';
import { readReports } from './reports.ts';
import { exitCodeOf, failuresText, type Reports, worst, writerTo } from './results.ts';
import { tableText } from './several.ts';
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
