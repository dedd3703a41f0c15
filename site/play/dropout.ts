/** A layer under dropout: its mask, what comes out, how often units are kept, and how many of an example's. */
import { thousands } from '../bench/outcome.ts';
import { element, prefersStillness, widthIn } from '../dom.ts';
import { reference } from '../worker/messages.ts';
import { answerer, figure, slider } from './controls.ts';
import { maskPicture, outputPicture } from './mask.ts';
import { binomial, lookAt, type Rates } from './rates.ts';
import { activations, examples, type Sample, sampling, units } from './sampling.ts';

/** Milliseconds between two masks that are shown: what flickers faster only hurts. */
const shownFor = 400;

/** Milliseconds between two states of the charts. */
const chartedFor = 120;

export function playDropout(place: HTMLElement): void {
  let subject = reference;
  const keepProb = slider({
    label: 'keep_prob',
    min: 0.02,
    max: 1,
    step: 0.01,
    value: 0.8,
    onInput: () => sampled.restart(),
  });
  const seed = slider({ label: 'seed', min: 0, max: 100, step: 1, value: 7, onInput: () => sampled.restart() });
  const who = answerer('dropout', (picked) => {
    subject = picked;
    sampled.restart();
  });
  const go = element('button', { type: 'button' });
  const once = element('button', { type: 'button' }, 'One batch');
  const words = element('p', { class: 'words' });
  const mask = maskPicture(examples, units);
  const outputs = outputPicture(units);
  const rate = figure(
    'How often units were kept, and what that leaves possible of keep_prob: a band that is ever wrong in one run of 1000, however long one looks.',
  );
  const counts = figure(
    'How many of an example’s 50 units were kept: bars as drawn, circles as the binomial law has it.',
  );
  place.append(
    element('h2', { id: 'play' }, 'A layer to play with'),
    element('div', { class: 'controls' }, keepProb.root, seed.root, who.root, go, once),
    who.says,
    words,
    element(
      'div',
      { class: 'pictures' },
      figure('The mask of a batch: a row an example, a column a unit, filled where it is kept.', mask.root).root,
      figure('The first example: lines are its activations x, bars what comes out, y.', outputs.root).root,
      rate.root,
      counts.root,
    ),
  );

  let [lastMask, lastCharts] = [-Infinity, -Infinity];
  async function show({ rates, factors, y }: Sample, isLast: boolean): Promise<void> {
    const now = performance.now();
    if (isLast || now - lastMask > shownFor) {
      lastMask = now;
      mask.show(factors);
      outputs.show(activations, y);
    }
    if (isLast || now - lastCharts > chartedFor) {
      lastCharts = now;
      await chart(rates);
    }
  }

  async function chart(rates: Rates): Promise<void> {
    const { narrowing, countsChart } = await import('../charts.ts');
    const wanted = keepProb.value();
    const { found, low, high } = lookAt(rates.trials, rates.kept);
    const between = `${low.toFixed(4)} to ${high.toFixed(4)}`;
    const mean = rates.factors / rates.trials;
    words.textContent = `${thousands(rates.kept)} of ${thousands(rates.trials)} kept, a rate of ${found.toFixed(4)}; possible are ${between}. The mean of y / x is ${mean.toFixed(4)}.`;
    const looks = [...rates.looks, { trials: rates.trials + 1, found, low, high }];
    const label = `The rate of kept units is ${found.toFixed(4)}, possible are ${between}, wanted ${wanted}`;
    rate.place.replaceChildren(
      narrowing({ looks, wanted, epsilon: 0.005 }, { document, label, width: widthIn(rate.place) }),
    );
    const law = { counts: rates.counts, wanted: binomial(units, wanted) };
    const lawLabel = 'How often so many of an example’s units were kept, and the binomial law';
    counts.place.replaceChildren(countsChart(law, { document, label: lawLabel, width: widthIn(counts.place) }));
  }

  const name = () => {
    const state = sampled.state();
    go.textContent = state === 'draws' ? 'Pause' : 'Draw on';
    go.disabled = state === 'done';
  };
  const sampled = sampling({
    layer: () => ({ subject, keepProb: keepProb.value(), seed: seed.value() }),
    show: async (sample, isLast) => {
      name();
      await show(sample, isLast);
    },
    onRest: (error) => {
      if (error !== undefined) words.textContent = `No answer: ${error.message}`;
      name();
    },
    isRunning: !prefersStillness(),
  });
  go.addEventListener('click', () => {
    sampled.toggle();
    name();
  });
  once.addEventListener('click', () => {
    sampled.once();
    name();
  });
  name();
}
