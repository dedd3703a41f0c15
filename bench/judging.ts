/** (b) What the judge spends on an element that it is shown, over what drawing and counting one costs. */
import { spawnSync } from 'node:child_process';
import { clauses, registry } from '../properties/index.ts';
import { profileFor } from '../src/judge/profiles.ts';
import { totalWeightOf } from '../src/judge/run.ts';
import { verify } from '../src/judge/verify.ts';
import { interleaved, type Line, processorTime, ratioLine } from './measure.ts';
import { preparedSubject } from './subjects.ts';

const repetitions = 9;

/** Rounds before anything is measured: the time to compile is part of no element, and V8 takes some rounds to be done with it. */
const warmUps = 4;

const laws = clauses.filter(({ id, evidence }) => evidence.kind === 'statistical' && id.startsWith('dropout/'));

/** What a clause cost the judge: nanoseconds of processor time, drawing left out, and the elements that it saw. */
interface Cost {
  readonly nanoseconds: number;
  readonly elements: number;
}

async function costOf(clause: (typeof laws)[number]): Promise<Cost> {
  const { subject, spent } = preparedSubject();
  const seed = 1;
  const start = processorTime();
  const { verdict, message } = await verify(clause, subject, {
    profile: profileFor('standard', seed),
    seed,
    falseAlarm: 1e-9,
    totalWeight: totalWeightOf(registry),
    golden: async () => [],
    digits: async () => ({ images: [], labels: [] }),
  });
  if (verdict !== 'holds') throw new Error(`${clause.id} is ${verdict} of correct draws: ${message}`);
  const { elements, drawing } = spent();
  return { nanoseconds: processorTime() - start - drawing, elements };
}

/** Draws, compares and counts as many elements as given, in a loop; answers nanoseconds an element. */
function bareLoop(elements: number): number {
  const start = processorTime();
  let kept = 0;
  for (let i = 0; i < elements; i++) if (Math.random() < 0.8) kept++;
  if (!(kept > 0)) throw new Error('a loop that nobody reads may be left out');
  return (processorTime() - start) / elements;
}

/** The same by NumPy, in pieces that stay in the cache as its users would choose them; nanoseconds an element. */
const numpyProgram = `
import sys, time
import numpy as np
elements, piece = int(sys.argv[1]), 2 ** 18
random = np.random.default_rng()
start = time.process_time()
kept = sum(np.count_nonzero(random.random(piece) < 0.8) for _ in range(elements // piece))
print((time.process_time() - start) * 1e9 / (elements // piece * piece))
`;

function numpy(elements: number): number {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', numpyProgram, String(elements)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

/** Why python3 with NumPy cannot be asked; undefined if it can. */
function whyNoNumpy(): string | undefined {
  const { error, status } = spawnSync('python3', ['-c', 'import numpy']);
  if (error) return 'there is no python3';
  return status === 0 ? undefined : 'python3 has no NumPy';
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export async function judging(): Promise<readonly Line[]> {
  const missing = whyNoNumpy();
  const costs = new Map(laws.map(({ id }) => [id, [] as Cost[]]));
  const costOfAll = async (): Promise<number> => {
    const round: Cost[] = [];
    for (const clause of laws) {
      const cost = await costOf(clause);
      costs.get(clause.id)?.push(cost);
      round.push(cost);
    }
    return sum(round.map(({ nanoseconds }) => nanoseconds)) / sum(round.map(({ elements }) => elements));
  };
  for (let round = 0; round < warmUps; round++) await costOfAll();
  for (const list of costs.values()) list.length = 0;
  const elements = 2 ** 26;
  const measured = await interleaved(repetitions, {
    array: () => (missing === undefined ? numpy(elements) : Number.NaN),
    judge: costOfAll,
    loop: () => bareLoop(elements),
  });
  const perClause = laws.map(({ id }): Line => {
    const list = costs.get(id) ?? [];
    const seen = sum(list.map((cost) => cost.elements));
    const each = sum(list.map(({ nanoseconds }) => nanoseconds)) / seen;
    const millions = seen / list.length / 1e6;
    return { what: `  ${id}, ${millions.toFixed(1)} million elements`, figure: `${each.toFixed(2)} ns` };
  });
  const judge = `the judge's ${measured.of('judge').toFixed(2)} ns an element`;
  return [
    missing === undefined
      ? ratioLine(`${judge} / NumPy's ${measured.of('array').toFixed(2)} ns`, measured.ratio('judge', 'array'), {
          most: 1,
        })
      : { what: `the judge's cost an element / NumPy's: left out, since ${missing}`, figure: '-' },
    ratioLine(`${judge} / a JavaScript loop's ${measured.of('loop').toFixed(2)} ns`, measured.ratio('judge', 'loop')),
    ...perClause,
  ];
}
