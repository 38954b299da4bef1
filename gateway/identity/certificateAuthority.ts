import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  type X509Crl,
} from '@peculiar/x509';
import type { Nid } from './identityMethod.ts';
import { commitmentExtension, NID_COMMITMENT_OID } from './nidCommitment.ts';
import type { SoftwareCard } from './softwareCard.ts';
import { DEVELOPMENT_UNIT } from './trustList.ts';

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const crypto = webcrypto as unknown as Crypto;
const { subtle } = webcrypto;

/** A development authority: certificate and signing keys. */
export interface CertificateAuthority {
  readonly certificate: X509Certificate;
  readonly keys: CryptoKeyPair;
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const newKeys = async (): Promise<CryptoKeyPair> => await subtle.generateKey(ES256, true, ['sign', 'verify']);

/** Makes an authority that signs with ES256. `serial`: 16 bytes; `unit` marks it as development material unless a test says otherwise. */
export async function createAuthority(
  name: string,
  serial: Uint8Array,
  validity: Validity,
  unit = DEVELOPMENT_UNIT,
): Promise<CertificateAuthority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialOf(serial),
      name: [{ C: ['TW'] }, { O: ['Open personal data hub'] }, { OU: [unit] }, { CN: [name] }],
      ...validity,
      signingAlgorithm: ES256,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    crypto,
  );
  return { certificate, keys };
}

export interface CardHolder {
  /** Whose: a persona's id. */
  readonly holder: string;
  /** As printed in the certificate. */
  readonly name: string;
  readonly nid: Nid;
}

/** Issues a software card. The certificate's SERIALNUMBER is random, as on the real cards: it is no national ID. */
export async function issueCard(
  authority: CertificateAuthority,
  { holder, name, nid }: CardHolder,
  validity: Validity,
  randomBytes: (size: number) => Buffer,
  usage: KeyUsageFlags = KeyUsageFlags.digitalSignature,
): Promise<SoftwareCard> {
  const keys = await newKeys();
  const opening = randomBytes(32);
  const printed = randomBytes(8).readBigUInt64BE().toString().padStart(16, '0').slice(-16);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serialOf(randomBytes(16)),
      issuer: authority.certificate.subjectName.toJSON(),
      // SERIALNUMBER has no short name in the library's text form of a DN (docs/facts.md): hence the OID.
      subject: [{ C: ['TW'] }, { OU: [DEVELOPMENT_UNIT] }, { CN: [name] }, { '2.5.4.5': [printed] }],
      ...validity,
      signingAlgorithm: ES256,
      publicKey: keys.publicKey,
      signingKey: authority.keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(usage, true),
        new Extension(NID_COMMITMENT_OID, false, commitmentExtension(nid, opening)),
      ],
    },
    crypto,
  );
  const { x = '', y = '', d = '' } = await subtle.exportKey('jwk', keys.privateKey);
  return {
    v: 1,
    kind: 'development-card',
    holder,
    certificate: Buffer.from(certificate.rawData).toString('base64'),
    key: { kty: 'EC', crv: 'P-256', x, y, d },
    opening: opening.toString('base64url'),
  };
}

/** Signs a revocation list of these serial numbers (hex). `nextUpdate` left out makes a list that nobody may accept: tests only. */
export async function signCrl(
  authority: CertificateAuthority,
  serials: readonly string[],
  thisUpdate: Date,
  nextUpdate?: Date,
): Promise<X509Crl> {
  return X509CrlGenerator.create(
    {
      issuer: authority.certificate.subjectName.toJSON(),
      thisUpdate,
      ...(nextUpdate && { nextUpdate }),
      entries: serials.map((serialNumber) => ({ serialNumber, revocationDate: thisUpdate })),
      signingAlgorithm: ES256,
      signingKey: authority.keys.privateKey,
    },
    crypto,
  );
}

/** A positive serial number, hex: the first bit off. */
function serialOf(bytes: Uint8Array): string {
  const serial = Buffer.from(bytes);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial.toString('hex');
}

/** The serial number of a card's certificate, hex. */
export function serialOfCard(card: SoftwareCard): string {
  return new X509Certificate(card.certificate).serialNumber;
}
