import { describe, expect, it } from 'vitest';
import { readingOf, readingsOf } from './reading.ts';
import { findingOf, refutedBy } from './testing.ts';

const scale = 'dropout/kept-are-scaled-by-inverse-keep-prob';
const evaluation = 'dropout/evaluation-is-identity';

/** The fault that is read from x = 1 and what came of it. */
const read = (id: string, got: number | string, wanted: number | string, keepProb: unknown = 0.8) =>
  readingOf(refutedBy(id, { got: String(got), wanted: String(wanted), case: { keepProb } }))?.fault;

describe('a number that came out wrong', () => {
  it.each([
    ['dropout/no-scale', 1],
    ['dropout/scale-by-drop-prob', 5],
    ['dropout/scaled-twice', 1 / 0.64],
    ['dropout/scale-by-keep-prob', 0.8],
  ])('in training is read as %s', (fault, got) => {
    expect(read(scale, got, 1.25)).toBe(fault);
    expect(read('dropout/gradient-is-scaled-like-the-output', got, 1.25)).toBe(fault);
  });

  it.each([
    ['dropout/evaluation-scaled-by-drop-prob', 0.2],
    ['dropout/evaluation-scaled-by-keep-prob', 0.8],
    ['dropout/evaluation-still-scales', 1.25],
    ['dropout/evaluation-still-drops', 0],
  ])('in evaluation is read as %s', (fault, got) => {
    expect(read(evaluation, got, 1, 0.8)).toBe(fault);
    expect(read('dropout/evaluation-gradient-is-identity', -got, -1)).toBe(fault);
  });

  it('is read with the roundings of its dtype', () => {
    expect(read(evaluation, '0.7998', '1')).toBe('dropout/evaluation-scaled-by-keep-prob');
    expect(read(evaluation, '0.79', '1')).toBeUndefined();
    expect(read(evaluation, '-0.8', '1')).toBeUndefined();
  });

  it('says what it takes to be wrong', () => {
    const reading = readingOf(refutedBy(scale, { got: '1', wanted: '4', case: { keepProb: 0.25 } }));
    expect(reading).toEqual({
      fault: 'dropout/no-scale',
      agreement: 1,
      advice: 'kept elements are not divided by keep_prob: this is dropout without the inversion',
    });
  });

  it.each([
    ['where two faults give the same number', evaluation, 0.5, 1, 0.5],
    ['where no fault gives that number', scale, 3, 1.25, 0.8],
    ['where there is no keep_prob', scale, 1, 1.25, 'none'],
    ['where keep_prob leaves nothing to be told', evaluation, 0, 1, 1],
    ['where keep_prob is out of range', scale, 1, 1.25, 0],
    ['where the clause is of another kind', 'l2/golden', 1, 1.25, 0.8],
    ['where no number came', scale, 'refused: no', 'answered', 0.8],
    ['where zero was wanted', evaluation, 1, 0, 0.8],
  ])('is not read %s', (_, id, got, wanted, keepProb) => expect(read(id, got, wanted, keepProb)).toBeUndefined());

  it('is not read where nothing came out wrong', () => expect(readingOf(findingOf({ id: scale }))).toBeUndefined());
});

it('a run has each reading once, in the order of its findings', () => {
  const unscaled = { got: '1', wanted: '4', case: { keepProb: 0.25 } };
  const dropped = { got: '0', wanted: '1', case: { keepProb: 0.25 } };
  const findings = [
    findingOf(),
    refutedBy(evaluation, dropped),
    refutedBy(scale, unscaled),
    refutedBy('dropout/gradient-is-scaled-like-the-output', unscaled),
  ];
  expect(readingsOf(findings).map(({ fault }) => fault)).toEqual([
    'dropout/evaluation-still-drops',
    'dropout/no-scale',
  ]);
  expect(readingsOf([])).toEqual([]);
});
