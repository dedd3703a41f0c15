/** What is computed when nothing is dropped. */
import { clause, forAll } from '../../src/clause.ts';
import { ask, evaluation, network } from './cases.ts';
import { values, withinRounding } from './rounding.ts';
import { type Setting, thinned } from './thinned.ts';

export const evaluationIsTheFullNetwork = clause({
  id: 'training/evaluation-is-the-full-network',
  level: 'MUST',
  statement:
    'In evaluation, the output and the gradients MUST be those of the full network, with no node dropped and nothing scaled.',
  needs: ['network'],
  evidence: forAll(
    (can) => network(can).map(({ masks: _, ...setting }): Setting => setting),
    async (subject, setting, must) => {
      const answer = await ask(subject, setting, evaluation);
      const { y, gradients } = thinned(setting);
      must.beNearTensor('y', answer.y, values(y), withinRounding(setting.x.dtype, y));
      for (const [name, gradient] of Object.entries(gradients)) {
        const allowed = withinRounding(setting.x.dtype, gradient);
        must.beNearTensor(`d:${name}`, answer.gradients[name], values(gradient), allowed);
      }
    },
  ),
});
