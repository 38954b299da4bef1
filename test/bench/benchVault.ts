import { randomBytes } from 'node:crypto';
import { createVault, type Vault } from '../../gateway/identity/vault.ts';
import type { HubKeys } from '../../gateway/keyRing.ts';

const bytesOf = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');

/** The vault of the hub's subjects, by the bench's keys. */
export function benchVault({ index, seal }: HubKeys): Vault {
  return createVault({ index: bytesOf(index), seal: seal.map(({ kid, key }) => ({ kid, key: bytesOf(key) })) }, randomBytes);
}
