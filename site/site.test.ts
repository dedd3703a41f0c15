/** The site in a real browser. */
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faults } from '../properties/faults/index.ts';
import { clauses } from '../properties/index.ts';
import { budgetOf, subjectOf } from '../properties/testing.ts';
import { verify } from '../src/judge/verify.ts';
import { createReference } from '../src/reference/implementation.ts';
import { projectFile } from '../src/root.ts';
import { pageNames } from './build/page.ts';
import { chromiumPath, noBrowser, type OpenSite, openSite } from './testing/browser.ts';

const executable = chromiumPath();
if (executable === undefined) console.warn(noBrowser);

/** The pages with nothing to play with. */
const still: ReadonlySet<string> = new Set(['index.html', 'verdicts.html', 'protocol.html']);

const pages = [...pageNames.keys()].map((name) => `${name}.html`);

describe.skipIf(executable === undefined)(executable === undefined ? noBrowser : 'the site', () => {
  let site: OpenSite;
  beforeAll(async () => {
    site = await openSite(projectFile('site/vite.config.ts'), executable ?? '');
  }, 120_000);
  afterAll(() => site.close());

  test.each(pages)('%s opens without an error, and asks no other host', async (name) => {
    const { page, wrong } = await site.open(name);
    await page.waitForLoadState('networkidle');
    expect(await page.title()).toContain('keepprob');
    expect(wrong).toEqual([]);
    await page.close();
  });

  test.each(pages)('%s can be used by all, in the light and in the dark', async (name) => {
    const { page } = await site.open(name, { reducedMotion: 'reduce' });
    await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
    if (!still.has(name)) await page.locator('.play svg.chart').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await barriers(page), colorScheme).toEqual([]);
    }
    await page.close();
  });

  test.each(pages)('%s fits a phone', async (name) => {
    const { page, wrong } = await site.open(name, { width: 390 });
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await page.locator('.contents details').getAttribute('open')).toBeNull();
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('can be read as a file, where it says what it takes to be played', async () => {
    const { page } = await site.open(pathToFileURL(`${site.folder}/dropout.html`).href);
    expect(await page.locator('.unserved').innerText()).toContain('npm run site:serve');
    expect(await page.evaluate('getComputedStyle(document.body).display')).toBe('grid');
    await page.close();
    const { page: served } = await site.open('dropout.html');
    expect(await served.locator('.unserved').isVisible()).toBe(false);
    await served.close();
  });

  test('judges by a universal clause', async () => {
    const { page, wrong } = await site.open('dropout.html');
    const clause = 'dropout/kept-are-scaled-by-inverse-keep-prob';
    expect(await judged(page, clause)).toMatch(/^✓ holds.*40 cases/s);
    expect(await judged(page, clause, 'dropout/no-scale')).toMatch(
      /^✗ refuted.*asked.*but must be.*By this clause alone it looks like .*dropout\/no-scale/s,
    );
    expect(await page.locator(`[data-verdict-of="${clause}"]`).textContent()).toContain('refuted');
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('judges by a statistical clause, and draws where its experiments stand', async () => {
    const { page, wrong } = await site.open('dropout.html');
    const clause = 'dropout/keep-rate';
    expect(await judged(page, clause)).toMatch(/^✓ holds.*7 claims.*elements drawn/s);
    expect(await benchOf(page, clause).locator('svg.chart').count()).toBe(1);
    expect(await judged(page, clause, 'dropout/mask-confuses-keep-and-drop')).toMatch(
      /^✗ refuted.*the rate of 'kept'/s,
    );
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('judges by what NumPy said', async () => {
    const { page } = await site.open('training.html');
    expect(await judged(page, 'training/golden')).toMatch(/^✓ holds.*vectors/s);
    await page.close();
  });

  test('finds, word for word, what the command line finds', async () => {
    const id = 'l2/penalty-is-the-sum-of-squares';
    const [clause] = clauses.filter((each) => each.id === id);
    const [fault] = faults.filter((each) => each.refutedBy === id);
    const finding = await verify(clause, await subjectOf(fault.of(createReference())), budgetOf('quick'));
    const { page } = await site.open('l2.html');
    expect(finding.verdict).toBe('refuted');
    expect(await judged(page, id, fault.id)).toContain(finding.message);
    await page.close();
  });

  test('a run can be stopped', async () => {
    const { page } = await site.open('dropout.html');
    const bench = benchOf(page, 'dropout/elements-are-independent');
    await bench.locator('select').selectOption('standard');
    await bench.getByRole('button', { name: 'Run' }).click();
    await bench.getByText('nats against it').waitFor();
    await bench.getByRole('button', { name: 'Stop' }).click();
    await bench.getByText('stopped').waitFor();
    expect(await bench.locator('.found').textContent()).toBe('');
    await page.close();
  });

  test('what names no fault is not judged', async () => {
    const { page } = await site.open('dropout.html');
    const bench = benchOf(page, 'dropout/keep-rate');
    await bench.locator('input[type=search]').fill('dropout/no-such-fault');
    await bench.getByRole('button', { name: 'Run' }).click();
    const field = bench.locator('input[type=search]');
    const message = await field.evaluate(
      (element) => (element as unknown as { validationMessage: string }).validationMessage,
    );
    expect(message).toContain('no fault dropout/no-such-fault');
    expect(await bench.locator('.progress').textContent()).toBe('');
    await page.close();
  });

  test('every clause of a page is judged at a click', async () => {
    const { page, wrong } = await site.open('decay.html');
    await page.getByRole('button', { name: /Run all/ }).click();
    await page.locator('.every .says', { hasText: 'hold' }).waitFor();
    const count = clauses.filter(({ id }) => id.startsWith('decay/')).length;
    expect(await page.locator('.every .says').textContent()).toBe(`${count} hold`);
    expect(await page.locator('.contents .mark.holds').count()).toBe(count);
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('the likely fault is named by the clauses of a page together', async () => {
    const { page } = await site.open('l2.html');
    const every = page.locator('.every');
    await pick(every, 'l2/mean-of-squares');
    await every.getByRole('button', { name: /Run all/ }).click();
    await every.locator('.likely').waitFor();
    expect(await every.locator('.says').innerText()).toMatch(
      /hold, .*refuted.*likely l2\/mean-of-squares agrees by \d+ %/s,
    );
    await page.close();
  });

  test('a fault is judged at a click', async () => {
    const { page } = await site.open('dropout.html');
    const clause = page.locator('[id="dropout/dropped-are-exactly-zero"]');
    await clause.locator('.refutes summary').click();
    await clause.locator('button.judge').first().click();
    await clause.locator('.verdict.refuted').waitFor();
    await page.close();
  });

  test('the sliders of a layer change its mask and its rate', async () => {
    const { page, wrong } = await site.open('dropout.html', { reducedMotion: 'reduce' });
    const words = page.locator('.play .words');
    await words.filter({ hasText: 'kept' }).waitFor();
    const mask = page.locator('.mask');
    const kept = async () => Number(/(\d+) of 800 kept/.exec((await mask.getAttribute('aria-label')) ?? '')?.[1]);
    expect(await kept()).toBeGreaterThan(560);
    const before = await mask.locator('path').getAttribute('d');
    await page.getByRole('slider', { name: 'seed' }).fill('8');
    await expect.poll(() => mask.locator('path').getAttribute('d'), patient).not.toBe(before);
    await page.getByRole('slider', { name: 'keep_prob' }).fill('0.2');
    await expect.poll(kept, patient).toBeLessThan(260);
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('a layer draws on until it is paused; where motion is unwanted, only when it is asked to', async () => {
    const { page } = await site.open('dropout.html');
    const trials = async () =>
      Number(
        /of ([\d ]+) kept/.exec((await page.locator('.play .words').textContent()) ?? '')?.[1].replaceAll(' ', ''),
      );
    await expect.poll(trials, patient).toBeGreaterThan(20_000);
    await page.close();
    const { page: still } = await site.open('dropout.html', { reducedMotion: 'reduce' });
    await still.locator('.play .words').filter({ hasText: 'of 800 kept' }).waitFor();
    await still.waitForTimeout(500);
    expect(await still.locator('.play .words').textContent()).toContain('of 800 kept');
    await still.getByRole('button', { name: 'One batch' }).click();
    await still.locator('.play .words').filter({ hasText: 'of 1 600 kept' }).waitFor();
    await still.close();
  });

  test('a penalty, a decay and a network can be played with', async () => {
    const { page: l2, wrong } = await site.open('l2.html');
    await l2.locator('.play .words').filter({ hasText: 'At lambda 0.5' }).waitFor();
    await l2.getByRole('slider', { name: 'lambda' }).fill('1');
    await l2.locator('.play .words').filter({ hasText: 'At lambda 1' }).waitFor();
    expect(await l2.locator('.play svg.chart').count()).toBe(2);
    await l2.close();
    const { page: decay } = await site.open('decay.html');
    const chart = decay.locator('.play svg.chart');
    await chart.waitFor();
    const before = await chart.innerHTML();
    await decay.getByRole('slider', { name: 'weight_decay' }).fill('0.9');
    await expect.poll(() => chart.innerHTML(), patient).not.toBe(before);
    await decay.close();
    const { page: training } = await site.open('training.html');
    await training.locator('.thinned').first().waitFor();
    await training.getByRole('slider', { name: 'keep_prob' }).fill('1');
    await expect.poll(() => training.locator('.node.dropped').count(), patient).toBe(0);
    expect(await training.locator('.thinned').first().locator('.connection').count()).toBe(4 * 6 + 6 * 6 + 6 * 2);
    expect(wrong).toEqual([]);
    await training.close();
  });
});

/** A busy machine takes its time. */
const patient = { timeout: 60_000 };

const benchOf = (page: Page, clause: string) => page.locator(`[data-clause="${clause}"]`);

/** Picks a subject as a reader does: the list comes with the focus. */
async function pick(place: Locator, subject: string): Promise<void> {
  const field = place.locator('input[type=search]');
  await field.focus();
  await place.locator('datalist option').first().waitFor({ state: 'attached' });
  await field.fill(subject);
}

/** What is found of a subject by a clause: the text, once it is there. */
async function judged(page: Page, clause: string, subject = ''): Promise<string> {
  const bench = benchOf(page, clause);
  await pick(bench, subject);
  await bench.getByRole('button', { name: 'Run' }).click();
  await bench.locator('.verdict').waitFor();
  return bench.locator('.found').innerText();
}

/** What of a page somebody could not use: the serious and the critical findings of axe, in words. */
async function barriers(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ content: axe.source });
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
}
