import { createDecipheriv } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ErrorCode } from './errors.ts';
import { HubError } from './errors.ts';
import { readWarrantClaims, WARRANT_ISSUER, type WarrantClaims } from './warrant.ts';
import { privateHalf, publicHalf, sharedSecret, warrantKey, type WarrantPrivateKey, type WarrantPublicKey } from './warrantKey.ts';
import { WARRANT_MAX_BYTES } from './warrantSealer.ts';

const KEYS_KEPT = 64;
/** Two pinned keys overlap while a key rotates. */
const KEYS_PINNED = 2;
/** Derivations of keys never proved: this many at once, and one more each {@link REFILL_MS}. A gateway process needs one an hour. */
const BURST = 64;
const REFILL_MS = 100;

export interface WarrantOpenerOptions {
  readonly agency: string;
  /** The agency's own halves: one, or two while it rotates. */
  readonly own: readonly WarrantPrivateKey[];
  /** The gateways it answers, pinned: one, or two while they rotate. */
  readonly gateways: readonly WarrantPublicKey[];
  readonly now: () => number;
  /** Default {@link WARRANT_ISSUER}. */
  readonly issuer?: string;
}

export type OpenedWarrant = { readonly claims: WarrantClaims } | { readonly refused: ErrorCode };

/** Opens a sealed warrant, or says by code why not. Does not look at the claims beyond their form: see the agency's checks. */
export type WarrantOpener = (token: string) => OpenedWarrant;

/**
 * Makes an agency's opener, which does the first steps of docs/warrant.md: size, header, pinned keys, key, seal, form. A derived key is kept
 * (LRU of 64) only once a warrant has opened with it, and other derivations are rate-limited, so that noise neither costs CPU nor evicts a
 * gateway's key. Throws CONFIGURATION for keys that cannot be pinned.
 */
export function createWarrantOpener({ agency, own, gateways, now, issuer = WARRANT_ISSUER }: WarrantOpenerOptions): WarrantOpener {
  const secrets = pairSecrets(agency, own, gateways);
  const proved = new LRUCache<string, Buffer>({ max: KEYS_KEPT });
  const mayDerive = tokenBucket(now);

  return (token) => {
    if (token.length > WARRANT_MAX_BYTES) return refused('WARRANT_TOO_LARGE');
    const parts = token.split('.', 6);
    const [header = '', encryptedKey, iv = '', sealed = '', tag = ''] = parts;
    if (parts.length !== 5) return refused('WARRANT_HEADER');
    let key = proved.get(header);
    const isProved = key !== undefined;
    if (key === undefined) {
      const named = readHeader(header);
      if (named === null) return refused('WARRANT_HEADER');
      const secret = secrets.get(`${named.gatewayKid}.${named.agencyKid}`);
      if (secret === undefined) return refused('WARRANT_KEY');
      if (!mayDerive()) return refused('TOO_MANY_REQUESTS');
      key = warrantKey(secret, { issuer, audience: agency, ...named });
    }
    const text = encryptedKey === '' ? openSeal(key, header, iv, sealed, tag) : null;
    if (text === null) return refused('WARRANT_SEAL');
    if (!isProved) proved.set(header, key);
    const claims = readClaims(text);
    return claims?.iss === issuer ? { claims } : refused('WARRANT_CLAIMS');
  };
}

function refused(code: ErrorCode): OpenedWarrant {
  return { refused: code };
}

function pairSecrets(
  agency: string,
  own: readonly WarrantPrivateKey[],
  gateways: readonly WarrantPublicKey[],
): ReadonlyMap<string, Buffer> {
  for (const [side, keys] of [['own', own] as const, ['gateway', gateways] as const]) {
    const kids = new Set(keys.map(({ kid }) => kid));
    if (keys.length < 1 || keys.length > KEYS_PINNED || kids.size !== keys.length) {
      throw new HubError('CONFIGURATION', `The agency "${agency}" needs one or two ${side} warrant keys with ids of their own.`);
    }
  }
  return new Map(
    own.flatMap((mine) =>
      gateways.map((theirs) => [`${theirs.kid}.${mine.kid}`, sharedSecret(privateHalf(mine), publicHalf(theirs))] as const),
    ),
  );
}

const HEADER =
  /^\{"alg":"dir","enc":"A256GCM","typ":"warrant\+jwt","kid":"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{22})"\}$/;

/** The names in a protected header that is exactly `warrantHeader` of warrantKey.ts. */
function readHeader(encoded: string): { gatewayKid: string; agencyKid: string; epoch: Buffer } | null {
  const [, gatewayKid, agencyKid, epochText = ''] = HEADER.exec(decode(encoded)?.toString('latin1') ?? '') ?? [];
  const epoch = decode(epochText);
  if (gatewayKid === undefined || agencyKid === undefined || epoch?.length !== 16) return null;
  return { gatewayKid, agencyKid, epoch };
}

/** Base64url without padding, and only its one canonical form: Node would skip what it does not know. */
function decode(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

function openSeal(key: Buffer, header: string, iv: string, sealed: string, tag: string): string | null {
  const ivBytes = decode(iv);
  const tagBytes = decode(tag);
  const sealedBytes = decode(sealed);
  if (ivBytes?.length !== 12 || tagBytes?.length !== 16 || sealedBytes === null) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, ivBytes, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(header)).setAuthTag(tagBytes);
    const plaintext = decipher.update(sealedBytes);
    // Throws when the tag is wrong. GCM has given every byte before; none of them is looked at until then.
    decipher.final();
    return plaintext.toString('utf8');
  } catch {
    return null;
  }
}

function readClaims(text: string): WarrantClaims | null {
  try {
    return readWarrantClaims(JSON.parse(text));
  } catch {
    return null;
  }
}

function tokenBucket(now: () => number): () => boolean {
  let left = BURST;
  let filled = now();
  return () => {
    const gained = Math.floor((now() - filled) / REFILL_MS);
    if (gained > 0) {
      left = Math.min(BURST, left + gained);
      filled += gained * REFILL_MS;
    }
    if (left === 0) return false;
    left -= 1;
    return true;
  };
}
