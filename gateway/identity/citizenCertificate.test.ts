import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ANNA,
  ANNAS_MOBILE,
  context,
  newestCode,
  NOBODY,
  openIdentityHub,
  submitFirst,
  submitNext,
  type IdentityHub,
} from '../../test/fixtures/identityHub.ts';
import type { SoftwareCard } from './softwareCard.ts';

const METHOD = 'citizen-certificate';
let hub: IdentityHub;
let card: SoftwareCard;
beforeAll(async () => {
  hub = await openIdentityHub();
  card = await hub.authority.issue({ holder: 'persona.anna', name: 'Anna', nid: ANNA });
});
afterAll(() => hub.close());

describe('a login with the citizen certificate', () => {
  it('proves who she is, at high assurance', async () => {
    const result = await submitFirst(hub, METHOD, { nationalId: ANNA.value }, card);
    expect(result).toEqual({ kind: 'PROVED', nid: ANNA, method: METHOD, assurance: 'HIGH', authTime: hub.clock.now / 1000 });
  });

  it('forgives how the ID is typed, and the blanks around a pasted signature', async () => {
    expect(await submitFirst(hub, METHOD, { nationalId: 'ａ223456781' }, card)).toMatchObject({ kind: 'PROVED' });
  });

  it('asks again when the ID has a typing error, with a new challenge', async () => {
    const result = await submitFirst(hub, METHOD, { nationalId: 'A223456782' }, card);
    expect(result).toMatchObject({ kind: 'CONTINUE', step: { step: 'sign', message: { en: expect.stringContaining('typing error') } } });
    expect(result.kind === 'CONTINUE' && result.step.challenge).toMatch(/^[A-Za-z0-9_-]{43}@localhost:4000$/);
  });

  it('does not prove another person', async () => {
    expect(await submitFirst(hub, METHOD, { nationalId: NOBODY.value }, card)).toEqual({ kind: 'REFUSED', code: 'IDENTITY_NOT_PROVED' });
  });

  it('needs a signature', async () => {
    expect(await submitFirst(hub, METHOD, { nationalId: ANNA.value })).toEqual({ kind: 'REFUSED', code: 'CARD_REJECTED' });
  });

  it('tells the operator why, and nothing that was typed', async () => {
    await submitFirst(hub, METHOD, { nationalId: NOBODY.value }, card);
    expect(hub.logged.at(-1)).toBe(
      '{"request":"request-1","method":"citizen-certificate","code":"IDENTITY_NOT_PROVED","reason":"the certificate is of another person"}',
    );
  });
});

describe('binding a mobile number', () => {
  it('takes the certificate, then the code that was sent to the number', async () => {
    const sent = await submitFirst(hub, METHOD, { nationalId: ANNA.value, bindMobile: '0900-000-001' }, card);
    expect(sent).toMatchObject({ kind: 'CONTINUE', step: { step: 'bind-phone', fields: [{ name: 'otpCode', required: false }] } });
    expect(hub.messages()[0]?.number).toBe(ANNAS_MOBILE);
    hub.clock.now += 60_000;
    const proved = await submitNext(hub, METHOD, sent, { otpCode: newestCode(hub) });
    // Identity was proved when the card signed, not when the message was read.
    expect(proved).toMatchObject({ kind: 'PROVED', method: METHOD, nid: ANNA, authTime: hub.clock.now / 1000 - 60 });
    const subject = await hub.identity.findSubject(ANNA);
    expect(await hub.identity.readPhone(subject ?? '')).toBe(ANNAS_MOBILE);
    expect(hub.entries.at(-1)).toMatchObject({ kind: 'LOGIN', outcome: 'BOUND', subject });
    expect(await submitNext(hub, METHOD, sent, { otpCode: newestCode(hub) })).toMatchObject({ code: 'SESSION_EXPIRED' });
  });

  it('can be left with an empty code: the login stands, nothing is bound', async () => {
    const sent = await submitFirst(hub, METHOD, { nationalId: ANNA.value, bindMobile: '0900000009' }, card);
    expect(await submitNext(hub, METHOD, sent, { otpCode: ' ' })).toMatchObject({ kind: 'PROVED', method: METHOD });
    expect(await hub.identity.readPhone((await hub.identity.findSubject(ANNA)) ?? '')).toBe(ANNAS_MOBILE);
  });

  it('is not done with a wrong code, however often', async () => {
    const sent = await submitFirst(hub, METHOD, { nationalId: ANNA.value, bindMobile: '0900000008' }, card);
    const right = newestCode(hub);
    const wrong = right === '000000' ? '000001' : '000000';
    for (let turn = 0; turn < 5; turn += 1)
      expect(await submitNext(hub, METHOD, sent, { otpCode: wrong })).toMatchObject({ kind: 'CONTINUE' });
    expect(await submitNext(hub, METHOD, sent, { otpCode: right })).toMatchObject({ kind: 'PROVED', method: METHOD });
    expect(await hub.identity.readPhone((await hub.identity.findSubject(ANNA)) ?? '')).toBe(ANNAS_MOBILE);
  });

  it('asks again for a number that is none', async () => {
    expect(await submitFirst(hub, METHOD, { nationalId: ANNA.value, bindMobile: '12345' }, card)).toMatchObject({
      kind: 'CONTINUE',
      step: { step: 'sign' },
    });
  });

  it('belongs to the login it was begun in', async () => {
    const sent = await submitFirst(hub, METHOD, { nationalId: ANNA.value, bindMobile: '0900000007' }, card);
    const elsewhere = context({ interaction: 'interaction-2' });
    expect(await submitNext(hub, METHOD, sent, { otpCode: newestCode(hub) }, elsewhere)).toEqual({
      kind: 'REFUSED',
      code: 'SESSION_EXPIRED',
    });
  });
});
