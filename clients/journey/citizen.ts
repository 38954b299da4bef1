import type { HTMLElement } from 'node-html-parser';
import type { Browser, Page } from './browser.ts';
import { newestCode, signWithCard, type Person } from './person.ts';

export interface Wishes {
  /** Identity method to use; null: the strongest she holds of those offered. */
  readonly method: string | null;
  /** Fields to tick beyond the required ones, as `dataset:path`; null: every one that can be ticked, `leave` excepted. */
  readonly fields: readonly string[] | null;
  /** Fields to leave out when `fields` is null. */
  readonly leave: readonly string[];
  readonly decline: boolean;
}

/** Where her proofs come from when there are no development pages: a real card, a real phone. */
export interface Proofs {
  /** Signs a login challenge; resolves to the compact JWS. */
  readonly sign: (challenge: string) => Promise<string>;
  /** The one-time code that was sent to her last. */
  readonly code: () => Promise<string>;
  /** A mobile number to bind when the form offers it. */
  readonly bindMobile?: string | null;
}

export interface Walk {
  readonly hub: URL;
  readonly person: Person;
  /** Without them, the demonstration's `/dev` gives card and code. */
  readonly proofs?: Proofs;
  readonly wishes: Wishes;
  readonly say: (step: string, detail: string) => void;
}

/** Strongest first, of those this project can prove. */
const STRENGTH = ['citizen-certificate', 'otp-sms', 'nhi-card', 'multi-factor'];

const form = (page: Page, action: string): HTMLElement | null => page.root.querySelector(`form[action$="/${action}"]`);
const words = (element: HTMLElement | null): string => (element?.text ?? '').replace(/\s+/g, ' ').trim();

/** Walks the hub's pages as the citizen, from the authorization URL to the redirect back. Throws with the page's own sentence when she is stuck. */
export async function walkAsCitizen(browser: Browser, start: string, walk: Walk): Promise<URL> {
  let page = await browser.open(start);
  for (let steps = 0; steps < 12; steps++) {
    if (page instanceof URL) return page;
    if (page.status >= 400)
      throw new Error(`${words(page.root.querySelector('h1'))}: ${words(page.root.querySelector('.lead'))} (HTTP ${page.status})`);
    page = await onePage(browser, page, walk);
  }
  throw new Error('The pages go round in a circle.');
}

async function onePage(browser: Browser, page: Page, walk: Walk): Promise<Page | URL> {
  const alert = words(page.root.querySelector('[role="alert"]'));
  if (alert !== '') throw new Error(alert);
  const agree = form(page, 'agree');
  if (agree) return decide(browser, page, agree, walk);
  const step = form(page, 'step');
  if (step) return prove(browser, page, step, walk);
  return choose(browser, page, walk);
}

/** The page of methods: takes the one wished for, or the strongest that she holds. */
async function choose(browser: Browser, page: Page, { person, wishes, say }: Walk): Promise<Page | URL> {
  const offered = page.root.querySelectorAll('form[action$="/method"]').flatMap((one) => {
    const id = one.querySelector('input[name="method"]')?.getAttribute('value');
    return id === undefined ? [] : [{ id, one }];
  });
  const wanted = wishes.method === null ? STRENGTH.filter((id) => person.heldMethods.includes(id)) : [wishes.method];
  const chosen = wanted.flatMap((id) => offered.filter((offer) => offer.id === id))[0];
  say('Identity methods offered', offered.map(({ id }) => id).join(', '));
  if (chosen === undefined) throw new Error(`${person.id} holds none of the methods offered: ${offered.map(({ id }) => id).join(', ')}.`);
  say('She chooses', chosen.id);
  return browser.submit(page, chosen.one, {});
}

/** One form of a method: fills in what she knows, signs with her card, reads the code sent to her phone. */
async function prove(browser: Browser, page: Page, step: HTMLElement, { hub, person, say, proofs }: Walk): Promise<Page | URL> {
  const {
    sign,
    code,
    bindMobile = null,
  } = proofs ?? {
    sign: (challenge) => signWithCard(hub, person, challenge),
    code: () => newestCode(hub, person.mobileNumber ?? ''),
  };
  const known: Record<string, string | null> = {
    nationalId: person.nationalId ?? person.uiNumber,
    nhiCardNumber: person.nhiCardNumber,
    householdNumber: person.householdNumber,
    idCardIssueDate: null,
    mobileNumber: person.mobileNumber,
    bindMobile,
  };
  const values: Record<string, string> = {};
  for (const field of step.querySelectorAll('input, textarea')) {
    const name = field.getAttribute('name') ?? '';
    const value = known[name];
    if (value !== undefined && value !== null) values[name] = value;
    if (name === 'otpCode') values[name] = await code();
    if (name === 'signature')
      values[name] = await sign(step.querySelector('[data-sign-challenge]')?.getAttribute('data-sign-challenge') ?? '');
  }
  say('She fills in', Object.keys(values).join(', '));
  const next = await browser.submit(page, step, values);
  // The same form again says what to correct in it; the persona has nothing else to enter.
  if (!(next instanceof URL) && namesOf(form(next, 'step')) === namesOf(step) && words(next.root.querySelector('[role="alert"]')) === '')
    throw new Error(words(next.root.querySelector('[role="status"]')) || 'The same form was shown again.');
  return next;
}

const namesOf = (step: HTMLElement | null): string =>
  (step?.querySelectorAll('input, textarea') ?? []).map((field) => field.getAttribute('name') ?? '').join(' ');

/** The consent screen: ticks what she wants, and agrees or declines. */
async function decide(browser: Browser, page: Page, agree: HTMLElement, { wishes, say }: Walk): Promise<Page | URL> {
  say('The screen', words(page.root.querySelector('h1')));
  for (const fact of page.root.querySelectorAll('main dl.facts > div').slice(0, 6))
    say(words(fact.querySelector('dt')), words(fact.querySelector('dd')));
  const fields = agree.querySelectorAll('input[name="field"]').map((box) => ({
    scope: box.getAttribute('value') ?? '',
    fixed: box.hasAttribute('disabled') && box.hasAttribute('checked'),
    closed: box.hasAttribute('disabled') && !box.hasAttribute('checked'),
  }));
  const required = fields.filter(({ fixed }) => fixed).map(({ scope }) => scope);
  const open = fields.filter(({ fixed, closed }) => !fixed && !closed).map(({ scope }) => scope);
  const closed = fields.filter((one) => one.closed).map(({ scope }) => scope);
  say('Required', required.join(', ') || '-');
  say('Optional', open.join(', ') || '-');
  if (closed.length > 0) say('Closed to this method', closed.join(', '));
  if (wishes.decline) {
    say('She', 'declines');
    const button = agree.querySelector('button[value="decline"]') ?? undefined;
    return browser.submit(page, agree, { field: null }, button);
  }
  const unknown = (wishes.fields ?? []).filter((scope) => !fields.some((field) => field.scope === scope));
  if (unknown.length > 0) throw new Error(`Not on the screen: ${unknown.join(', ')}.`);
  const ticked =
    wishes.fields === null ? open.filter((scope) => !wishes.leave.includes(scope)) : open.filter((scope) => wishes.fields?.includes(scope));
  say('She ticks', ticked.join(', ') || 'nothing more');
  say('She', 'agrees');
  const acts = agree.querySelectorAll('input[name="act"]').map((box) => box.getAttribute('value') ?? '');
  return browser.submit(
    page,
    agree,
    { field: ticked, act: ticked.length > 0 ? acts : null },
    agree.querySelector('button[value="agree"]') ?? undefined,
  );
}
