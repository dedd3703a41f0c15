// Holds the report of `keepprob check --all` against what is known of the implementations that `npm ci` sets up.
import { readFileSync } from 'node:fs';

const { reports } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** The verdict of each, and clauses that must be refuted. */
const known = {
  'keepprob-reference': { verdict: 'conforms', refuted: [] },
  'TensorFlow.js': { verdict: 'violates', refuted: ['dropout/keep-prob-out-of-range-is-rejected'] },
  ConvNetJS: { verdict: 'violates', refuted: ['dropout/evaluation-is-identity'] },
};

const faults = [];
for (const [name, { verdict, refuted }] of Object.entries(known)) {
  const report = reports.find(({ implementation }) => implementation.name === name);
  if (report === undefined) faults.push(`there is no report on ${name}`);
  else {
    if (report.verdict !== verdict) faults.push(`${name} ${report.verdict}, but must be found: ${verdict}`);
    const found = report.clauses.filter((clause) => clause.verdict === 'refuted').map(({ id }) => id);
    faults.push(...refuted.filter((id) => !found.includes(id)).map((id) => `${name} must be refuted by ${id}`));
  }
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
