/** Several runs told together. */
import stringWidth from 'string-width';
import { type Report, recordedOf } from '../src/report/report.ts';
import { fitted, style } from './console.ts';
import { exitCodeOf, exitCodes, type Reports } from './results.ts';

/** One line an implementation, none of which wraps, and how many came to which verdict. */
export function tableText(reports: readonly Report[], missing: Reports['missing']): string {
  const rows = [
    ...reports.map((report) => {
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
    }),
    ...missing.map(({ name, missing: what }) => [name, 'not judged', what] as const),
  ];
  const width = Math.max(...rows.map(([name]) => stringWidth(name)));
  const table = rows.map(([name, verdict, counts]) =>
    fitted(`${name}${' '.repeat(width - stringWidth(name))}  ${verdict.padEnd(10)}  ${counts}`),
  );
  const verdicts = [...Object.keys(exitCodes), 'not judged'].map((verdict) => {
    const number = rows.filter(([, each]) => each === verdict).length;
    return number === 0 ? [] : [`${verdict}: ${number}`];
  });
  return [...table, style.strong(verdicts.flat().join(', '))].join('\n');
}

/** The exit code of several runs: a violation before a breakage before what is undecided; 3 if nothing was judged. */
export function worst(reports: readonly Report[]): number {
  const codes = reports.map(exitCodeOf);
  return (
    [exitCodes.violates, exitCodes.broken, exitCodes.undecided].find((code) => codes.includes(code)) ??
    (codes.length > 0 ? exitCodes.conforms : exitCodes.undecided)
  );
}
