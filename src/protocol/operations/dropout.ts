import type { DropoutAnswer, DropoutCall } from '../../subject.ts';
import { expectMask, expectTensor } from '../expect.ts';
import { given, type Operation } from './operation.ts';

export const dropout: Operation<DropoutCall, DropoutAnswer> = {
  op: 'dropout',
  args: ({ keepProb, training, layer, seed, repeat }) => given({ keep_prob: keepProb, training, layer, seed, repeat }),
  tensors: ({ x, dy, u }) => given({ x, dy, u }),
  answer(tensors, { x, dy, training, repeat }, can) {
    const shape = repeat === undefined ? x.shape : [repeat, ...x.shape];
    const y = expectTensor(tensors, 'y', { dtype: x.dtype, shape });
    // In evaluation nothing is dropped: a mask may be left out.
    const isMasked = can.dropout?.mask === true && (training || Object.hasOwn(tensors, 'mask'));
    const mask = isMasked ? expectMask(tensors, 'mask', shape) : undefined;
    const dx = dy === undefined ? undefined : expectTensor(tensors, 'dx', { dtype: x.dtype, shape });
    return { y, ...given({ mask, dx }) };
  },
};
