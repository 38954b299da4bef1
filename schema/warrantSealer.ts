import { createCipheriv } from 'node:crypto';
import { HubError } from './errors.ts';
import { randomPool, type RandomBytes } from './randomPool.ts';
import type { WarrantClaims } from './warrant.ts';
import {
  privateHalf,
  publicHalf,
  sharedSecret,
  warrantHeader,
  warrantKey,
  type WarrantPrivateKey,
  type WarrantPublicKey,
} from './warrantKey.ts';
import { plaintextOf } from './warrantWriter.ts';

/** A warrant may have at most 8 KiB. */
export const WARRANT_MAX_BYTES = 8192;
const EPOCH_MS = 3_600_000;
const IV_BYTES = 12;

export interface WarrantSealerOptions {
  /** The gateway's own half. */
  readonly own: WarrantPrivateKey;
  /** The agencies' halves, pinned, by agency id. */
  readonly agencies: Readonly<Record<string, WarrantPublicKey>>;
  readonly now: () => number;
  readonly randomBytes: RandomBytes;
}

/** Seals claims for the agency they name in `aud`: a compact JWE, `dir` with A256GCM. */
export type WarrantSealer = (claims: WarrantClaims) => string;

interface SealingKey {
  readonly header: string;
  readonly additional: Buffer;
  readonly key: Buffer;
}

/**
 * Makes the gateway's sealer. Its epoch (16 random bytes, the salt of every key) is new at start and each hour, so that no two processes and
 * no two hours share a key; the IV is random, never a counter. The sealer throws CONFIGURATION for an agency that has no pinned key,
 * WARRANT_TOO_LARGE for claims beyond 8 KiB.
 */
export function createWarrantSealer({ own, agencies, now, randomBytes }: WarrantSealerOptions): WarrantSealer {
  const half = privateHalf(own);
  const pairs = new Map(
    Object.entries(agencies).map(([agency, jwk]) => [agency, { kid: jwk.kid, secret: sharedSecret(half, publicHalf(jwk)) }]),
  );
  let keys = new Map<string, SealingKey>();
  let epoch = randomBytes(16);
  let began = now();
  // Each IV is 12 random bytes of its own, never a counter.
  const draw = randomPool(randomBytes);

  function keyFor(claims: WarrantClaims): SealingKey {
    const at = now();
    if (at - began >= EPOCH_MS || at < began) {
      keys = new Map();
      epoch = randomBytes(16);
      began = at;
    }
    const name = `${claims.iss}\0${claims.aud}`;
    const known = keys.get(name);
    if (known !== undefined) return known;
    const pair = pairs.get(claims.aud);
    if (pair === undefined) throw new HubError('CONFIGURATION', `No warrant key is pinned for the agency "${claims.aud}".`);
    const header = Buffer.from(warrantHeader(own.kid, pair.kid, Buffer.from(epoch).toString('base64url'))).toString('base64url');
    const names = { issuer: claims.iss, audience: claims.aud, gatewayKid: own.kid, agencyKid: pair.kid, epoch };
    const made: SealingKey = { header, additional: Buffer.from(header), key: warrantKey(pair.secret, names) };
    keys.set(name, made);
    return made;
  }

  return (claims) => {
    const { header, additional, key } = keyFor(claims);
    const iv = draw(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
    cipher.setAAD(additional);
    const sealed = cipher.update(plaintextOf(claims), 'utf8');
    // GCM has given every byte by now: this makes the tag.
    cipher.final();
    const token = `${header}..${iv.toString('base64url')}.${sealed.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}`;
    if (token.length > WARRANT_MAX_BYTES) throw new HubError('WARRANT_TOO_LARGE', `For ${claims.aud}: ${token.length} bytes.`);
    return token;
  };
}
