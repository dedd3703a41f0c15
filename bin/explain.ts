/** `keepprob list` and `keepprob explain`: the specification on the terminal. */
import type { Fault } from '../properties/faults/fault.ts';
import { faults, gradedFaults } from '../properties/faults/index.ts';
import { registry } from '../properties/index.ts';
import type { Claim, Clause, Need, Statistical } from '../src/clause.ts';
import { patience } from '../src/judge/draws.ts';
import { count, powerText } from '../src/judge/evidence.ts';
import { profileFor, profileNames } from '../src/judge/profiles.ts';
import { totalWeightOf } from '../src/judge/run.ts';
import { specification } from '../src/root.ts';
import { shareOf } from '../src/statistics/budget.ts';
import { epsilonOf } from '../src/statistics/claim.ts';
import { budgetOf } from '../src/statistics/sample-size.ts';
import type { Capabilities } from '../src/subject.ts';
import { print, style } from './console.ts';
import { clauseNamed } from './options.ts';
import { zoo } from './zoo/data.ts';

export function list(): void {
  const width = Math.max(...registry.map(({ id }) => id.length));
  for (const { id, level, statement, evidence } of registry) {
    print(`${style.strong(id.padEnd(width))}  ${level.padEnd(6)}  ${statement} ${style.weak(`[${evidence.kind}]`)}`);
  }
}

export function explain(id: string): void {
  const clause = clauseNamed(id);
  const specified = specification().find((each) => each.id === id);
  print(`${style.strong(id)}  ${clause.level}, ${clause.evidence.kind}\n\n${clause.statement}\n`);
  print(`${specified?.commentary ?? ''}\n`);
  print(`${style.strong('Applies')} where the implementation declares: ${clause.needs.map(needText).join(', ')}`);
  print(`${style.strong('Looks at')} ${looksAt(clause)}`);
  if (clause.evidence.kind !== 'trend') showKills(id);
}

const inSight = 'its memory is in sight, as that of a module in this process is';

const needText = (need: Need): string =>
  need === 'memory' ? `and where ${inSight}` : need.replace(' or memory', `, or where ${inSight}`);

/** Which faults a clause refutes, those that no other one refutes first, and how weak a graded one may be. */
function showKills(id: string): void {
  const killed = faults.filter((fault) => (zoo().symptoms[fault.id]?.[id] ?? 0) > 0);
  const isOwn = (fault: Fault): boolean =>
    registry.every((clause) => clause.id === id || !((zoo().symptoms[fault.id]?.[clause.id] ?? 0) > 0));
  const own = killed.filter(isOwn);
  print(`${style.strong('Refutes')} ${killed.length} of ${faults.length} known faults, ${own.length} of them alone:`);
  for (const { id: fault, what, seen } of [...own, ...killed.filter((each) => !isOwn(each))]) {
    print(`  ${fault}  ${what}${seen === undefined ? '' : style.weak(` (${seen})`)}`);
  }
  const graded = gradedFaults.filter(({ refutedBy }) => refutedBy === id);
  if (graded.length > 0) print(`${style.strong('Sees')}, the weakest that was refuted:`);
  for (const { id: fault, parameter } of graded) {
    const measured = Object.entries(zoo().strengths[fault] ?? {}).map(
      ([name, weakest]) => `${weakest ?? 'none'} (${name})`,
    );
    print(`  ${fault}  ${parameter}: ${measured.join(', ') || 'not measured'}`);
  }
}

function looksAt({ evidence }: Clause): string {
  switch (evidence.kind) {
    case 'trend':
      return `${evidence.measure} after pairs of trainings on images of digits, with regularization and without, until it is known whether it is smaller in most of them; only with --profile thorough, or named by --only`;
    case 'golden':
      return `the vectors of golden/${evidence.stem}.json that fit what is declared`;
    case 'statistical':
      return `counts of mask elements, drawn until each claim is decided:\n${drawsText(evidence)}`;
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
  const falseAlarm = shareOf({ falseAlarm: 1e-9, weight: evidence.weight, totalWeight: totalWeightOf(registry) });
  const lines = profileNames.map((name) => {
    const claims = evidence
      .experiments(everything, profileFor(name, 0).resolution)
      .flatMap((experiment) => experiment.claims);
    const draws = claims.reduce(
      (most, claim) => Math.max(most, patience * budgetOf(claim, falseAlarm, claims.length)),
      0,
    );
    const kinds = [
      certifiedText(claims, 'rate', 'rates'),
      certifiedText(claims, 'pairs', 'correlations'),
      watchedText(claims),
    ].filter((text) => text !== '');
    return `  ${name.padEnd(9)} ${kinds.join('; ')}; at most about ${draws.toExponential(1)} draws for the finest`;
  });
  return [
    ...lines,
    `  refuted only where a correct implementation would look so less than once in ${powerText(1 / falseAlarm)} runs`,
  ].join('\n');
}

/** `12 rates, each certified to ±0.00020 to ±0.0010`. */
function certifiedText(claims: readonly Claim[], law: Claim['law'], noun: string): string {
  const epsilons = claims.filter((claim) => claim.law === law).flatMap((claim) => epsilonOf(claim) ?? []);
  if (epsilons.length === 0) return '';
  const [finest, coarsest] = [Math.min(...epsilons), Math.max(...epsilons)].map(
    (epsilon) => `±${epsilon.toPrecision(2)}`,
  );
  return `${count(epsilons.length)} ${noun}, each certified to ${finest === coarsest ? finest : `${finest} to ${coarsest}`}`;
}

/** What may be refuted, and is not waited for. */
function watchedText(claims: readonly Claim[]): string {
  const watched = claims.filter((claim) => epsilonOf(claim) === undefined).length;
  return watched === 0 ? '' : `${count(watched)} more claims watched`;
}
