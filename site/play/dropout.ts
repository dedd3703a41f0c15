/** A layer under dropout: its mask, what comes out, how often units are kept, and how many of an example's. */
import { tensor, valuesOf } from '../../src/tensor.ts';
import { thousands } from '../bench/outcome.ts';
import { element, prefersStillness, widthIn } from '../dom.ts';
import { asker } from '../worker/client.ts';
import { reference } from '../worker/messages.ts';
import { answerer, figure, slider } from './controls.ts';
import { maskPicture, outputPicture } from './mask.ts';
import { binomial, counted, lookAt, noRates, type Rates } from './rates.ts';

const [examples, units] = [16, 50];

/** After so many elements the band is narrower than its line. */
const mostElements = 2e6;

/** Milliseconds between two masks that are shown: what flickers faster only hurts. */
const shownFor = 400;

/** Milliseconds between two states of the charts. */
const chartedFor = 120;

/** Activations as they might come from a layer, none of them zero: a zero would tell nothing of its mask. */
const activations = Float64Array.from(
  { length: examples * units },
  (_, i) => 0.35 + 0.9 * Math.abs(Math.sin(1.7 * i + 0.3)),
);
const x = tensor('float64', [examples, units], activations);

export function playDropout(place: HTMLElement): void {
  let subject = reference;
  let instance = 0;
  let rates: Rates = noRates(units);
  let isRunning = !prefersStillness();
  const ask = asker<'dropout'>();

  const restart = () => {
    instance++;
    rates = noRates(units);
    wake();
  };
  const keepProb = slider({ label: 'keep_prob', min: 0.02, max: 1, step: 0.01, value: 0.8, onInput: restart });
  const seed = slider({ label: 'seed', min: 0, max: 100, step: 1, value: 7, onInput: restart });
  const who = answerer('dropout', (picked) => {
    subject = picked;
    restart();
  });
  const go = element('button', { type: 'button' }, '');
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

  const isEnough = () => rates.trials >= mostElements;
  const name = () => {
    go.textContent = isRunning && !isEnough() ? 'Pause' : 'Draw on';
    go.disabled = isEnough();
  };

  /** Asks for batches and counts them; answers nothing where the question has changed meanwhile. */
  async function batch(calls: number): Promise<{ factors: Float64Array; y: ArrayLike<number> } | undefined> {
    const asked = instance;
    const call = { x, keepProb: keepProb.value(), seed: seed.value(), training: true, layer: 'played' };
    const questions = Array.from({ length: calls }, () => ({ op: 'dropout' as const, call }));
    const { answers } = await ask({ subject, instance, questions });
    if (asked !== instance) return undefined;
    const all = answers.map(({ y }) => valuesOf(y));
    const factorsOf = (y: ArrayLike<number>) => Float64Array.from(activations, (value, i) => y[i] / value);
    for (const y of all) rates = counted(rates, factorsOf(y), units);
    const y = all[all.length - 1];
    return { factors: factorsOf(y), y };
  }

  let [lastMask, lastCharts] = [-Infinity, -Infinity];
  let isAwake = false;

  /** Draws frame by frame, ever more at once: on the chart's axis the draws then come at an even pace. */
  async function wake(steps = Infinity): Promise<void> {
    if (isAwake) return;
    isAwake = true;
    try {
      for (let step = 0; step < steps; step++) {
        const isFirst = rates.trials === 0;
        if (!isFirst && steps === Infinity && (!isRunning || isEnough())) break;
        await new Promise(requestAnimationFrame);
        const drawn = await batch(steps === Infinity && !isFirst ? Math.min(24, Math.ceil(rates.trials / 80_000)) : 1);
        if (drawn === undefined) continue;
        const now = performance.now();
        const isLast = isEnough() || !isRunning || steps !== Infinity;
        if (isFirst || isLast || now - lastMask > shownFor) {
          lastMask = now;
          mask.show(drawn.factors);
          outputs.show(activations, drawn.y);
        }
        if (isFirst || isLast || now - lastCharts > chartedFor) {
          lastCharts = now;
          await chart();
        }
      }
    } catch (error) {
      words.textContent = `No answer: ${(error as Error).message}`;
      isRunning = false;
    } finally {
      isAwake = false;
      name();
    }
    await chart();
  }

  async function chart(): Promise<void> {
    const { narrowing, countsChart } = await import('../charts.ts');
    if (rates.trials === 0) return;
    const wanted = keepProb.value();
    const { found, low, high } = lookAt(rates.trials, rates.kept);
    const mean = rates.factors / rates.trials;
    words.textContent = `${thousands(rates.kept)} of ${thousands(rates.trials)} kept, a rate of ${found.toFixed(4)}; possible are ${low.toFixed(4)} to ${high.toFixed(4)}. The mean of y / x is ${mean.toFixed(4)}.`;
    const looks = [...rates.looks, { trials: rates.trials + 1, found, low, high }];
    const label = `Kept ${found.toFixed(4)}, between ${low.toFixed(4)} and ${high.toFixed(4)}, wanted ${wanted}`;
    rate.place.replaceChildren(
      narrowing({ looks, wanted, epsilon: 0.005 }, { document, label, width: widthIn(rate.place) }),
    );
    const law = { counts: rates.counts, wanted: binomial(units, wanted) };
    counts.place.replaceChildren(
      countsChart(law, {
        document,
        label: 'The number kept of an example’s units, and the binomial law',
        width: widthIn(counts.place),
      }),
    );
  }

  go.addEventListener('click', () => {
    isRunning = !isRunning;
    name();
    if (isRunning) void wake();
  });
  once.addEventListener('click', () => {
    isRunning = false;
    name();
    setTimeout(() => void wake(1), isAwake ? 50 : 0);
  });
  name();
  void wake();
}
