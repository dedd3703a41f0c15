/**
 * What a failure looks like, as a set of short texts: which clauses were refuted, where, by what kind of answer, and which
 * formula of the numbers asked about gives what was found. Sizes, seeds and places leave no trace in them, so that the
 * same fault shows the same symptoms in another run.
 */
import { decodeCase, isTensor } from '../case.ts';
import type { CaseValue } from '../clause.ts';
import type { ClaimEvidence } from '../judge/evidence.ts';
import type { Finding, FoundCounterexample } from '../judge/verify.ts';

/** The symptoms of one refuted clause, its id first; the others begin with it. */
export function symptomsOf(finding: Finding): readonly string[] {
  const { id, verdict, counterexample, evidence } = finding;
  if (verdict !== 'refuted') return [];
  const counted = (evidence['simplest'] ?? evidence['strongest']) as ClaimEvidence | undefined;
  const details = counted === undefined ? seenIn(counterexample) : countedIn(counted);
  return [id, ...new Set(details)].map((detail, i) => (i === 0 ? id : `${id}: ${detail}`));
}

/**
 * Where a refuted clause was, and what kind of answer came and was wanted: the same whenever an implementation that has
 * not changed is asked the same again. The clause's id is first, as of symptoms.
 */
export function natureOf({ id, counterexample }: Finding): readonly string[] {
  return [
    id,
    ...(counterexample === undefined ? ['no case'] : natureIn(counterexample)).map((each) => `${id}: ${each}`),
  ];
}

const natureIn = ({ where, got, wanted }: FoundCounterexample): readonly string[] => [
  `at ${pattern(where)}`,
  `got ${kindOf(got)}, wanted ${kindOf(wanted)}`,
];

/** The clause that a symptom is of. */
export const clauseOf = (symptom: string): string => symptom.split(': ', 1)[0];

function seenIn(counterexample: Finding['counterexample']): readonly string[] {
  if (counterexample === undefined) return ['no case'];
  const { got, wanted, case: recorded } = counterexample;
  const example = decodeCase(recorded);
  const numbers = numbersOf(example);
  return [
    ...natureIn(counterexample),
    ...extremeIn(Number(got), Number(wanted)),
    ...formulasOf(Number(got) / Number(wanted), numbers).map((formula) => `${formula} times what was wanted`),
    ...directionOf(Number(got), Number(wanted)),
    ...answered(got, numbers),
    ...wordsOf(example).map((word) => `asked with ${word}`),
    ...[...numbers].filter(([, number]) => isTelling(number)).map(([name, number]) => `asked with ${name} ${number}`),
  ];
}

/** Whether it is about numbers near the ends of a format. */
const extremeIn = (got: number, wanted: number): readonly string[] => {
  const is = (isSo: (magnitude: number) => boolean) => [got, wanted].some((value) => isSo(Math.abs(value)));
  return [
    ...(is((magnitude) => magnitude > 0 && magnitude < 2 ** -100) ? ['of tiny numbers'] : []),
    ...(is((magnitude) => magnitude > 2 ** 100) ? ['of huge numbers'] : []),
  ];
};

function directionOf(got: number, wanted: number): readonly string[] {
  if (!(Math.abs(got - wanted) > 0)) return [];
  const sixteenths = 16 * (got - wanted);
  return [
    got > wanted ? 'more than wanted' : 'less than wanted',
    ...(Number.isInteger(sixteenths) && Math.abs(sixteenths) <= 128 ? [`off by ${got - wanted}`] : []),
  ];
}

/** A case is made as small as it can be: what small whole numbers are left in it, it takes. */
const isTelling = (number: number): boolean => Number.isInteger(number) && Math.abs(number) <= 8;

/** What an answer that is told in words begins with: of `accepted, with y = [0.5] (float64)` that y is 1/keepProb, or 0. */
const answered = (text: string, numbers: ReadonlyMap<string, number>): readonly string[] =>
  [...text.matchAll(/(\w+) = \[([^\],]+)/g)].flatMap(([, name, first]) => {
    const formulas = Number(first) === 1 ? ['1'] : formulasOf(Number(first), numbers);
    return [`${name} begins with ${kindOf(first)}`, ...formulas.map((formula) => `${name} begins with ${formula}`)];
  });

/** The texts of a case: names of vectors, of special values, of settings. */
function wordsOf(value: CaseValue): readonly string[] {
  if (typeof value === 'string') return [pattern(value)];
  if (typeof value !== 'object' || isTensor(value)) return [];
  return Object.values(value).flatMap(wordsOf);
}

/** A text without its numbers, and without the places in brackets. */
const pattern = (text: string): string =>
  text
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/-?\d[\d.e+-]*/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** What sort of an answer it is: a number by its sort, a sentence by its words. */
function kindOf(text: string): string {
  const value = Number(text);
  if (Object.is(value, 0) || Object.is(value, -0)) return Object.is(value, 0) ? '0' : '-0';
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return text;
  return Number.isNaN(value) ? pattern(text).slice(0, 60) : 'a number';
}

function countedIn({ measure, event, experiment, wanted, found, trials }: ClaimEvidence): readonly string[] {
  const direction = found > wanted ? 'more' : 'less';
  const spread = 4 * Math.sqrt(Math.max(found * (1 - found), 0) / Math.max(trials, 1));
  const [keepProb, second] = [...(/keep_probs? ([\d.e-]+)(?: and ([\d.e-]+))?/.exec(experiment) ?? [])]
    .slice(1)
    .map(Number);
  const numbers = new Map(
    Object.entries({ keepProb, keepProb2: second }).filter(([, number]) => Number.isFinite(number)),
  );
  const formulas =
    measure === 'rate' ? formulasOf(found, numbers, Math.max(spread, 1e-3)) : found > 0.97 ? ['all of'] : [];
  return [
    `${direction} ${measure === 'rate' ? 'often' : 'alike'} ${pattern(inWords(event))}`,
    ...eventsWithin(event).map((part) => `${direction} ${part}`),
    `in ${pattern(experiment.replace(/keep_prob [\d.e-]+(, )?/, ''))}`,
    ...placeOf(event, experiment),
    ...(keepProb === undefined ? [] : [`keep_prob ${extremeOf(keepProb)}`]),
    ...formulas.map((formula) => `a rate of ${formula}`),
    ...(measure === 'correlation' && found > 0.97 ? ['the same'] : []),
    ...(found < 1e-3 && measure === 'rate' ? ['never'] : []),
    ...(found > 1 - 1e-3 && measure === 'rate' ? ['always'] : []),
  ];
}

/** Which layer it is tells something. */
const inWords = (event: string): string =>
  event.replaceAll('layer 1', 'the first layer').replaceAll('layer 2', 'the second layer');

/** What an event is about, without the value that an element has or the context it stands in: `kept, where x is tiny`. */
const eventsWithin = (event: string): readonly string[] => {
  const [head, ...rest] = event.split(/, where |: /);
  return rest.length === 0 ? [] : [pattern(head)];
};

/** Which element of which shape, where the shape is one of the small ones that a refutation is narrowed down to. */
function placeOf(event: string, experiment: string): readonly string[] {
  const shape = /shape \[([\d,]+)\]/.exec(experiment)?.[1];
  if (shape === undefined) return [];
  const size = shape.split(',').reduce((product, axis) => product * Number(axis), 1);
  if (size > mostOfNarrowed) return ['a large shape'];
  const position = /position (\d+)/.exec(event)?.[1];
  const place = position === undefined ? undefined : Number(position) === size - 1 ? 'the last' : `place ${position}`;
  return [`shape ${shape}`, ...(place === undefined ? [] : [`${place} of shape ${shape}`])];
}

const mostOfNarrowed = 129;

const extremeOf = (keepProb: number): string =>
  keepProb < 0.05 ? 'near 0' : keepProb > 0.95 ? 'near 1' : keepProb === 0.5 ? 'of 1/2' : 'in between';

/** The numbers of a case by their names; of lists, each. Tensors have no name for their numbers. */
function numbersOf(value: CaseValue, name = ''): ReadonlyMap<string, number> {
  if (typeof value === 'number') return new Map([[name, value]]);
  if (typeof value !== 'object' || isTensor(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, each]) => [...numbersOf(each, Array.isArray(value) ? name : key)]),
  );
}

const constants: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['-1', -1],
  ['1/2', 1 / 2],
  ['2', 2],
];

/** What implementations have made of a number p. */
const made: readonly (readonly [string, (p: number) => number])[] = [
  ['p', (p) => p],
  ['1/p', (p) => 1 / p],
  ['p²', (p) => p * p],
  ['1/p²', (p) => 1 / (p * p)],
  ['1 − p', (p) => 1 - p],
  ['1/(1 − p)', (p) => 1 / (1 - p)],
  ['p/(1 − p)', (p) => p / (1 - p)],
  ['(1 − p)/p', (p) => (1 - p) / p],
  ['1 + p', (p) => 1 + p],
];

/** The formulas that give a number, but for a thousandth of it; none for 1, which nothing needs to explain. */
function formulasOf(value: number, numbers: ReadonlyMap<string, number>, tolerance = 1e-3): readonly string[] {
  if (!Number.isFinite(value) || Math.abs(value - 1) <= 1e-6) return [];
  const isIt = (candidate: number): boolean =>
    Number.isFinite(candidate) && Math.abs(value - candidate) <= tolerance * Math.max(1e-3, Math.abs(candidate));
  return [
    ...constants.filter(([, constant]) => isIt(constant)).map(([formula]) => formula),
    ...[...numbers].flatMap(([name, number]) =>
      made.filter(([, from]) => isIt(from(number))).map(([formula]) => formula.replaceAll('p', name)),
    ),
  ];
}
