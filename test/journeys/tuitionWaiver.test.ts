import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { accessible, begin, person, proveByCard, proveByNumbers, value } from '../fixtures/citizenPages.ts';
import { launch, picture, visit } from '../fixtures/chromium.ts';
import { describeWith } from '../fixtures/outsideTool.ts';
import { cleanUp, runHub, type RunningHub } from '../fixtures/runHub.ts';

const STUDENT = person('low-income-student');
const ADULT = person('adult-student');

async function withdrawInTheClient(page: Page, hub: RunningHub): Promise<void> {
  await page.goto(`${hub.url}/me/consents`);
  const card = page.locator('article[data-consent]').first();
  if (!(await card.isVisible().catch(() => false))) {
    await page.click('a[href^="/me/login"]');
    await page.waitForURL(/\/me\/consents/);
  }
  await card.waitFor();
  await picture(page, 'me-consents');
  await accessible(page);
  await card.locator('button.danger', { hasText: /撤回同意|Withdraw/ }).click();
  await card.locator('button.sure').click();
  await card.locator('.state.WITHDRAWN').waitFor();
}

describeWith('chromium', 'the tuition-waiver journey in a browser', (path) => {
  let hub: RunningHub;
  let browser: Browser;

  beforeAll(async () => {
    hub = await runHub();
    browser = await launch(path);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await hub.stop();
    await cleanUp();
  });

  it('gives the student aid system exactly what the student agreed, and nothing after he withdrew', async () => {
    const { page, complaints } = await visit(browser);
    await begin(page, hub);
    await picture(page, 'student-methods');
    await accessible(page);
    await proveByNumbers(page, STUDENT);
    await page.waitForSelector('form[action$="/agree"]');
    await picture(page, 'student-consent');
    await accessible(page);
    // What his method cannot open is shown, cannot be ticked and blocks nothing.
    expect(await page.locator('input[name="field"][value="moi.household.personal:name"]').isDisabled()).toBe(true);
    await page.click('button[value="agree"]');
    await page.waitForURL(/\/result/);
    await picture(page, 'student-result');
    expect(await value(page, 'certificateNumber')).toBe('LI-108-009902');
    expect(await value(page, 'category')).toBe('LOW_INCOME');
    expect(await value(page, 'validTo')).toBe('2019-12-31');
    expect(await value(page, 'name')).toBe('');
    expect(await page.locator('#decision').getAttribute('data-decision')).toBe('GRANTED');
    expect(await page.locator('li[data-reason]').allInnerTexts()).toEqual([expect.stringContaining('moi.household.personal')]);

    await withdrawInTheClient(page, hub);
    await page.goto(`${hub.studentAid}/result`);
    expect(await value(page, 'category')).toBe('');
    expect(await page.locator('li[data-reason="WITHDRAWN"]').count()).toBeGreaterThan(0);
    await page.click('form[action="/recheck"] button');
    await page.waitForLoadState();

    await page.goto(`${hub.url}/me/log`);
    await page.locator('article[data-kind="REFUSAL"]').first().waitFor();
    await picture(page, 'me-log');
    await accessible(page);
    // In her words: no code of ours.
    expect(await page.locator('main').innerText()).not.toMatch(/[A-Z]{4,}|multi-factor|-number/);
    expect(await page.locator('article[data-kind="DISCLOSURE"]').count()).toBe(1);
    expect(await page.locator('article[data-kind="REFUSAL"]').first().getAttribute('data-count')).toBe('2');
    expect(complaints).toEqual([]);
  }, 120_000);

  it('lets an adult with a certificate tick what she allows and leave one field out', async () => {
    const { page, complaints } = await visit(browser, { language: 'en' });
    await begin(page, hub);
    await proveByCard(page, ADULT);
    await page.waitForSelector('form[action$="/agree"]');
    await picture(page, 'adult-consent');
    await accessible(page);
    const boxes = page.locator('input[name="field"]:not([disabled])');
    expect(await boxes.evaluateAll((all) => all.map((box) => (box as HTMLInputElement).checked))).toEqual([false, false, false]);
    await page.check('input[value="moi.household.personal:name"]');
    await page.check('input[value="moi.household.personal:nationalId"]');
    await page.click('button[value="agree"]');
    await page.waitForURL(/\/result/);
    expect(await value(page, 'name')).toBe(ADULT.name['zh-TW']);
    expect(await value(page, 'nationalId')).toBe(ADULT.nationalId);
    expect(await value(page, 'birthDate')).toBe('');
    expect(await page.locator('li[data-reason="NOT_CONSENTED"]').innerText()).toContain('birthDate');
    expect(complaints).toEqual([]);
  }, 120_000);

  it('works on the hub’s own pages without JavaScript, in both languages, up to the answer', async () => {
    for (const language of ['zh-TW', 'en'] as const) {
      const { page } = await visit(browser, { language, javaScript: false });
      await begin(page, hub);
      await proveByNumbers(page, STUDENT);
      await page.waitForSelector('button[value="decline"]');
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      await page.click('button[value="decline"]');
      await page.waitForURL((url) => url.origin === new URL(hub.studentAid).origin);
      expect(await page.locator('[role="status"]').innerText()).toContain('declined');
      await page.context().close();
    }
  }, 120_000);
});
