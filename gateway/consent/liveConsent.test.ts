import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openConsentStore, type ConsentStore } from '../../test/abuse/consentStore.ts';
import { caller, CONTRACT, DAY, HER, NOW, ROW } from '../../test/abuse/consentWorld.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { decide } from '../domain/decide.ts';
import { consentModel, fromStored } from './consentModel.ts';

// What is read while changes are under way, in whatever order they come: never less than what was acknowledged, always what the store holds.

let store: ConsentStore;
beforeAll(async () => {
  store = await openConsentStore([ROW, { ...ROW, id: 'test.fifty', maxUses: 50 }]);
});
afterAll(() => store.close());

const ASKED: FieldSet = { 'mohw.aid': ['category', 'until'] };

type Act = 'READ' | 'WITHDRAW' | 'NARROW' | 'SHORTEN' | 'USE' | 'SWEEP' | 'TURN' | 'SETTLE';
const acts = fc.array(
  fc.oneof(
    { arbitrary: fc.constant<Act>('READ'), weight: 4 },
    { arbitrary: fc.constantFrom<Act>('WITHDRAW', 'NARROW', 'SHORTEN', 'USE', 'SWEEP', 'TURN', 'SETTLE'), weight: 5 },
  ),
  { maxLength: 14 },
);

async function uncached(id: string) {
  const stored = await consentModel(store.connection).findOne({ _id: id }).read('primary').readConcern('linearizable').lean();
  return stored === null ? null : fromStored(stored);
}

async function permitted(id: string): Promise<FieldSet> {
  const consent = await store.consents.read(id);
  const service = await store.consents.services.read(ROW.id);
  const by = caller({ consent: id, subject: HER });
  return decide({ consent, service, subject: { state: 'ACTIVE' }, caller: by, contract: CONTRACT, asked: ASKED, now: NOW + DAY }).permitted;
}

describe('the live consent', () => {
  it('shows every change that was acknowledged, whatever else is under way', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (sequence) => {
        const id = await store.give(ASKED);
        await store.consents.close();
        await store.consents.publishOutbox();
        expect(await permitted(id)).toEqual(ASKED);
        const under: Promise<unknown>[] = [];
        let withdrawn = false;
        let narrowed = false;
        const hers = { consentId: id, subject: HER };
        for (const [place, act] of sequence.entries()) {
          if (act === 'WITHDRAW') under.push(store.consents.withdraw(hers).then(({ kind }) => (withdrawn ||= kind === 'CHANGED')));
          if (act === 'NARROW')
            under.push(
              store.consents.narrow({ ...hers, drop: { 'mohw.aid': ['until'] } }).then(({ kind }) => (narrowed ||= kind === 'CHANGED')),
            );
          if (act === 'SHORTEN') under.push(store.consents.shorten({ ...hers, notAfter: NOW + 20 * DAY - place }));
          if (act === 'USE') under.push(store.consents.takeUse(id, { grant: `g${place}`, documentHash: 'd', variablesHash: 'v' }, NOW));
          if (act === 'SWEEP') under.push(store.consents.sweepExpired());
          if (act === 'TURN') await new Promise((resolve) => setImmediate(resolve));
          if (act === 'SETTLE') await Promise.all(under.splice(0));
          if (act !== 'READ') continue;
          const acknowledged = { withdrawn, narrowed };
          const open = await permitted(id);
          if (acknowledged.withdrawn) expect(open).toEqual({});
          else if (acknowledged.narrowed) expect(open['mohw.aid'] ?? []).not.toContain('until');
        }
        await Promise.all(under);
        await store.consents.close();
        expect(await store.consents.read(id)).toEqual(await uncached(id));
        if (withdrawn) expect(await permitted(id)).toEqual({});
      }),
      // A server over the network takes its time.
      { numRuns: process.env['MONGODB_URI'] ? 12 : 60 },
    );
  });
});
