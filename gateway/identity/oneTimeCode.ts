import { timingSafeEqual } from 'node:crypto';
import type { Vault } from './vault.ts';

/** Tries per code. */
export const CODE_TRIES = 5;

/** Six digits, each code equally likely. */
export function randomCode(randomBytes: (size: number) => Buffer): string {
  // The largest multiple of 10^6 below 2^32: numbers above it would favour small codes.
  for (;;) {
    const number = randomBytes(4).readUInt32BE();
    if (number < 4_294_000_000) return String(number % 1_000_000).padStart(6, '0');
  }
}

/** What is stored of a code: keyed, because a million codes are quickly tried; bound to its step. */
export function codeHash(vault: Vault, step: string, code: string): string {
  return vault.index('code', `${step}\0${code}`);
}

/** Whether the typed code is the one sent; blanks and full-width digits forgiven. */
export function isCode(vault: Vault, step: string, typed: string, hash: string): boolean {
  const digits = typed.normalize('NFKC').replace(/\s/g, '');
  return timingSafeEqual(Buffer.from(codeHash(vault, step, digits)), Buffer.from(hash));
}
