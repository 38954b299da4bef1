import { createPrivateKey, sign, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { HubError } from '../../schema/errors.ts';

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/**
 * A development card: certificate and private key in one JSON file, in place of a chip card, its reader and its PIN. It holds no national ID.
 */
const SoftwareCard = z.strictObject({
  v: z.literal(1),
  kind: z.literal('development-card'),
  /** Whose: a persona's id. */
  holder: z.string(),
  /** DER, base64: the citizen's certificate. */
  certificate: z.base64(),
  key: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate, d: coordinate }),
  /** Opens the certificate's commitment to the national ID; 32 bytes, base64url. */
  opening: coordinate,
});
export type SoftwareCard = z.infer<typeof SoftwareCard>;

/** `typ` of a signed login: a signature made for anything else is none. */
export const LOGIN_TYPE = 'mydata-login+jws';

/** Reads a card file's text. Throws CARD_REJECTED. */
export function parseSoftwareCard(text: string): SoftwareCard {
  try {
    return SoftwareCard.parse(JSON.parse(text));
  } catch (cause) {
    throw new HubError('CARD_REJECTED', 'Not a development card file.', { cause });
  }
}

/**
 * Signs a login challenge with a card: a compact JWS (RFC 7515), ES256, `x5c` the certificate, payload `{challenge, opening}`.
 * gateway/identity/assets/sign-challenge.js does the same in a browser.
 */
export function signChallenge(card: SoftwareCard, challenge: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', typ: LOGIN_TYPE, x5c: [card.certificate] })}.${part({ challenge, opening: card.opening })}`;
  const key = createPrivateKey({ key: card.key as JsonWebKey, format: 'jwk' });
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
