/** The penalty as a function of lambda, and its gradient as a function of the weight. */
import { tensor, valuesOf } from '../../src/tensor.ts';
import { element, widthIn } from '../dom.ts';
import { asker } from '../worker/client.ts';
import { reference } from '../worker/messages.ts';
import { answerer, figure, latest, slider } from './controls.ts';

/** The weights whose penalty is asked for, from one end to the other. */
const weights = Float64Array.from({ length: 33 }, (_, i) => (i - 16) / 8);
const parameters = { W: tensor('float64', [weights.length], weights) };
const squares = weights.reduce((sum, w) => sum + w * w, 0);
const most = 2;
const lambdas = Array.from({ length: 33 }, (_, i) => (most * i) / 32);

export function playPenalty(place: HTMLElement): void {
  let subject = reference;
  let instance = 0;
  const ask = asker<'penalty'>();
  const redraw = latest(draw);
  const lambda = slider({ label: 'lambda', min: 0, max: most, step: 0.0625, value: 0.5, onInput: redraw });
  const who = answerer('l2', (picked) => {
    subject = picked;
    instance++;
    redraw();
  });
  const words = element('p', { class: 'words' });
  const value = figure(
    'The penalty of 33 weights from −2 to 2, for each lambda: dots as answered, dotted as the definition has it.',
  );
  const gradient = figure('Its gradient at each weight, at the lambda of the slider: a straight line through zero.');
  place.append(
    element('h2', { id: 'play' }, 'A penalty to play with'),
    element('div', { class: 'controls' }, lambda.root, who.root),
    who.says,
    words,
    element('div', { class: 'pictures' }, value.root, gradient.root),
  );

  async function draw(): Promise<void> {
    const here = lambda.value();
    const common = { parameters, roles: { W: 'weight' }, examples: 1, gradient: true } as const;
    const questions = [...lambdas, here].map((each) => ({ op: 'penalty' as const, call: { ...common, lambda: each } }));
    try {
      const { answers, capabilities } = await ask({ subject, instance, questions });
      const coefficient = capabilities.penalty?.coefficient ?? 0;
      const now = answers[lambdas.length];
      const { lawChart } = await import('../charts.ts');
      words.textContent = `At lambda ${here} the penalty is ${Number(now.value.toPrecision(6))}; declared is ${coefficient} · lambda · Σ w², which is ${Number((coefficient * here * squares).toPrecision(6))}.`;
      value.place.replaceChildren(
        lawChart(
          {
            x: lambdas,
            answers: answers.slice(0, lambdas.length).map((answer) => answer.value),
            wanted: lambdas.map((each) => coefficient * each * squares),
            here,
            labels: { x: 'lambda', y: 'penalty' },
          },
          { document, label: 'The penalty over lambda', width: widthIn(value.place) },
        ),
      );
      gradient.place.replaceChildren(
        lawChart(
          {
            x: [...weights],
            answers: [...valuesOf(now.gradients['W'])],
            wanted: Array.from(weights, (w) => 2 * coefficient * here * w),
            labels: { x: 'weight', y: 'gradient' },
          },
          { document, label: `The gradient over the weight, at lambda ${here}`, width: widthIn(gradient.place) },
        ),
      );
    } catch (error) {
      words.textContent = `No answer: ${(error as Error).message}`;
    }
  }
  redraw();
}
