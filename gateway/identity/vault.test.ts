import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createVault } from './vault.ts';

const index = Buffer.alloc(32, 1);
const old = { kid: 'seal-1', key: Buffer.alloc(32, 2) };
const next = { kid: 'seal-2', key: Buffer.alloc(32, 3) };

describe('the vault', () => {
  const vault = createVault({ index, seal: [old] }, randomBytes);

  it('opens what it sealed, for the same document only', () => {
    const sealed = vault.seal('document-a', 'A123456789');
    expect(vault.open('document-a', sealed)).toBe('A123456789');
    expect(() => vault.open('document-b', sealed)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });

  it('seals the same value differently each time, and shows nothing of it', () => {
    const [one, two] = [vault.seal('a', 'A123456789'), vault.seal('a', 'A123456789')];
    expect(one.sealed).not.toBe(two.sealed);
    expect(Buffer.from(one.sealed, 'base64url').toString('latin1')).not.toContain('A1234');
  });

  it('refuses an altered or cut-off value', () => {
    const { sealed, keyId } = vault.seal('a', 'A123456789');
    const bytes = Buffer.from(sealed, 'base64url');
    for (let place = 0; place < bytes.length; place += 1) {
      const altered = Buffer.from(bytes);
      altered[place] = (altered[place] ?? 0) ^ 1;
      expect(() => vault.open('a', { sealed: altered.toString('base64url'), keyId })).toThrow();
    }
    expect(() => vault.open('a', { sealed: sealed.slice(0, 20), keyId })).toThrow();
  });

  it('opens with an older key and seals with the first', () => {
    const rotated = createVault({ index, seal: [next, old] }, randomBytes);
    expect(rotated.open('a', vault.seal('a', 'x'))).toBe('x');
    expect(rotated.seal('a', 'x').keyId).toBe('seal-2');
    expect(() => vault.open('a', rotated.seal('a', 'x'))).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  it('finds the same value by the same index, per purpose and key', () => {
    expect(vault.index('nid', 'x')).toBe(vault.index('nid', 'x'));
    expect(vault.index('nid', 'x')).not.toBe(vault.index('phone', 'x'));
    expect(vault.index('nid', 'x')).not.toBe(createVault({ index: next.key, seal: [old] }, randomBytes).index('nid', 'x'));
  });

  it('does not start on a short key or none', () => {
    expect(() => createVault({ index, seal: [] }, randomBytes)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(() => createVault({ index: Buffer.alloc(16), seal: [old] }, randomBytes)).toThrow();
  });
});
