import { beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT, type JWK } from 'jose';
import { sha256 } from '../../schema/canonical.ts';
import { HubError } from '../../schema/errors.ts';
import { createTokenVerifier, type PresentedToken, type TokenVerifierOptions } from './accessToken.ts';
import { PROOF_SPAN } from './dpopProof.ts';
import { pairwiseSub } from './pairwise.ts';
import { memoryReplayCache } from './replayCache.ts';

const now = Date.UTC(2026, 0, 15, 8);
const seconds = now / 1000;
const issuer = 'https://hub.example/oidc';
const audience = 'https://hub.example/graphql';
const pairwiseKey = Buffer.alloc(32, 5);
const subject = 'AAECAwQFBgcICQoLDA0ODw';
const client = 'moe.student-aid';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

async function pair(): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, publicKey, jwk: await exportJWK(publicKey) };
}

let issuerKey: Pair;
let otherKey: Pair;
let proofKey: Pair;
let jkt: string;
let serial = 0;

beforeAll(async () => {
  [issuerKey, otherKey, proofKey] = await Promise.all([pair(), pair(), pair()]);
  jkt = await calculateJwkThumbprint(proofKey.jwk);
});

const keys = () => ({ keys: [{ ...issuerKey.jwk, kid: 'k1', alg: 'ES256', use: 'sig' }] });

function verifier(more: Partial<TokenVerifierOptions> = {}) {
  const replay = memoryReplayCache({ span: PROOF_SPAN, now: () => now });
  return createTokenVerifier({ issuer, audience, keys: keys(), now: () => now, replay, pairwiseKey, notBeforeStart: 0, ...more });
}

type Claims = Record<string, unknown>;

const claims = (more: Claims = {}): Claims => ({
  iss: issuer, sub: pairwiseSub(subject, client, pairwiseKey), aud: audience, client_id: client, exp: seconds + 300, iat: seconds, jti: 't1',
  cnf: { jkt }, acr: 'urn:mydata:acr:otp-sms', auth_time: seconds - 30, consent_id: 'consent-1', grant_id: 'grant-1', scope: 'openid', ...more,
}); // prettier-ignore

const token = (more: Claims = {}, header: Claims = {}, key = issuerKey): Promise<string> =>
  new SignJWT(JSON.parse(JSON.stringify(claims(more))) as Claims)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...header })
    .sign(key.privateKey);

const proof = (accessToken: string, more: Claims = {}, header: Claims = {}, key = proofKey): Promise<string> =>
  new SignJWT(
    JSON.parse(
      JSON.stringify({ jti: `p${(serial += 1)}`, htm: 'POST', htu: audience, iat: seconds, ath: sha256(accessToken), ...more }),
    ) as Claims,
  )
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: proofKey.jwk, ...header })
    .sign(key.privateKey);

const presented = (accessToken: string, dpop: string): PresentedToken => ({
  authorization: `DPoP ${accessToken}`,
  proof: dpop,
  method: 'POST',
  url: audience,
});

/** The code of a refusal, or OK. */
async function verdict(of: PresentedToken, by = verifier()): Promise<string> {
  try {
    await by.verify(of);
    return 'OK';
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

async function verdictOfToken(accessToken: string): Promise<string> {
  return verdict(presented(accessToken, await proof(accessToken)));
}

async function verdictOfProof(more: Claims = {}, header: Claims = {}, key = proofKey): Promise<string> {
  const good = await token();
  return verdict(presented(good, await proof(good, more, header, key)));
}

describe('an access token with its proof', () => {
  it('says who calls', async () => {
    const good = await token();
    expect(await verifier().verify(presented(good, await proof(good)))).toEqual({
      kind: 'RELYING_PARTY', client, subject, consent: 'consent-1', grant: 'grant-1', acr: 'urn:mydata:acr:otp-sms', authTime: seconds - 30,
    }); // prettier-ignore
  });

  it('of the citizen herself has the scope hub and no consent', async () => {
    const own = await token({ consent_id: undefined, scope: 'openid hub' });
    expect(await verifier().verify(presented(own, await proof(own)))).toMatchObject({ kind: 'CITIZEN', subject, consent: null });
  });

  it('opens either a consent or the own view, never both or neither', async () => {
    expect(await verdictOfToken(await token({ scope: 'hub' }))).toBe('TOKEN_INVALID');
    expect(await verdictOfToken(await token({ consent_id: undefined }))).toBe('TOKEN_INVALID');
    expect(await verdictOfToken(await token({ consent_id: undefined, scope: 'hubris' }))).toBe('TOKEN_INVALID');
  });

  it.each([[undefined], [''], ['DPoP'], ['Bearer abc'], ['DPoP a b'], ['Basic eDp5']])(
    'is missing in the header %j',
    async (authorization) => {
      expect(await verdict({ authorization, proof: 'x', method: 'POST', url: audience })).toBe('TOKEN_MISSING');
    },
  );

  it('ends: also when it was verified before', async () => {
    let clock = now;
    const replay = memoryReplayCache({ span: 1_000_000, now: () => clock });
    const by = verifier({ now: () => clock, replay });
    const short = await token({ exp: seconds + 10 });
    expect(await verdict(presented(short, await proof(short)), by)).toBe('OK');
    clock = now + 9999;
    expect(await verdict(presented(short, await proof(short)), by)).toBe('OK');
    clock = now + 10_000;
    expect(await verdict(presented(short, await proof(short)), by)).toBe('TOKEN_EXPIRED');
    expect(await verdictOfToken(await token({ exp: seconds }))).toBe('TOKEN_EXPIRED');
    expect(await verdictOfToken(await token({ nbf: seconds + 1 }))).toBe('TOKEN_INVALID');
  });

  it('is for one resource, from one issuer', async () => {
    expect(await verdictOfToken(await token({ aud: 'https://hub.example/box' }))).toBe('TOKEN_AUDIENCE');
    expect(await verdictOfToken(await token({ aud: ['https://hub.example/box', audience] }))).toBe('OK');
    expect(await verdictOfToken(await token({ iss: 'https://other.example/oidc' }))).toBe('TOKEN_INVALID');
    expect(await verdictOfToken(await token({}, {}, otherKey))).toBe('TOKEN_INVALID');
    expect(await verdictOfToken(await token({}, { kid: 'k2' }))).toBe('TOKEN_INVALID');
  });

  it.each(['sub', 'client_id', 'jti', 'acr', 'auth_time', 'exp', 'iat', 'cnf', 'grant_id', 'aud', 'iss'])(
    'needs its claim %s',
    async (claim) => {
      expect(await verdictOfToken(await token({ [claim]: undefined }))).toMatch(/^TOKEN_/);
      expect(await verdictOfToken(await token({ [claim]: { $gt: '' } }))).toMatch(/^TOKEN_/);
    },
  );

  it.each([{ typ: 'JWT' }, { typ: 'dpop+jwt' }, { typ: undefined }, { kid: undefined }, { crit: ['exp'], exp: 1 }])(
    'refuses the header %j',
    async (header) => {
      const signed = await token({}, header).catch(() => null);
      if (signed !== null) expect(await verdictOfToken(signed)).toBe('TOKEN_INVALID');
    },
  );

  it('takes typ as RFC 9068 writes it', async () => {
    expect(await verdictOfToken(await token({}, { typ: 'application/at+jwt' }))).toBe('OK');
    expect(await verdictOfToken(await token({}, { typ: 'AT+JWT' }))).toBe('OK');
  });

  it('never believes a header that names no signature or a shared secret', async () => {
    const [, payload] = (await token()).split('.');
    for (const alg of ['none', 'HS256', 'ES384', 'EdDSA']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid: 'k1' })).toString('base64url');
      for (const signature of ['', 'A'.repeat(43), 'A'.repeat(86)])
        expect(await verdictOfToken(`${header}.${payload}.${signature}`)).toBe('TOKEN_INVALID');
    }
  });

  it('does not name the subject by itself: another client cannot use its sub', async () => {
    const borrowed = await token({ client_id: 'another.client' });
    const caller = await verifier().verify(presented(borrowed, await proof(borrowed)));
    expect(caller.subject).not.toBe(subject);
  });
});

describe('a DPoP proof', () => {
  it('is needed', async () => {
    expect(await verdict({ ...presented(await token(), ''), proof: undefined })).toBe('PROOF_INVALID');
  });

  it('is good once', async () => {
    const by = verifier();
    const good = await token();
    const once = await proof(good);
    expect(await verdict(presented(good, once), by)).toBe('OK');
    expect(await verdict(presented(good, once), by)).toBe('PROOF_REPLAYED');
    const another = await token({ jti: 't2' });
    expect(await verdict(presented(another, once), by)).toBe('PROOF_INVALID');
  });

  it('is good once among twenty at the same time', async () => {
    const by = verifier();
    const good = await token();
    const once = await proof(good);
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verdict(presented(good, once), by)));
    expect(verdicts.filter((each) => each === 'OK')).toHaveLength(1);
    expect(verdicts.filter((each) => each === 'PROOF_REPLAYED')).toHaveLength(19);
  });

  it('with the same jti is another one under another key', async () => {
    const by = verifier();
    const [mine, theirs] = [await token(), await token({ cnf: { jkt: await calculateJwkThumbprint(otherKey.jwk) } })];
    expect(await verdict(presented(mine, await proof(mine, { jti: 'same' })), by)).toBe('OK');
    expect(await verdict(presented(theirs, await proof(theirs, { jti: 'same' }, { jwk: otherKey.jwk }, otherKey)), by)).toBe('OK');
  });

  it.each([
    ['another method', { htm: 'GET' }],
    ['a method in small letters', { htm: 'post' }],
    ['another URL', { htu: 'https://hub.example/other' }],
    ['another scheme', { htu: 'http://hub.example/graphql' }],
    ['another host', { htu: 'https://evil.example/graphql' }],
    ['a URL with a user in front', { htu: 'https://user@hub.example/graphql' }],
    ['no URL', { htu: '/graphql' }],
    ['another token', { ath: sha256('another') }],
    ['no token', { ath: undefined }],
    ['an hour ago', { iat: seconds - 61 }],
    ['the future', { iat: seconds + 61 }],
    ['a time as text', { iat: String(seconds) }],
    ['no time', { iat: undefined }],
    ['no jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['an endless jti', { jti: 'x'.repeat(257) }],
  ])('for %s is refused', async (_what, more) => {
    expect(await verdictOfProof(more)).toBe('PROOF_INVALID');
  });

  it.each(['https://HUB.example:443/graphql', 'https://hub.example/./graphql', 'https://hub.example/graphql?a=b#c'])(
    'may write the URL as %s',
    async (htu) => {
      expect(await verdictOfProof({ htu })).toBe('OK');
    },
  );

  it('is of the last and the next minute', async () => {
    expect(await verdictOfProof({ iat: seconds - 60 })).toBe('OK');
    expect(await verdictOfProof({ iat: seconds + 60 })).toBe('OK');
  });

  it('from before the start is refused where the replay cache did not survive it', async () => {
    const good = await token();
    const by = verifier({ notBeforeStart: now - 10_000 });
    expect(await verdict(presented(good, await proof(good, { iat: seconds - 11 })), by)).toBe('PROOF_INVALID');
    expect(await verdict(presented(good, await proof(good, { iat: seconds - 9 })), by)).toBe('OK');
  });

  it('is made with the key the token is bound to', async () => {
    expect(await verdictOfProof({}, { jwk: otherKey.jwk }, otherKey)).toBe('PROOF_INVALID');
    expect(await verdictOfProof({}, {}, otherKey)).toBe('PROOF_INVALID');
    expect(await verdictOfProof({}, { jwk: { ...proofKey.jwk, d: 'AAAA' } })).toBe('PROOF_INVALID');
    expect(await verdictOfProof({}, { jwk: { kty: 'oct', k: 'AAAA' } })).toBe('PROOF_INVALID');
    expect(await verdictOfProof({}, { jwk: undefined })).toBe('PROOF_INVALID');
    expect(await verdictOfProof({}, { typ: 'JWT' })).toBe('PROOF_INVALID');
  });

  it('with a key off the curve is refused, not thrown', async () => {
    const jwk = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'B'.repeat(42) + 'A' };
    const good = await token({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
    expect(await verdict(presented(good, await proof(good, {}, { jwk })))).toBe('PROOF_INVALID');
  });

  it('in a header that is known by now is looked at like any other', async () => {
    const by = verifier();
    const [mine, theirs] = [await token(), await token({ cnf: { jkt: await calculateJwkThumbprint(otherKey.jwk) } })];
    expect(await verdict(presented(mine, await proof(mine)), by)).toBe('OK');
    expect(await verdict(presented(mine, await proof(mine)), by)).toBe('OK');
    expect(await verdict(presented(mine, await proof(mine, { htm: 'GET' })), by)).toBe('PROOF_INVALID');
    expect(await verdict(presented(mine, await proof(mine, {}, {}, otherKey)), by)).toBe('PROOF_INVALID');
    // The key of another token: known, genuine, and not the one that this token is bound to.
    expect(await verdict(presented(theirs, await proof(theirs)), by)).toBe('PROOF_INVALID');
  });

  it('two in one header are none', async () => {
    const good = await token();
    expect(await verdict(presented(good, `${await proof(good)}, ${await proof(good)}`))).toBe('PROOF_INVALID');
  });
});

describe('jose is the oracle', () => {
  const josesVerdict = async (accessToken: string): Promise<boolean> => {
    try {
      const set = createLocalJWKSet(keys());
      await jwtVerify(accessToken, set, { issuer, audience, typ: 'at+jwt', algorithms: ['ES256'], currentDate: new Date(now) });
      return true;
    } catch {
      return false;
    }
  };

  it('every flipped character, every cut and every foreign token gets the same verdict', async () => {
    const good = await token();
    const cuts = Array.from({ length: 40 }, (_, place) => good.slice(0, Math.floor((good.length * place) / 40)));
    const flips = Array.from(
      { length: good.length },
      (_, place) => `${good.slice(0, place)}${good[place] === 'A' ? 'B' : 'A'}${good.slice(place + 1)}`,
    );
    const swaps = [
      await token({}, {}, otherKey),
      `${good}.`,
      `.${good}`,
      `${good} `,
      good.replaceAll('.', '..'),
      good.split('.').reverse().join('.'),
    ];
    for (const text of [good, ...cuts, ...flips, ...swaps]) {
      const ours = (await verdictOfToken(text)) === 'OK';
      const joses = await josesVerdict(text);
      // jose forgives the two unused bits at the end of a part; here one token has one spelling.
      const canonical = text.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
      expect({ text, verdict: ours }).toEqual({ text, verdict: joses && canonical });
    }
  });
});
