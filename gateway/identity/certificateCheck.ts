import 'reflect-metadata';
import { createPublicKey, X509Certificate as OpenSslCertificate, type KeyObject } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
  type Extension,
  type X509Crl,
} from '@peculiar/x509';
import type { TrustedAuthority, TrustList } from './trustList.ts';

/** A certificate that holds, or why it does not: for the log, never for the person who shows it. */
export type CertificateVerdict =
  | { readonly kind: 'VALID'; readonly certificate: X509Certificate; readonly key: KeyObject }
  | { readonly kind: 'REJECTED'; readonly reason: string };

/** Longest certificate that is looked at, bytes. */
const LONGEST = 8192;

/** Critical extensions that are understood here (RFC 5280 §4.2: any other one refuses the certificate). Key usage, basic constraints. */
const UNDERSTOOD = new Set(['2.5.29.15', '2.5.29.19']);

const rejected = (reason: string): CertificateVerdict => ({ kind: 'REJECTED', reason });

/**
 * Verifies a citizen's certificate at `now` (ms since the epoch): well-formed, P-256, within its validity, for signatures, not itself an
 * authority, issued directly by an authority of the trust list, and not on that authority's revocation list, which must be there, signed by it,
 * and fresh. Whatever else the holder sends along as a chain is not looked at: nothing outside the trust list can vouch.
 */
export async function checkCertificate(der: Uint8Array, trust: TrustList, now: number): Promise<CertificateVerdict> {
  try {
    return await check(der, trust, now);
  } catch {
    // The library reads keys and extensions only when they are asked for, and throws on nonsense in them.
    return rejected('cannot be read');
  }
}

async function check(der: Uint8Array, trust: TrustList, now: number): Promise<CertificateVerdict> {
  if (der.length > LONGEST) return rejected('too long');
  // Read twice: the library forgives wrong lengths and tags around the signed part, OpenSSL does not, and neither may see anything the other
  // does not. One certificate has one spelling.
  const strict = new OpenSslCertificate(der);
  const certificate = new X509Certificate(new Uint8Array(der));
  if (!strict.raw.equals(der)) return rejected('something hangs on behind it');
  const { asymmetricKeyType, asymmetricKeyDetails } = strict.publicKey;
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') return rejected('its key is not P-256');
  if (!isWithin(certificate, now)) return rejected('not valid at this time');
  if (unknownCritical(certificate.extensions)) return rejected('has a critical extension that is not understood');
  if (strict.ca || certificate.getExtension(BasicConstraintsExtension)?.ca) return rejected('is an authority, not a citizen');
  if (!allows(certificate, KeyUsageFlags.digitalSignature)) return rejected('is not for signatures');
  const authority = issuerOf(certificate, strict, trust);
  if (authority === null) return rejected('its issuer is not on the trust list');
  const weakness = authorityWeakness(authority.certificate, now);
  if (weakness !== null) return rejected(weakness);
  const revocation = await revocationOf(certificate, authority, now);
  return revocation === null ? { kind: 'VALID', certificate, key: strict.publicKey } : rejected(revocation);
}

const isWithin = ({ notBefore, notAfter }: X509Certificate, now: number): boolean =>
  notBefore.getTime() <= now && now <= notAfter.getTime();

const unknownCritical = (extensions: readonly Extension[]): boolean =>
  extensions.some(({ critical, type }) => critical && !UNDERSTOOD.has(type));

function allows(certificate: X509Certificate, usage: KeyUsageFlags): boolean {
  const extension = certificate.getExtension(KeyUsagesExtension);
  return extension !== null && (Number(extension.usages) & usage) === Number(usage);
}

function issuerOf(certificate: X509Certificate, strict: OpenSslCertificate, trust: TrustList): TrustedAuthority | null {
  const issuer = Buffer.from(certificate.issuerName.toArrayBuffer());
  const signedBy = ({ publicKey }: X509Certificate): boolean =>
    strict.verify(createPublicKey({ key: Buffer.from(publicKey.rawData), format: 'der', type: 'spki' }));
  const namesakes = trust.filter(({ certificate: { subjectName } }) => issuer.equals(Buffer.from(subjectName.toArrayBuffer())));
  return namesakes.find((authority) => signedBy(authority.certificate)) ?? null;
}

function authorityWeakness(authority: X509Certificate, now: number): string | null {
  if (!isWithin(authority, now)) return 'its authority is not valid at this time';
  if (!authority.getExtension(BasicConstraintsExtension)?.ca) return 'its issuer is not an authority';
  return allows(authority, KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign) ? null : 'its authority may not issue';
}

/** Null when the authority's list says the certificate stands; else why not. */
async function revocationOf(certificate: X509Certificate, issuer: TrustedAuthority, now: number): Promise<string | null> {
  const authority = issuer.certificate;
  const crl = await issuer.readCrl().catch(() => null);
  if (crl === null) return 'there is no revocation list of its authority';
  if (!Buffer.from(crl.issuerName.toArrayBuffer()).equals(Buffer.from(authority.subjectName.toArrayBuffer())))
    return 'the revocation list is of another authority';
  if (!(await crl.verify({ publicKey: authority.publicKey }))) return 'the revocation list is not signed by its authority';
  return staleness(crl, now) ?? (crl.findRevoked(certificate) === null ? null : 'revoked');
}

/**
 * A list without nextUpdate parses as an empty one in @peculiar/x509 (a revoked card would look good), and one with a critical extension (a
 * delta, a list of a part) does not speak for all certificates: both are refused.
 */
function staleness(crl: X509Crl, now: number): string | null {
  if (crl.nextUpdate === undefined) return 'the revocation list has no nextUpdate';
  if (crl.thisUpdate.getTime() > now || crl.nextUpdate.getTime() <= now) return 'the revocation list is stale';
  return unknownCritical(crl.extensions) ? 'the revocation list has a critical extension that is not understood' : null;
}
