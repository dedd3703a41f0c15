// Every implementation of this repository must have been judged, and must be what its file of known deviations says.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const { reports, missing } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const folders = readdirSync('implementations').filter((name) =>
  existsSync(`implementations/${name}/implementation.json`),
);

const faults = missing.map(({ name, missing: what }) => `${name} was not judged: ${what}`);
if (reports.length + missing.length !== folders.length)
  faults.push(`${folders.length} implementations are here, but ${reports.length} reports`);
for (const { implementation, verdict, clauses, error } of reports) {
  const { name } = implementation;
  if (verdict !== 'conforms') faults.push(`${name}: ${verdict}${error === undefined ? '' : `: ${error}`}`);
  const strange = clauses.filter(
    ({ level, verdict, known }) =>
      (level === 'MUST' && ['refuted', 'broken', 'undecided'].includes(verdict) && known?.status !== 'as recorded') ||
      (known !== undefined && known.status !== 'as recorded'),
  );
  faults.push(...strange.map(({ id, verdict, message }) => `${name}: ${id} ${verdict}: ${message}`));
}
for (const fault of faults) console.error(fault);
console.log(
  `${reports.length} implementations were judged, of ${new Set(reports.map((r) => r.implementation.language)).size} languages`,
);
process.exitCode = faults.length > 0 ? 1 : 0;
