/** A page that stands alone: its style and its one script are in it, and nothing else may run or be fetched. */
import type { ChartDocument } from '../charts.ts';
import { filterScript } from './filters.ts';
import { style } from './style.ts';
import { type Html, html, textOf, trusted } from './template.ts';

/** What drawing takes that this room, which also runs in a browser, does not bring. */
export interface Drawing {
  /** In which figures are drawn; nothing is left in it. */
  readonly document: ChartDocument;
  /** SHA-256 in base64, of UTF-8. */
  readonly sha256: (text: string) => string;
}

export function page({ title, body }: { readonly title: string; readonly body: Html }, { sha256 }: Drawing): string {
  // A policy by hashes: markup that slipped through all the escaping would still neither run nor load anything.
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${sha256(style)}'`,
    `script-src 'sha256-${sha256(filterScript)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return textOf(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${body}
<script>${trusted(filterScript)}</script>
</body>
</html>
`);
}
