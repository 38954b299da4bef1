import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ANNA,
  ANNAS_MOBILE,
  bindAnnasMobile,
  context,
  newestCode,
  NOBODY,
  openIdentityHub,
  submitFirst,
  submitNext,
  type IdentityHub,
} from '../../test/fixtures/identityHub.ts';

const METHOD = 'otp-sms';
const login = { nationalId: ANNA.value, mobileNumber: ANNAS_MOBILE };
let hub: IdentityHub;
beforeAll(async () => {
  hub = await openIdentityHub();
  await bindAnnasMobile(hub);
});
beforeEach(() => {
  // A new day: the counters begin anew.
  hub.clock.now += 90_000_000;
});
afterAll(() => hub.close());

const wrongCode = (): string => (newestCode(hub) === '000000' ? '000001' : '000000');

describe('a login with a code by SMS', () => {
  it('sends a code to the bound number and proves who she is', async () => {
    const sent = await submitFirst(hub, METHOD, login);
    expect(sent).toMatchObject({ kind: 'CONTINUE', step: { step: 'code' } });
    expect(await submitNext(hub, METHOD, sent, { otpCode: newestCode(hub) })).toEqual({
      kind: 'PROVED', nid: ANNA, method: METHOD, assurance: 'SUBSTANTIAL', authTime: hub.clock.now / 1000,
    }); // prettier-ignore
  });

  it('takes a code once, also when it comes twenty times at once', async () => {
    const sent = await submitFirst(hub, METHOD, login);
    const code = newestCode(hub);
    const results = await Promise.all(Array.from({ length: 20 }, () => submitNext(hub, METHOD, sent, { otpCode: code })));
    expect(results.filter(({ kind }) => kind === 'PROVED').length).toBe(1);
    expect(await submitNext(hub, METHOD, sent, { otpCode: code })).toMatchObject({ kind: 'REFUSED' });
  });

  it('takes no code after five minutes', async () => {
    const sent = await submitFirst(hub, METHOD, login);
    hub.clock.now += 300_000;
    expect(await submitNext(hub, METHOD, sent, { otpCode: newestCode(hub) })).toMatchObject({
      kind: 'REFUSED',
      code: 'IDENTITY_NOT_PROVED',
    });
  });

  it('gives five tries', async () => {
    const sent = await submitFirst(hub, METHOD, login);
    const [right, wrong] = [newestCode(hub), wrongCode()];
    for (let turn = 0; turn < 4; turn += 1)
      expect(await submitNext(hub, METHOD, sent, { otpCode: wrong })).toMatchObject({ kind: 'CONTINUE' });
    expect(await submitNext(hub, METHOD, sent, { otpCode: wrong })).toEqual({ kind: 'REFUSED', code: 'IDENTITY_NOT_PROVED' });
    expect(await submitNext(hub, METHOD, sent, { otpCode: right })).toMatchObject({ kind: 'REFUSED' });
  });

  it('locks her codes, not only this one, after five wrong ones', async () => {
    const first = await submitFirst(hub, METHOD, login);
    const second = await submitFirst(hub, METHOD, login);
    for (let turn = 0; turn < 5; turn += 1) await submitNext(hub, METHOD, first, { otpCode: wrongCode() });
    expect(await submitNext(hub, METHOD, second, { otpCode: newestCode(hub) })).toEqual({ kind: 'REFUSED', code: 'IDENTITY_LOCKED' });
  });

  it('does not take the code of another login', async () => {
    const first = await submitFirst(hub, METHOD, login);
    const code = newestCode(hub);
    const second = await submitFirst(hub, METHOD, login);
    if (newestCode(hub) !== code) expect(await submitNext(hub, METHOD, second, { otpCode: code })).toMatchObject({ kind: 'CONTINUE' });
    const elsewhere = context({ interaction: 'interaction-2' });
    expect(await submitNext(hub, METHOD, first, { otpCode: code }, elsewhere)).toMatchObject({ kind: 'REFUSED' });
  });
});

describe('whether a number is bound', () => {
  it.each([
    ['another number', { ...login, mobileNumber: '0900000099' }],
    ['a person the hub does not know', { ...login, nationalId: NOBODY.value }],
  ])('does not show: %s gets the same form, and no message', async (_what, form) => {
    const bound = await submitFirst(hub, METHOD, login);
    const before = hub.messages().length;
    const unbound = await submitFirst(hub, METHOD, form);
    expect(hub.messages().length).toBe(before);
    expect({ ...unbound, state: '' }).toEqual({ ...bound, state: '' });
    // Wrong codes are answered alike too.
    const [one, other] = [
      await submitNext(hub, METHOD, bound, { otpCode: wrongCode() }),
      await submitNext(hub, METHOD, unbound, { otpCode: wrongCode() }),
    ];
    expect({ ...one, state: '' }).toEqual({ ...other, state: '' });
  });

  it('does not show in the lock: messages are counted for everybody', async () => {
    const tries = async (form: Record<string, string>): Promise<string[]> => {
      const kinds: string[] = [];
      for (let turn = 0; turn < 7; turn += 1) kinds.push((await submitFirst(hub, METHOD, form)).kind);
      return kinds;
    };
    const bound = await tries(login);
    expect(bound).toEqual(['CONTINUE', 'CONTINUE', 'CONTINUE', 'CONTINUE', 'CONTINUE', 'REFUSED', 'REFUSED']);
    expect(await tries({ nationalId: NOBODY.value, mobileNumber: '0900000077' })).toEqual(bound);
  });

  it('no code proves a person whose number is not bound: not even the one nobody was sent', async () => {
    const sent = await submitFirst(hub, METHOD, { ...login, nationalId: NOBODY.value, mobileNumber: '0900000055' });
    for (const otpCode of ['000000', '123456', '', '      '])
      expect(await submitNext(hub, METHOD, sent, { otpCode })).not.toMatchObject({ kind: 'PROVED' });
  });

  it('is read again when the code comes: a number bound elsewhere since opens nothing', async () => {
    const sent = await submitFirst(hub, METHOD, login);
    await hub.identity.removePhone((await hub.identity.findSubject(ANNA)) ?? '');
    expect(await submitNext(hub, METHOD, sent, { otpCode: newestCode(hub) })).toMatchObject({ kind: 'REFUSED' });
    hub.clock.now += 90_000_000;
    await bindAnnasMobile(hub);
  });
});
