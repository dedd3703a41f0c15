/** Reports as pages, opened in a browser: what they say, that their filters work, that everybody can read them, and that hostile text is text. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { fixture, keepprob, soon, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** Debian's Chromium, or that of CHROMIUM; undefined where this machine has none. */
const executablePath = [
  process.env['CHROMIUM'],
  ...(process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'chromium')),
].find((path) => path !== undefined && existsSync(path));

const globs = ['dropout/keep-rate', 'dropout/kept-*', 'dropout/evaluation-is-*', 'decay/shrinks-*', 'l2/golden'];
const check = (module: string, ...rest: readonly string[]) =>
  keepprob(['check', ...soon, ...globs.flatMap((glob) => ['--only', glob]), ...rest, fixture(module)]);
const into = (name: string) =>
  ['html', 'json'].flatMap((format) => ['--report', `${format}=${folder.file(`${name}.${format}`)}`]);

const written = (async () => {
  await Promise.all([check('inverted.mjs', ...into('inverted')), check('hostile.mjs', ...into('hostile'))]);
  const files = ['inverted', 'hostile'].map((name) => folder.file(`${name}.json`));
  await keepprob(['merge', ...files, ...into('board')]);
})();

const text = (name: string): string => readFileSync(folder.file(name), 'utf8');

describe('a report', () => {
  it('is one file that names nothing to be fetched', async () => {
    await written;
    for (const name of ['inverted.html', 'hostile.html', 'board.html']) {
      expect(text(name)).toMatch(/^<!doctype html>\n<html lang="en">/);
      expect(text(name)).not.toMatch(
        /<(?:img|iframe|object|embed|base|audio|video)\b|@import|url\((?!#)|<link(?! rel="icon" href="data:,")/,
      );
      expect(text(name).match(/<script\b/g)).toHaveLength(1);
    }
  });

  it('holds a portrait, which has no part in the verdict', async () => {
    await written;
    const { portrait, verdict } = folder.report('inverted.json');
    expect(verdict).toBe('conforms');
    expect(portrait?.masks?.first).toHaveLength(24);
    expect(portrait?.left).toEqual(['Decay could not be drawn: step is not declared']);
    expect(text('inverted.html')).toContain('no part of the verdict');
  });

  it('is not lost, nor its verdict, where the implementation ends the process while it is portrayed', async () => {
    const { code, stdout, stderr } = await keepprob([
      ...['check', ...soon, '--only', 'dropout/keep-rate', ...into('posing')],
      fixture('posing.mjs'),
    ]);
    expect(stdout).toContain('posing 1.0.0: conforms');
    expect(code).toBe(0);
    expect(stderr).toContain('the implementation ended the process that judged it');
    expect(text('posing.html')).toContain(
      'Not all could be drawn: the implementation ended the process that judged it',
    );
  });
});

describe.skipIf(executablePath === undefined)(
  `in a browser${executablePath === undefined ? ' (skipped: this machine has no chromium, and CHROMIUM names none)' : ''}`,
  () => {
    let browser: Browser | undefined;
    afterAll(() => browser?.close());

    /** A page opened from its file, with all that it complains of and asks for. */
    async function open(name: string, { dark = false, width = 1200 } = {}): Promise<{ page: Page; heard: string[] }> {
      await written;
      browser ??= await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }) });
      const page = await browser.newPage({ colorScheme: dark ? 'dark' : 'light', viewport: { width, height: 900 } });
      const heard: string[] = [];
      const file = `file://${folder.file(name)}`;
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(error.message));
      page.on('dialog', (dialog) => {
        heard.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        const url = request.url();
        if (url.split('#')[0] !== file && !url.startsWith('data:')) heard.push(`a request: ${url}`);
      });
      await page.goto(file);
      return { page, heard };
    }

    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

    /** What hinders a reader, by the rules of WCAG 2.2 AA, in a few words each. */
    async function hindrances(page: Page): Promise<readonly string[]> {
      await page.evaluate(axe);
      const run = 'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })';
      const { violations }: AxeResults = await page.evaluate(run);
      return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 120)}`));
    }

    it.each([
      ['inverted.html', ''],
      ['hostile.html', ''],
      ['board.html', ''],
      ['board.html', '#r2'],
    ])(
      '%s%s can be read by everybody, light, dark and narrow, and runs nothing but its own script',
      async (name, hash) => {
        for (const look of [{}, { dark: true }, { width: 390 }]) {
          const { page, heard } = await open(name, look);
          if (hash !== '') await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
          await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
          expect(await hindrances(page)).toEqual([]);
          const sizes = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
          expect(sizes, `${name} at ${JSON.stringify(look)}`).toEqual([look.width ?? 1200, look.width ?? 1200]);
          expect(heard).toEqual([]);
          await page.close();
        }
      },
    );

    it('a hostile name is text, and so is all that it says', async () => {
      const { page } = await open('hostile.html');
      expect(await page.locator('h1').textContent()).toMatch(
        /^<img src=x onerror=alert\(1\)>very .*… <\/script><\/style>/s,
      );
      expect(await page.locator('img, h1 *:not(bdi, small)').count()).toBe(0);
      expect(await page.locator('a[href^=javascript]').count()).toBe(0);
      expect(await page.textContent('body')).not.toMatch(/\u202E/);
    });

    it('a failure unfolds to what was asked, found and wanted, and to the lines that ask again', async () => {
      const { page } = await open('hostile.html');
      const failure = page.locator('#failure-dropout-evaluation-is-identity');
      expect(await failure.locator('dl').isVisible()).toBe(false);
      await failure.locator('summary').focus();
      await page.keyboard.press('Enter');
      await failure.locator('dl').waitFor();
      expect(await failure.locator('dt').allTextContents()).toEqual(['asked', 'got', 'wanted', 'ask again', 'replay']);
      expect(await failure.locator('pre').allTextContents()).toEqual([
        `npx keepprob check --only dropout/evaluation-is-identity --seed 1 --profile quick ${fixture('hostile.mjs')}`,
        `npx keepprob replay report.json dropout/evaluation-is-identity ${fixture('hostile.mjs')}`,
      ]);
    });

    it('the clauses are filtered by verdict, topic and text', async () => {
      const { page } = await open('hostile.html');
      const ids = () => page.locator('#table tbody tr:visible .id').allTextContents();
      const all = await ids();
      await page.getByLabel('verdict').selectOption('refuted');
      expect(await ids()).toEqual(all.filter((id) => /kept|identity|shrinks/.test(id)));
      await page.getByLabel('topic').selectOption('dropout');
      await page.getByLabel('text').fill('BIT FOR BIT');
      expect(await ids()).toEqual(['dropout/evaluation-is-identity']);
      expect(await page.locator('output').textContent()).toBe(`1 of ${all.length} clauses`);
    });

    it('the implementations and the clauses of a scoreboard are filtered, and each leads to its report', async () => {
      const { page } = await open('board.html');
      const cells = () => page.locator('#board tbody tr:visible td.cell:visible').count();
      const clauses = await page.locator('#board th[data-column]').count();
      expect(await cells()).toBe(2 * clauses);
      await page.getByRole('combobox', { name: 'language' }).selectOption('javascript');
      expect(await page.locator('#board tbody tr:visible').count()).toBe(1);
      await page.getByRole('combobox', { name: 'language' }).selectOption('');
      await page.getByRole('searchbox', { name: 'clause' }).fill('bit for bit');
      expect(await cells()).toBe(2);
      await page.getByRole('searchbox', { name: 'clause' }).fill('');
      await page.getByRole('checkbox').check();
      expect(await page.locator('#board th[data-column]:visible').allTextContents()).toEqual([
        'kept-are-scaled-by-inverse-keep-prob',
        'evaluation-is-identity',
      ]);
      expect(await page.locator('section.report:visible').count()).toBe(0);
      await page.locator('#board tbody td.cell a').first().click();
      expect(await page.locator('section.report:visible').count()).toBe(1);
      expect(await page.locator('tr:target .id').textContent()).toBe('dropout/kept-are-scaled-by-inverse-keep-prob');
      await page.getByRole('link', { name: 'All implementations' }).click();
      expect(await page.locator('#board').isVisible()).toBe(true);
    });

    it('without its script all is there but the filters', async () => {
      await open('board.html');
      const context = await browser?.newContext({ javaScriptEnabled: false });
      const page = (await context?.newPage()) ?? expect.fail();
      await page.goto(`file://${folder.file('inverted.html')}`);
      expect(await page.locator('form').isVisible()).toBe(false);
      expect(await page.locator('#table tbody tr').first().isVisible()).toBe(true);
      expect(await page.getByRole('img').count()).toBeGreaterThan(3);
    });
  },
);
