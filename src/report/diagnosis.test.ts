import { describe, expect, it } from 'vitest';
import type { FoundCounterexample } from '../judge/verify.ts';
import { diagnose, type Signature } from './diagnosis.ts';
import { symptomsOf } from './symptoms.ts';
import { findingOf } from './testing.ts';

const refuted = (id: string, counterexample: Partial<FoundCounterexample> = {}, evidence = {}) =>
  findingOf({
    id,
    verdict: 'refuted',
    evidence,
    message: `${id} is wrong`,
    counterexample: { case: {}, where: 'y[0]', got: '1', wanted: '4', ...counterexample },
  });

describe('symptoms', () => {
  it('are none of a clause that was not refuted', () => {
    expect(symptomsOf(findingOf({ id: 'dropout/a' }))).toEqual([]);
  });

  it('tell the place without its index, the kinds of numbers, and the formulas that give the ratio', () => {
    const seen = symptomsOf(
      refuted('dropout/a', { where: 'y[0,3] of call 12', got: '0.75', wanted: '1', case: { keepProb: 0.25 } }),
    );
    expect(seen).toEqual([
      'dropout/a',
      'dropout/a: at y of call #',
      'dropout/a: got a number, wanted a number',
      'dropout/a: 1 − keepProb times what was wanted',
      'dropout/a: less than wanted',
      'dropout/a: off by -0.25',
    ]);
  });

  it.each([
    [0.25, '4', '1', '1/keepProb'],
    [0.25, '1', '16', 'keepProb²'],
    [0.8, '-3', '3', '-1'],
    [0.8, '0', '3', '0'],
  ])('at %d, %s for %s is %s times what was wanted', (keepProb, got, wanted, formula) => {
    const seen = symptomsOf(refuted('dropout/a', { got, wanted, case: { keepProb } }));
    expect(seen).toContain(`dropout/a: ${formula} times what was wanted`);
  });

  it('know an answer that is no number by its words', () => {
    const seen = symptomsOf(
      refuted('dropout/a', { got: 'accepted, with y = [0.5]', wanted: 'refused', case: { keepProb: 0.5 } }),
    );
    expect(seen).toContain('dropout/a: got accepted, with y =, wanted refused');
    expect(seen).toContain('dropout/a: y begins with keepProb');
  });

  it('tell the small numbers, the words and the vector that a case was left with', () => {
    const asked = symptomsOf(refuted('dropout/a', { case: { steps: 2, lr: 0.3, optimizer: 'sgd' } }));
    expect(asked).toContain('dropout/a: asked with steps 2');
    expect(asked).toContain('dropout/a: asked with sgd');
    expect(asked.join()).not.toContain('0.3');
  });

  it('of counts tell what came too often, and which formula of keep_prob its rate is', () => {
    const simplest = {
      experiment: 'keep_prob 0.25, shape [3]',
      event: 'kept at position 2',
      measure: 'rate',
      wanted: 0.25,
      found: 0.7502,
      trials: 100_000,
    };
    expect(symptomsOf(refuted('dropout/a', {}, { simplest }))).toEqual([
      'dropout/a',
      'dropout/a: more often kept at position #',
      'dropout/a: in shape',
      'dropout/a: shape 3',
      'dropout/a: the last of shape 3',
      'dropout/a: keep_prob in between',
      'dropout/a: a rate of 1 − keepProb',
    ]);
  });
});

const signatures: readonly Signature[] = [
  {
    fault: 'dropout/scaled',
    what: 'It is scaled.',
    mend: 'Do not scale.',
    seen: 'a library',
    symptoms: { 'dropout/a': 1, 'dropout/a: at y': 1, 'dropout/a: 1/keepProb times what was wanted': 1 },
  },
  {
    fault: 'dropout/not-scaled',
    what: 'It is not scaled.',
    mend: 'Scale.',
    symptoms: { 'dropout/a': 1, 'dropout/a: at y': 1, 'dropout/a: keepProb times what was wanted': 1 },
  },
  { fault: 'l2/sign', what: 'The sign is wrong.', mend: 'Turn it.', symptoms: { 'l2/b': 1, 'l2/b: at value': 1 } },
];
const scaled = refuted('dropout/a', { got: '4', wanted: '1', case: { keepProb: 0.25 } });

describe('a diagnosis', () => {
  it('is none where nothing was refuted', () => {
    expect(diagnose([findingOf({ id: 'dropout/a' })], signatures)).toEqual([]);
  });

  it('names the fault that looks like it, what to do, and why', () => {
    const [first, ...others] = diagnose([scaled], signatures);
    expect(first).toMatchObject({
      fault: 'dropout/scaled',
      advice: 'It is scaled. Seen in a library. Do not scale.',
      clauses: ['dropout/a'],
      because: 'dropout/a is wrong',
    });
    expect(first.agreement).toBeGreaterThan(0.8);
    expect(others).toEqual([]);
  });

  it('names two where there are two', () => {
    const sign = refuted('l2/b', { where: 'value' });
    expect(diagnose([scaled, sign], signatures).map(({ fault }) => fault)).toEqual(['dropout/scaled', 'l2/sign']);
  });

  it('guesses at nothing that is not known', () => {
    expect(diagnose([refuted('decay/c')], signatures)).toEqual([]);
    const odd = refuted('l2/b', { where: 'elsewhere' });
    const elsewhere = refuted('dropout/a', { where: 'dx' });
    expect(diagnose([odd, elsewhere, refuted('decay/c'), refuted('decay/d')], signatures)).toEqual([]);
  });

  it('leaves out of the comparison what was not judged', () => {
    const two = { ...signatures[2], symptoms: { ...signatures[2].symptoms, 'l2/more': 1, 'l2/most': 1 } };
    const sign = refuted('l2/b', { where: 'value' });
    const agreementWith = (...others: readonly ReturnType<typeof findingOf>[]) =>
      diagnose([sign, ...others], [two])[0]?.agreement ?? 0;
    const unsupported = ['l2/more', 'l2/most'].map((id) => findingOf({ id, verdict: 'unsupported' }));
    const holding = ['l2/more', 'l2/most'].map((id) => findingOf({ id }));
    expect(agreementWith(...unsupported)).toBeGreaterThan(agreementWith(...holding));
  });
});
