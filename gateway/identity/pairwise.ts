import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** How many clients' derived keys are held in memory. */
const CLIENTS = 1000;

const derived = new WeakMap<Uint8Array, LRUCache<string, Buffer>>();

/** The key of one client, derived from the hub's pairwise key (32 bytes), which must not be changed in place. */
function clientKey(client: string, key: Uint8Array): Buffer {
  let keys = derived.get(key);
  if (keys === undefined) derived.set(key, (keys = new LRUCache({ max: CLIENTS })));
  let own = keys.get(client);
  if (own === undefined) keys.set(client, (own = Buffer.from(hkdfSync('sha256', key, '', `mydata-pairwise-v1\0${client}`, 32))));
  return own;
}

/** The 16 bytes of an id of 22 base64url characters; null for anything else, another spelling of the same bytes included. */
function block(id: string): Buffer | null {
  const bytes = Buffer.from(id, 'base64url');
  return bytes.length === 16 && bytes.toString('base64url') === id ? bytes : null;
}

/**
 * The `sub` by which a client knows a data subject (OpenID Connect Core §8.1): one AES-256 block over the subject's 128-bit id, used as a
 * pseudorandom permutation under a key of the client's own. Deterministic; two clients cannot link theirs; only the hub can invert it.
 * Throws RangeError when the id is not 128 bits in base64url.
 */
export function pairwiseSub(subjectId: string, client: string, key: Uint8Array): string {
  const id = block(subjectId);
  if (id === null) throw new RangeError('A subject id is 16 bytes in base64url.');
  const cipher = createCipheriv('aes-256-ecb', clientKey(client, key), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(id), cipher.final()]).toString('base64url');
}

/**
 * The DataSubject.id behind a client's `sub`; null when the text cannot be one. Any well-formed text gives some id: trust it only inside a
 * token whose signature and `client_id` were verified.
 */
export function subjectOf(sub: string, client: string, key: Uint8Array): string | null {
  const bytes = block(sub);
  if (bytes === null) return null;
  const decipher = createDecipheriv('aes-256-ecb', clientKey(client, key), null).setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()]).toString('base64url');
}
