import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { accessible, begin, person, proveByCard, proveByNumbers, value } from '../fixtures/citizenPages.ts';
import { launch, picture, visit } from '../fixtures/chromium.ts';
import { describeWith } from '../fixtures/outsideTool.ts';
import { cleanUp, runHub, type RunningHub } from '../fixtures/runHub.ts';

const ADULT = person('adult-student');
const box = (page: Page, scope: string) => page.locator(`input[name="field"][value="${scope}"]`);
const NAME = 'moi.household.personal:name';

describeWith('chromium', 'a stronger proof of identity, in a browser', (path) => {
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

  it('is asked for on the consent screen, and opens what was closed, in the same request', async () => {
    const { page, complaints } = await visit(browser, { language: 'en' });
    await begin(page, hub);
    await proveByNumbers(page, ADULT);
    expect(await box(page, NAME).isDisabled()).toBe(true);
    await picture(page, 'step-up-offered');
    await accessible(page);
    await page.click('form[action$="/methods"] button.secondary');
    await proveByCard(page, ADULT);
    await picture(page, 'step-up-done');
    await accessible(page);
    expect(await box(page, NAME).isDisabled()).toBe(false);
    await page.check(`input[value="${NAME}"]`);
    await page.click('button[value="agree"]');
    await page.waitForURL(/\/result/);
    expect(await value(page, 'name')).toBe(ADULT.name['zh-TW']);
    expect(await value(page, 'category')).toBe('LOW_INCOME');
    expect(await value(page, 'birthDate')).toBe('');
    expect(complaints).toEqual([]);

    // One consent, with both proofs.
    await page.goto(`${hub.url}/me/consents`);
    const login = page.locator('a[href^="/me/login"]');
    const card = page.locator('article[data-consent]');
    await login.or(card.first()).first().waitFor();
    if (await login.isVisible()) await login.click();
    await card.first().waitFor();
    expect(await card.count()).toBe(1);
    await page.context().close();
  }, 120_000);

  it('is asked for by the service after a refusal, and opens the refused fields', async () => {
    const { page, complaints } = await visit(browser);
    await begin(page, hub);
    await proveByNumbers(page, ADULT);
    await page.click('button[value="agree"]');
    await page.waitForURL(/\/result/);
    expect(await value(page, 'name')).toBe('');
    expect(await page.locator('li[data-reason="ASSURANCE_TOO_LOW"]').count()).toBe(1);
    await accessible(page);
    await page.click('form[action="/stronger"] button');
    await page.waitForURL(/\/interaction\//);
    expect(await page.locator('form[action$="/method"]:has(input[value="multi-factor"])').count()).toBe(0);
    await proveByCard(page, ADULT);
    await page.check(`input[value="${NAME}"]`);
    await page.click('button[value="agree"]');
    await page.waitForURL(/\/result/);
    expect(await value(page, 'name')).toBe(ADULT.name['zh-TW']);
    expect(await value(page, 'certificateNumber')).toBe('LI-108-009913');
    expect(await page.locator('form[action="/stronger"]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);
});
