import type { HTMLElement } from 'node-html-parser';
import { createRelyingParty, type ConsentRequest, type Pending, type RelyingParty } from '../../clients/sdk/relyingParty.ts';
import { CALLBACK, type OidcHub } from './oidcHub.ts';
import { Walker, type FormValues, type Page } from './oidcWalker.ts';

export const ASKED: ConsentRequest['datasets'] = {
  'mohw.low-income': ['category', 'certificateNumber', 'validFrom', 'validTo'],
  'moi.household.personal': ['birthDate', 'name', 'spouseName'],
};

/** A relying party of the test hub. */
export function relyingParty(hub: OidcHub, client = 'rp-one', callback = CALLBACK): Promise<RelyingParty> {
  const privateJwk = hub.keys[client];
  if (privateJwk === undefined) throw new Error(`no client ${client}`);
  const redirectUri = client === 'citizen-web' ? new URL('/me/callback', hub.url).href : callback;
  return createRelyingParty({ hub: hub.url.href, clientId: client, privateJwk, redirectUri });
}

/** A citizen's browser that stops at the service's door. */
export function browser(language: 'zh-TW' | 'en' = 'en', stopAt = CALLBACK): Walker {
  return new Walker(stopAt, language);
}

/** What was answered, as a page. Throws when the browser is at the service's door already. */
export function page(answer: Page | URL): Page {
  if (answer instanceof URL) throw new Error(`Expected a page, not ${answer.pathname}${answer.search}`);
  return answer;
}

/** Where the browser was sent at the end. */
export function arrival(answer: Page | URL): URL {
  if (!(answer instanceof URL))
    throw new Error(`Expected the way back, not a page: ${answer.root.querySelector('main')?.structuredText ?? answer.text}`);
  return answer;
}

/** Sends the form of a page that goes to this action. */
export async function send(
  citizen: Walker,
  on: Page,
  action: string,
  values: FormValues = {},
  which: (form: HTMLElement) => boolean = () => true,
): Promise<Page | URL> {
  const form = on.root.querySelectorAll('form').find((one) => one.getAttribute('action')?.endsWith(`/${action}`) === true && which(one));
  if (form === undefined) throw new Error(`No form ${action} on the page: ${on.root.querySelector('main')?.structuredText ?? on.text}`);
  return citizen.submit(on, form, values);
}

/** Chooses a method and proves to be somebody by name. */
export async function logIn(citizen: Walker, on: Page, who: string, method = 'citizen-certificate'): Promise<Page | URL> {
  const step = page(await send(citizen, on, 'method', {}, (form) => form.querySelector(`input[value="${method}"]`) !== null));
  return send(citizen, step, 'step', { who });
}

/** Ticks fields and agrees. */
export async function agree(citizen: Walker, on: Page, scopes: readonly string[] = [], more: FormValues = {}): Promise<Page | URL> {
  return send(citizen, on, 'agree', { field: scopes, ...more });
}

/** The whole way of one citizen: from the pushed request to the service's door. */
export async function walk(
  hub: OidcHub,
  party: RelyingParty,
  request: Partial<ConsentRequest> = {},
  who = 'anna',
  scopes: readonly string[] = [],
): Promise<{ readonly pending: Pending; readonly returned: URL; readonly citizen: Walker }> {
  const pending = await party.begin({ service: 'test.tuition-waiver', datasets: ASKED, ...request });
  const citizen = browser();
  const screen = page(await logIn(citizen, page(await citizen.open(pending.url)), who));
  return { pending, returned: arrival(await agree(citizen, screen, scopes)), citizen };
}
