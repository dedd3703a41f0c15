/** `keepprob list` and `keepprob explain`: the specification on the terminal. */
import { readFileSync } from 'node:fs';
import { faults } from '../properties/faults/index.ts';
import { clauses } from '../properties/index.ts';
import type { Clause, Statistical } from '../src/clause.ts';
import { count, powerText } from '../src/judge/draws.ts';
import { profileFor, profileNames } from '../src/judge/profiles.ts';
import { totalWeightOf } from '../src/judge/run.ts';
import { projectFile } from '../src/root.ts';
import { specifiedClauses } from '../src/spec.ts';
import { shareOf } from '../src/statistics/budget.ts';
import { budgetOf } from '../src/statistics/sample-size.ts';
import type { Capabilities } from '../src/subject.ts';
import { print, style } from './console.ts';
import { clauseNamed } from './options.ts';

export function list(): void {
  const width = Math.max(...clauses.map(({ id }) => id.length));
  for (const { id, level, statement, evidence } of clauses) {
    print(`${style.strong(id.padEnd(width))}  ${level.padEnd(6)}  ${statement} ${style.weak(`[${evidence.kind}]`)}`);
  }
}

export function explain(id: string): void {
  const clause = clauseNamed(id);
  const [stem] = id.split('/');
  const specified = specifiedClauses(readFileSync(projectFile(`spec/${stem}.md`), 'utf8')).find(
    (each) => each.id === id,
  );
  print(`${style.strong(id)}  ${clause.level}, ${clause.evidence.kind}\n\n${clause.statement}\n`);
  print(`${specified?.commentary ?? ''}\n`);
  print(`${style.strong('Applies')} where the implementation declares: ${clause.needs.join(', ')}`);
  print(`${style.strong('Looks at')} ${looksAt(clause)}`);
  print(`${style.strong('Refutes')}, among others, these wrong implementations of properties/faults/${stem}.ts:`);
  for (const { what, seen } of faults.filter(({ refutedBy }) => refutedBy === id)) {
    print(`  ${what}${seen === undefined ? '' : style.weak(` (${seen})`)}`);
  }
}

function looksAt({ evidence }: Clause): string {
  switch (evidence.kind) {
    case 'golden':
      return `the vectors of golden/${evidence.stem}.json that fit what is declared`;
    case 'statistical':
      return `counts of mask elements, drawn until each rate is decided:\n${drawsText(evidence)}`;
    default: {
      const cases = profileNames.map((name) => `${profileFor(name, 0).cases} (${name})`).join(', ');
      const what = evidence.kind === 'exhaustive' ? 'networks, each under all of its masks' : 'cases';
      return `${what}, drawn anew each run: ${cases}; the first that fails is made as small as it can be`;
    }
  }
}

/** Everything declared, so that every claim is there. */
const everything: Capabilities = {
  dropout: { dtypes: ['float64'], gradient: true, mask: true, layer: true, repeat: true, seed: 'advances' },
  network: { dtypes: ['float64'], masks: true },
};

function drawsText(evidence: Statistical): string {
  const falseAlarm = shareOf({ falseAlarm: 1e-9, weight: evidence.weight, totalWeight: totalWeightOf(clauses) });
  const lines = profileNames.map((name) => {
    const claims = evidence
      .experiments(everything, profileFor(name, 0).resolution)
      .flatMap((experiment) => experiment.claims);
    const finest = Math.min(...claims.map(({ epsilon }) => epsilon));
    const coarsest = Math.max(...claims.map(({ epsilon }) => epsilon));
    const draws = claims.reduce((most, claim) => Math.max(most, budgetOf(claim, falseAlarm, claims.length)), 0);
    const band =
      finest === coarsest ? `±${finest.toPrecision(2)}` : `±${finest.toPrecision(2)} to ±${coarsest.toPrecision(2)}`;
    return `  ${name.padEnd(9)} ${count(claims.length)} rates, each certified to ${band}; at most about ${draws.toExponential(1)} draws for the finest`;
  });
  return [
    ...lines,
    `  refuted only where a correct implementation would look so less than once in ${powerText(1 / falseAlarm)} runs`,
  ].join('\n');
}
