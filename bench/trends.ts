/** What training on images of digits comes to, by the reference: the figures of spec/training.md. */
import { digits } from '../bin/golden.ts';
import { measures } from '../properties/training/on-digits.ts';
import { study } from '../properties/training/study.ts';
import { type Regularization, trainings } from '../properties/training/trained.ts';
import { connect } from '../src/protocol/connect.ts';
import { moduleChannel } from '../src/protocol/module.ts';
import { createReference } from '../src/reference/implementation.ts';
import type { Line } from './measure.ts';

const pairs = 40;

export async function trends(): Promise<readonly Line[]> {
  const subject = await connect(moduleChannel(createReference()));
  const images = await digits();
  const lines: Line[] = [];
  for (const mislabelled of [study.mislabelled, 0]) {
    const each = Array.from({ length: pairs }, (_, seed) =>
      trainings(subject, images, seed, { ...study, mislabelled }),
    );
    for (const [name, measure] of Object.entries(measures)) {
      const of = async (regularization: Regularization): Promise<readonly number[]> => {
        const found: number[] = [];
        for (const trained of each) found.push(await measure(trained, regularization));
        return found;
      };
      const plain = await of('none');
      for (const regularization of ['dropout', 'l2'] as const) {
        const regularized = await of(regularization);
        const smaller = regularized.filter((value, i) => value < plain[i]).length;
        lines.push({
          what: `${name}, ${100 * mislabelled} % mislabelled: ${mean(regularized)} with ${regularization}, ${mean(plain)} without; smaller in`,
          figure: `${smaller} of ${pairs}`,
        });
      }
    }
  }
  return lines;
}

const mean = (values: readonly number[]): string =>
  (values.reduce((sum, value) => sum + value, 0) / values.length).toPrecision(3);
