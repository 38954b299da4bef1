import { createHash } from 'node:crypto';
import type { Nid } from './identityMethod.ts';

/**
 * Certificate extension that ties a certificate to a person without naming her: an OCTET STRING of 32 bytes, SHA-256 over a label, 32 random
 * bytes (the opening) and the ID. The opening stays on the card and goes to the hub inside the signed login, so that a certificate that
 * becomes public can be tried against all IDs in vain. (A salt in the certificate itself would not help: there are only half a billion IDs.)
 * The OID lies in the arc for examples (RFC 5612): a real authority takes its own. (Not one made from a UUID, 2.25.…: @peculiar/x509 cuts
 * such a long arc off without a word.)
 */
export const NID_COMMITMENT_OID = '1.3.6.1.4.1.32473.1.1';

const OCTET_STRING_32 = Buffer.from([0x04, 0x20]);

/** The commitment to an ID; `opening` is 32 random bytes. */
export function nidCommitment(nid: Nid, opening: Uint8Array): Buffer {
  return createHash('sha256').update('mydata-nid-commitment-v1\0').update(opening).update(`${nid.kind}\0${nid.value}`).digest();
}

/** The extension's value, DER. */
export function commitmentExtension(nid: Nid, opening: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([OCTET_STRING_32, nidCommitment(nid, opening)]);
}

/** Whether the extension's value is the commitment to this ID under this opening. */
export function opensTo(extension: Uint8Array, nid: Nid, opening: Uint8Array): boolean {
  return opening.length === 32 && commitmentExtension(nid, opening).equals(extension);
}
