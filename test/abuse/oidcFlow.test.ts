import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Declined } from '../../clients/sdk/relyingParty.ts';
import { authorizeUrl, push } from './oidcClient.ts';
import { agree, arrival, ASKED, browser, logIn, page, relyingParty, send, walk } from './oidcCitizen.ts';
import { openOidcHub, OTHER_SERVICE, SERVICE, subjectNamed, type OidcHub } from './oidcHub.ts';

const NAME = 'moi.household.personal:name';
const BIRTH = 'moi.household.personal:birthDate';
const SPOUSE = 'moi.household.personal:spouseName';
const CERTIFICATE = 'urn:mydata:acr:citizen-certificate';

let hub: OidcHub;
beforeAll(async () => {
  hub = await openOidcHub();
});
afterAll(async () => {
  expect(hub.logged).toEqual([]);
  await hub.close();
});

const begin = async (request: object = {}) => {
  const party = await relyingParty(hub);
  return { party, pending: await party.begin({ service: SERVICE, datasets: ASKED, ...request }) };
};

describe('a service asks, a citizen agrees', () => {
  it('gives a token that names the consent, and tells beside it what was agreed', async () => {
    const party = await relyingParty(hub);
    const { pending, returned } = await walk(hub, party, {}, 'anna', [NAME]);
    expect(returned.searchParams.get('iss')).toBe(hub.issuer);
    const given = await party.finish(pending, returned.href);
    expect(given.agreed).toEqual({ 'mohw.low-income': ASKED['mohw.low-income'], 'moi.household.personal': ['name'] });
    const claims = decodeJwt(given.accessToken);
    expect(decodeProtectedHeader(given.accessToken)).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: 'tokens' });
    const names = ['acr', 'aud', 'auth_time', 'client_id', 'cnf', 'consent_id', 'exp', 'grant_id', 'iat', 'iss', 'jti', 'sub'];
    expect(Object.keys(claims).sort()).toEqual(names);
    const audience = new URL('/graphql', hub.url).href;
    expect(claims).toMatchObject({ iss: hub.issuer, aud: audience, client_id: 'rp-one', acr: CERTIFICATE, consent_id: given.consent });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(hub.subjectOf(String(claims.sub), 'rp-one')).toBe(subjectNamed('anna'));
  });

  it('refreshes while the consent is active: the same grant, method and time, and what the consent holds by then', async () => {
    const party = await relyingParty(hub);
    const { pending, returned } = await walk(hub, party, {}, 'anna', [NAME, BIRTH]);
    const given = await party.finish(pending, returned.href);
    const before = decodeJwt(given.accessToken);
    const who = { consentId: String(given.consent), subject: subjectNamed('anna') };
    await hub.consents.narrow({ ...who, drop: { 'moi.household.personal': ['birthDate'] } });
    const again = await party.refresh(given);
    expect(again.agreed['moi.household.personal']).toEqual(['name']);
    const { consent_id, grant_id, acr, auth_time, sub } = decodeJwt(again.accessToken);
    expect({ consent_id, grant_id, acr, auth_time, sub }).toEqual({
      consent_id: before['consent_id'],
      grant_id: before['grant_id'],
      acr: before['acr'],
      auth_time: before['auth_time'],
      sub: before.sub,
    });
    await hub.consents.withdraw(who);
    await expect(party.refresh(given)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('gives no refresh token with a one-time consent', async () => {
    const party = await relyingParty(hub, 'rp-two');
    const { pending, returned } = await walk(hub, party, { service: OTHER_SERVICE });
    expect(await party.finish(pending, returned.href)).toMatchObject({ refreshToken: null });
  });

  it('withdrawn between the code and its exchange, it gives no token', async () => {
    const party = await relyingParty(hub);
    const { pending, returned } = await walk(hub, party, {}, 'withdrawer');
    const [consent] = (await hub.consents.listForSubject(subjectNamed('withdrawer'), { first: 1 })).consents;
    await hub.consents.withdraw({ consentId: String(consent?._id), subject: subjectNamed('withdrawer') });
    await expect(party.finish(pending, returned.href)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('two clients cannot link their subs', async () => {
    const [one, two] = [await relyingParty(hub), await relyingParty(hub, 'rp-two')];
    const first = await walk(hub, one, {}, 'linked');
    const second = await walk(hub, two, { service: OTHER_SERVICE }, 'linked');
    const subs = [await one.finish(first.pending, first.returned.href), await two.finish(second.pending, second.returned.href)].map(
      ({ accessToken }) => decodeJwt(accessToken).sub,
    );
    expect(subs[0]).not.toBe(subs[1]);
  });
});

describe('refusing', () => {
  it('is a button beside agreeing, and gives the service access_denied', async () => {
    const { party, pending } = await begin();
    const citizen = browser();
    const screen = page(await logIn(citizen, page(await citizen.open(pending.url)), 'decliner'));
    const form = screen.root.querySelector('form[action$="/agree"]');
    const button = form?.querySelector('button[value="decline"]');
    if (!form || !button) throw new Error('no decline button');
    const back = arrival(await citizen.submit(screen, form, {}, button));
    expect(back.searchParams.get('error')).toBe('access_denied');
    await expect(party.finish(pending, back.href)).rejects.toBeInstanceOf(Declined);
    const [consent] = (await hub.consents.listForSubject(subjectNamed('decliner'), { first: 1 })).consents;
    expect(consent?.state).toBe('DECLINED');
  });

  it('is not left to the citizen where the service was suspended in the meantime', async () => {
    const { pending } = await begin();
    const citizen = browser();
    const choice = page(await citizen.open(pending.url));
    await hub.consents.services.setState(SERVICE, 'SUSPENDED');
    const back = arrival(await logIn(citizen, choice, 'anna'));
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'invalid_authorization_details',
      error_description: 'SERVICE_SUSPENDED',
    });
    await hub.consents.services.setState(SERVICE, 'LIVE');
  });

  it('is possible before logging in', async () => {
    const { pending } = await begin();
    const citizen = browser();
    expect(arrival(await send(citizen, page(await citizen.open(pending.url)), 'decline')).searchParams.get('error')).toBe('access_denied');
  });
});

describe('proving identity', () => {
  it('offers only the methods that the request wants', async () => {
    const { pending } = await begin({ acrValues: [CERTIFICATE] });
    const choice = page(await browser().open(pending.url));
    expect(choice.root.querySelectorAll('input[name="method"]').map((input) => input.getAttribute('value'))).toEqual([
      'citizen-certificate',
    ]);
  });

  it('offers only methods that open something, the best first, and says what each leaves closed', async () => {
    const { pending } = await begin();
    const choice = page(await browser().open(pending.url));
    const offered = choice.root.querySelectorAll('input[name="method"]').map((input) => input.getAttribute('value'));
    expect(offered).toEqual(['citizen-certificate', 'otp-sms', 'multi-factor']);
    expect(choice.root.querySelectorAll('.card').at(2)?.text).toContain('Does not open: Personal household registration record');
  });

  it('goes through a method’s forms, and says what was wrong', async () => {
    const { pending } = await begin();
    const citizen = browser();
    const step = page(await send(citizen, page(await citizen.open(pending.url)), 'method'));
    const wrong = page(await send(citizen, step, 'step', { who: 'wrong' }));
    expect(wrong.root.querySelector('[role="alert"]')?.text).toContain('could not confirm your identity');
    const more = page(await send(citizen, wrong, 'step', { who: 'again' }));
    expect(more.root.querySelector('[role="status"]')?.text).toBe('Once more');
    expect(page(await send(citizen, more, 'step', { who: 'anna' })).root.querySelector('h1')?.text).toContain('asks for your data');
  });

  it('lets a session be used again, says how it was proved, and lets it be another person', async () => {
    const citizen = browser();
    await logIn(citizen, page(await citizen.open((await begin()).pending.url)), 'anna');
    const again = await begin();
    const screen = page(await citizen.open(again.pending.url));
    expect(screen.root.querySelector('.proved')?.text).toMatch(/You proved your identity at \d\d:\d\d with: Citizen digital certificate/);
    const choice = page(await send(citizen, screen, 'methods', {}, (form) => form.classList.contains('inline')));
    const other = page(await logIn(citizen, choice, 'bert'));
    const back = arrival(await agree(citizen, other));
    const { accessToken } = await again.party.finish(again.pending, back.href);
    expect(hub.subjectOf(String(decodeJwt(accessToken).sub), 'rp-one')).toBe(subjectNamed('bert'));
  });

  it('says so where the service expects another person', async () => {
    const first = await begin();
    const citizen = browser();
    const back = await agree(citizen, page(await logIn(citizen, page(await citizen.open(first.pending.url)), 'expected')));
    const { accessToken } = await first.party.finish(first.pending, arrival(back).href);
    const claims = JSON.stringify({ id_token: { sub: { value: decodeJwt(accessToken).sub } } });
    const other = browser();
    const choice = page(await other.open(authorizeUrl(hub, await push(hub, { claims }))));
    const told = page(await logIn(other, choice, 'somebody'));
    expect(told.root.querySelector('[role="alert"]')?.text).toContain('expects another person');
    expect(page(await logIn(other, told, 'expected')).root.querySelector('h1')?.text).toContain('asks for your data');
  });

  it('asks anew where the session is too weak, too old, or the service wants it', async () => {
    const citizen = browser();
    await logIn(citizen, page(await citizen.open((await begin()).pending.url)), 'anna', 'multi-factor');
    for (const request of [{ acrValues: [CERTIFICATE] }, { maxAge: 0 }]) {
      const asked = page(await citizen.open((await begin(request)).pending.url));
      expect(asked.root.querySelector('h1')?.text).toBe('Prove who you are');
    }
  });
});

describe('a method that opens too little', () => {
  it('shows what it leaves closed, and what would open it; nothing else is blocked', async () => {
    const { party, pending } = await begin();
    const citizen = browser();
    const screen = page(await logIn(citizen, page(await citizen.open(pending.url)), 'student', 'multi-factor'));
    const closed = screen.root.querySelectorAll('input[name="field"]').filter((input) => input.getAttribute('value')?.startsWith('moi.'));
    expect(closed.every((input) => input.hasAttribute('disabled') && !input.hasAttribute('checked'))).toBe(true);
    expect(screen.text).toContain('Needs a stronger proof of identity');
    // A browser that ticks it all the same is not believed.
    const forced = page(await agree(citizen, screen, [NAME]));
    expect(forced.root.querySelector('[role="alert"]')).not.toBeNull();
    const given = await party.finish(pending, arrival(await agree(citizen, forced)).href);
    expect(given.agreed).toEqual({ 'mohw.low-income': ASKED['mohw.low-income'] });
  });

  it('lets her step up on the way: one consent with both proofs', async () => {
    const { party, pending } = await begin();
    const citizen = browser();
    const screen = page(await logIn(citizen, page(await citizen.open(pending.url)), 'stepper', 'multi-factor'));
    const looked = page(await send(citizen, screen, 'methods', {}, (form) => !form.classList.contains('inline')));
    const asBefore = page(await send(citizen, looked, 'back'));
    const choice = page(await send(citizen, asBefore, 'methods', {}, (form) => !form.classList.contains('inline')));
    const better = page(await logIn(citizen, choice, 'stepper', 'citizen-certificate'));
    const given = await party.finish(pending, arrival(await agree(citizen, better, [NAME])).href);
    expect(given.agreed['moi.household.personal']).toEqual(['name']);
    const consent = await hub.consents.read(String(given.consent));
    expect(consent?.proofs?.map(({ method }) => method).sort()).toEqual(['citizen-certificate', 'multi-factor']);
    expect((await hub.consents.listForSubject(subjectNamed('stepper'), { first: 10 })).consents).toHaveLength(1);
  });

  it('answers a step-up challenge on a consent given before: the proof is added, nothing is asked twice', async () => {
    const party = await relyingParty(hub);
    const first = await walk(hub, party, {}, 'challenged', [NAME]);
    const given = await party.finish(first.pending, first.returned.href);
    const pending = await party.begin({
      service: SERVICE,
      datasets: { 'moi.household.personal': ['name'] },
      acrValues: ['urn:mydata:acr:otp-sms'],
    });
    const citizen = browser();
    const back = arrival(await logIn(citizen, page(await citizen.open(pending.url)), 'challenged', 'otp-sms'));
    const stepped = await party.finish(pending, back.href);
    expect(stepped.consent).toBe(given.consent);
    expect(decodeJwt(stepped.accessToken)).toMatchObject({ acr: 'urn:mydata:acr:otp-sms' });
    expect((await hub.consents.read(String(given.consent)))?.proofs?.map(({ method }) => method)).toContain('otp-sms');
  });

  it('asks anew where the challenge wants more than was given', async () => {
    const party = await relyingParty(hub);
    const first = await walk(hub, party, {}, 'widened', [NAME]);
    await party.finish(first.pending, first.returned.href);
    const pending = await party.begin({
      service: SERVICE,
      datasets: { 'moi.household.personal': ['birthDate', 'name'] },
      acrValues: [CERTIFICATE],
    });
    const citizen = browser();
    expect(page(await logIn(citizen, page(await citizen.open(pending.url)), 'widened')).root.querySelector('h1')?.text).toContain(
      'asks for your data',
    );
  });

  it('is no dead end where what the service needs stays closed: step up, or decline', async () => {
    const { pending } = await begin({ datasets: { 'moi.household.personal': ['name'] } });
    const choice = page(await browser().open(pending.url));
    expect(choice.root.querySelectorAll('input[name="method"]').map((input) => input.getAttribute('value'))).toEqual([
      'citizen-certificate',
      'otp-sms',
    ]);
  });
});

describe('acts of their own', () => {
  it('count only with their own confirmation; what was ticked stays ticked', async () => {
    const { party, pending } = await begin();
    const citizen = browser();
    const screen = page(await logIn(citizen, page(await citizen.open(pending.url)), 'spouse'));
    const back = page(await agree(citizen, screen, [NAME, SPOUSE], { duration: 'P1M' }));
    expect(back.root.querySelector('[role="alert"]')?.text).toContain('confirmation of their own');
    const ticked = back.root.querySelectorAll('input[name="field"][checked]').map((input) => input.getAttribute('value'));
    expect(ticked).toEqual(expect.arrayContaining([NAME, SPOUSE]));
    expect(back.root.querySelector('input[name="duration"][checked]')?.getAttribute('value')).toBe('P1M');
    const given = await party.finish(pending, arrival(await agree(citizen, back, [NAME, SPOUSE], { act: 'THIRD_PARTY' })).href);
    expect(given.agreed['moi.household.personal']).toEqual(['name', 'spouseName']);
    const consent = await hub.consents.read(String(given.consent));
    expect(consent?.statements.map(({ kind }) => kind).sort()).toEqual(['ORDINARY', 'THIRD_PARTY']);
  });
});

describe('forms sent twice, pages gone stale', () => {
  it('a form sent twice leads to where she is, with a sentence', async () => {
    const { pending } = await begin();
    const citizen = browser();
    const choice = page(await citizen.open(pending.url));
    await send(citizen, choice, 'method');
    const twice = page(await send(citizen, choice, 'method'));
    expect(twice.root.querySelector('[role="alert"]')?.text).toContain('sent before');
    expect(twice.root.querySelector('form[action$="/step"]')).not.toBeNull();
  });

  it('an answer given twice says what was answered, and changes nothing', async () => {
    const { party, pending } = await begin();
    const citizen = browser();
    const screen = page(await logIn(citizen, page(await citizen.open(pending.url)), 'double'));
    const back = arrival(await agree(citizen, screen));
    const twice = page(await agree(citizen, screen));
    expect(twice.root.querySelector('h1')?.text).toBe('You have agreed');
    expect(await party.finish(pending, back.href)).toMatchObject({ agreed: { 'mohw.low-income': ASKED['mohw.low-income'] } });
  });

  it('two answers at the same time are one', async () => {
    const { pending } = await begin();
    const citizen = browser();
    const screen = page(await logIn(citizen, page(await citizen.open(pending.url)), 'hasty'));
    const answers = await Promise.all([agree(citizen, screen), agree(citizen, screen)]);
    expect(answers.filter((answer) => answer instanceof URL && answer.searchParams.has('code')).length).toBeLessThanOrEqual(1);
    expect(answers.every((answer) => answer instanceof URL || answer.status < 500)).toBe(true);
    expect(
      (await hub.consents.listForSubject(subjectNamed('hasty'), { first: 10 })).consents.filter(({ state }) => state === 'ACTIVE'),
    ).toHaveLength(1);
  });

  it('a form without its token does nothing', async () => {
    const { pending } = await begin();
    const citizen = browser();
    const choice = page(await citizen.open(pending.url));
    const answer = page(await send(citizen, choice, 'method', { form: 'guessed' }));
    expect(answer.root.querySelector('h1')?.text).toBe('Prove who you are');
  });

  it('another browser cannot go on with an interaction', async () => {
    const { pending } = await begin();
    const choice = page(await browser().open(pending.url));
    const stranger = page(await browser().open(choice.url));
    expect(stranger.status).toBe(400);
    expect(stranger.text).toContain('SESSION_EXPIRED');
  });

  it('a screen in the other language can be agreed to', async () => {
    const { party, pending } = await begin();
    const citizen = browser('en');
    const english = page(await logIn(citizen, page(await citizen.open(pending.url)), 'bilingual'));
    const chinese = page(await citizen.open(new URL('?lang=zh-TW', english.url)));
    expect(chinese.root.querySelector('html')?.getAttribute('lang')).toBe('zh-TW');
    expect(chinese.root.querySelector('h1')?.text).toContain('請求取得您的資料');
    const given = await party.finish(pending, arrival(await agree(citizen, chinese)).href);
    const consent = await hub.consents.read(String(given.consent));
    expect((await hub.consents.shownScreen(String(consent?.screen)))?.language).toBe('zh-TW');
  });
});

describe('the citizen’s own client', () => {
  it('asks for no consent, and gets the scope hub', async () => {
    const party = await relyingParty(hub, 'citizen-web');
    const pending = await party.beginOwn();
    const citizen = browser('en', new URL('/me/callback', hub.url).href);
    const back = arrival(await logIn(citizen, page(await citizen.open(pending.url)), 'anna'));
    const given = await party.finish(pending, back.href);
    expect(given.refreshToken).toBeNull();
    const claims = decodeJwt(given.accessToken);
    expect(claims).toMatchObject({ scope: 'hub', client_id: 'citizen-web', acr: CERTIFICATE });
    expect(claims).not.toHaveProperty('consent_id');
    // The session carries her to a second login without a page between.
    const again = await party.beginOwn();
    await expect(party.finish(again, arrival(await citizen.open(again.url)).href)).resolves.toMatchObject({ consent: null });
  });
});
