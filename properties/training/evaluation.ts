/** What is computed when nothing is dropped. */
import { clause, forAll } from '../../src/clause.ts';
import { ask, evaluation, network, training } from './cases.ts';
import { values, withinRounding } from './rounding.ts';
import { type Setting, thinned } from './thinned.ts';

/**
 * Trainings with masks of their own, each with an evaluation after it. That all of them keep the single node of a
 * counterexample, so that it does not show when it is asked again, comes once in 64 times where keep_prob is ¼.
 */
const rounds = 3;

export const evaluationIsTheFullNetwork = clause({
  id: 'training/evaluation-is-the-full-network',
  level: 'MUST',
  statement:
    'In evaluation, the output and the gradients MUST be those of the full network, with no node dropped and nothing scaled.',
  needs: ['network'],
  evidence: forAll(
    (can) => network(can).map(({ masks: _, ...setting }): Setting => setting),
    async (subject, setting, must) => {
      const { y, gradients } = thinned(setting);
      for (let round = 0; round < rounds; round++) {
        // What training leaves behind, such as its masks, must not be used.
        await ask(subject, setting, training);
        const answer = await ask(subject, setting, evaluation);
        must.beNearTensor('y', answer.y, values(y), withinRounding(setting.x.dtype, y));
        for (const [name, gradient] of Object.entries(gradients)) {
          const allowed = withinRounding(setting.x.dtype, gradient);
          must.beNearTensor(`d:${name}`, answer.gradients[name], values(gradient), allowed);
        }
      }
    },
  ),
});
