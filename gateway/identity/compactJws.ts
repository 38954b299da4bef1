import { verify, type KeyObject } from 'node:crypto';

/** A compact JWS taken apart, not yet verified. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What the signature is over: header and payload as they came. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** The three parts as they came; header and payload not yet decoded. */
export interface JwsParts extends Pick<CompactJws, 'signed' | 'signature'> {
  readonly header: string;
  readonly payload: string;
}

const FORM = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

/**
 * Takes apart a compact JWS (RFC 7515 §7.1) whose signature has the length of ES256 and whose header and payload are JSON objects.
 * Null for anything else, and for a text over `longest` characters. Stricter than RFC 7515 in one thing: base64url must be canonical, so that
 * one token has one spelling.
 */
export function parseCompactJws(text: string, longest: number): CompactJws | null {
  const parts = splitCompactJws(text, longest);
  if (parts === null) return null;
  const header = decodeJwsPart(parts.header);
  const payload = decodeJwsPart(parts.payload);
  return header === null || payload === null ? null : { header, payload, signed: parts.signed, signature: parts.signature };
}

/** The first half of {@link parseCompactJws}: everything but what the header and the payload say. */
export function splitCompactJws(text: string, longest: number): JwsParts | null {
  if (text.length > longest) return null;
  const parts = FORM.exec(text);
  if (parts === null) return null;
  const [, header, payload, signature] = parts as unknown as [string, string, string, string];
  if (!isCanonical(header) || !isCanonical(payload) || !isCanonical(signature)) return null;
  return { header, payload, signed: text.slice(0, -signature.length - 1), signature: Buffer.from(signature, 'base64url') };
}

/** Last characters whose unused bits are zero, by the number of characters beyond whole groups of four. */
const LAST = { 2: /[AQgw]$/, 3: /[AEIMQUYcgkosw048]$/ } as const;

/** Whether a text of base64url characters is the one spelling of its bytes (RFC 4648 §3.5). */
function isCanonical(part: string): boolean {
  const beyond = part.length % 4;
  return beyond === 0 || (beyond !== 1 && LAST[beyond as 2 | 3].test(part.slice(-1)));
}

/** A header or payload as a JSON object; null when it is none. */
export function decodeJwsPart(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/**
 * Whether the header says ES256 and this `typ` (RFC 7515 §4.1.9: `application/` may be left out, case does not count) and has no `crit`,
 * of which none is understood here.
 */
export function hasEs256Header({ header }: Pick<CompactJws, 'header'>, typ: string): boolean {
  if (header['alg'] !== 'ES256' || Object.hasOwn(header, 'crit') || typeof header['typ'] !== 'string') return false;
  return header['typ'].toLowerCase().replace(/^application\//, '') === typ;
}

/** Whether the ES256 signature is this P-256 key's. Computed on the thread pool: 14 µs of the event loop instead of 70 (docs/facts.md). */
export function verifyEs256(jws: Pick<CompactJws, 'signed' | 'signature'>, key: KeyObject): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify('sha256', Buffer.from(jws.signed, 'latin1'), { key, dsaEncoding: 'ieee-p1363' }, jws.signature, (error, verified) => {
      if (error) reject(error);
      else resolve(verified);
    });
  });
}
