import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authorizeUrl, endpoint, push, random } from './oidcClient.ts';
import { agree, ASKED, browser, logIn, page } from './oidcCitizen.ts';
import { openOidcHub, type OidcHub } from './oidcHub.ts';

let hub: OidcHub;
beforeAll(async () => {
  hub = await openOidcHub();
});
afterAll(async () => {
  expect(hub.logged).toEqual([]);
  await hub.close();
});

describe('pages', () => {
  it('are not kept, framed, sniffed or told on', async () => {
    const citizen = browser();
    const { headers } = page(await citizen.open(authorizeUrl(hub, await push(hub))));
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self' http://127.0.0.1:9; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('that never were, or are over, say so', async () => {
    for (const path of ['/interaction/x', `/interaction/${random()}`, '/interaction/%00', '/interaction/..%2f..%2fetc']) {
      const answer = page(await browser().open(new URL(path, hub.url)));
      expect([400, 404]).toContain(answer.status);
    }
    const old = page(await browser().open(new URL(`/interaction/${random()}`, hub.url)));
    expect(old.text).toContain('This page is too old');
    const resumed = page(await browser().open(endpoint(hub, `auth/${random()}`)));
    expect(resumed.status).toBe(400);
    expect(resumed.text).toContain('This page is too old');
  });

  it('that are nowhere are JSON for programs, a page for people', async () => {
    for (const path of ['nothing', '%E0%A4%A', 'me', 'token/introspection', 'reg', 'device', '/token']) {
      const answer = await fetch(endpoint(hub, path));
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
      const page = await fetch(endpoint(hub, path), { headers: { accept: 'text/html', 'accept-language': 'en' } });
      expect([page.status, (await page.text()).includes('There is no such page')]).toEqual([404, true]);
    }
  });

  it('take only forms, and not large ones', async () => {
    const json = await fetch(new URL(`/interaction/${random()}/agree`, hub.url), {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).toBe(415);
    const large = await fetch(new URL(`/interaction/${random()}/agree`, hub.url), {
      method: 'POST',
      body: new URLSearchParams({ a: 'x'.repeat(100_000) }),
    });
    expect(large.status).toBe(413);
  });

  it('refuse fields, methods and durations that were not on them', async () => {
    const citizen = browser();
    const choice = page(await citizen.open(authorizeUrl(hub, await push(hub))));
    const unknown = new URLSearchParams({
      form: String(choice.root.querySelector('input[name="form"]')?.getAttribute('value')),
      method: 'palm-reading',
    });
    expect(page(await citizen.open(`${choice.url.href}/method`, unknown)).text).toContain('METHOD_UNKNOWN');
    const screen = page(await logIn(citizen, page(await citizen.open(choice.url)), 'anna'));
    for (const change of [
      { field: 'moi.household.personal:nationalId' },
      { field: '__proto__:name' },
      { duration: 'P99Y' },
      { screen: 'another' },
    ]) {
      const back = page(await agree(citizen, page(await citizen.open(screen.url)), [], change));
      expect(back.root.querySelector('[role="alert"]')).not.toBeNull();
      expect(back.status).toBe(200);
    }
    expect(ASKED['moi.household.personal']).not.toContain('nationalId');
  });
});
