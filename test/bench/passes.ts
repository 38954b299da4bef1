import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { pairwiseSub } from '../../gateway/identity/pairwise.ts';
import type { DevelopmentKeys } from '../../gateway/keyRing.ts';
import { CLIENT, ENDPOINT, ISSUER } from './benchKeys.ts';
import { benchCitizen } from './citizens.ts';

/** A citizen's access token, and the key that it is bound to. */
export interface Pass {
  /** The Authorization header. */
  readonly authorization: string;
  /** Another DPoP proof each time. */
  readonly proof: () => string;
}

const TOKEN_SECONDS = 600;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

function signed(head: string, payload: object, key: KeyObject): string {
  const text = `${head}.${encode(payload)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** Mints passes as the authorization server would (gateway/oidc/tokenClaims.ts), each token with a fresh key of its own. */
export function passMinter({ hub }: DevelopmentKeys, issuerKey: KeyObject): (number: number) => Pass {
  const [{ kid }] = hub.tokens as [JWK];
  const head = encode({ alg: 'ES256', typ: 'at+jwt', kid });
  const pairwise = Buffer.from(hub.pairwise, 'base64url');
  return (number) => {
    const { subject, consent, grant } = benchCitizen(number);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
      iss: ISSUER,
      sub: pairwiseSub(subject, CLIENT, pairwise),
      aud: ENDPOINT,
      client_id: CLIENT,
      exp: iat + TOKEN_SECONDS,
      iat,
      jti: randomBytes(16).toString('base64url'),
      cnf: { jkt: hash(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`) },
      grant_id: grant,
      acr: 'urn:mydata:acr:citizen-certificate',
      auth_time: iat - 60,
      consent_id: consent,
    };
    const token = signed(head, claims, issuerKey);
    const ath = hash(token);
    const proofHead = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x, y } });
    return {
      authorization: `DPoP ${token}`,
      proof: () =>
        signed(
          proofHead,
          { htm: 'POST', htu: ENDPOINT, iat: Math.floor(Date.now() / 1000), jti: randomBytes(16).toString('base64url'), ath },
          privateKey,
        ),
    };
  };
}

/** Passes of the bench's citizens with proofs made in advance: signing is not to compete with what is measured. */
export interface PassStock {
  pass(number: number): Pass;
  /** A proof that was never used; made now where none is left. */
  proof(number: number): string;
  /** Fresh passes where they are old, and `each` fresh proofs, for citizens `from` to `from + count - 1`. */
  make(from: number, count: number, each: number): void;
}

/** Well before its token expires. */
const FRESH_MS = 400_000;

export function passStock(mint: (number: number) => Pass): PassStock {
  const held = new Map<number, { readonly pass: Pass; readonly at: number; proofs: string[] }>();

  function hold(number: number) {
    const known = held.get(number);
    if (known !== undefined) return known;
    const made = { pass: mint(number), at: Date.now(), proofs: [] };
    held.set(number, made);
    return made;
  }

  return {
    pass: (number) => hold(number).pass,
    proof(number) {
      const { pass, proofs } = hold(number);
      return proofs.pop() ?? pass.proof();
    },
    make(from, count, each) {
      for (let number = from; number < from + count; number += 1) {
        const known = held.get(number);
        if (known !== undefined && Date.now() - known.at > FRESH_MS) held.delete(number);
        const entry = hold(number);
        entry.proofs = Array.from({ length: each }, () => entry.pass.proof());
      }
    },
  };
}
