import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import {
  type Chart,
  correlationByLag,
  type Frame,
  maskPicture,
  narrowing,
  powerText,
  ratesByPosition,
  shrinking,
} from './charts.ts';

const { document } = parseHTML('<!doctype html><html></html>');
const frame: Frame = { document, label: 'what it shows' };
const estimates = [0.79, 0.8, 0.82].map((found) => ({ found, low: found - 0.05, high: found + 0.05 }));
const looks = [10, 100, 1000, 10_000].map((trials, i) => ({
  trials,
  found: 0.8,
  low: 0.8 - 0.4 / 4 ** i,
  high: Math.min(1, 0.8 + 0.4 / 4 ** i),
}));

const texts = (chart: Chart): readonly string[] =>
  [...chart.querySelectorAll('text')].map(({ textContent }) => textContent);
const count = (chart: Chart, selector: string): number => chart.querySelectorAll(selector).length;

describe.each<[string, () => Chart]>([
  [
    'a mask',
    () =>
      maskPicture(
        [
          [1, 0, 1],
          [1, 1, 0],
        ],
        frame,
      ),
  ],
  ['a narrowing rate', () => narrowing({ looks, wanted: 0.8, epsilon: 0.01, fixed: 50_000 }, frame)],
  ['rates by position', () => ratesByPosition({ rates: estimates, wanted: 0.8 }, frame)],
  [
    'correlations by lag',
    () => correlationByLag({ lags: estimates.map((each, i) => ({ ...each, lag: i + 1 })) }, frame),
  ],
  ['shrinking weights', () => shrinking({ weights: [1, 0.5, 0.25], wanted: [1, 0.5, 0.25] }, frame)],
])('the picture of %s', (_, draw) => {
  it('is an image with words for who cannot see it', () => {
    const chart = draw();
    expect(chart.tagName.toLowerCase()).toBe('svg');
    expect([chart.getAttribute('role'), chart.getAttribute('aria-label')]).toEqual(['img', 'what it shows']);
  });

  it('has no style of its own, so that a page may forbid all but its own', () => {
    const chart = draw();
    expect(count(chart, 'style, [style]')).toBe(0);
    expect(chart.outerHTML).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('leaves nothing behind in the document', () => {
    draw();
    expect(document.querySelectorAll('svg')).toHaveLength(0);
  });
});

it('a label is text, whatever it says', () => {
  const label = '"><script>alert(1)</script>';
  const { document: page } = parseHTML(
    `<body>${shrinking({ weights: [1, 1], wanted: [] }, { document, label }).outerHTML}`,
  );
  expect(page.querySelector('script')).toBeNull();
  expect(page.querySelector('svg')?.getAttribute('aria-label')).toBe(label);
});

it('a mask has a hole for each element that was dropped', () => {
  const chart = maskPicture(
    [
      [1, 0, 1],
      [0, 0, 1],
    ],
    frame,
  );
  expect(chart.querySelector('path[fill*=paper]')?.getAttribute('d')).toBe('M1,0h1v1h-1zM0,1h1v1h-1zM1,1h1v1h-1z');
  expect(texts(chart)).toEqual(expect.arrayContaining(['0', '2', '1', 'position', 'call']));
});

describe('a narrowing rate', () => {
  it('is drawn over powers of ten of draws, with the size of a fixed test where one is given', () => {
    const marked = texts(narrowing({ looks, wanted: 0.8, epsilon: 0.01, fixed: 50_000 }, frame));
    expect(marked).toEqual(expect.arrayContaining(['10¹', '10²', '10³', '10⁴', 'fixed size']));
    expect(texts(narrowing({ looks, wanted: 0.8, epsilon: 0.01 }, frame))).not.toContain('fixed size');
  });

  it('shows a rate that is far off', () => {
    const off = looks.map((look) => ({ ...look, found: 0.3, low: 0.2, high: 0.4 }));
    const line = narrowing({ looks: off, wanted: 0.8, epsilon: 0.01 }, frame);
    const ticks = texts(line)
      .map(Number)
      .filter((tick) => tick > 0 && tick < 1);
    expect(Math.min(...ticks)).toBeLessThan(0.3);
  });

  it('has an end where nothing was drawn', () => {
    expect(narrowing({ looks: [], wanted: 0.8, epsilon: 0.01 }, frame).tagName.toLowerCase()).toBe('svg');
  });
});

it('powers of ten are written as such', () => {
  expect([1, 10, 1e12].map(powerText)).toEqual(['10⁰', '10¹', '10¹²']);
});

it('weights have a dot a step, whether or not a rule is known for them', () => {
  expect(count(shrinking({ weights: [1, 0.9, 0.8], wanted: [] }, frame), 'circle')).toBe(3);
});
