/** A browser on the built site, for the tests: Chromium, where this machine has it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, preview } from 'vite';

/** The executable that CHROMIUM names, or the first of the usual names in the PATH. */
export function chromiumPath(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Why nothing is tested where there is no browser. */
export const noBrowser =
  'the site is not tested in a browser: there is no chromium in the PATH (apt install chromium), and CHROMIUM names none';

export interface OpenSite {
  /** Where it is served: under a path of its own, as on a host that it shares. */
  readonly url: string;
  /** The folder that it was built into. */
  readonly folder: string;
  /** Opens a page by its name or URL, and tells what it has done wrong so far: errors in its console, requests elsewhere. */
  readonly open: (
    name: string,
    options?: OpenOptions,
  ) => Promise<{ readonly page: Page; readonly wrong: readonly string[] }>;
  readonly close: () => Promise<void>;
}

export interface OpenOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly reducedMotion?: 'reduce' | 'no-preference';
}

/** Builds the site into a folder of its own, serves it, and starts a browser. */
export async function openSite(configFile: string, executablePath: string): Promise<OpenSite> {
  const outDir = mkdtempSync(join(tmpdir(), 'keepprob-site-'));
  const base = '/some/path/';
  await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const server = await preview({
    configFile,
    base,
    logLevel: 'error',
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0 },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the site is not served');
  const url = `http://127.0.0.1:${address.port}${base}`;
  const folder = pathToFileURL(outDir).href;
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  return {
    url,
    folder: outDir,
    open: async (name, { width = 1280, ...options } = {}) => {
      const page = await browser.newPage({ ...options, viewport: { width, height: 900 } });
      // Other tests may keep the machine busy.
      page.setDefaultTimeout(120_000);
      const wrong: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
      });
      page.on('pageerror', (error) => wrong.push(error.message));
      page.on('request', (request) => {
        if (
          !/^(?:data|blob):/.test(request.url()) &&
          !request.url().startsWith(url) &&
          !request.url().startsWith(folder)
        )
          wrong.push(request.url());
      });
      await page.goto(new URL(name, url).href);
      return { page, wrong };
    },
    close: async () => {
      await browser.close();
      await server.close();
      rmSync(outDir, { recursive: true });
    },
  };
}
