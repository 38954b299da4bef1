import { hash } from 'node:crypto';

/** Texts of values that cannot change: frozen, and everything in them too. */
const kept = new WeakMap<object, string>();

/**
 * Canonical JSON: object members sorted by UTF-16 code units, no white space, `undefined` members left out (RFC 8785 for the values we
 * use: strings, booleans, null, arrays, objects, and numbers as ECMAScript writes them). The text of a value that is frozen throughout is kept as
 * long as the value is.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const known = kept.get(value);
  if (known !== undefined) return known;
  const text = Array.isArray(value) ? arrayText(value) : objectText(value as Readonly<Record<string, unknown>>);
  if (Object.isFrozen(value) && Object.values(value).every(isKept)) kept.set(value, text);
  return text;
}

const isKept = (member: unknown): boolean => member === null || typeof member !== 'object' || kept.has(member);

function arrayText(elements: readonly unknown[]): string {
  let text = '';
  for (const element of elements) text += text === '' ? canonicalJson(element) : `,${canonicalJson(element)}`;
  return `[${text}]`;
}

function objectText(members: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** SHA-256 of a UTF-8 text, base64url without padding (43 characters). */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}
