import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launch, picture, visit } from '../fixtures/chromium.ts';
import { describeWith } from '../fixtures/outsideTool.ts';
import { ASKED, relyingParty } from './oidcCitizen.ts';
import { openOidcHub, SERVICE, type OidcHub } from './oidcHub.ts';

/** A relying party's web server on an origin of its own. */
async function openService(): Promise<{ readonly server: Server; readonly callback: string; readonly arrivals: string[] }> {
  const arrivals: string[] = [];
  const port = (): number => (server.address() as AddressInfo).port;
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/callback')) {
      arrivals.push(request.url);
      // On to another name: a browser would hold this redirect too against the form's policy.
      response.writeHead(303, { location: `http://localhost:${port()}/result` }).end();
    } else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><html lang="en"><title>Service</title><h1>Back at the service</h1></html>');
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return { server, callback: `http://127.0.0.1:${port()}/callback`, arrivals };
}

describeWith('chromium', 'login and consent in a real browser', (path) => {
  let hub: OidcHub;
  let service: Awaited<ReturnType<typeof openService>>;
  let browser: Browser;
  beforeAll(async () => {
    service = await openService();
    hub = await openOidcHub(service.callback);
    browser = await launch(path);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    service.server.closeAllConnections();
    service.server.close();
    await hub.close();
  });

  const start = async (): Promise<string> =>
    (await (await relyingParty(hub, 'rp-one', service.callback)).begin({ service: SERVICE, datasets: ASKED })).url;

  const faults = async (page: Page): Promise<readonly string[]> => {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  };

  it.each([
    ['agrees', '同意', 'code', true, 'zh-TW'],
    ['declines', 'Decline', 'error', true, 'en'],
    ['agrees without JavaScript', 'Agree', 'code', false, 'en'],
  ] as const)(
    'a citizen %s, and is back at the service on another origin',
    async (what, button, member, javaScript, language) => {
      const { page, complaints } = await visit(browser, { language, javaScript });
      const check = async (name: string): Promise<void> => {
        await picture(page, `oidc-${what.replaceAll(' ', '-')}-${name}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
        if (language === 'zh-TW') expect(await faults(page)).toEqual([]);
      };
      await page.goto(await start());
      await check('methods');
      await page.locator('form:has(input[value="multi-factor"]) button').click();
      await page.waitForSelector('input[name="who"]');
      await check('step');
      await page.fill('input[name="who"]', 'student');
      await page.locator('form[action$="/step"] button').click();
      await page.waitForSelector('input[name="field"]');
      await check('consent');
      expect(await page.locator('input[name="field"]:disabled:not(:checked)').count()).toBeGreaterThan(0);
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.waitForURL(/\/result$/);
      expect(await page.textContent('h1')).toBe('Back at the service');
      expect(service.arrivals.at(-1)).toContain(`${member}=`);
      expect(complaints).toEqual([]);
    },
    60_000,
  );

  it('a double click answers once, and does not leave her on an error page of ours', async () => {
    const { page } = await visit(browser, { language: 'en' });
    await page.goto(await start());
    await page.locator('form:has(input[value="multi-factor"]) button').click();
    await page.fill('input[name="who"]', 'hasty');
    await page.locator('form[action$="/step"] button').click();
    await page.getByRole('button', { name: 'Agree', exact: true }).dblclick();
    await page.locator('h1', { hasText: /Back at the service|You have agreed/ }).waitFor();
  }, 60_000);

  it('the back button leads to where she is', async () => {
    const { page } = await visit(browser, { language: 'en' });
    await page.goto(await start());
    await page.locator('form:has(input[value="multi-factor"]) button').click();
    await page.waitForSelector('input[name="who"]');
    await page.goBack();
    expect(await page.textContent('h1')).toMatch(/Multi-factor|Prove who you are/);
    await page.locator('form button.primary').first().click();
    expect((await page.textContent('main')) ?? '').not.toContain('This cannot go on');
  }, 60_000);
});
