/** The mask of a layer as a picture: a row an example, a column a unit; and what comes out of the first example. */
import { svg } from '../dom.ts';

const cell = 8;
const gap = 1;

/** Elements that were kept are filled. It is redrawn in place, so that it costs one path. */
export function maskPicture(
  rows: number,
  columns: number,
): {
  readonly root: SVGSVGElement;
  readonly show: (factors: ArrayLike<number>) => void;
} {
  const [width, height] = [columns * cell, rows * cell];
  const kept = svg('path', { class: 'kept' });
  const root = svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'No mask yet', class: 'mask' },
    svg('rect', { width, height, class: 'ground' }),
    kept,
  );
  return {
    root,
    show: (factors) => {
      let data = '';
      let count = 0;
      for (let i = 0; i < rows * columns; i++) {
        if (factors[i] === 0) continue;
        count++;
        data += `M${(i % columns) * cell},${Math.floor(i / columns) * cell}h${cell - gap}v${cell - gap}h${gap - cell}z`;
      }
      kept.setAttribute('d', data);
      root.setAttribute(
        'aria-label',
        `The mask of ${rows} examples of ${columns} units: ${count} of ${rows * columns} kept`,
      );
    },
  };
}

/** What goes in, as a line at its height, and what comes out, as a bar. */
export function outputPicture(columns: number): {
  readonly root: SVGSVGElement;
  readonly show: (x: ArrayLike<number>, y: ArrayLike<number>) => void;
} {
  const [width, height] = [columns * cell, 96];
  const outputs = svg('path', { class: 'kept' });
  const inputs = svg('path', { class: 'inputs' });
  const root = svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'No output yet', class: 'outputs' },
    outputs,
    inputs,
  );
  return {
    root,
    show: (x, y) => {
      const top = Math.max(1.7, ...Array.from({ length: columns }, (_, i) => Math.min(y[i], 12)));
      const at = (value: number) => (height * (1 - Math.max(0, Math.min(value, top)) / top)).toFixed(1);
      let bars = '';
      let marks = '';
      for (let i = 0; i < columns; i++) {
        if (y[i] > 0) bars += `M${i * cell},${height}V${at(y[i])}h${cell - gap}V${height}z`;
        marks += `M${i * cell},${at(x[i])}h${cell - gap}`;
      }
      outputs.setAttribute('d', bars);
      inputs.setAttribute('d', marks);
      const shown = (values: ArrayLike<number>) =>
        Array.from({ length: 3 }, (_, i) => values[i].toPrecision(3)).join(', ');
      root.setAttribute('aria-label', `The first example: x = ${shown(x)}, …; y = ${shown(y)}, …`);
    },
  };
}
