import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newestCode, openIdentityHub, submitFirst, submitNext, type IdentityHub } from '../../test/fixtures/identityHub.ts';
import people from './personas.json' with { type: 'json' };
import { seedDemonstration } from './seedDemonstration.ts';

let hub: IdentityHub;
beforeAll(async () => {
  hub = await openIdentityHub();
});
afterAll(() => hub.close());

const seed = () => seedDemonstration({ identity: hub.identity, authority: hub.authority, listMessages: hub.messages, people });

describe('the demonstration', () => {
  it('gives each persona the methods she is said to hold', async () => {
    await seed();
    const cards = await hub.authority.listCards();
    const holding = (method: string): readonly string[] => people.filter(({ heldMethods }) => heldMethods.includes(method)).map(({ id }) => id).sort(); // prettier-ignore
    expect(cards.map(({ holder }) => holder).sort()).toEqual(holding('citizen-certificate'));
    for (const { id, nationalId, mobileNumber, heldMethods } of people) {
      if (nationalId === null) continue;
      const card = cards.find(({ holder }) => holder === id);
      if (card !== undefined) expect(await submitFirst(hub, 'citizen-certificate', { nationalId }, card)).toMatchObject({ kind: 'PROVED' });
      if (mobileNumber === null) continue;
      const sent = await submitFirst(hub, 'otp-sms', { nationalId, mobileNumber });
      const kind = (await submitNext(hub, 'otp-sms', sent, { otpCode: newestCode(hub) })).kind;
      expect({ id, kind }).toEqual({ id, kind: heldMethods.includes('otp-sms') ? 'PROVED' : 'CONTINUE' });
    }
  });

  it('is seeded again without effect', async () => {
    const before = hub.messages().length;
    const cards = await hub.authority.listCards();
    await seed();
    expect(hub.messages().length).toBe(before);
    expect(await hub.authority.listCards()).toEqual(cards);
  });
});
