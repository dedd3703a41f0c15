/**
 * The pictures that only the site has, in the manner of `src/report/charts.ts`: pure functions of data and of the
 * document in which they are drawn.
 */
import * as Plot from '@observablehq/plot';
import {
  type Chart,
  draw,
  type Frame,
  faint,
  found,
  lines,
  margins,
  ticksX,
  ticksY,
  weak,
} from '../src/report/charts.ts';
import type { Standing } from './worker/messages.ts';

export { narrowing, shrinking } from '../src/report/charts.ts';

/** So many experiments anybody reads. */
const mostRows = 8;

/** Pixels of a row. */
const rowHeight = 34;

/** The experiments that are furthest off, each by what its draws leave possible, in units of its ε. */
export function standingsChart(standings: readonly Standing[], frame: Frame): Chart {
  const isOneEvent = standings.every(({ event }) => event === standings[0].event);
  const rows = standings
    .map(({ wanted, epsilon, event, experiment, ...rest }) => {
      const inUnits = (value: number) => (value - wanted) / epsilon;
      const name = isOneEvent ? experiment : `${experiment}: ${event}`;
      return { name, found: inUnits(rest.found), low: inUnits(rest.low), high: inUnits(rest.high) };
    })
    .sort((a, b) => Math.abs(b.found) - Math.abs(a.found))
    .slice(0, mostRows);
  const reach = Math.max(1.6, ...rows.map((row) => 1.15 * Math.abs(row.found)));
  const height = rows.length * rowHeight + margins.marginBottom + 8;
  const at = (_: unknown, row: number) => row + 0.7;
  return draw(
    { ...frame, height },
    {
      marginLeft: 8,
      marginTop: 8,
      x: { domain: [-reach, reach] },
      y: { domain: [rows.length, 0], axis: null },
      marks: [
        Plot.rect([0], { x1: -1, x2: 1, y1: 0, y2: rows.length, fillOpacity: 0.08 }),
        Plot.ruleX([0], { strokeOpacity: weak, strokeDasharray: '1,3' }),
        Plot.ruleY(rows, {
          x1: 'low',
          x2: 'high',
          y: at,
          stroke: found,
          strokeWidth: 5,
          strokeOpacity: faint,
          clip: true,
        }),
        Plot.dot(rows, { x: 'found', y: at, r: 3.5, fill: found }),
        Plot.text(rows, {
          text: ({ name }: { name: string }) => cut(name),
          x: -reach,
          y: (_: unknown, row: number) => row + 0.25,
          textAnchor: 'start',
          dx: 2,
          fontSize: 11,
        }),
        ticksX('off, in ε', { ticks: 5 }),
      ],
    },
  );
}

/** A name that fits into a row. */
const cut = (name: string, most = 62): string => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

/** How often so many were kept of so many, and how often that is to be expected. */
export function countsChart(
  { counts, wanted }: { readonly counts: readonly number[]; readonly wanted: readonly number[] },
  frame: Frame,
): Chart {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const shares = counts.map((count) => count / total);
  const seen = wanted.flatMap((share, kept) => (share > 1e-4 || shares[kept] > 1e-3 ? [kept] : []));
  const [first, last] = [Math.min(...seen) - 1, Math.max(...seen) + 1];
  const kept = (_: unknown, at: number) => at;
  return draw(frame, {
    x: { domain: [first, last] },
    y: { domain: [0, 1.1 * Math.max(...shares, ...wanted)] },
    marks: [
      lines(),
      Plot.rectY(shares, {
        x1: (_: unknown, at: number) => at - 0.42,
        x2: (_: unknown, at: number) => at + 0.42,
        y: (share: number) => share,
        fill: found,
        fillOpacity: 0.55,
        clip: true,
      }),
      Plot.dot(wanted, {
        x: kept,
        y: (share: number) => share,
        r: 2.5,
        fill: 'var(--chart-paper, Canvas)',
        stroke: 'currentColor',
        strokeWidth: 1.2,
        clip: true,
      }),
      Plot.ruleY([0], { strokeOpacity: faint }),
      ticksX('kept of an example’s units', { tickFormat: (at: number) => (Number.isInteger(at) ? String(at) : '') }),
      ticksY('share of the examples'),
    ],
  });
}

/** Answers over what was asked, and the law that they are to follow. */
export interface Law {
  readonly x: readonly number[];
  readonly answers: readonly number[];
  readonly wanted: readonly number[];
  readonly here?: number;
  readonly labels: { readonly x: string; readonly y: string };
}

/** Answers as dots on the dotted line of a law. */
export function lawChart({ x, answers, wanted, here, labels }: Law, frame: Frame): Chart {
  const at = (_: unknown, i: number) => x[i];
  const known = [...answers, ...wanted, 0].filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = 0.06 * (high - low || 1);
  return draw(frame, {
    x: { domain: [Math.min(...x), Math.max(...x)] },
    y: { domain: [low - room, high + room] },
    marks: [
      lines(),
      Plot.ruleY([0], { strokeOpacity: faint }),
      ...(here === undefined ? [] : [Plot.ruleX([here], { stroke: found, strokeOpacity: weak })]),
      Plot.lineY(wanted, { x: at, y: (value: number) => value, strokeOpacity: weak, strokeDasharray: '1,3' }),
      Plot.dot(answers, { x: at, y: (value: number) => value, r: 2.6, fill: found }),
      ticksX(labels.x),
      ticksY(labels.y),
    ],
  });
}
