/** Thinned networks, one for each example, and the mean of what a collection of them answers. */
import type { Activation, NetworkAnswer, NetworkCall } from '../../src/subject.ts';
import { type Tensors, tensor } from '../../src/tensor.ts';
import { element, widthIn } from '../dom.ts';
import { asker } from '../worker/client.ts';
import { reference } from '../worker/messages.ts';
import { answerer, figure, latest, slider } from './controls.ts';
import { thinnedNetwork } from './thinned.ts';

const layers = [4, 6, 6, 2];
const batch = 3;
const networks = 300;

/** Numbers of both signs between −1 and 1 that look like nothing in particular. */
const numbers = (size: number, from: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1) + 4.1414 * from));

const parameters: Tensors = Object.fromEntries(
  layers.slice(1).flatMap((outputs, l) => [
    [`W${l + 1}`, tensor('float64', [outputs, layers[l]], numbers(outputs * layers[l], l))],
    [`b${l + 1}`, tensor('float64', [outputs], new Float64Array(outputs).fill(0.1))],
  ]),
);

/** The weight of a connection to a node of layer 1, 2, …. */
const weight = (layer: number, to: number, from: number): number =>
  parameters[`W${layer}`].data[to * layers[layer - 1] + from];

export function playTraining(place: HTMLElement): void {
  let subject = reference;
  let instance = 0;
  const ask = asker<'network'>();
  const redraw = latest(draw);
  const keepProb = slider({ label: 'keep_prob', min: 0.05, max: 1, step: 0.05, value: 0.6, onInput: redraw });
  const lambda = slider({ label: 'lambda', min: 0, max: 0.2, step: 0.01, value: 0.02, onInput: redraw });
  const activation = element(
    'select',
    {},
    ...(['identity', 'relu', 'tanh'] as const satisfies readonly Activation[]).map((name) =>
      element('option', { value: name }, name),
    ),
  );
  activation.addEventListener('change', redraw);
  const who = answerer('training', (picked) => {
    subject = picked;
    instance++;
    redraw();
  });
  const again = element('button', { type: 'button' }, 'Other masks');
  again.addEventListener('click', redraw);
  const words = element('p', { class: 'words' });
  const thinned = Array.from({ length: batch }, (_, example) =>
    figure(`Example ${example + 1}: what is left of the network. Dashed lines are negative weights.`),
  );
  const mean = figure(
    `The mean output of ever more thinned networks for the first example, and the output of the full network, dotted. Without an activation (identity) the two are the same on average.`,
  );
  place.append(
    element('h2', { id: 'play' }, 'A network to play with'),
    element(
      'div',
      { class: 'controls' },
      keepProb.root,
      lambda.root,
      element('label', {}, 'Activation', activation),
      who.root,
      again,
    ),
    who.says,
    words,
    element('div', { class: 'pictures three' }, ...thinned.map(({ root }) => root)),
    element('div', { class: 'pictures one' }, mean.root),
  );

  async function draw(): Promise<void> {
    const common: Omit<NetworkCall, 'training'> = {
      layers,
      activation: activation.value as Activation,
      loss: 'mse',
      keepProbs: [keepProb.value(), keepProb.value()],
      lambda: lambda.value(),
      x: tensor('float64', [batch, layers[0]], numbers(batch * layers[0], 7)),
      t: tensor('float64', [batch, 2], new Float64Array(batch * 2)),
      parameters,
    };
    const question = (training: boolean, call = common) => ({ op: 'network' as const, call: { ...call, training } });
    const questions = [
      question(false),
      question(false, { ...common, lambda: 0 }),
      ...Array.from({ length: networks }, () => question(true)),
    ];
    try {
      const { answers } = await ask({ subject, instance, questions });
      const [full, unpenalised, ...drawn] = answers;
      words.textContent = `The full network’s loss is ${figures(full.loss)}, of which the penalty is ${figures(full.loss - unpenalised.loss)}. That of the thinned networks here is ${figures(drawn[0].loss)}.`;
      thinned.forEach(({ place: at }, example) => {
        at.replaceChildren(pictureOf(drawn[0], example));
      });
      await chart(drawn, full.y.data[0]);
    } catch (error) {
      words.textContent = `No answer: ${(error as Error).message}`;
    }
  }

  async function chart(drawn: readonly NetworkAnswer[], wanted: number): Promise<void> {
    const { lawChart } = await import('../charts.ts');
    let sum = 0;
    const means = drawn.map(({ y }, i) => {
      sum += y.data[0];
      return sum / (i + 1);
    });
    const law = {
      x: means.map((_, i) => i + 1),
      answers: means,
      wanted: means.map(() => wanted),
      labels: { x: 'thinned networks', y: 'mean output' },
    };
    const label = `The mean output of ${networks} thinned networks is ${figures(means[networks - 1])}, the full network’s ${figures(wanted)}`;
    mean.place.replaceChildren(lawChart(law, { document, label, width: widthIn(mean.place), height: 220 }));
  }
  redraw();
}

/** The network of one example, by the masks that were answered; a layer without one is shown whole. */
function pictureOf({ masks }: NetworkAnswer, example: number): SVGSVGElement {
  const isHidden = (layer: number) => layer > 0 && layer < layers.length - 1;
  const isKept = (layer: number, node: number) =>
    !isHidden(layer) || masks[layer - 1]?.data[example * layers[layer] + node] !== 0;
  const kept = layers.flatMap((count, layer) =>
    isHidden(layer) ? [Array.from({ length: count }, (_, node) => isKept(layer, node)).filter(Boolean).length] : [],
  );
  return thinnedNetwork(layers, {
    isKept,
    weight,
    label: `Example ${example + 1}: ${kept.map((count, i) => `${count} of ${layers[i + 1]} nodes kept in hidden layer ${i + 1}`).join(', ')}`,
  });
}

const figures = (value: number): string => String(Number(value.toPrecision(4)));
