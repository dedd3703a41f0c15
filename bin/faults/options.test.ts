import { describe, expect, it } from 'vitest';
import { askedFor, type FaultsOptions } from './options.ts';

const asked = (options: Partial<FaultsOptions>) => askedFor({ only: [], progress: true, ...options });

describe('the options of faults', () => {
  it.each<[Partial<FaultsOptions>, string]>([
    [
      { only: ['zzz'] },
      '--only goes with --measure, --diagnosis, --own and --acquittal: it does nothing in keepprob faults',
    ],
    [{ only: ['*'], strengths: true }, 'it does nothing in keepprob faults --strengths'],
    [
      { runs: '5' },
      '--runs goes with --diagnosis, --own, --acquittal, and --measure without --strengths: it does nothing',
    ],
    [{ runs: '5', strengths: true, measure: true }, 'it does nothing in keepprob faults --strengths --measure'],
    [{ profile: 'quick' }, '--profile goes with --strengths --measure: it does nothing in keepprob faults'],
    [{ profile: 'bogus', strengths: true }, '--profile goes with --strengths --measure: it does nothing'],
    [{ profile: 'bogus', strengths: true, measure: true }, '--profile takes quick, standard, thorough, got bogus'],
    [{ profile: 'quick', measure: true }, 'it does nothing in keepprob faults --measure'],
    [{ keep: true, own: true }, '--keep goes with --measure: it does nothing in keepprob faults --own'],
    [
      { measure: true, own: true },
      '--measure goes with --strengths, or none of these: it does nothing in keepprob faults --own',
    ],
    [{ strengths: true, diagnosis: true }, '--strengths and --diagnosis show one thing each: ask for one of them'],
    [{ runs: '0', own: true }, '--runs takes a number of runs, got 0'],
    [{ runs: '', own: true }, '--runs takes a number of runs, got nothing'],
  ])('refuse %o', (options, sentence) => {
    expect(() => asked(options)).toThrow(sentence);
  });

  it.each<[Partial<FaultsOptions>, object]>([
    [{}, { screen: 'matrix', measure: false, keep: false, runs: 1, profiles: ['quick', 'standard'] }],
    [
      { measure: true, keep: true, runs: '3', only: ['l2/*'] },
      { screen: 'matrix', measure: true, keep: true, runs: 3 },
    ],
    [{ strengths: true }, { screen: 'strengths', measure: false }],
    [
      { strengths: true, measure: true, keep: true, profile: 'thorough', only: ['l2/*'] },
      { screen: 'strengths', measure: true, keep: true, profiles: ['thorough'] },
    ],
    [
      { diagnosis: true, runs: '2', only: ['l2/*'] },
      { screen: 'diagnosis', runs: 2, only: ['l2/*'] },
    ],
    [
      { acquittal: true, runs: '2' },
      { screen: 'acquittal', runs: 2 },
    ],
  ])('take %o', (options, wanted) => {
    expect(asked(options)).toMatchObject(wanted);
  });
});
