/** Reports as pages, drawn without a browser. */
import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import type { Drawing } from '../src/report/html/page.ts';
import { reportPage } from '../src/report/html/report-page.ts';
import { scoreboardPage } from '../src/report/html/scoreboard.ts';
import type { Report } from '../src/report/report.ts';
import type { Reports } from './results.ts';

/** @param typed how the command line names each implementation */
export function pageText(content: Report | Reports, typed: readonly string[]): string {
  const drawing: Drawing = {
    document: parseHTML('<!doctype html><html></html>').document,
    sha256: (text) => createHash('sha256').update(text).digest('base64'),
  };
  if (!('reports' in content)) return reportPage(content, typed[0], drawing);
  const entries = content.reports.map((report, i) => ({ report, typed: typed[i] }));
  return scoreboardPage(entries, content.missing, drawing);
}
