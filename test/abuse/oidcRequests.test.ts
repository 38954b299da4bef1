import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertion, authorizeUrl, details, endpoint, now, push, random, VERIFIER, isRefused } from './oidcClient.ts';
import { agree, browser, logIn, page } from './oidcCitizen.ts';
import { CALLBACK, openOidcHub, OTHER_SERVICE, type OidcHub } from './oidcHub.ts';

let hub: OidcHub;
beforeAll(async () => {
  hub = await openOidcHub();
});
afterAll(async () => {
  expect(hub.logged).toEqual([]);
  await hub.close();
});

describe('a pushed request', () => {
  it('is taken when it is right', async () => {
    expect(await push(hub)).toMatchObject({ status: 201, body: { expires_in: 60 } });
  });

  it.each([
    ['a redirect URI that is not registered', { redirect_uri: 'https://evil.example/callback' }, 'invalid_request'],
    ['a redirect URI that only begins like the registered one', { redirect_uri: `${CALLBACK}.evil.example` }, 'invalid_request'],
    ['no redirect URI', { redirect_uri: undefined }, 'invalid_request'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE in plain text', { code_challenge: VERIFIER, code_challenge_method: 'plain' }, 'invalid_request'],
    ['another response type', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['a token in the front channel', { response_type: 'token' }, /unsupported_response_type|invalid_request/],
    ['the scope of the hub’s own client', { scope: 'openid hub' }, 'invalid_scope'],
    ['an unknown scope in disguise', { scope: 'openid\u0000hub' }, 'invalid_scope'],
    ['another resource', { resource: 'https://api.evil.example/' }, 'invalid_target'],
    ['a resource that is no URL', { resource: 'not a url' }, 'invalid_target'],
    ['a request within a request', { request_uri: 'urn:ietf:params:oauth:request_uri:abc' }, /request_uri_not_supported|invalid_request/],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a method that nobody offers', { acr_values: 'urn:mydata:acr:palm-reading' }, 'unmet_authentication_requirements'],
    [
      'a method that opens nothing of it',
      { acr_values: 'urn:mydata:acr:multi-factor', authorization_details: details({ datasets: { 'moi.household.personal': ['name'] } }) },
      'unmet_authentication_requirements',
    ],
    ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
    ['claims of another form', { claims: '{"id_token":{"acr":7}}' }, 'invalid_request'],
    ['acr values that are no list', { claims: '{"id_token":{"acr":{"values":7}}}' }, 'unmet_authentication_requirements'],
    ['a negative age', { max_age: '-1' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'hypnosis' }, 'invalid_request'],
  ] as const)('is refused with %s', async (_what, change, error) => {
    isRefused(await push(hub, change), error);
  });

  it.each([
    ['no authorization_details', undefined, 'invalid_request'],
    ['what is no JSON', '[', 'invalid_authorization_details'],
    ['no list', '{}', 'invalid_authorization_details'],
    ['nothing', '[]', 'invalid_request'],
    ['null', '[null]', 'invalid_authorization_details'],
    ['a type of somebody else', '[{"type":"payment_initiation"}]', 'invalid_authorization_details'],
    ['a type of the prototype', '[{"type":"__proto__"}]', 'invalid_authorization_details'],
    ['two requests in one', JSON.stringify([JSON.parse(details())[0], JSON.parse(details())[0]]), 'invalid_authorization_details'],
    ['a service of another client', details({ service: OTHER_SERVICE }), 'invalid_authorization_details'],
    ['an unknown service', details({ service: 'no.such' }), 'invalid_authorization_details'],
    [
      'a field beyond the registration',
      details({ datasets: { 'moi.household.personal': ['nationalId'] } }),
      'invalid_authorization_details',
    ],
    ['a dataset beyond the registration', details({ datasets: { 'mof.property': ['totalValue'] } }), 'invalid_authorization_details'],
    ['an unknown field', details({ datasets: { 'mohw.low-income': ['soul'] } }), 'invalid_authorization_details'],
    ['a longer time than registered', details({ duration: 'P10Y' }), 'invalid_authorization_details'],
    ['a member that nobody knows', details({ privileged: true }), 'invalid_authorization_details'],
    ['datasets that are no set', details({ datasets: 'all' }), 'invalid_authorization_details'],
  ])('is refused with %s before any citizen sees it', async (_what, value, error) => {
    isRefused(await push(hub, { authorization_details: value }), error);
  });

  it('says to the developer which field is too much', async () => {
    const { body } = await push(hub, { authorization_details: details({ datasets: { 'moi.household.personal': ['nationalId'] } }) });
    expect(body['error_description']).toContain('REQUEST_EXCEEDS_SERVICE');
    expect(body['error_description']).toContain('moi.household.personal:nationalId');
  });

  it('of the hub’s own client carries no datasets', async () => {
    isRefused(
      await push(hub, { scope: 'openid hub', redirect_uri: new URL('/me/callback', hub.url).href }, {}, 'citizen-web'),
      /invalid_authorization_details|invalid_request/,
    );
    isRefused(
      await push(
        hub,
        { scope: 'openid', authorization_details: undefined, redirect_uri: new URL('/me/callback', hub.url).href },
        {},
        'citizen-web',
      ),
      'invalid_scope',
    );
  });
});

describe('who the client is', () => {
  it.each([
    ['another audience', { aud: 'https://elsewhere.example' }],
    ['the token endpoint as audience', { aud: 'TOKEN' }],
    ['a list of audiences', { aud: 'LIST' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'rp-two' }],
    ['another subject', { sub: 'rp-two' }],
    ['an end in the past', { exp: now() - 60 }],
    ['no end', { exp: undefined }],
    ['no jti', { jti: undefined }],
  ])('is refused with an assertion of %s', async (_what, claims: Readonly<Record<string, unknown>>) => {
    const { aud } = claims;
    const audiences = { TOKEN: endpoint(hub, 'token'), LIST: [hub.issuer, endpoint(hub, 'token')] };
    const real = aud === 'TOKEN' || aud === 'LIST' ? { aud: audiences[aud] } : claims;
    isRefused(await push(hub, { client_assertion: await assertion(hub, 'rp-one', real) }), /invalid_client|invalid_request/);
  });

  it('is refused with another client’s key', async () => {
    isRefused(await push(hub, { client_assertion: await assertion(hub, 'rp-one', {}, hub.keys['rp-two']) }), 'invalid_client');
  });

  it('is refused with no signature at all', async () => {
    const [, payload] = (await assertion(hub)).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    isRefused(await push(hub, { client_assertion: `${header}.${String(payload)}.` }), 'invalid_client');
  });

  it('is not told by a secret, in the body or the header', async () => {
    const without = { client_assertion: undefined, client_assertion_type: undefined };
    isRefused(await push(hub, { ...without, client_secret: 'secret' }), 'invalid_client');
    isRefused(await push(hub, without, { authorization: `Basic ${Buffer.from('rp-one:secret').toString('base64')}` }), 'invalid_client');
    isRefused(await push(hub, without), /invalid_client|invalid_request/);
    isRefused(await push(hub, { client_id: 'nobody' }), /invalid_client|invalid_request/);
  });
});

describe('the authorization endpoint', () => {
  const visit = async (parameters: Record<string, string>): Promise<Response> =>
    fetch(`${endpoint(hub, 'auth')}?${new URLSearchParams(parameters).toString()}`, {
      redirect: 'manual',
      headers: { accept: 'text/html', 'accept-language': 'en' },
    });

  it.each([
    [
      'a request that was not pushed',
      {
        client_id: 'rp-one',
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid',
        code_challenge: 'c'.repeat(43),
        code_challenge_method: 'S256',
      },
    ],
    ['an invented request_uri', { client_id: 'rp-one', request_uri: `urn:ietf:params:oauth:request_uri:${random()}` }],
    ['a request_uri elsewhere', { client_id: 'rp-one', request_uri: 'https://evil.example/request' }],
    ['no client', { request_uri: `urn:ietf:params:oauth:request_uri:${random()}` }],
    ['an unknown client', { client_id: '<script>alert(1)</script>', request_uri: 'x' }],
  ])('answers %s with a sentence and a code, or tells the client', async (_what, parameters) => {
    const response = await visit(parameters);
    expect(response.status).toBeLessThan(500);
    const location = response.headers.get('location');
    if (location !== null) return expect(new URL(location).searchParams.get('error')).toMatch(/^invalid_request/);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text).toContain('This cannot go on');
    expect(text).not.toContain('<script>alert');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('takes a pushed request from its own client only', async () => {
    const pushed = await push(hub);
    const response = await visit({ client_id: 'rp-two', request_uri: String(pushed.body['request_uri']) });
    expect(response.status).toBeLessThan(500);
    expect(response.headers.get('location') ?? '').not.toContain('/interaction/');
  });

  it('does not take a request a second time', async () => {
    const pushed = await push(hub);
    const citizen = browser();
    await agree(citizen, page(await logIn(citizen, page(await citizen.open(authorizeUrl(hub, pushed))), 'anna')));
    const response = await visit({ client_id: 'rp-one', request_uri: String(pushed.body['request_uri']) });
    expect(response.headers.get('location') ?? '').not.toContain('/interaction/');
  });

  it('cannot be told another host', async () => {
    const pushed = await push(hub);
    const response = await fetch(authorizeUrl(hub, pushed), {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    const location = new URL(String(response.headers.get('location')), hub.url);
    expect(location.origin).toBe(hub.url.origin);
  });
});
