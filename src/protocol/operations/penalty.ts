import type { PenaltyAnswer, PenaltyCall } from '../../subject.ts';
import { distinct, expectLike, expectScalar } from '../expect.ts';
import { given, type Operation } from './operation.ts';

export const penalty: Operation<PenaltyCall, PenaltyAnswer> = {
  op: 'penalty',
  args: ({ lambda, roles, examples, gradient, alias }) => given<unknown>({ lambda, roles, examples, gradient, alias }),
  tensors: ({ parameters }) => parameters,
  answer: (tensors, { parameters, gradient, alias }) => ({
    value: expectScalar(tensors, 'value'),
    gradients: gradient === true ? expectLike(tensors, distinct(parameters, alias), 'd:') : {},
  }),
};
