/**
 * What was drawn and found, as pictures: pure functions of data and of the document in which they are drawn, so that a
 * report is drawn without a browser and a page within one. Each answers an SVG element, which the caller captions.
 *
 * Colours are the page's: `--chart-found` for what an implementation did, `--chart-paper` for what lies behind it; all else is
 * `currentColor`.
 */
import * as Plot from '@observablehq/plot';

/** A browser's `document`, or one like it. */
export type ChartDocument = NonNullable<Plot.PlotOptions['document']>;

/** An SVG element. */
export type Chart = ReturnType<typeof Plot.plot>;

export interface Frame {
  readonly document: ChartDocument;
  /** What the picture shows, in words, for who cannot see it. */
  readonly label: string;
  /** In pixels; 440 unless given. The picture shrinks with its column, and keeps its proportions. */
  readonly width?: number;
  /** In pixels; 240 unless given. That of a mask follows from its width. */
  readonly height?: number;
}

/** What was found somewhere, and what is still possible there. */
export interface Estimate {
  readonly found: number;
  readonly low: number;
  readonly high: number;
}

/** The colour of what an implementation did. */
export const found = 'var(--chart-found, currentColor)';
const paper = 'var(--chart-paper, Canvas)';
/** How dense areas are, and lines that step back. */
export const [faint, weak] = [0.25, 0.6];

/** Pixels between the picture and its edges; of the left one, that of the widest number. */
export const margins = { marginTop: 26, marginRight: 14, marginBottom: 38, marginLeft: 52 };

/** A plot in its frame. */
export function draw({ document, label, width = 440, height = 240 }: Frame, options: Plot.PlotOptions): Chart {
  const chart = Plot.plot({ document, width, height, ...margins, className: 'chart', ...options });
  // What Plot writes as a style sheet belongs into the page's, where a policy on what may run can name it.
  chart.querySelector('style')?.remove();
  // Plot names the kinds of its marks, in groups that may not have a name; the picture has one.
  for (const group of chart.querySelectorAll('g[aria-label]')) group.removeAttribute('aria-label');
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-label', label);
  chart.setAttribute('font-size', '12');
  return chart;
}

export const ticksX = (label: string, options: Plot.AxisXOptions = {}): Plot.Markish =>
  Plot.axisX({ label, labelArrow: 'none', labelAnchor: 'center', tickSize: 0, tickPadding: 8, ...options });

export const ticksY = (label: string, options: Plot.AxisYOptions = {}): Plot.Markish =>
  Plot.axisY({ label, labelArrow: 'none', tickSize: 0, tickPadding: 8, ticks: 5, ...options });

export const lines = (): Plot.Markish => Plot.gridY({ ticks: 5, strokeOpacity: 0.1 });

/** What the specification wants, through the whole picture. */
const wantedAt = (value: number): Plot.Markish => Plot.ruleY([value], { strokeOpacity: weak, strokeDasharray: '1,3' });

/**
 * A mask as a picture: a row a call, a column a position; filled where the element was kept.
 *
 * @param calls of the same length each; kept where not 0
 */
export function maskPicture(calls: readonly ArrayLike<number>[], { width = 440, ...frame }: Frame): Chart {
  const columns = calls[0]?.length ?? 0;
  const { marginRight, marginLeft, marginTop, marginBottom } = margins;
  const cell = (width - marginLeft - marginRight) / Math.max(columns, 1);
  const dropped = calls.flatMap((call, row) =>
    Array.from(call, (kept, column) => ({ row, column, kept })).filter(({ kept }) => kept === 0),
  );
  const height = marginTop + marginBottom + cell * calls.length;
  const holes = dropped.map(({ row, column }) => `M${column},${row}h1v1h-1z`).join('');
  return draw(
    { ...frame, width, height },
    {
      x: { domain: [0, columns], range: [marginLeft, width - marginRight] },
      y: { domain: [0, calls.length], range: [marginTop, height - marginBottom] },
      marks: [
        Plot.rect([0], { x1: 0, x2: columns, y1: 0, y2: calls.length, fill: found }),
        // One path for all: thousands of rectangles would make the page heavy.
        pathOf(holes, { document: frame.document, left: marginLeft, top: marginTop, cell }),
        Plot.ruleX(inner(columns), { stroke: paper }),
        Plot.ruleY(inner(calls.length), { stroke: paper }),
        ticksX('position', { ticks: [0.5, columns - 0.5], tickFormat: (at: number) => String(Math.floor(at)) }),
        ticksY('call', { ticks: [0.5, calls.length - 0.5], tickFormat: (at: number) => String(Math.ceil(at)) }),
      ],
    },
  );
}

/** The whole numbers between 0 and a limit. */
const inner = (limit: number): readonly number[] => Array.from({ length: Math.max(0, limit - 1) }, (_, i) => i + 1);

/** A path given in cells, in the colour of the paper. */
function pathOf(
  data: string,
  place: { document: ChartDocument; left: number; top: number; cell: number },
): Plot.Markish {
  const { document, left, top, cell } = place;
  return () => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', data);
    path.setAttribute('fill', paper);
    path.setAttribute('transform', `translate(${left},${top}) scale(${cell})`);
    return path;
  };
}

export interface Narrowing {
  /** Look by look: after how many draws, what was found and what was still possible. */
  readonly looks: readonly (Estimate & { readonly trials: number })[];
  readonly wanted: number;
  /** The deviation from which on nothing is said to hold. */
  readonly epsilon: number;
  /** The draws that a test of a fixed size would have needed. */
  readonly fixed?: number;
}

/** The keep rate, and what the draws leave possible of it, over their number: how the answer narrows to `wanted`. */
export function narrowing({ looks, wanted, epsilon, fixed }: Narrowing, frame: Frame): Chart {
  const trials = [...looks.map((look) => look.trials), ...(fixed === undefined ? [] : [fixed])];
  const domain = [Math.min(...trials), 1.3 * Math.max(...trials)];
  const last = looks.at(-1);
  const half = Math.max(8 * epsilon, ...looks.slice(-8).map((look) => 1.5 * Math.abs(look.found - wanted)));
  return draw(frame, {
    x: { type: 'log', domain },
    y: { domain: [Math.max(0, wanted - half), Math.min(1, wanted + half)] },
    marks: [
      lines(),
      Plot.rectY([0], { x1: domain[0], x2: domain[1], y1: wanted - epsilon, y2: wanted + epsilon, fillOpacity: 0.08 }),
      Plot.areaY(looks, { x: 'trials', y1: 'low', y2: 'high', fill: found, fillOpacity: faint, clip: true }),
      wantedAt(wanted),
      Plot.lineY(looks, { x: 'trials', y: 'found', stroke: found, strokeWidth: 2, clip: true }),
      ...(last === undefined ? [] : [Plot.dot([last], { x: 'trials', y: 'found', r: 4, fill: found, stroke: paper })]),
      ...(fixed === undefined ? [] : fixedAt(fixed)),
      ticksX('draws', { ticks: powersOfTen(domain[0], domain[1]), tickFormat: powerText }),
      ticksY('rate of kept'),
    ],
  });
}

const fixedAt = (trials: number): readonly Plot.Markish[] => [
  Plot.ruleX([trials], { strokeDasharray: '4,3', strokeOpacity: weak }),
  Plot.text([trials], { x: [trials], frameAnchor: 'top', textAnchor: 'end', dx: -6, dy: 2, text: ['fixed size'] }),
];

const powersOfTen = (low: number, high: number): number[] =>
  Array.from({ length: 16 }, (_, exponent) => 10 ** exponent).filter((power) => power >= low && power <= high);

/** `10⁴` for 10 000. */
export const powerText = (power: number): string =>
  `10${[...String(Math.round(Math.log10(power)))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`;

/** The keep rate of each position, with what is possible of it. */
export function ratesByPosition(
  { rates, wanted }: { readonly rates: readonly Estimate[]; readonly wanted: number },
  frame: Frame,
): Chart {
  return draw(frame, {
    x: { domain: [-1, rates.length] },
    y: { domain: around(rates, [wanted]) },
    marks: [
      lines(),
      wantedAt(wanted),
      ...estimates(rates, (_, position) => position),
      ticksX('position'),
      ticksY('rate of kept'),
    ],
  });
}

/** The correlation of an element with the one so many before it, with what is possible of it. */
export function correlationByLag(
  { lags }: { readonly lags: readonly (Estimate & { readonly lag: number })[] },
  frame: Frame,
): Chart {
  const last = Math.max(...lags.map(({ lag }) => lag));
  return draw(frame, {
    x: { domain: [Math.min(...lags.map(({ lag }) => lag)) - 1, last + 1] },
    y: { domain: around(lags, [0]) },
    marks: [
      lines(),
      wantedAt(0),
      ...estimates(lags, ({ lag }) => lag),
      ticksX('elements before it'),
      ticksY('correlation'),
    ],
  });
}

/** Each as a dot, on a bar from the lowest to the highest that is possible. */
function estimates<T extends Estimate>(data: readonly T[], place: (each: T, index: number) => number): Plot.Markish[] {
  const x = data.map(place);
  return [
    Plot.ruleX(data, { x, y1: 'low', y2: 'high', stroke: found, strokeWidth: 4, strokeOpacity: faint }),
    Plot.dot(data, { x, y: 'found', r: 2.2, fill: found }),
  ];
}

/** From the lowest to the highest that must be seen, and a little more. */
function around(estimates: readonly Estimate[], values: readonly number[]): [number, number] {
  const low = Math.min(...values, ...estimates.map((estimate) => estimate.low));
  const high = Math.max(...values, ...estimates.map((estimate) => estimate.high));
  const room = 0.05 * (high - low || 1);
  return [low - room, high + room];
}

/** A weight over the steps of an optimizer, and what the specification wants of it. */
export function shrinking(
  { weights, wanted }: { readonly weights: readonly number[]; readonly wanted: readonly number[] },
  frame: Frame,
): Chart {
  const known = [...weights, ...wanted].filter(Number.isFinite);
  const steps = (_: unknown, step: number) => step;
  return draw(frame, {
    x: { domain: [0, Math.max(weights.length, wanted.length) - 1] },
    y: { domain: [Math.min(0, ...known), 1.05 * Math.max(...known)] },
    marks: [
      lines(),
      Plot.lineY(wanted, { x: steps, y: (weight: number) => weight, strokeOpacity: weak, strokeDasharray: '1,3' }),
      Plot.dot(weights, { x: steps, y: (weight: number) => weight, r: 3, fill: found }),
      ticksX('steps'),
      ticksY('weight'),
    ],
  });
}
