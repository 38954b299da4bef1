import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  assertion,
  authorizeUrl,
  endpoint,
  exchange,
  now,
  post,
  proof,
  proofKey,
  push,
  isRefused,
  type Answer,
  type ProofKey,
} from './oidcClient.ts';
import { agree, arrival, browser, logIn, page } from './oidcCitizen.ts';
import { openOidcHub, type OidcHub } from './oidcHub.ts';

let hub: OidcHub;
let key: ProofKey;
let stranger: ProofKey;
beforeAll(async () => {
  hub = await openOidcHub();
  key = await proofKey();
  stranger = await proofKey();
});
afterAll(async () => {
  expect(hub.logged).toEqual([]);
  await hub.close();
});

async function code(who = 'anna', withProof = true): Promise<string> {
  const pushed = await push(hub, {}, withProof ? { DPoP: await proof(key, endpoint(hub, 'request')) } : {});
  const citizen = browser();
  const screen = page(await logIn(citizen, page(await citizen.open(authorizeUrl(hub, pushed))), who));
  return String(arrival(await agree(citizen, screen)).searchParams.get('code'));
}

describe('the token endpoint', () => {
  it.each([
    ['another verifier', { code_verifier: 'w'.repeat(43) }],
    ['no verifier', { code_verifier: undefined }],
    ['another redirect URI', { redirect_uri: 'http://127.0.0.1:9/other' }],
    ['an invented code', { code: 'invented' }],
  ] as const)('gives nothing for %s', async (_what, change) => {
    isRefused(await exchange(hub, await code(), key, change), /invalid_grant|invalid_request/);
  });

  it('gives nothing to the thief of a code: another key, another client, no key', async () => {
    isRefused(await exchange(hub, await code(), stranger), 'invalid_grant');
    isRefused(await exchange(hub, await code(), key, {}, {}, 'rp-two'), 'invalid_grant');
    isRefused(await exchange(hub, await code(), key, {}, { DPoP: '' }), /invalid_(grant|dpop_proof|request)/);
  });

  it('gives nothing for a code used before, and takes back the refresh token it gave', async () => {
    const one = await code();
    const first = await exchange(hub, one, key);
    expect(first.status).toBe(200);
    isRefused(await exchange(hub, one, key), 'invalid_grant');
    isRefused(await refresh(String(first.body['refresh_token']), key), 'invalid_grant');
  });

  it.each([
    ['of another endpoint', async () => proof(key, endpoint(hub, 'request'))],
    ['of another host', async () => proof(key, 'https://evil.example/oidc/token')],
    ['of another method', async () => proof(key, endpoint(hub, 'token'), { htm: 'GET' })],
    ['from long ago', async () => proof(key, endpoint(hub, 'token'), { iat: now() - 3600 })],
    ['from the future', async () => proof(key, endpoint(hub, 'token'), { iat: now() + 3600 })],
    ['without an id', async () => proof(key, endpoint(hub, 'token'), { jti: undefined })],
    ['of another’s signature', async () => proof({ ...key, privateKey: stranger.privateKey }, endpoint(hub, 'token'))],
    ['that is no JWT', async () => 'proof'],
  ])('refuses a DPoP proof %s', async (_what, make) => {
    isRefused(await exchange(hub, await code(), key, {}, { DPoP: await make() }), 'invalid_dpop_proof');
  });

  it('refuses grants and forms of other kinds', async () => {
    for (const grant_type of ['password', 'client_credentials', 'implicit', 'urn:ietf:params:oauth:grant-type:device_code']) {
      isRefused(await exchange(hub, 'x', key, { grant_type }), /unsupported_grant_type|unauthorized_client|invalid_request/);
    }
    const answer = await fetch(endpoint(hub, 'token'), { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(400);
  });

  const refresh = async (token: string, by: ProofKey, client = 'rp-one'): Promise<Answer> =>
    exchange(
      hub,
      '',
      by,
      { grant_type: 'refresh_token', refresh_token: token, code: undefined, redirect_uri: undefined, code_verifier: undefined },
      {},
      client,
    );

  // A confidential client's refresh token is bound to its assertion key, not to a DPoP key (RFC 9449 §5).
  it('refreshes for the client it gave the token to, and for nobody else; not after a revocation', async () => {
    const given = await exchange(hub, await code(), key);
    const token = String(given.body['refresh_token']);
    isRefused(await refresh(token, key, 'rp-two'), 'invalid_grant');
    expect((await refresh(token, key)).body).toMatchObject({ token_type: 'DPoP', refresh_token: token });
    const client = { client_id: 'rp-one', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    const revoked = await post(endpoint(hub, 'token/revocation'), { ...client, client_assertion: await assertion(hub), token });
    expect(revoked.status).toBe(200);
    isRefused(await refresh(token, key), 'invalid_grant');
  });
});
