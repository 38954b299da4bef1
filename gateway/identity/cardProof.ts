import type { ErrorCode } from '../../schema/errors.ts';
import { checkCertificate } from './certificateCheck.ts';
import { hasEs256Header, parseCompactJws, verifyEs256 } from './compactJws.ts';
import type { Nid } from './identityMethod.ts';
import { NID_COMMITMENT_OID, opensTo } from './nidCommitment.ts';
import { LOGIN_TYPE } from './softwareCard.ts';
import type { TrustList } from './trustList.ts';

/** Longest signed login that is looked at, in characters. */
const LONGEST = 16_384;

/** A login signed by the person's own card, or why it is not; `reason` is for the log. */
export type CardVerdict = { readonly kind: 'PROVED' } | { readonly kind: 'REFUSED'; readonly code: ErrorCode; readonly reason: string };

const refused = (code: ErrorCode, reason: string): CardVerdict => ({ kind: 'REFUSED', code, reason });

/**
 * Verifies a signed login (softwareCard.ts has the form): the challenge is the one given, the certificate in `x5c` holds against the trust list
 * at `now` (ms since the epoch), its key made the signature, and it was issued to the person who has this ID.
 */
export async function verifyCardProof(
  jws: string,
  expected: { readonly challenge: string; readonly nid: Nid },
  trust: TrustList,
  now: number,
): Promise<CardVerdict> {
  const parsed = parseCompactJws(jws.trim(), LONGEST);
  if (parsed === null) return refused('CARD_REJECTED', 'not one compact JWS');
  if (!hasEs256Header(parsed, LOGIN_TYPE)) return refused('CARD_REJECTED', 'header: another typ or alg');
  if (parsed.payload['challenge'] !== expected.challenge) return refused('CARD_REJECTED', 'another challenge');
  const der = leafOf(parsed.header['x5c']);
  if (der === null) return refused('CARD_REJECTED', 'header: no certificate');
  const verdict = await checkCertificate(der, trust, now);
  if (verdict.kind === 'REJECTED') return refused('CARD_REJECTED', `certificate: ${verdict.reason}`);
  if (!(await verifyEs256(parsed, verdict.key))) return refused('CARD_REJECTED', 'the signature does not fit');
  const commitments = verdict.certificate.extensions.filter(({ type }) => type === NID_COMMITMENT_OID);
  const opening = parsed.payload['opening'];
  const own =
    commitments.length === 1 &&
    typeof opening === 'string' &&
    commitments.every(({ value }) => opensTo(new Uint8Array(value), expected.nid, Buffer.from(opening, 'base64url')));
  return own ? { kind: 'PROVED' } : refused('IDENTITY_NOT_PROVED', 'the certificate is of another person');
}

/** The first certificate of `x5c` (RFC 7515 §4.1.6: base64, not base64url), DER. */
function leafOf(x5c: unknown): Buffer | null {
  const [leaf] = Array.isArray(x5c) ? (x5c as readonly unknown[]) : [];
  if (typeof leaf !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(leaf)) return null;
  return Buffer.from(leaf, 'base64');
}
