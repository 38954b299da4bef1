import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openConsentStore, type ConsentStore } from './consentStore.ts';
import { HER, NOW, proof } from './consentWorld.ts';

/** A national ID or UI number, in the old form and the new. */
const NATIONAL_ID = /(?<![A-Za-z0-9_-])[A-Z][1289A-D][0-9]{8}(?![A-Za-z0-9_-])/;

let store: ConsentStore;
beforeAll(async () => {
  store = await openConsentStore();
});
afterAll(() => store.close());

/** Every document of the room's collections, as the driver has it. */
async function dump(): Promise<Record<string, Record<string, unknown>[]>> {
  const collections = ['consents', 'services', 'screens'];
  const found = collections.map(async (name) => [name, await store.connection.collection(name).find({}).toArray()] as const);
  return Object.fromEntries(await Promise.all(found));
}

describe('what the consent room stores', () => {
  it('holds no national ID, no value of any field and no token, after a whole life of consents', async () => {
    const agreed = { 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] };
    const id = await store.give(agreed);
    await store.consents.takeUse(id, { grant: 'g', documentHash: 'd', variablesHash: 'v' }, NOW);
    await store.consents.narrow({ consentId: id, subject: HER, drop: { 'moi.person': ['name'] } });
    await store.consents.stepUp({ consentId: id, subject: HER, proof: proof('otp-sms') });
    await store.consents.withdraw({ consentId: id, subject: HER });
    const declined = await store.ask();
    await store.consents.screen({ consentId: declined, subject: HER, proof: proof('multi-factor'), language: 'zh-TW' });
    await store.consents.decline({ consentId: declined, subject: HER });
    await store.consents.close();
    const all = await dump();
    expect(Object.entries(all).map(([name, documents]) => [name, documents.length > 0])).toEqual([
      ['consents', true],
      ['services', true],
      ['screens', true],
    ]);
    expect(JSON.stringify(all)).not.toMatch(NATIONAL_ID);
    expect(JSON.stringify(store.published)).not.toMatch(NATIONAL_ID);
    expect('A123456789, or in the middle: A800000014.').toMatch(NATIONAL_ID);
  });

  it('keeps no id of a person in a screen: what was shown is the same for everybody', async () => {
    const { screens = [] } = await dump();
    expect(JSON.stringify(screens)).not.toContain(HER);
  });

  it('carries its form’s version in every document, and names members without dots', async () => {
    for (const documents of Object.values(await dump())) {
      for (const document of documents) {
        expect(document['v']).toBe(1);
        const names: string[] = [];
        JSON.stringify(document, (name, value: unknown) => (names.push(name), value));
        expect(names.filter((name) => name.includes('.'))).toEqual([]);
      }
    }
  });

  it('refuses to read a form that it does not know', async () => {
    const id = await store.give({ 'mohw.aid': ['category', 'until'] });
    await store.connection.collection('consents').updateOne({ _id: id as never }, { $set: { v: 2 } });
    await expect(store.consents.read(id)).rejects.toThrow('cannot be read');
  });

  it('takes ids for texts: an object that would be a filter finds nothing', async () => {
    const filter = { $ne: '' } as unknown as string;
    expect(await store.consents.read(filter)).toBeNull();
    expect(await store.consents.services.read(filter)).toBeNull();
    expect(await store.consents.withdraw({ consentId: filter, subject: HER })).toMatchObject({ code: 'CONSENT_UNKNOWN' });
    expect((await store.consents.listForSubject(filter, { first: 5 })).consents).toEqual([]);
    expect(await store.consents.takeUse(filter, { grant: 'g', documentHash: 'd', variablesHash: 'v' }, NOW)).toBe('NOT_ACTIVE');
    expect(await store.consents.receipt(filter, HER)).toBeNull();
    expect(await store.consents.shownScreen(filter)).toBeNull();
  });
});
