import 'reflect-metadata';
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
  { readonly kind: 'VALID'; readonly certificate: X509Certificate } | { readonly kind: 'REJECTED'; readonly reason: string };

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
  const certificate = parseCertificate(der);
  if (certificate === null) return rejected('not a certificate');
  const algorithm = certificate.publicKey.algorithm as EcKeyAlgorithm;
  if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== 'P-256') return rejected('its key is not P-256');
  if (!isWithin(certificate, now)) return rejected('not valid at this time');
  if (unknownCritical(certificate.extensions)) return rejected('has a critical extension that is not understood');
  if (certificate.getExtension(BasicConstraintsExtension)?.ca) return rejected('is an authority, not a citizen');
  if (!allows(certificate, KeyUsageFlags.digitalSignature)) return rejected('is not for signatures');
  const authority = await issuerOf(certificate, trust);
  if (authority === null) return rejected('its issuer is not on the trust list');
  const weakness = authorityWeakness(authority.certificate, now);
  if (weakness !== null) return rejected(weakness);
  const revocation = await revocationOf(certificate, authority, now);
  return revocation === null ? { kind: 'VALID', certificate } : rejected(revocation);
}

function parseCertificate(der: Uint8Array): X509Certificate | null {
  if (der.length > LONGEST) return null;
  try {
    const certificate = new X509Certificate(new Uint8Array(der));
    // One certificate has one spelling: nothing may hang on behind it.
    return Buffer.from(certificate.rawData).equals(der) ? certificate : null;
  } catch {
    return null;
  }
}

const isWithin = ({ notBefore, notAfter }: X509Certificate, now: number): boolean =>
  notBefore.getTime() <= now && now <= notAfter.getTime();

const unknownCritical = (extensions: readonly Extension[]): boolean =>
  extensions.some(({ critical, type }) => critical && !UNDERSTOOD.has(type));

function allows(certificate: X509Certificate, usage: KeyUsageFlags): boolean {
  const extension = certificate.getExtension(KeyUsagesExtension);
  return extension !== null && (extension.usages & usage) === usage;
}

async function issuerOf(certificate: X509Certificate, trust: TrustList): Promise<TrustedAuthority | null> {
  const issuer = Buffer.from(certificate.issuerName.toArrayBuffer());
  for (const authority of trust) {
    if (!issuer.equals(Buffer.from(authority.certificate.subjectName.toArrayBuffer()))) continue;
    if (await verifies(() => certificate.verify({ publicKey: authority.certificate.publicKey, signatureOnly: true }))) return authority;
  }
  return null;
}

function authorityWeakness(authority: X509Certificate, now: number): string | null {
  if (!isWithin(authority, now)) return 'its authority is not valid at this time';
  if (!authority.getExtension(BasicConstraintsExtension)?.ca) return 'its issuer is not an authority';
  return allows(authority, KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign) ? null : 'its authority may not issue';
}

/** Null when the authority's list says the certificate stands; else why not. */
async function revocationOf(
  certificate: X509Certificate,
  { certificate: authority, readCrl }: TrustedAuthority,
  now: number,
): Promise<string | null> {
  const crl = await readCrl().catch(() => null);
  if (crl === null) return 'there is no revocation list of its authority';
  if (!Buffer.from(crl.issuerName.toArrayBuffer()).equals(Buffer.from(authority.subjectName.toArrayBuffer())))
    return 'the revocation list is of another authority';
  if (!(await verifies(() => crl.verify({ publicKey: authority.publicKey })))) return 'the revocation list is not signed by its authority';
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

async function verifies(verify: () => Promise<boolean>): Promise<boolean> {
  try {
    return await verify();
  } catch {
    return false;
  }
}
