/** What dropout and the penalty do to networks that are trained on real data. */
import { clause, trend } from '../../src/clause.ts';
import type { Digits } from '../../src/digits.ts';
import type { Subject } from '../../src/subject.ts';
import { distanceOf, type Regularization, type Trainings, trainings } from './trained.ts';

const remembered = new WeakMap<Subject, Map<number, Trainings>>();

function trainingsOf(subject: Subject, digits: Digits, seed: number): Trainings {
  const own = remembered.get(subject) ?? new Map<number, Trainings>();
  remembered.set(subject, own);
  const known = own.get(seed) ?? trainings(subject, digits, seed);
  own.set(seed, known);
  return known;
}

/** What is measured of a pair of trainings. */
export type Measure = (trained: Trainings, regularization: Regularization) => Promise<number>;

export const measures = {
  gap: async (trained, regularization) => (await trained(regularization)).gap,
  loss: async (trained, regularization) => (await trained(regularization)).loss,
  squares: async (trained, regularization) => (await trained(regularization)).squares,
  largestShare: async (trained, regularization) => (await trained(regularization)).largestShare,
  distance: async (trained, regularization) =>
    distanceOf(await trained(regularization, 0), await trained(regularization, 1)),
} satisfies Record<string, Measure>;

const falls = (words: string, measure: Measure, regularization: Regularization) =>
  trend(words, async (subject, digits, seed) => {
    const trained = trainingsOf(subject, digits, seed);
    return { regularized: await measure(trained, regularization), plain: await measure(trained, 'none') };
  });

export const dropoutNarrowsTheGap = clause({
  id: 'training/dropout-narrows-the-gap',
  level: 'SHOULD',
  statement:
    'Trained with dropout, a network that would learn its examples by heart SHOULD have a smaller gap between the loss on other images and the loss on its examples.',
  needs: ['network'],
  evidence: falls('the gap', measures.gap, 'dropout'),
});

export const l2NarrowsTheGap = clause({
  id: 'training/l2-narrows-the-gap',
  level: 'SHOULD',
  statement:
    'Trained with the penalty, a network that would learn its examples by heart SHOULD have a smaller gap between the loss on other images and the loss on its examples.',
  needs: ['network', 'penalty'],
  evidence: falls('the gap', measures.gap, 'l2'),
});

export const dropoutGeneralizesBetter = clause({
  id: 'training/dropout-generalizes-better',
  level: 'SHOULD',
  statement:
    'Trained with dropout, a network that would learn its examples by heart SHOULD have a smaller loss on other images.',
  needs: ['network'],
  evidence: falls('the loss on other images', measures.loss, 'dropout'),
});

export const l2GeneralizesBetter = clause({
  id: 'training/l2-generalizes-better',
  level: 'SHOULD',
  statement:
    'Trained with the penalty, a network that would learn its examples by heart SHOULD have a smaller loss on other images.',
  needs: ['network', 'penalty'],
  evidence: falls('the loss on other images', measures.loss, 'l2'),
});

export const l2ShrinksTheWeights = clause({
  id: 'training/l2-shrinks-the-weights',
  level: 'SHOULD',
  statement: 'Trained with the penalty, the weights of a network SHOULD have a smaller sum of squares.',
  needs: ['network', 'penalty'],
  evidence: falls('the sum of the squared weights', measures.squares, 'l2'),
});

export const dropoutSpreadsTheWeights = clause({
  id: 'training/dropout-spreads-the-weights',
  level: 'SHOULD',
  statement:
    'Trained with dropout, the weights of a node whose inputs are dropped SHOULD be more spread out: its largest weight has a smaller share of the sum of their squares.',
  needs: ['network'],
  evidence: falls("the share of a node's largest weight", measures.largestShare, 'dropout'),
});

export const dropoutSteadiesThePredictions = clause({
  id: 'training/dropout-steadies-the-predictions',
  level: 'SHOULD',
  statement:
    'Trained with dropout on two sets of images, the predictions for further ones SHOULD differ less than without.',
  needs: ['network'],
  evidence: falls('the distance of the predictions', measures.distance, 'dropout'),
});
