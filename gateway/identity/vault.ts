import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { HubError } from '../../schema/errors.ts';

/** The keys of this room, from the key provider: never from the store (docs/contract.md §3). Each is 32 bytes. */
export interface IdentityKeys {
  /** HMAC key of every index. To change it, the indexes are written anew while the hub is stopped. */
  readonly index: Uint8Array;
  /** Sealing keys: the first one seals, all open. To rotate, put a new one first and call `reseal`. */
  readonly seal: readonly { readonly kid: string; readonly key: Uint8Array }[];
}

/** A value at rest: base64url of IV (12 bytes), ciphertext and tag (16 bytes), and the id of its key. */
export interface Sealed {
  readonly sealed: string;
  readonly keyId: string;
}

export interface Vault {
  /** Finds a value without holding it: HMAC-SHA-256 over purpose and value, base64url. */
  index(purpose: string, value: string): string;
  /** AES-256-GCM; `id` is the document's `_id` and is authenticated, so that a value cannot be moved to another document. */
  seal(id: string, value: string): Sealed;
  /** Throws HubError STORE_CORRUPT when it does not open, CONFIGURATION when its key is not here. */
  open(id: string, sealed: Sealed): string;
  readonly current: string;
}

/** Indexes and seals what must not stand in the store. Throws CONFIGURATION on a key that is not 32 bytes. */
export function createVault(keys: IdentityKeys, randomBytes: (size: number) => Buffer): Vault {
  const [first] = keys.seal;
  if (first === undefined || [keys.index, ...keys.seal.map(({ key }) => key)].some((key) => key.length !== 32)) {
    throw new HubError('CONFIGURATION', 'Identity keys: one index key and at least one sealing key of 32 bytes each.');
  }
  const byId = new Map(keys.seal.map(({ kid, key }) => [kid, key]));
  return {
    current: first.kid,
    index: (purpose, value) => createHmac('sha256', keys.index).update(`${purpose}\0${value}`).digest('base64url'),
    seal(id, value) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', first.key, iv).setAAD(Buffer.from(id));
      const sealed = Buffer.concat([iv, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { sealed: sealed.toString('base64url'), keyId: first.kid };
    },
    open(id, { sealed, keyId }) {
      const key = byId.get(keyId);
      if (key === undefined) throw new HubError('CONFIGURATION', `No sealing key ${keyId}.`);
      const bytes = Buffer.from(sealed, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 }).setAAD(Buffer.from(id));
        decipher.setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new HubError('STORE_CORRUPT', 'A sealed value does not open.', { cause });
      }
    },
  };
}
