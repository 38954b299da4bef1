import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createAuthority, issueCard, serialOfCard, signCrl } from './certificateAuthority.ts';
import { verifyCardProof } from './cardProof.ts';
import { signChallenge } from './softwareCard.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 0, 15);
const at = (days: number): Date => new Date(now + days * DAY);
const nid = { kind: 'NATIONAL_ID', value: 'A123456789' } as const;
const challenge = 'Zm9v@hub.example';

const authority = await createAuthority('Test', randomBytes(16), { notBefore: at(-1), notAfter: at(100) });
const holder = { holder: 'persona.test', name: 'Test Person', nid };
const card = await issueCard(authority, holder, { notBefore: at(-1), notAfter: at(10) }, randomBytes);
const fresh = await signCrl(authority, [], at(-1), at(1));
const trust = [{ certificate: authority.certificate, readCrl: async () => fresh }];

describe('a login signed with a card', () => {
  it('proves the person it was issued to', async () => {
    expect(await verifyCardProof(signChallenge(card, challenge), { challenge, nid }, trust, now)).toEqual({ kind: 'PROVED' });
  });

  it('proves nobody else', async () => {
    const other = { kind: 'NATIONAL_ID', value: 'A223456781' } as const;
    expect(await verifyCardProof(signChallenge(card, challenge), { challenge, nid: other }, trust, now)).toMatchObject({
      code: 'IDENTITY_NOT_PROVED',
    });
    const foreign = { kind: 'UI_NUMBER', value: nid.value } as const;
    expect(await verifyCardProof(signChallenge(card, challenge), { challenge, nid: foreign }, trust, now)).toMatchObject({
      kind: 'REFUSED',
    });
  });

  it('shows no national ID, neither in the card nor in the signature', () => {
    const shown = [JSON.stringify(card), signChallenge(card, challenge)].flatMap((text) => [
      text,
      ...text.split(/[."]/).map((part) => Buffer.from(part, 'base64').toString('latin1')),
    ]);
    expect(shown.some((text) => text.includes(nid.value))).toBe(false);
  });

  it('is refused when the card is revoked', async () => {
    const crl = await signCrl(authority, [serialOfCard(card)], at(-1), at(1));
    const verdict = await verifyCardProof(
      signChallenge(card, challenge),
      { challenge, nid },
      [{ certificate: authority.certificate, readCrl: async () => crl }],
      now,
    );
    expect(verdict).toEqual({ kind: 'REFUSED', code: 'CARD_REJECTED', reason: 'certificate: revoked' });
  });
});
