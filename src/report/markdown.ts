/** Reports as Markdown, for the summary of a CI job. */
import { decodeCase } from '../case.ts';
import type { Finding } from '../judge/verify.ts';
import { plain } from './markup.ts';
import type { Report } from './report.ts';
import { caseText, knownText } from './terminal.ts';

/** Reports as Markdown: one table over all implementations, and below it what failed in each. */
export function markdown(reports: readonly Report[]): string {
  const rows = reports.map((report) => {
    const { implementation, verdict, clauses } = report;
    const of = (wanted: Finding['verdict']) =>
      clauses.filter((finding) => finding.verdict === wanted && !isKnown(finding)).length;
    const counts = [of('holds'), of('refuted'), of('undecided') + of('broken'), clauses.filter(isKnown).length];
    return `| ${plain(implementation.name)} ${plain(implementation.version)} | ${signs[verdict]} ${verdict} | ${counts.join(' | ')} |`;
  });
  return [
    '| implementation | verdict | hold | refuted | undecided or broken | known to deviate |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    ...reports.flatMap(sectionOf),
  ].join('\n');
}

const signs = { conforms: '✅', violates: '❌', undecided: '❔', broken: '💥' };

const isKnown = ({ known }: Finding): boolean => known?.status === 'as recorded';

/** What failed in one, in full; nothing where all is well. */
function sectionOf({ implementation, clauses, error, diagnosis }: Report): readonly string[] {
  const failed = clauses.filter(
    (finding) => ['refuted', 'broken', 'undecided'].includes(finding.verdict) || finding.known !== undefined,
  );
  if (failed.length === 0 && error === undefined) return [];
  return [
    `### ${plain(implementation.name)} ${plain(implementation.version)}`,
    '',
    ...(error === undefined ? [] : [plain(error), '']),
    ...failed.flatMap(failureOf),
    ...diagnosis.flatMap(({ fault, advice }) => [`Likely: \`${fault}\`. ${plain(advice)}`, '']),
  ];
}

function failureOf({ id, level, statement, verdict, message, counterexample, known }: Finding): readonly string[] {
  const asked = counterexample === undefined ? '' : caseText(decodeCase(counterexample.case));
  return [
    `- **${id}** (${level}, ${verdict}): ${plain(statement)}`,
    ...(asked === '' ? [] : [`  - asked: ${plain(asked)}`]),
    `  - ${plain(message)}`,
    ...(known === undefined ? [] : [`  - ${plain(knownText(known))}`]),
    '',
  ];
}
