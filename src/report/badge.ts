/** A verdict as a badge: an SVG image of one line, to be shown beside a library's name. */
import { escaped } from './markup.ts';
import { type Report, recordedOf } from './report.ts';

const colours = { conforms: '#1a7f37', violates: '#cf222e', undecided: '#6e7781', broken: '#6e7781' };

/** Widths of the font's characters, on average, and the room beside them, in pixels. */
const [character, margin] = [6.6, 12];

/** Reports as an SVG image of one line: the verdict on one implementation, or how many of several conform. */
export function badge(reports: readonly Report[]): string {
  const conforming = reports.filter((each) => textOf(each) === 'conforms').length;
  const [label, colour] =
    reports.length === 1
      ? [textOf(reports[0]), colours[reports[0].verdict]]
      : [
          `${conforming} of ${reports.length} conform`,
          colours[conforming === reports.length && conforming > 0 ? 'conforms' : 'violates'],
        ];
  const widths = ['keepprob', label].map((text) => Math.round(character * text.length + margin));
  const [left, right] = widths;
  const title = `keepprob: ${label}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${escaped(title)}">
  <title>${escaped(title)}</title>
  <clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#r)">
    <rect width="${left}" height="20" fill="#24292f"/>
    <rect x="${left}" width="${right}" height="20" fill="${colour}"/>
  </g>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">
    <text x="${left / 2}" y="14">keepprob</text>
    <text x="${left + right / 2}" y="14">${escaped(label)}</text>
  </g>
</svg>
`;
}

function textOf(report: Report): string {
  const { verdict } = report;
  const known = recordedOf(report).length;
  return known > 0 && verdict === 'conforms' ? `conforms but for ${known}` : verdict;
}
