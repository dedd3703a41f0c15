import type { StepCall } from '../../subject.ts';
import type { Tensor } from '../../tensor.ts';
import { distinct, expectLike } from '../expect.ts';
import { given, type Operation, prefixed } from './operation.ts';

export const step: Operation<StepCall, Record<string, Tensor>> = {
  op: 'step',
  args: ({ optimizer, lr, weightDecay, roles, steps, momentum, beta1, beta2, eps, alias }) =>
    given<unknown>({ optimizer, lr, weight_decay: weightDecay, roles, steps, momentum, beta1, beta2, eps, alias }),
  tensors: ({ parameters, gradients }) => ({ ...parameters, ...prefixed('g:', gradients) }),
  answer: (tensors, { parameters, alias }) => expectLike(tensors, distinct(parameters, alias)),
};
