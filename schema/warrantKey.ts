import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from 'node:crypto';
import { HubError } from './errors.ts';

/** A public half, as published and pinned. */
export interface WarrantPublicKey {
  readonly kid: string;
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** A side's own half. */
export interface WarrantPrivateKey extends WarrantPublicKey {
  readonly d: string;
}

/** A key id is a part of the warrant's `kid`, whose separator is a dot. */
const KID = /^[A-Za-z0-9_-]{1,64}$/;

export function privateHalf(jwk: WarrantPrivateKey): KeyObject {
  const { kty, crv, x, y } = checked(jwk);
  return createPrivateKey({ key: { kty, crv, x, y, d: jwk.d }, format: 'jwk' });
}

export function publicHalf(jwk: WarrantPublicKey): KeyObject {
  const { kty, crv, x, y } = checked(jwk);
  return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
}

/** ECDH P-256, static–static: the x coordinate, 32 bytes. About 100 µs; the same for every epoch of a pair of keys, so keep it. */
export function sharedSecret(own: KeyObject, other: KeyObject): Buffer {
  return diffieHellman({ privateKey: own, publicKey: other });
}

/** What the key of one epoch is bound to. */
export interface WarrantKeyNames {
  readonly issuer: string;
  readonly audience: string;
  readonly gatewayKid: string;
  readonly agencyKid: string;
  /** 16 random bytes. */
  readonly epoch: Uint8Array;
}

/** HKDF-SHA-256(secret; salt = epoch; info = `mydata-warrant-v1\0iss\0aud\0gatewayKid\0agencyKid`), 32 bytes (docs/contract.md §4). */
export function warrantKey(secret: Uint8Array, { issuer, audience, gatewayKid, agencyKid, epoch }: WarrantKeyNames): Buffer {
  const info = ['mydata-warrant-v1', issuer, audience, gatewayKid, agencyKid].join('\0');
  return Buffer.from(hkdfSync('sha256', secret, epoch, info, 32));
}

/** The protected header's text, exactly: any other text is refused, even one that means the same. */
export function warrantHeader(gatewayKid: string, agencyKid: string, epoch: string): string {
  return `{"alg":"dir","enc":"A256GCM","typ":"warrant+jwt","kid":"${gatewayKid}.${agencyKid}.${epoch}"}`;
}

function checked(jwk: WarrantPublicKey): WarrantPublicKey {
  if (!KID.test(jwk.kid))
    throw new HubError('CONFIGURATION', `"${jwk.kid}" cannot be the id of a warrant key: letters, digits, "_" and "-", at most 64.`);
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256') throw new HubError('CONFIGURATION', `The warrant key ${jwk.kid} is not on P-256.`);
  return jwk;
}
