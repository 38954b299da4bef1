import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { agreedFields } from '../domain/changes.ts';
import { decide } from '../domain/decide.ts';
import { openConsentStore, type ConsentStore } from '../../test/abuse/consentStore.ts';
import { caller, CONTRACT, DAY, EVERYTHING, HER, NOW, proof, ROW } from '../../test/abuse/consentWorld.ts';

let store: ConsentStore;
beforeAll(async () => {
  store = await openConsentStore([
    ROW,
    { ...ROW, id: 'test.once', mode: 'ONE_TIME', longest: 'P1D' },
    { ...ROW, id: 'test.fifty', maxUses: 50 },
  ]);
});
afterAll(() => store.close());

const AID: FieldSet = { 'mohw.aid': ['category', 'until'] };
const hers = (consentId: string) => ({ consentId, subject: HER, proof: proof('citizen-certificate') });
const many = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const count = (results: readonly unknown[], wanted: unknown): number => results.filter((result) => result === wanted).length;

async function shown(service = ROW.id): Promise<{ id: string; hash: string }> {
  const id = await store.ask(AID, { service });
  const screen = await store.consents.screen({ ...hers(id), language: 'en' });
  if (screen.kind === 'REFUSED') throw new Error(screen.code);
  return { id, hash: screen.hash };
}

async function given(service: string): Promise<string> {
  const { id, hash } = await shown(service);
  await store.consents.grant({ ...hers(id), agreed: AID, acts: [], screenHash: hash });
  return id;
}

describe('races for one consent', () => {
  it('give a single slot to exactly one of 200 different uses at once', async () => {
    const id = await given('test.once');
    const results = await many(200, (index) =>
      store.consents.takeUse(id, { grant: `g${index}`, documentHash: 'd', variablesHash: 'v' }, NOW),
    );
    expect([count(results, 'TAKEN'), count(results, 'USED_UP')]).toEqual([1, 199]);
    expect((await store.consents.read(id))?.uses.length).toBe(1);
  });

  it('take one slot for 200 runs of the same use at once', async () => {
    const id = await given('test.fifty');
    const results = await many(200, () => store.consents.takeUse(id, { grant: 'g', documentHash: 'd', variablesHash: 'v' }, NOW));
    expect([count(results, 'TAKEN'), count(results, 'REPEATED')]).toEqual([1, 199]);
  });

  it('never take more uses than the cap, on two gateways', async () => {
    const id = await given('test.fifty');
    const other = await store.replica();
    const results = await many(200, (index) =>
      (index % 2 === 0 ? store.consents : other).takeUse(id, { grant: `g${index}`, documentHash: 'd', variablesHash: 'v' }, NOW),
    );
    expect([count(results, 'TAKEN'), count(results, 'USED_UP')]).toEqual([50, 150]);
  });

  it('let one of twenty grants win, with one event and one version', async () => {
    const { id, hash } = await shown();
    const results = await many(20, () => store.consents.grant({ ...hers(id), agreed: AID, acts: [], screenHash: hash }));
    expect(results.filter(({ kind }) => kind === 'CHANGED').length).toBe(1);
    const consent = await store.consents.read(id);
    expect(consent?.history.map(({ kind }) => kind)).toEqual(['REQUESTED', 'GRANTED']);
    expect(store.published.filter((change) => change.consent === id && change.event === 'GRANTED').length).toBe(1);
  });

  it('leave a consent withdrawn when grant and withdrawal meet, or granted and never half of it', async () => {
    for (let round = 0; round < 10; round++) {
      const { id, hash } = await shown();
      const [grant, withdrawal] = await Promise.all([
        store.consents.grant({ ...hers(id), agreed: AID, acts: [], screenHash: hash }),
        store.consents.withdraw({ consentId: id, subject: HER }),
      ]);
      const state = (await store.consents.read(id))?.state;
      expect(withdrawal.kind).toBe('CHANGED');
      // Before the grant it declines the request, after it it withdraws: it is never lost.
      expect(grant.kind === 'CHANGED' ? 'WITHDRAWN' : 'DECLINED').toBe(state);
    }
  });

  it('lose no narrowing of twenty at once', async () => {
    const all: FieldSet = { ...AID, 'moi.person': ['birthDate', 'name'], 'mof.income': ['total', 'year'] };
    const id = await store.give(all);
    const drops: FieldSet[] = [
      { 'moi.person': ['birthDate'] },
      { 'moi.person': ['name'] },
      { 'mof.income': ['total'] },
      { 'mof.income': ['year'] },
      { 'mohw.aid': ['until'] },
    ];
    await many(20, (index) => store.consents.narrow({ consentId: id, subject: HER, drop: drops[index % drops.length] ?? {} }));
    const consent = await store.consents.read(id);
    expect(consent === null ? null : agreedFields(consent)).toEqual({ 'mohw.aid': ['category'] });
    const versions = consent?.history.map(({ version }) => version);
    expect(versions).toEqual([1, 3, 4, 5, 6, 7, 8]);
  });
});

describe('withdrawn means now', () => {
  it('no decision that reads after the acknowledgement opens a field, on either gateway, whoever is faster', async () => {
    const other = await store.replica();
    const gateways = [store.consents, other];
    for (let round = 0; round < 5; round++) {
      const id = await store.give(AID);
      let acknowledged = false;
      const late: string[] = [];
      const reader = async (gateway: (typeof gateways)[number]): Promise<void> => {
        for (let after = 0; after < 3;) {
          const wasAcknowledged = acknowledged;
          const consent = await gateway.read(id);
          const service = consent === null ? null : await gateway.services.read(consent.service.id);
          const by = caller({ consent: id });
          const { permitted } = decide({
            consent,
            service,
            subject: { state: 'ACTIVE' },
            caller: by,
            contract: CONTRACT,
            asked: EVERYTHING,
            now: NOW + DAY,
          });
          if (wasAcknowledged) after++;
          // A read of the embedded store takes no turn of the event loop: without one the withdrawal would never come.
          await new Promise(setImmediate);
          if (wasAcknowledged && Object.keys(permitted).length > 0) late.push(JSON.stringify(permitted));
        }
      };
      const readers = gateways.flatMap((gateway) => [reader(gateway), reader(gateway), reader(gateway)]);
      await store.consents.withdraw({ consentId: id, subject: HER });
      acknowledged = true;
      await Promise.all(readers);
      expect(late).toEqual([]);
    }
  });
});
