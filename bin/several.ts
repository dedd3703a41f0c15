/** Several runs told together. */
import stringWidth from 'string-width';
import { type Report, recordedOf } from '../src/report/report.ts';
import { fitted, style } from './console.ts';
import { exitCodes, type Reports } from './results.ts';

/**
 * One line an implementation, none of which wraps; those that were not judged, by what keeps them; and how many came to
 * which verdict.
 */
export function tableText(reports: readonly Report[], missing: Reports['missing']): string {
  const rows = reports.map((report) => {
    const { implementation, verdict, clauses } = report;
    const recorded = recordedOf(report);
    const number = (wanted: string) =>
      clauses.filter((finding) => finding.verdict === wanted && !recorded.includes(finding)).length;
    const deviating = recorded.length === 0 ? '' : `, ${recorded.length} deviate as recorded`;
    return [
      `${implementation.name} ${implementation.version}`,
      verdict,
      `${number('holds')} hold, ${number('refuted')} refuted${deviating}`,
    ] as const;
  });
  const width = Math.max(0, ...rows.map(([name]) => stringWidth(name)));
  const table = rows.map(([name, verdict, counts]) =>
    fitted(`${name}${' '.repeat(width - stringWidth(name))}  ${verdict.padEnd(10)}  ${counts}`),
  );
  const reasons = [...new Set(missing.map((each) => each.missing))];
  const unjudged = reasons.map((reason) => {
    const names = missing.flatMap((each) => (each.missing === reason ? [each.name] : []));
    return `not judged: ${names.join('; ')} (${reason})`;
  });
  const sums = [
    ...Object.keys(exitCodes).map((verdict) => ({
      verdict,
      sum: reports.filter((each) => each.verdict === verdict).length,
    })),
    { verdict: 'not judged', sum: missing.length },
  ].flatMap(({ verdict, sum }) => (sum === 0 ? [] : [`${verdict}: ${sum}`]));
  return [...table, ...unjudged, style.strong(sums.join(', '))].join('\n');
}
