import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agree, citizen, party, send, signIn, WAIVER, type Citizen, type Sent } from '../fixtures/hubClient.ts';
import { cleanUp, runHub, type RunningHub } from '../fixtures/runHub.ts';

let hub: RunningHub;
let student: Citizen;

beforeAll(async () => {
  hub = await runHub();
  student = await citizen(hub, 'low-income-student');
}, 120_000);
afterAll(async () => {
  await hub.stop();
  expect(hub.output()).not.toMatch(/\n\s+at |"level":50/);
  await cleanUp();
});

const STACK = /\bat [^ ]+ \(|node_modules|\.[jt]s:\d/;
const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', 'accept-language': 'en' };
const big = 'a'.repeat(10 * 1024 * 1024);

/** A visitor's mistake: never a 5xx, never how we are made. */
async function isHandled(sent: Sent): Promise<{ status: number; text: string; headers: Headers }> {
  const { status, text, headers } = await send(hub, sent);
  expect({ path: sent.path, status: status < 500 }).toEqual({ path: sent.path, status: true });
  expect(text).not.toMatch(STACK);
  return { status, text, headers };
}

/** Where a request of the student-aid system begins: an interaction that waits for the citizen. */
async function interaction(): Promise<{ path: string; cookie: string; text: string }> {
  const aid = await party(hub, 'student-aid');
  const { url } = await aid.begin({ service: WAIVER, datasets: { 'mohw.low-income': ['category'] } });
  const first = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
  const cookie = first.headers
    .getSetCookie()
    .map((one) => one.slice(0, one.indexOf(';')))
    .join('; ');
  const path = new URL(first.headers.get('location') ?? '', hub.url).pathname;
  const text = await (await fetch(new URL(path, hub.url), { headers: { cookie, accept: 'text/html' } })).text();
  return { path, cookie, text };
}

describe('addresses', () => {
  it('of the authorization server’s metadata: where OpenID Connect looks, and where RFC 8414 does', async () => {
    const issuer = `${hub.url}/oidc`;
    const paths = ['/oidc/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/oidc'];
    const [openid, oauth] = await Promise.all(paths.map(async (path) => (await fetch(hub.url + path)).json()));
    expect(oauth).toEqual(openid);
    expect(oauth).toMatchObject({ issuer, token_endpoint: `${issuer}/token`, pushed_authorization_request_endpoint: `${issuer}/request` });
  });

  it.each([
    '/nothing',
    '/%',
    '/%00',
    '/..%2f..%2fdev%2fkeys.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/keys.json',
    '/me/..%2f..%2f..%2fpackage.json',
    '/me/%2e%2e/%2e%2e/server.js',
    '/dev/cards/..%2f..%2fkeys.json',
    '/dev/cards/__proto__.json',
    '/dev/clients/constructor.json',
    '/oidc/nothing',
    '/oidc/%',
    '/oidc/..%2fdev',
    '/interaction/x',
    '/interaction/__proto__',
    `/interaction/${'x'.repeat(5000)}`,
  ])('%s is not there', async (path) => {
    const { status, text } = await isHandled({ method: 'GET', path, headers: { accept: 'text/html', 'accept-language': 'en' } });
    expect([400, 404, 414]).toContain(status);
    expect(text).not.toContain('"kty"');
    expect(text).not.toContain('"dependencies"');
  });

  it('under another name of this host is given at its public one, and a foreign name gets no page of ours', async () => {
    const { hostname, port } = new URL(hub.url);
    const raw = (head: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let text = '';
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(head));
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
        socket.on('close', () => resolve(text));
        socket.on('error', reject);
      });
    const answer = await raw('GET /me/consents HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 302 /);
    expect(answer).toContain(`location: http://${hostname}:${port}/me/consents`);
    expect(await raw('GET //evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')).not.toMatch(
      /^location: (https?:)?\/\/evil/m,
    );
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    // A body that two readers would end at different places.
    const smuggled = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await raw(smuggled)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('forms of login and consent', () => {
  it.each(['method', 'step', 'methods', 'back', 'agree', 'decline'])(
    '%s without an interaction, with another’s, or without its token changes nothing',
    async (action) => {
      const { path, cookie } = await interaction();
      const other = await interaction();
      for (const [where, headers] of [
        [`/interaction/unknown/${action}`, form],
        [`${path}/${action}`, form],
        [`${path}/${action}`, { ...form, cookie: other.cookie }],
      ] as const) {
        const { status, headers: answered } = await isHandled({
          path: where,
          headers,
          body: 'method=multi-factor&field=mohw.low-income%3Acategory',
        });
        expect(status).toBe(400);
        expect(answered.get('cache-control')).toBe('no-store');
      }
      // Her own cookie, a form of another site: no form token.
      const { status, headers } = await isHandled({ path: `${path}/${action}`, headers: { ...form, cookie }, body: 'method=multi-factor' });
      expect([status, headers.get('location')]).toEqual([303, expect.stringContaining('/interaction/')]);
      const tooBig = await isHandled({ path: `${path}/${action}`, headers: { ...form, cookie }, body: big });
      expect(tooBig).toMatchObject({ status: 400, text: expect.stringContaining('could not be read') });
      for (const [type, body] of [
        ['application/json', '{"method":"multi-factor"}'],
        ['multipart/form-data; boundary=x', '--x--'],
        ['text/plain', 'method=multi-factor'],
      ] as const)
        expect([400, 415]).toContain(
          (await isHandled({ path: `${path}/${action}`, headers: { cookie, 'content-type': type }, body })).status,
        );
    },
  );

  it('say nothing of what was wrong with a number, whatever was typed', async () => {
    const answers = new Set<string>();
    const nobody = { ...student.person, nationalId: 'A123456789' };
    for (const who of [nobody, { ...student.person, nhiCardNumber: '000000000999' }, { ...student.person, householdNumber: 'F0000000' }]) {
      const fresh = { ...(await citizen(hub, 'low-income-student')), person: who };
      const error: unknown = await agree(hub, fresh, { method: 'multi-factor' }).catch((cause: unknown) => cause);
      answers.add((error as Error).message);
    }
    expect(answers.size).toBe(1);
    for (const odd of ['', ' ', "' OR 1=1 --", '{"$ne":null}', '\u0000', 'B199999025\r\nSet-Cookie: a=b', 'x'.repeat(10_000)]) {
      const fresh = { ...(await citizen(hub, 'low-income-student')), person: { ...student.person, nationalId: odd } };
      await expect(agree(hub, fresh, { method: 'multi-factor' })).rejects.toThrow(/typing error|could not be read/);
    }
  });
});

describe('the authorization server', () => {
  const oauth = ['/oidc/request', '/oidc/token', '/oidc/token/revocation'];
  it.each(oauth)('%s refuses what is no client', async (path) => {
    const bodies: [string, string][] = [
      ['application/x-www-form-urlencoded', ''],
      ['application/x-www-form-urlencoded', 'client_id=student-aid&client_secret=guess'],
      ['application/x-www-form-urlencoded', 'client_id=student-aid&client_id=bank'],
      ['application/x-www-form-urlencoded', '%%%=%E0%A4%A&a[]=1&__proto__=x'],
      ['application/x-www-form-urlencoded', big],
      ['application/json', '{"client_id":"student-aid"}'],
      ['text/plain', 'client_id=student-aid'],
    ];
    for (const [type, body] of bodies) {
      const { status, headers, text } = await isHandled({ path, body, headers: { 'content-type': type } });
      expect([400, 401, 413, 415]).toContain(status);
      expect(headers.get('cache-control')).toContain('no-store');
      expect(typeof (JSON.parse(text) as { error: unknown }).error).toBe('string');
    }
  });

  it('is found by its metadata, and names nothing it does not do', async () => {
    const { status, text } = await isHandled({ method: 'GET', path: '/oidc/.well-known/openid-configuration' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      issuer: `${hub.url}/oidc`,
      require_pushed_authorization_requests: true,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      dpop_signing_alg_values_supported: ['ES256'],
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      authorization_details_types_supported: ['urn:mydata:consent'],
    });
  });
});

describe('the citizen’s client', () => {
  const json = { 'content-type': 'application/json' };
  it('does nothing without a session, or for another site', async () => {
    const body = { query: '{ consents { consents { id } } }' };
    const here = { ...json, origin: hub.url };
    expect((await isHandled({ path: '/me/graphql', headers: here, body })).status).toBe(401);
    expect((await isHandled({ path: '/me/graphql', headers: { ...here, cookie: 'citizen=guess' }, body })).status).toBe(401);
    expect((await isHandled({ path: '/me/graphql', headers: { ...json, origin: 'https://evil.example' }, body })).status).toBe(403);
    expect((await isHandled({ path: '/me/graphql', headers: json, body })).status).toBe(403);
    expect((await isHandled({ path: '/me/logout', headers: { origin: 'https://evil.example' } })).status).toBe(403);
    for (const odd of ['null', '[]', '{', '7', '{"query":7}', `{"query":"${'x'.repeat(200_000)}"}`])
      expect((await isHandled({ path: '/me/graphql', headers: here, body: odd })).status).toBeLessThan(500);
    for (const path of [
      '/me/callback',
      '/me/callback?code=x&state=y',
      '/me/callback?error=access_denied',
      '/me/login?to=https://evil.example',
      '/me/login?to[]=a',
    ]) {
      const { status, headers } = await isHandled({ method: 'GET', path });
      expect([302, 303]).toContain(status);
      expect(headers.get('location')).not.toContain('evil');
    }
  });

  it('and its login do not go on with another’s code', async () => {
    const own = await signIn(hub, student);
    expect(own.authorization.consent).toBeNull();
    const again = await party(hub, 'citizen-web');
    const pending = await again.beginOwn();
    await expect(
      again.finish(pending, `${hub.url}/me/terminal?code=stolen&state=${pending.state}&iss=${encodeURIComponent(`${hub.url}/oidc`)}`),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});
