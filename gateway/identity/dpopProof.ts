import { createPublicKey, type KeyObject } from 'node:crypto';
import type { LRUCache } from 'lru-cache';
import { sha256 } from '../../schema/canonical.ts';
import { decodeJwsPart, hasEs256Header, splitCompactJws, verifyEs256, type JwsParts } from './compactJws.ts';

/** Longest proof that is looked at, in characters. */
const LONGEST = 4096;

/** How far a proof's `iat` may be from now, seconds either way. */
export const PROOF_WINDOW = 60;

/** How long a replay cache must be able to keep a proof, ms: one dated a minute ahead is good until two minutes from now. */
export const PROOF_SPAN = 2 * PROOF_WINDOW * 1000 + 1000;

/** What a proof must fit. */
export interface ProofTarget {
  readonly method: string;
  /** The request's URL as clients know it: from configuration, never from a Host header. */
  readonly url: string;
  /** SHA-256 of the access token, base64url. */
  readonly tokenHash: string;
  /** Thumbprint that the token is bound to (`cnf.jkt`, RFC 7638). */
  readonly jkt: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A proof whose second (`iat`) was over by then is refused; ms since the epoch. */
  readonly notBefore: number;
}

/** The key that a proof's header names. */
export interface ProofKey {
  /** Its thumbprint (RFC 7638). */
  readonly jkt: string;
  readonly key: KeyObject;
}

/** A proof that fits, but whose signature is still to be verified. */
export interface FittingProof {
  readonly jws: JwsParts;
  readonly key: ProofKey;
  /** Names the proof for replay detection: key and `jti`, hashed. */
  readonly replayKey: string;
  /** When it can no longer be used, ms since the epoch. */
  readonly until: number;
}

/**
 * Keys by the text of the header that names them: all proofs of one key have the same header, which then need not be read again. Whoever keeps
 * it adds a key once a proof by it was verified.
 */
export type ProofKeys = Pick<LRUCache<string, ProofKey>, 'get'>;

/**
 * Checks all of a DPoP proof but its signature (RFC 9449 §4.3): form, `typ`, ES256, a public P-256 key whose thumbprint the token names,
 * `htm`, `htu` (normalised, without query and fragment), `ath`, `iat` within the window, `jti`. Returns what failed, for the developer.
 */
export function fitProof(proof: string, target: ProofTarget, keys: ProofKeys): FittingProof | string {
  const jws = splitCompactJws(proof, LONGEST);
  const payload = jws === null ? null : decodeJwsPart(jws.payload);
  if (jws === null || payload === null) return 'not one compact JWS';
  const key = keys.get(jws.header) ?? readKey(jws.header, target.jkt);
  if (typeof key === 'string') return key;
  if (key.jkt !== target.jkt) return OTHER_KEY;
  const { htm, htu, iat, ath, jti } = payload;
  if (htm !== target.method) return 'htm is not the method of this request';
  if (typeof htu !== 'string' || !isSameUrl(htu, target.url)) return 'htu is not the URL of this request';
  if (ath !== target.tokenHash) return 'ath is not the hash of this access token';
  if (typeof iat !== 'number' || !(Math.abs(target.now / 1000 - iat) <= PROOF_WINDOW)) return 'iat is not within a minute of now';
  if ((iat + 1) * 1000 <= target.notBefore) return 'iat is before the start of this process; make a new proof';
  if (typeof jti !== 'string' || jti.length < 1 || jti.length > 256) return 'jti: 1 to 256 characters are needed';
  return { jws, key, replayKey: sha256(`${key.jkt}\0${jti}`), until: (iat + PROOF_WINDOW) * 1000 + 1000 };
}

const OTHER_KEY = 'jwk is not the key the token is bound to';

/** The key of a header that was never seen, if it is the one that the token is bound to: only that one is worth importing (80 µs). */
function readKey(text: string, jkt: string): ProofKey | string {
  const header = decodeJwsPart(text);
  if (header === null) return 'not one compact JWS';
  if (!hasEs256Header({ header }, 'dpop+jwt')) return 'header: typ dpop+jwt and alg ES256 are needed';
  const jwk = publicP256(header['jwk']);
  if (jwk === null) return 'header: jwk must be a public P-256 key';
  if (sha256(`{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`) !== jkt) return OTHER_KEY;
  const key = importKey(jwk);
  return key === null ? 'header: jwk is not a point of the curve' : { jkt, key };
}

/** Whether the proof was signed by its key. */
export function isSigned(proof: FittingProof): Promise<boolean> {
  return verifyEs256(proof.jws, proof.key.key);
}

interface PublicP256 {
  readonly x: string;
  readonly y: string;
}

const COORDINATE = /^[A-Za-z0-9_-]{43}$/;

function publicP256(jwk: unknown): PublicP256 | null {
  if (jwk === null || typeof jwk !== 'object') return null;
  const { kty, crv, x, y, d } = jwk as Record<string, unknown>;
  if (kty !== 'EC' || crv !== 'P-256' || d !== undefined) return null;
  return typeof x === 'string' && typeof y === 'string' && COORDINATE.test(x) && COORDINATE.test(y) ? { x, y } : null;
}

function importKey({ x, y }: PublicP256): KeyObject | null {
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch {
    return null;
  }
}

function isSameUrl(htu: string, url: string): boolean {
  return htu === url || (normalUrl(htu) ?? '') === normalUrl(url);
}

/** RFC 9449 §4.3: compared after syntax- and scheme-based normalisation (RFC 3986 §6.2), query and fragment left out. */
function normalUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.username === '' && url.password === '' ? `${url.protocol}//${url.host}${url.pathname}` : null;
}
