import { hash } from 'node:crypto';

/**
 * Canonical JSON: object members sorted by UTF-16 code units, no white space, `undefined` members left out (RFC 8785 for the values we
 * use: strings, booleans, null, arrays, objects, and numbers as ECMAScript writes them).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 of a UTF-8 text, base64url without padding (43 characters). */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}
