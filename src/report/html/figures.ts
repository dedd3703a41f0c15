/** The figures of a report: what its numbers are as pictures, each with a caption, and in words for who cannot see them. */
import type { ClaimEvidence } from '../../judge/evidence.ts';
import type { Finding } from '../../judge/verify.ts';
import { pairsOf, ratesOf } from '../../statistics/claim.ts';
import { confidenceBand } from '../../statistics/confidence.ts';
import { correlationBand, correlationOf } from '../../statistics/pairs.ts';
import { fixedSampleSize } from '../../statistics/sample-size.ts';
import {
  type Chart,
  type ChartDocument,
  correlationByLag,
  maskPicture,
  type Narrowing,
  narrowing,
  ratesByPosition,
  shrinking,
} from '../charts.ts';
import type { DecayPortrait, MaskPortrait, Portrait } from '../portrait.ts';
import { claimsOf } from './evidence.ts';
import { counted, rounded } from './numbers.ts';
import { type Html, html, trusted } from './template.ts';

/** A chart as markup. Hundredths of a pixel are seen by nobody. */
function drawn(chart: Chart): Html {
  for (const element of chart.querySelectorAll('*')) {
    for (const name of ['d', 'transform', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'width', 'height']) {
      const value = element.getAttribute(name);
      if (value !== null)
        element.setAttribute(
          name,
          value.replaceAll(/\d+\.\d{3,}/g, (text: string) => String(+(+text).toFixed(2))),
        );
    }
    // Within one picture nothing is named apart.
    element.removeAttribute('aria-label');
    element.removeAttribute('aria-hidden');
  }
  return trusted(chart.outerHTML);
}

const figure = (chart: Chart, title: string, caption: string): Html => html`
<figure><figcaption><b>${title}</b> <span>${caption}</span></figcaption>${drawn(chart)}</figure>`;

/** How the keep rate of each configuration narrowed, where the report holds the course of its looks. */
export function narrowingFigures({ evidence }: Finding, document: ChartDocument): readonly Html[] {
  const falseAlarm = Number(evidence['falseAlarm']);
  const members = Number(evidence['claims']);
  return claimsOf(evidence).flatMap((claim) => {
    const course = narrowingOf(claim, { falseAlarm, members });
    if (course === undefined) return [];
    const { experiment, wanted, found, trials, band } = claim;
    const caption = `${rounded(found, 5)} of ${counted(trials)} draws, wanted ${rounded(wanted, 6)}. The judge stopped there; a test of a fixed size would have taken ${counted(course.fixed ?? 0)}.`;
    const between =
      band === null ? '' : ` In the end it is between ${rounded(band.low, 4)} and ${rounded(band.high, 4)}.`;
    const label = `The rate of kept elements over the number of draws, with the band of what they leave possible, which narrows around ${rounded(wanted, 6)}.${between}`;
    return [figure(narrowing(course, { document, label }), experiment, caption)];
  });
}

/** What the picture of a claim on a rate shows; undefined where its course is not known, or shows nothing yet. */
export function narrowingOf(
  { course = [], wanted, epsilon }: Pick<ClaimEvidence, 'course' | 'wanted' | 'epsilon'>,
  { falseAlarm, members }: { readonly falseAlarm: number; readonly members: number },
): Narrowing | undefined {
  if (course.length < 2 || epsilon === null || !(falseAlarm > 0 && members > 0)) return undefined;
  const looks = course.map((tally) => {
    const { trials, successes } = ratesOf(tally);
    return { trials, found: successes / trials, ...confidenceBand({ trials, successes }, falseAlarm) };
  });
  const fixed = fixedSampleSize({ rate: wanted, epsilon }, { falseAlarm: falseAlarm / members, miss: falseAlarm });
  return { looks, wanted, epsilon, fixed };
}

/** What a portrait shows. */
export const portraitFigures = ({ masks, decay }: Portrait, document: ChartDocument): readonly Html[] => [
  ...(masks === undefined ? [] : maskFigures(masks, document)),
  ...(decay === undefined ? [] : [decayFigure(decay, document)]),
];

/** The probability that any of the bands of a picture leaves out what it is about. */
const outside = 0.01;

function maskFigures({ keepProb, first, calls, kept, lags }: MaskPortrait, document: ChartDocument): readonly Html[] {
  const size = kept.length;
  const rates = kept.map((successes) => ({
    found: successes / calls,
    ...confidenceBand({ trials: calls, successes }, outside / size),
  }));
  const pairs = lags.map((tally, i) => {
    const counts = pairsOf(tally);
    const found = correlationOf(keepProb, counts);
    return { lag: i + 1, found, ...correlationBand({ rate: keepProb }, counts, outside / lags.length) };
  });
  const shown = first.map((mask) => Array.from(mask, Number));
  const share = kept.reduce((sum, each) => sum + each, 0) / (size * calls);
  const most = Math.max(...pairs.map(({ found }) => Math.abs(found)));
  return [
    figure(
      maskPicture(shown, {
        document,
        label: `The masks of the first ${first.length} calls on ${size} elements, at keep_prob ${keepProb}: a row a call, filled where an element was kept.`,
      }),
      'Masks',
      `The first ${first.length} calls on ${size} ones at keep_prob ${keepProb}. Filled is kept.`,
    ),
    figure(
      ratesByPosition(
        { rates, wanted: keepProb },
        {
          document,
          label: `The rate of kept elements at each of ${size} positions, from ${rounded(Math.min(...rates.map(({ found }) => found)), 3)} to ${rounded(Math.max(...rates.map(({ found }) => found)), 3)}, each with its band.`,
        },
      ),
      'Keep rate by position',
      `Over ${counted(calls)} calls; ${rounded(share, 4)} in all. All bands together hold the truth in 99 of 100 pictures.`,
    ),
    figure(
      correlationByLag(
        { lags: pairs },
        {
          document,
          label: `The correlation of an element with the one up to ${lags.length} before it: at most ${rounded(most, 2)}, each with its band around 0.`,
        },
      ),
      'Dependence by distance',
      'The correlation of an element with the one so many before it, in the same masks. Independent elements have none.',
    ),
  ];
}

function decayFigure({ optimizer, lr, weightDecay, weights, factor }: DecayPortrait, document: ChartDocument): Html {
  const wanted = factor === undefined ? [] : weights.map((_, step) => factor ** step);
  const rule =
    factor === undefined
      ? 'No one factor is declared for it.'
      : `Dotted: ${rounded(factor, 6)} to the power of the steps, as declared.`;
  return figure(
    shrinking(
      { weights, wanted },
      {
        document,
        label: `A weight of 1 over ${weights.length - 1} steps without a gradient: it becomes ${rounded(weights.at(-1) ?? Number.NaN, 3)}.`,
      },
    ),
    'Weight decay',
    `A weight of 1 under ${optimizer}, lr ${lr}, weight_decay ${weightDecay}, its gradient zero. ${rule}`,
  );
}
