/** A weight without a gradient, step by step under weight decay. */
import type { Optimizer } from '../../src/subject.ts';
import { tensor } from '../../src/tensor.ts';
import { element, widthIn } from '../dom.ts';
import { asker } from '../worker/client.ts';
import { reference } from '../worker/messages.ts';
import { answerer, figure, latest, slider } from './controls.ts';

const most = 40;
const steps = Array.from({ length: most }, (_, i) => i + 1);
const start = 1;

/** What Adam is always asked with. */
const moments = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

export function playDecay(place: HTMLElement): void {
  let subject = reference;
  let instance = 0;
  const ask = asker<'step'>();
  const redraw = latest(draw);
  const lr = slider({ label: 'lr', min: 0.01, max: 1, step: 0.01, value: 0.2, onInput: redraw });
  const decay = slider({ label: 'weight_decay', min: 0, max: 1, step: 0.01, value: 0.4, onInput: redraw });
  const optimizer = element(
    'select',
    {},
    ...(['sgd', 'adamw', 'adam'] as const satisfies readonly Optimizer[]).map((name) =>
      element('option', { value: name }, name),
    ),
  );
  optimizer.addEventListener('change', redraw);
  const who = answerer('decay', (picked) => {
    subject = picked;
    instance++;
    redraw();
  });
  const words = element('p', { class: 'words' });
  const weight = figure(
    'A weight of 1 whose gradient is zero, after each of 40 steps: dots as answered, dotted (1 − lr · weight_decay)ᵗ.',
  );
  place.append(
    element('h2', { id: 'play' }, 'A decay to play with'),
    element('div', { class: 'controls' }, lr.root, decay.root, element('label', {}, 'Optimizer', optimizer), who.root),
    who.says,
    words,
    element('div', { class: 'pictures one' }, weight.root),
  );

  async function draw(): Promise<void> {
    const name = optimizer.value as Optimizer;
    const [rate, strength] = [lr.value(), decay.value()];
    const common = {
      optimizer: name,
      lr: rate,
      weightDecay: strength,
      roles: { W: 'weight' },
      parameters: { W: tensor('float64', [1], [start]) },
      ...(name === 'sgd' ? {} : moments),
    } as const;
    const questions = steps.map((count) => {
      const gradients = { W: tensor('float64', [count, 1], new Float64Array(count)) };
      return { op: 'step' as const, call: { ...common, steps: count, gradients } };
    });
    try {
      const { answers, capabilities } = await ask({ subject, instance, questions });
      const convention = capabilities.step?.optimizers[name];
      const isNormalized = name !== 'sgd' && convention?.decay === 'coupled';
      const isTimesLr = convention?.decay === 'coupled' || convention?.times_lr === true;
      const factor = 1 - (isTimesLr ? rate : 1) * strength;
      const wanted = isNormalized ? [] : [0, ...steps].map((t) => start * factor ** t);
      const weights = [start, ...answers.map(({ W }) => W.data[0])];
      const declared = `It declares a ${convention?.decay} decay.`;
      words.textContent = isNormalized
        ? `${declared} Adam divides what is coupled by its own magnitude: the weight moves by about lr a step, however strong the decay is.`
        : `${declared} After ${most} steps the weight is ${weights[most].toPrecision(4)}; ${factor.toFixed(3)}^${most} is ${(factor ** most).toPrecision(4)}.`;
      const { shrinking } = await import('../charts.ts');
      weight.place.replaceChildren(
        shrinking(
          { weights, wanted },
          { document, label: 'The weight over the steps', width: widthIn(weight.place), height: 280 },
        ),
      );
    } catch (error) {
      words.textContent = `No answer: ${(error as Error).message}`;
    }
  }
  redraw();
}
