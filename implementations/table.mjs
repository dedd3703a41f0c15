// Writes the tables of implementations/README.md from a report on all: what each came to, which clauses it breaks, and its
// conventions. `npx keepprob check --all --set-up --report json=all.json; node implementations/table.mjs all.json`
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const room = fileURLToPath(new URL('.', import.meta.url));
const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('give the report that keepprob check --all --report json=FILE wrote');
  process.exit(2);
}
const { reports } = JSON.parse(readFileSync(file, 'utf8'));

const read = (path) => (existsSync(room + path) ? JSON.parse(readFileSync(room + path, 'utf8')) : undefined);

/** The folders with what their manifests say and what was reported of them, in the order of `check --all`. */
const judged = readdirSync(room)
  .sort()
  .map((folder) => ({ folder, manifest: read(`${folder}/implementation.json`) }))
  .filter(({ manifest }) => manifest !== undefined)
  .map((each, i) => ({ ...each, report: reports[i] }));
if (judged.length !== reports.length)
  throw new Error(`${judged.length} implementations are here, but ${reports.length} were judged: check --all --set-up`);

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const number = ({ clauses }, ...verdicts) => clauses.filter(({ verdict }) => verdicts.includes(verdict)).length;
const isBroken = (clause) => ['refuted', 'broken'].includes(clause.verdict);
const verdictOf = ({ clauses }) =>
  clauses.some((clause) => clause.level === 'MUST' && isBroken(clause)) ? 'violates' : 'conforms';

const overview = table(
  ['folder', 'judged', 'language', 'verdict', 'hold', 'refuted', 'broke', 'not applicable'],
  judged.map(({ folder, report }) => [
    `\`${folder}\``,
    `${report.implementation.name} ${report.implementation.version}`,
    report.implementation.language ?? '',
    verdictOf(report),
    ...['holds', 'refuted', 'broken', 'unsupported'].map((verdict) => number(report, verdict)),
  ]),
);

const clauses = reports[0].clauses.filter(({ id }) =>
  reports.some((report) => report.clauses.some((clause) => clause.id === id && isBroken(clause))),
);
const short = ({ folder }) => folder.slice(folder.indexOf('-') + 1);
const cellOf = (report, id) => {
  const { verdict } = report.clauses.find((clause) => clause.id === id);
  return { holds: '✓', refuted: '✗', broken: '!', undecided: '?', unsupported: '' }[verdict];
};
const breaking = judged.filter(({ report }) => report.clauses.some(isBroken));
const matrix = table(
  ['clause', ...breaking.map(short)],
  clauses.map(({ id, level }) => [
    `${id}${level === 'MUST' ? '' : ` (${level})`}`,
    ...breaking.map(({ report }) => cellOf(report, id)),
  ]),
);

const decayText = ([optimizer, { decay, times_lr, order, bias }]) =>
  `${optimizer}: ${decay}${decay === 'decoupled' ? `${times_lr ? ', × lr' : ''}, ${order ?? 'before'}` : ''}${bias ? '' : ', weights only'}`;
const conventions = table(
  ['judged', 'dtypes of dropout', 'keep_prob 0', 'seed', 'penalty', 'decay'],
  judged.map(({ report: { implementation } }) => {
    const { dropout, penalty, step } = implementation.capabilities ?? {};
    return [
      implementation.name,
      dropout?.dtypes.join(', ') ?? '',
      dropout?.keep_prob_zero ?? '',
      dropout?.seed ?? '',
      penalty === undefined
        ? ''
        : `${penalty.coefficient} · λ Σw²${penalty.per_example ? ' / examples' : ''}${penalty.bias ? ', biases too' : ''}`,
      step === undefined ? '' : Object.entries(step.optimizers).map(decayText).join('; '),
    ];
  }),
);

const [begin, end] = ['<!-- begin: node implementations/table.mjs -->', '<!-- end -->'];
const readme = readFileSync(`${room}README.md`, 'utf8');
const [before, rest] = readme.split(begin);
const [, after] = rest.split(end);
const { profile, suite } = reports[0];
const content = `${begin}

As keepprob ${suite.version} found them with the profile \`${profile}\`:

${overview}

What each breaks: ✗ refuted, ! it broke, ✓ holds; empty where it is not declared.

${matrix}

Conventions, as declared and verified:

${conventions}

${end}`;
writeFileSync(`${room}README.md`, `${before}${content}${after}`);
console.log(`wrote the tables of ${judged.length} implementations`);
