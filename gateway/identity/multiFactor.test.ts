import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ANNA, context, FOREIGNER, NOBODY, openIdentityHub, submitFirst, type IdentityHub } from '../../test/fixtures/identityHub.ts';

const METHOD = 'multi-factor';
const good = { nationalId: ANNA.value, nhiCardNumber: '000000000001', householdNumber: 'F9999901' };
let hub: IdentityHub;
beforeAll(async () => {
  hub = await openIdentityHub();
});
beforeEach(() => {
  // A new day: the counters begin anew.
  hub.clock.now += 90_000_000;
  hub.asked.length = 0;
});
afterAll(() => hub.close());

describe('a login by what the registers hold', () => {
  it('proves who she is, at low assurance', async () => {
    const proved = { kind: 'PROVED', nid: ANNA, method: METHOD, assurance: 'LOW', authTime: hub.clock.now / 1000 };
    expect(await submitFirst(hub, METHOD, good)).toEqual(proved);
    expect(await submitFirst(hub, METHOD, { ...good, householdNumber: '', idCardIssueDate: '2015-01-10' })).toEqual(proved);
    expect(
      await submitFirst(hub, METHOD, { ...good, householdNumber: 'f9999901', nhiCardNumber: '0000 0000 0001', idCardIssueDate: '' }),
    ).toEqual(proved);
  });

  it.each([
    ['card number', { ...good, nhiCardNumber: '000000000009' }],
    ['household number', { ...good, householdNumber: 'F9999902' }],
    ['issue date', { ...good, householdNumber: '', idCardIssueDate: '2015-01-11' }],
    ['issue date beside a right household number', { ...good, idCardIssueDate: '2015-01-11' }],
    ['everything', { ...good, nhiCardNumber: '000000000009', householdNumber: 'F9999902' }],
    ['person, whom no register knows', { ...good, nationalId: NOBODY.value }],
    ['person, a foreign resident whom no register knows', { ...good, nationalId: FOREIGNER.value }],
  ])('a wrong %s gets the same answer, and both registers are asked', async (_what, form) => {
    expect(await submitFirst(hub, METHOD, form)).toEqual({ kind: 'REFUSED', code: 'IDENTITY_NOT_PROVED' });
    expect(new Set(hub.asked.map(({ agency }) => agency))).toEqual(new Set(['mohw', 'moi']));
  });

  it.each([
    ['ID', { ...good, nationalId: 'A223456782' }],
    ['card number', { ...good, nhiCardNumber: '1' }],
    ['household number', { ...good, householdNumber: '1' }],
    ['issue date', { ...good, idCardIssueDate: '2015-02-30' }],
    ['choice between household number and date', { ...good, householdNumber: '' }],
  ])('an ill-formed %s is asked again without asking a register', async (_what, form) => {
    expect(await submitFirst(hub, METHOD, form)).toMatchObject({ kind: 'CONTINUE', step: { step: 'numbers' } });
    expect(hub.asked).toEqual([]);
  });

  it('locks after five wrong tries, for the right entries too, and asks no register then', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await submitFirst(hub, METHOD, { ...good, householdNumber: `F000000${turn}` })).toMatchObject({ code: 'IDENTITY_NOT_PROVED' });
    }
    hub.asked.length = 0;
    expect(await submitFirst(hub, METHOD, good)).toEqual({ kind: 'REFUSED', code: 'IDENTITY_LOCKED' });
    expect(await submitFirst(hub, METHOD, good, null, context({ address: '198.51.100.7' }))).toMatchObject({ code: 'IDENTITY_LOCKED' });
    expect(hub.asked).toEqual([]);
    hub.clock.now += 60_001;
    expect(await submitFirst(hub, METHOD, good)).toMatchObject({ kind: 'PROVED' });
  });

  it('locks a person nobody knows in the same way', async () => {
    const codes: string[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      const result = await submitFirst(hub, METHOD, { ...good, nationalId: NOBODY.value });
      codes.push(result.kind === 'REFUSED' ? result.code : result.kind);
    }
    expect(codes).toEqual([...Array<string>(5).fill('IDENTITY_NOT_PROVED'), 'IDENTITY_LOCKED', 'IDENTITY_LOCKED']);
  });

  it('lets five of forty tries at the same time reach the registers', async () => {
    const tries = Array.from({ length: 40 }, (_, turn) => submitFirst(hub, METHOD, { ...good, householdNumber: `F00000${10 + turn}` }));
    await Promise.all(tries);
    expect(hub.asked.filter(({ agency }) => agency === 'mohw')).toHaveLength(5);
  });

  it('locks an address that tries many people', async () => {
    const on = context({ address: '203.0.113.9' });
    const people = Array.from({ length: 60 }, (_, serial) => idOf(serial));
    const results = [];
    for (const nationalId of people) results.push(await submitFirst(hub, METHOD, { ...good, nationalId }, null, on));
    expect(results.filter((result) => result.kind === 'REFUSED' && result.code === 'IDENTITY_NOT_PROVED')).toHaveLength(50);
    expect(results.at(-1)).toEqual({ kind: 'REFUSED', code: 'IDENTITY_LOCKED' });
    expect(await submitFirst(hub, METHOD, good)).toMatchObject({ kind: 'PROVED' });
  });

  it('says that a register is away, whatever the other one said', async () => {
    const away = await openIdentityHub({
      async check(agency) {
        if (agency === 'moi') throw new Error('down');
        return false;
      },
    });
    expect(await submitFirst(away, METHOD, good)).toEqual({ kind: 'REFUSED', code: 'UNAVAILABLE' });
    await away.close();
  });
});

/** A national ID of the specimen block with a right check digit. */
function idOf(serial: number): string {
  const digits = `1${String(9_999_900 + serial).padStart(7, '0')}`;
  const sum = 1 + 0 * 9 + [...digits].reduce((total, digit, place) => total + Number(digit) * (8 - place), 0);
  return `A${digits}${(10 - (sum % 10)) % 10}`;
}
