import type { NetworkAnswer, NetworkCall } from '../../subject.ts';
import type { Tensor } from '../../tensor.ts';
import { expectLike, expectMask, expectScalar, expectTensor } from '../expect.ts';
import type { Operation } from './operation.ts';

export const network: Operation<NetworkCall, NetworkAnswer> = {
  op: 'network',
  args: ({ layers, activation, loss, keepProbs, lambda, training }) => ({
    layers,
    activation,
    loss,
    keep_probs: keepProbs,
    lambda,
    training,
  }),
  tensors: ({ x, t, parameters, masks = [] }) => ({ x, t, ...parameters, ...numbered('mask', masks) }),
  answer(tensors, { x, layers, parameters, training }, can) {
    const [batch] = x.shape;
    const hidden = training && can.network?.masks === true ? layers.slice(1, -1) : [];
    return {
      loss: expectScalar(tensors, 'loss'),
      y: expectTensor(tensors, 'y', { dtype: x.dtype, shape: [batch, layers[layers.length - 1]] }),
      masks: hidden.map((size, l) => expectMask(tensors, `mask${l + 1}`, [batch, size])),
      gradients: expectLike(tensors, parameters, 'd:'),
    };
  },
};

/** `mask1`, `mask2`, … */
const numbered = (name: string, list: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(list.map((tensor, i) => [`${name}${i + 1}`, tensor]));
