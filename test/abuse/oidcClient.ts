import { createHash, randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK } from 'jose';
import { ASKED } from './oidcCitizen.ts';
import { CALLBACK, SERVICE, type OidcHub } from './oidcHub.ts';

/** What a hostile or careless client sends: every part can be something else. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A client's mistake: an OAuth error, nothing of ours, nothing of how it is made. */
export function isRefused(answer: Answer, error: string | RegExp): void {
  expect(answer.text).not.toMatch(/\bat \/|node_modules|\.ts:|\.js:/);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(String(answer.body['error'])).toMatch(error);
}

export const random = (): string => randomBytes(16).toString('base64url');
export const VERIFIER = 'v'.repeat(43);
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

export const now = (): number => Math.floor(Date.now() / 1000);

/** A client assertion (RFC 7523), with claims of one's own choosing. */
export async function assertion(
  hub: OidcHub,
  client = 'rp-one',
  claims: Readonly<Record<string, unknown>> = {},
  key: JWK | undefined = hub.keys[client],
): Promise<string> {
  const payload = { iss: client, sub: client, aud: hub.issuer, jti: random(), iat: now(), exp: now() + 60, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: key?.kid ?? '' }).sign(await importJWK(key ?? {}, 'ES256'));
}

export interface ProofKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly thumbprint: string;
}

export async function proofKey(): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

/** A DPoP proof (RFC 9449) for an endpoint of the provider. */
export async function proof({ privateKey, jwk }: ProofKey, url: string, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return new SignJWT({ htm: 'POST', htu: url, jti: random(), iat: now(), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .sign(privateKey);
}

export async function post(
  url: string,
  parameters: Readonly<Record<string, string | undefined>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(given), headers, redirect: 'manual' });
  const text = await response.text();
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A page; the test looks at the text.
  }
  return { status: response.status, body, text };
}

export const endpoint = (hub: OidcHub, path: string): string => `${hub.issuer}/${path}`;

export const details = (more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify([{ type: 'urn:mydata:consent', service: SERVICE, datasets: ASKED, ...more }]);

/** A right pushed request; `change` makes it wrong (undefined leaves a member out). */
export async function push(
  hub: OidcHub,
  change: Readonly<Record<string, string | undefined>> = {},
  headers: Readonly<Record<string, string>> = {},
  client = 'rp-one',
): Promise<Answer> {
  const right = {
    client_id: client,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(hub, client),
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    authorization_details: details(),
  };
  return post(endpoint(hub, 'request'), { ...right, ...change }, headers);
}

/** Where the citizen is sent with a pushed request. */
export const authorizeUrl = (hub: OidcHub, { body }: Answer, client = 'rp-one'): string =>
  `${endpoint(hub, 'auth')}?${new URLSearchParams({ client_id: client, request_uri: String(body['request_uri']) }).toString()}`;

/** A right exchange of a code; `change` makes it wrong. */
export async function exchange(
  hub: OidcHub,
  code: string,
  key: ProofKey,
  change: Readonly<Record<string, string | undefined>> = {},
  headers: Readonly<Record<string, string>> = {},
  client = 'rp-one',
): Promise<Answer> {
  const url = endpoint(hub, 'token');
  const right = {
    client_id: client,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(hub, client),
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
  };
  return post(url, { ...right, ...change }, { DPoP: await proof(key, url), ...headers });
}
