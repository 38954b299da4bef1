import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { sha256 } from '../../schema/canonical.ts';
import { HubError } from '../../schema/errors.ts';
import type { Caller } from '../domain/caller.ts';
import type { Clock } from '../domain/clock.ts';
import { hasEs256Header, parseCompactJws, verifyEs256, type CompactJws } from './compactJws.ts';
import { fitProof, isSigned, type ProofKey } from './dpopProof.ts';
import { subjectOf } from './pairwise.ts';
import type { ReplayCache } from './replayCache.ts';

/** Longest token that is looked at, in characters. */
const LONGEST = 4096;

/** Memory for verified tokens, and for the keys of verified proofs; each entry is counted with its text and what it is made into, about. */
const HELD_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 600;
const heldBytes = (text: string): { readonly size: number } => ({ size: ENTRY_BYTES + text.length });

export interface TokenVerifierOptions {
  /** `iss` of every token, `https://hub.example/oidc`. */
  readonly issuer: string;
  /** `aud` of tokens for this resource, `https://hub.example/graphql`. */
  readonly audience: string;
  /** The issuer's public keys; ES256 ones are used, by `kid`. */
  readonly keys: { readonly keys: readonly JsonWebKey[] };
  readonly now: Clock;
  readonly replay: ReplayCache;
  /** 32 bytes; see {@link subjectOf}. */
  readonly pairwiseKey: Uint8Array;
  /**
   * With a replay cache in memory: when this process began (ms since the epoch); an older proof may have been used before the restart and is
   * refused. With one in the store: 0. What stays open in memory: a proof dated ahead of time by a client whose clock is fast by more than a
   * restart takes.
   */
  readonly notBeforeStart: number;
}

/** What one HTTP request shows. */
export interface PresentedToken {
  /** The Authorization header, `DPoP <token>`. */
  readonly authorization: string | undefined;
  /** The DPoP header. */
  readonly proof: string | undefined;
  readonly method: string;
  /** The resource's URL as clients know it (PUBLIC_URL and path). */
  readonly url: string;
}

export interface TokenVerifier {
  /**
   * Access token and DPoP proof → who calls (RFC 9068 §4, RFC 9449 §7). Throws HubError: TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED,
   * TOKEN_AUDIENCE, PROOF_INVALID, PROOF_REPLAYED.
   */
  verify(presented: PresentedToken): Promise<Caller>;
}

/** A token whose signature and claims hold. No consent state: that is read with each request. */
interface KnownToken {
  readonly exp: number;
  readonly nbf: number;
  readonly jkt: string;
  readonly caller: Caller;
}

/**
 * The fast path of every request: fixed algorithms on node:crypto, signatures on the thread pool, verified tokens by their hash. jose is its
 * oracle in the tests (same verdict on mutated, truncated and foreign tokens).
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { now, replay } = options;
  const issuerKeys = importIssuerKeys(options.keys.keys);
  const known = new LRUCache<string, KnownToken>({ maxSize: HELD_BYTES });
  const proofKeys = new LRUCache<string, ProofKey>({ maxSize: HELD_BYTES });

  return {
    async verify({ authorization, proof, method, url }) {
      const token = readAuthorization(authorization);
      const tokenHash = sha256(token);
      const cached = known.get(tokenHash);
      const fresh = cached === undefined ? readToken(token, options) : null;
      const held = cached ?? (fresh as ReadToken).known;
      const at = now();
      checkTime(held, at);

      if (proof === undefined || proof === '') throw new HubError('PROOF_INVALID', 'no DPoP header');
      const target = { method, url, tokenHash, jkt: held.jkt, now: at, notBefore: options.notBeforeStart };
      const fitting = fitProof(proof, target, proofKeys);
      // A forged token is told so, whatever its proof: the holder of a good one learns what to mend.
      const tokenSigned = fresh === null ? true : hasIssuerSignature(fresh.jws, issuerKeys);
      if (typeof fitting === 'string') {
        if (!(await tokenSigned)) throw new HubError('TOKEN_INVALID');
        throw new HubError('PROOF_INVALID', fitting);
      }
      const [genuine, proved] = await Promise.all([tokenSigned, isSigned(fitting)]);
      if (!genuine) throw new HubError('TOKEN_INVALID');
      if (!proved) throw new HubError('PROOF_INVALID', 'the signature does not fit');
      // From here on, so that only the holder of token and key can fill what is held.
      if (!(await replay.take(fitting.replayKey, fitting.until))) throw new HubError('PROOF_REPLAYED');
      if (fresh !== null) known.set(tokenHash, held, heldBytes(token));
      if (!proofKeys.has(fitting.jws.header)) proofKeys.set(fitting.jws.header, fitting.key, heldBytes(fitting.jws.header));
      return held.caller;
    },
  };
}

function readAuthorization(authorization: string | undefined): string {
  const [, scheme, token] = /^([A-Za-z0-9-]+) +([^ ]+)$/.exec(authorization ?? '') ?? [];
  if (token === undefined) throw new HubError('TOKEN_MISSING');
  if (scheme?.toLowerCase() !== 'dpop') throw new HubError('TOKEN_MISSING', 'the scheme must be DPoP: tokens are sender-constrained');
  return token;
}

function checkTime({ exp, nbf }: KnownToken, at: number): void {
  if (exp <= Math.floor(at / 1000)) throw new HubError('TOKEN_EXPIRED');
  if (nbf > Math.floor(at / 1000)) throw new HubError('TOKEN_INVALID', 'not valid yet');
}

interface ReadToken {
  readonly jws: CompactJws;
  readonly known: KnownToken;
}

/** Everything but the signature and the time. */
function readToken(token: string, { issuer, audience, pairwiseKey }: TokenVerifierOptions): ReadToken {
  const jws = parseCompactJws(token, LONGEST);
  if (jws === null || !hasEs256Header(jws, 'at+jwt')) throw new HubError('TOKEN_INVALID', 'not an at+jwt signed with ES256');
  const claims = jws.payload;
  const { iss, aud, sub, client_id: client, exp, nbf, iat, jti, acr, auth_time: authTime, consent_id: consent, grant_id: grant } = claims;
  if (iss !== issuer) throw new HubError('TOKEN_INVALID', 'another issuer');
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) throw new HubError('TOKEN_AUDIENCE');
  const jkt = confirmation(claims['cnf']);
  if (!isText(sub) || !isText(client) || !isText(jti) || !isText(acr) || !isText(grant) || jkt === null) throw missingClaim();
  if (!isTime(exp) || !isTime(iat) || !isTime(authTime) || !(nbf === undefined || isTime(nbf))) throw missingClaim();
  if (!(consent === undefined || isText(consent))) throw missingClaim();
  const subject = subjectOf(sub, client, pairwiseKey);
  if (subject === null) throw new HubError('TOKEN_INVALID', 'sub is not one of this hub');
  // A token opens either datasets under one consent or the citizen's own view: never both, never neither.
  const own = isText(claims['scope']) && claims['scope'].split(' ').includes('hub');
  if (own === (consent !== undefined)) throw new HubError('TOKEN_INVALID', 'either a consent or the scope hub is needed');
  const caller: Caller = Object.freeze({
    kind: own ? 'CITIZEN' : 'RELYING_PARTY',
    client,
    subject,
    consent: consent ?? null,
    grant,
    acr,
    authTime,
  });
  return { jws, known: { exp, nbf: nbf ?? 0, jkt, caller } };
}

const missingClaim = (): HubError => new HubError('TOKEN_INVALID', 'a claim is missing or has another type');
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function confirmation(cnf: unknown): string | null {
  if (cnf === null || typeof cnf !== 'object') return null;
  const { jkt } = cnf as Record<string, unknown>;
  return isText(jkt) ? jkt : null;
}

/** Public P-256 keys by `kid`. Throws CONFIGURATION when there is none. */
function importIssuerKeys(keys: readonly JsonWebKey[]): ReadonlyMap<string, KeyObject> {
  const usable = keys.filter(
    ({ kty, crv, kid, use }) => kty === 'EC' && crv === 'P-256' && isText(kid) && (use === undefined || use === 'sig'),
  );
  if (usable.length === 0) throw new HubError('CONFIGURATION', 'The issuer has no ES256 key.');
  return new Map(
    usable.map(({ kty, crv, x, y, kid }) => [kid as string, createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' })]),
  );
}

async function hasIssuerSignature(jws: CompactJws, keys: ReadonlyMap<string, KeyObject>): Promise<boolean> {
  const kid = jws.header['kid'];
  const key = typeof kid === 'string' ? keys.get(kid) : undefined;
  return key !== undefined && verifyEs256(jws, key);
}
