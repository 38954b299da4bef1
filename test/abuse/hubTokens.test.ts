import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, type JWK } from 'jose';
import { pairwiseSub, subjectOf } from '../../gateway/identity/pairwise.ts';
import {
  agree,
  ask,
  citizen,
  developmentKeysOf,
  proofFor,
  resigned,
  send,
  WAIVER_QUERY,
  type Claims,
  type Given,
  type Received,
} from '../fixtures/hubClient.ts';
import { cleanUp, runHub, type RunningHub } from '../fixtures/runHub.ts';

let hub: RunningHub;
let student: Given;
let owner: Given;

beforeAll(async () => {
  hub = await runHub();
  student = await agree(hub, await citizen(hub, 'low-income-student'));
  owner = await agree(hub, await citizen(hub, 'property-owner-card-applicant'), { service: 'example.credit-card' });
}, 120_000);
afterAll(async () => {
  await hub.stop();
  expect(hub.output()).not.toMatch(/\n\s+at |"level":50/);
  await cleanUp();
});

const QUERY = { query: WAIVER_QUERY };
const key = (): JWK => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

/** A client's mistake about its token: a code, a challenge, nothing of ours, nothing to keep. */
function isRefused(received: Received, code: string): void {
  expect(received).toMatchObject({ status: 401, codes: [code] });
  expect(received.body.data).toBeUndefined();
  expect(received.headers.get('cache-control')).toBe('no-store');
  expect(received.headers.get('www-authenticate')).toMatch(/^DPoP /);
  expect(received.text).not.toMatch(/\bat [^ ]+ \(|node_modules|\.js:\d/);
}

describe('an access token that is not good', () => {
  const sendToken = async (token: string): Promise<Received> =>
    send(hub, { token, proof: await proofFor(hub, { accessToken: token, dpop: student.authorization.dpop }), body: QUERY });

  it('is told so when it is not there, or not sent as DPoP', async () => {
    isRefused(await send(hub, { body: QUERY }), 'TOKEN_MISSING');
    isRefused(await send(hub, { body: QUERY, headers: { authorization: 'DPoP' } }), 'TOKEN_MISSING');
    isRefused(await send(hub, { body: QUERY, headers: { authorization: 'Basic c3R1ZGVudC1haWQ6c2VjcmV0' } }), 'TOKEN_MISSING');
    isRefused(await ask(hub, student.authorization, { scheme: 'Bearer', body: QUERY }), 'TOKEN_MISSING');
    isRefused(await send(hub, { path: `/graphql?access_token=${student.authorization.accessToken}`, body: QUERY }), 'TOKEN_MISSING');
  });

  it.each([
    ['no JWT', 'gibberish'],
    ['an empty JWT', '..'],
    ['JSON that is none', `${Buffer.from('{').toString('base64url')}.${Buffer.from('{').toString('base64url')}.AA`],
    ['very long', 'A'.repeat(8000)],
  ])('is malformed: %s', async (_what, token) => {
    isRefused(await sendToken(token), 'TOKEN_INVALID');
  });

  it('is cut short, changed, or not signed', async () => {
    const { accessToken } = student.authorization;
    const [header = '', payload = '', signature = ''] = accessToken.split('.');
    const changed = { ...decodeJwt(accessToken), consent_id: owner.authorization.consent };
    const other = Buffer.from(JSON.stringify(changed)).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    isRefused(await sendToken(`${header}.${payload}.${signature.slice(0, -4)}`), 'TOKEN_INVALID');
    isRefused(await sendToken(`${header}.${other}.${signature}`), 'TOKEN_INVALID');
    isRefused(await sendToken(`${unsigned}.${payload}.`), 'TOKEN_INVALID');
    isRefused(await sendToken(`${header}.${payload}`), 'TOKEN_INVALID');
  });

  it('is signed by somebody else, or by a key that is called like ours', async () => {
    for (const header of [{}, { kid: 'unknown' }])
      isRefused(await sendToken(await resigned(hub, student.authorization.accessToken, {}, header, key())), 'TOKEN_INVALID');
  });

  const now = Math.floor(Date.now() / 1000);
  it.each<[string, Claims, string]>([
    ['has expired', { exp: now - 1 }, 'TOKEN_EXPIRED'],
    ['is not valid yet', { nbf: now + 3600 }, 'TOKEN_INVALID'],
    ['is for another resource', { aud: 'https://elsewhere.example/graphql' }, 'TOKEN_AUDIENCE'],
    ['is from another issuer', { iss: 'https://elsewhere.example/oidc' }, 'TOKEN_INVALID'],
    ['names no consent', { consent_id: undefined }, 'TOKEN_INVALID'],
    ['names a subject that is none', { sub: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'TOKEN_INVALID'],
    ['claims the scope of the citizen’s client beside a consent', { scope: 'hub' }, 'TOKEN_INVALID'],
    ['has no key it is bound to', { cnf: undefined }, 'TOKEN_INVALID'],
  ])('%s', async (_what, claims, code) => {
    isRefused(await sendToken(await resigned(hub, student.authorization.accessToken, claims)), code);
  });

  it('is of another type, as an ID token is', async () => {
    isRefused(await sendToken(await resigned(hub, student.authorization.accessToken, {}, { typ: 'JWT' })), 'TOKEN_INVALID');
  });
});

describe('a DPoP proof', () => {
  const proved = async (claims: Claims, more: { token?: string; dpop?: JWK } = {}): Promise<Received> => {
    const { accessToken, dpop } = student.authorization;
    const proof = await proofFor(hub, { accessToken: more.token ?? accessToken, dpop: more.dpop ?? dpop }, claims);
    return send(hub, { token: accessToken, proof, body: QUERY });
  };

  it('is needed', async () => {
    isRefused(await send(hub, { token: student.authorization.accessToken, body: QUERY }), 'PROOF_INVALID');
    isRefused(await send(hub, { token: student.authorization.accessToken, proof: 'x.y.z', body: QUERY }), 'PROOF_INVALID');
  });

  it.each<[string, Claims]>([
    ['another URL', { htu: 'https://elsewhere.example/graphql' }],
    ['another path', { htu: 'http://localhost:1/me/graphql' }],
    ['another method', { htm: 'GET' }],
    ['no token', { ath: undefined }],
    ['yesterday', { iat: 1_700_000_000 }],
    ['tomorrow', { iat: 4_000_000_000 }],
    ['no time', { iat: undefined }],
    ['no id', { jti: undefined }],
  ])('for %s is refused', async (_what, claims) => {
    isRefused(await proved(claims), 'PROOF_INVALID');
  });

  it('for another token, or by another key than the token’s, is refused', async () => {
    isRefused(await proved({}, { token: owner.authorization.accessToken }), 'PROOF_INVALID');
    isRefused(await proved({}, { dpop: owner.authorization.dpop }), 'PROOF_INVALID');
  });

  it('is good once: of twenty requests with one proof at a time exactly one is answered', async () => {
    const sent = { token: student.authorization.accessToken, proof: await proofFor(hub, student.authorization), body: QUERY };
    const all = await Promise.all(Array.from({ length: 20 }, () => send(hub, sent)));
    const [answered, ...others] = [...all].sort((a, b) => a.status - b.status);
    expect(answered).toMatchObject({ status: 200, body: { data: { me: { lowIncome: { category: 'LOW_INCOME' } } } } });
    for (const other of others) isRefused(other, 'PROOF_REPLAYED');
    isRefused(await send(hub, sent), 'PROOF_REPLAYED');
  });
});

describe('what is another’s', () => {
  it('a stolen token is nothing without its key', async () => {
    const stolen = { accessToken: student.authorization.accessToken, dpop: owner.authorization.dpop };
    isRefused(await ask(hub, stolen, { body: QUERY }), 'PROOF_INVALID');
  });

  it('another client’s consent reads as none, even in a token that the hub itself signed', async () => {
    const { accessToken, dpop } = owner.authorization;
    const { client_id, sub, cnf } = decodeJwt(accessToken);
    const anotherSubject = await resigned(hub, student.authorization.accessToken, { client_id, sub, cnf });
    const pairwise = Buffer.from(developmentKeysOf(hub).pairwise, 'base64url');
    const subject = subjectOf(decodeJwt(student.authorization.accessToken).sub ?? '', 'student-aid', pairwise) ?? '';
    const sameSubject = await resigned(hub, accessToken, {
      sub: pairwiseSub(subject, 'bank', pairwise),
      consent_id: student.authorization.consent,
    });
    for (const token of [anotherSubject, sameSubject]) {
      const answer = await ask(hub, { accessToken: token, dpop }, { body: QUERY });
      expect(answer).toMatchObject({ status: 200, body: { data: { me: { lowIncome: null, householdPersonal: null } } } });
      expect(answer.body.errors).toHaveLength(2);
      for (const { extensions } of answer.body.errors ?? [])
        expect(extensions).toMatchObject({ code: 'CONSENT_MISSING', reason: 'NOT_CONSENTED' });
      // Not even which service it was given to.
      expect(answer.text).not.toContain('tuition');
    }
  });

  it('a token without the scope of the citizen’s client changes and reads no consent', async () => {
    const id = owner.authorization.consent;
    const queries = [
      `mutation { withdrawConsent(id: "${id}") { state } }`,
      `mutation { narrowConsent(id: "${id}", drop: [{ dataset: "mof.property", fields: ["totalValue"] }]) { state } }`,
      `mutation { shortenConsent(id: "${id}", notAfter: "2030-01-01T00:00:00Z") { state } }`,
      '{ consents { consents { id } } }',
      '{ accessLog { entries { id } } }',
      `{ consent(id: "${id}") { state receipt } }`,
    ];
    for (const query of queries) {
      const answer = await ask(hub, owner.authorization, { body: { query } });
      expect(answer).toMatchObject({ codes: ['FORBIDDEN'] });
      expect(answer.status).toBeLessThan(500);
      expect(answer.text).not.toContain('ACTIVE');
    }
  });
});
