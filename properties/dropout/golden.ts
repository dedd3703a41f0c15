/** What NumPy computes for given masks. */
import { clause, golden } from '../../src/clause.ts';
import { valuesOf } from '../../src/tensor.ts';
import { scaling } from '../allowances.ts';
import { dtypesOf } from './calls.ts';

export const goldenDropout = clause({
  id: 'dropout/golden',
  level: 'MUST',
  statement: 'Outputs and gradients MUST be those that NumPy computes for the same mask.',
  needs: ['dropout'],
  evidence: golden('dropout', async (subject, { args, tensors, expected }, must) => {
    const { x, u, dy } = tensors;
    const keepProb = Number(args['keep_prob']);
    const training = args['training'] === true;
    const { uniforms, gradient, keep_prob_zero } = subject.capabilities.dropout ?? {};
    if (!dtypesOf(subject.capabilities).includes(x.dtype)) return;
    if (keepProb === 0 && keep_prob_zero !== 'zeros') return;
    const given = { ...(u && uniforms ? { u } : {}), ...(dy && gradient ? { dy } : {}) };
    const answer = await subject.dropout({ x, keepProb, training, ...given });
    for (const name of ['y', 'mask', 'dx'] as const) {
      const got = answer[name];
      const want = expected[name]?.tensor;
      if (!got || !want || (name === 'mask' && !given.u)) continue;
      if (!training || name === 'mask') {
        must.equalTensor(name, got, want);
        continue;
      }
      // A subject that draws its own mask is held to the vector there where both keep the element.
      const [came, wanted] = [valuesOf(got), valuesOf(want).slice()];
      for (let i = 0; i < wanted.length; i++) {
        // A dropped infinity may be 0 or NaN, and either zero will do for a dropped number.
        const dropped = came[i] === 0 || (Number.isNaN(came[i]) && !Number.isFinite(wanted[i]));
        if (given.u ? came[i] === 0 && wanted[i] === 0 : dropped || wanted[i] === 0) wanted[i] = came[i];
      }
      must.beNearTensor(name, got, wanted, scaling(x.dtype, keepProb || 1, wanted));
    }
  }),
});
