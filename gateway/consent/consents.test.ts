import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { details, openConsentStore, type ConsentStore } from '../../test/abuse/consentStore.ts';
import { caller, CONTRACT, DAY, EVERYTHING, HER, HIM, NOW, proof, ROW, smallContract } from '../../test/abuse/consentWorld.ts';
import { decide } from '../domain/decide.ts';
import { agreedFields } from '../domain/changes.ts';
import { REPEAT_MS } from '../domain/use.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';

let store: ConsentStore;
beforeAll(async () => {
  store = await openConsentStore([
    ROW,
    { ...ROW, id: 'test.once', mode: 'ONE_TIME', longest: 'P1D' },
    { ...ROW, id: 'test.thrice', maxUses: 3 },
  ]);
});
beforeEach(() => void Object.assign(store.set, { now: NOW, auditDown: false, contract: CONTRACT }));
afterAll(() => store.close());

const AID = { 'mohw.aid': ['category', 'until'] };
const hers = (consentId: string) => ({ consentId, subject: HER });
const use = (documentHash = 'd', grant = 'g') => ({ grant, documentHash, variablesHash: 'v' });

/** What a query would get now: the live reads and the decision, as the operation room does it. */
async function open(consentId: string, asked: FieldSet = EVERYTHING): Promise<FieldSet> {
  const consent = await store.consents.read(consentId);
  const service = consent === null ? null : await store.consents.services.read(consent.service.id);
  const by = caller({ consent: consentId });
  return decide({ consent, service, subject: { state: 'ACTIVE' }, caller: by, contract: store.set.contract, asked, now: store.set.now })
    .permitted;
}

async function giveFor(service: string, agreed: FieldSet = AID): Promise<string> {
  const consentId = await store.ask(agreed, { service });
  const shown = await store.consents.screen({ ...hers(consentId), proof: proof('citizen-certificate'), language: 'en' });
  if (shown.kind === 'REFUSED') throw new Error(shown.code);
  await store.consents.grant({ ...hers(consentId), proof: proof('citizen-certificate'), agreed, acts: [], screenHash: shown.hash });
  return consentId;
}

describe('a consent, from request to withdrawal', () => {
  it('opens exactly the agreed fields, in the period, and nothing after it is withdrawn', async () => {
    const id = await store.give({ ...AID, 'moi.person': ['name'] }, EVERYTHING);
    expect(await open(id)).toEqual({ 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] });
    expect(await store.consents.withdraw(hers(id))).toMatchObject({ kind: 'CHANGED', changed: true, consent: { state: 'WITHDRAWN' } });
    expect(await open(id)).toEqual({});
    expect(await store.consents.withdraw(hers(id))).toMatchObject({ kind: 'CHANGED', changed: false });
  });

  it('is withdrawn at once on another replica', async () => {
    const id = await store.give(AID);
    const other = await store.replica();
    expect((await other.read(id))?.state).toBe('ACTIVE');
    await store.consents.withdraw(hers(id));
    expect((await other.read(id))?.state).toBe('WITHDRAWN');
  });

  it('acknowledges a withdrawal on its own write alone, and publishes it later', async () => {
    const id = await store.give(AID);
    store.set.auditDown = true;
    expect(await store.consents.withdraw(hers(id))).toMatchObject({ changed: true });
    await store.consents.close();
    expect(await open(id)).toEqual({});
    expect(store.alarms.length).toBeGreaterThan(0);
    await expect(store.consents.publishOutbox()).rejects.toThrow('audit log down');
    store.set.auditDown = false;
    expect(await store.consents.publishOutbox()).toBeGreaterThan(0);
    expect(await store.consents.publishOutbox()).toBe(0);
    expect(store.published.filter(({ consent }) => consent === id).map(({ event }) => event)).toEqual([
      'REQUESTED',
      'GRANTED',
      'WITHDRAWN',
    ]);
  });

  it('opens nothing until the grant is in the audit log', async () => {
    const consentId = await store.ask(AID);
    const who = { ...hers(consentId), proof: proof('otp-sms') };
    const shown = await store.consents.screen({ ...who, language: 'en' });
    if (shown.kind === 'REFUSED') throw new Error(shown.code);
    store.set.auditDown = true;
    await expect(store.consents.grant({ ...who, agreed: AID, acts: [], screenHash: shown.hash })).rejects.toThrow('audit log down');
    expect((await store.consents.read(consentId))?.state).toBe('ACTIVE');
    expect(await open(consentId)).toEqual({});
    store.set.auditDown = false;
    await store.consents.publishOutbox();
    expect(await open(consentId)).toEqual(AID);
  });

  it('puts what it held, by whom and under which request, into each published event', async () => {
    const id = await store.give(AID);
    await store.consents.narrow({ ...hers(id), request: 'r-narrow', drop: { 'mohw.aid': ['until'] } });
    await store.consents.close();
    expect(store.published.filter(({ consent }) => consent === id).at(-1)).toEqual({
      kind: 'CONSENT',
      event: 'NARROWED',
      request: 'r-narrow',
      at: NOW,
      subject: HER,
      consent: id,
      consentVersion: 4,
      client: 'aid-system',
      provider: 'moe.unit',
      service: ROW.id,
      purpose: 'dpv:RequestedServiceProvision',
      fields: { 'mohw.aid': ['category'] },
    });
  });
});

describe('a store that fails', () => {
  it('refuses: no read is a decision, no write an acknowledgement', async () => {
    const broken = await openConsentStore();
    const id = await broken.give(AID);
    await broken.close();
    await expect(broken.consents.read(id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(broken.consents.withdraw(hers(id))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(broken.consents.takeUse('unseen', use(), NOW)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(broken.consents.services.read(ROW.id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a request', () => {
  it('belongs to the first who logs in to it', async () => {
    const consentId = await store.ask(AID);
    const both = [HER, HIM].map((subject) => store.consents.screen({ consentId, subject, proof: proof('otp-sms'), language: 'en' }));
    const kinds = (await Promise.all(both)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['REFUSED', 'SHOWN']);
    const owner = (await store.consents.read(consentId))?.subject;
    const other = owner === HER ? HIM : HER;
    expect(await store.consents.decline({ consentId, subject: other })).toMatchObject({ code: 'CONSENT_UNKNOWN' });
    expect(await store.consents.decline({ consentId, subject: owner as string })).toMatchObject({ consent: { state: 'DECLINED' } });
  });

  it('is agreed to as it was shown: a screen of another time, service, proof or consent is refused', async () => {
    const consentId = await store.ask();
    const weak = { ...hers(consentId), proof: proof('multi-factor') };
    const shown = await store.consents.screen({ ...weak, language: 'en' });
    if (shown.kind === 'REFUSED') throw new Error(shown.code);
    const agree = (screenHash: string) => store.consents.grant({ ...weak, agreed: AID, acts: [], screenHash });
    expect(await agree('no such hash')).toMatchObject({ code: 'CONSENT_STATE' });
    const other = await store.ask();
    const elsewhere = await store.consents.screen({ ...weak, consentId: other, language: 'en' });
    expect(await agree((elsewhere as { hash: string }).hash)).toMatchObject({ code: 'CONSENT_STATE' });
    await store.consents.stepUp({ ...hers(consentId), proof: proof('citizen-certificate') });
    expect(await agree(shown.hash)).toMatchObject({ code: 'CONSENT_STATE' });
    const again = await store.consents.screen({ ...hers(consentId), proof: proof('citizen-certificate'), language: 'en' });
    expect(await agree((again as { hash: string }).hash)).toMatchObject({ kind: 'CHANGED' });
    expect((await store.consents.shownScreen((again as { hash: string }).hash))?.consent).toBe(consentId);
  });

  it('ends after an hour, and goes with the sweep if nobody logged in', async () => {
    const [asked, seen] = [await store.ask(AID), await store.ask(AID)];
    await store.consents.screen({ ...hers(seen), proof: proof('otp-sms'), language: 'en' });
    store.set.now = NOW + 3_600_000;
    expect(await store.consents.screen({ ...hers(seen), proof: proof('otp-sms'), language: 'en' })).toMatchObject({
      code: 'CONSENT_STATE',
    });
    await store.consents.sweepExpired();
    expect(await store.consents.read(asked)).toBeNull();
    expect((await store.consents.read(seen))?.state).toBe('EXPIRED');
  });

  it('is not shown any more when its service is suspended', async () => {
    const consentId = await store.ask(AID);
    await store.consents.services.setState(ROW.id, 'SUSPENDED');
    expect(await store.consents.screen({ ...hers(consentId), proof: proof('otp-sms'), language: 'en' })).toMatchObject({
      code: 'SERVICE_SUSPENDED',
    });
    expect(await store.consents.request('aid-system', details(AID))).toMatchObject({ code: 'SERVICE_SUSPENDED' });
    await store.consents.services.setState(ROW.id, 'LIVE');
    expect(await store.consents.screen({ ...hers(consentId), proof: proof('otp-sms'), language: 'en' })).toMatchObject({ kind: 'SHOWN' });
  });
});

describe('uses', () => {
  it('repeats the same use for ten minutes, takes another only from a free slot, and ends when all are gone', async () => {
    const id = await giveFor('test.once');
    expect(await store.consents.takeUse(id, use(), NOW)).toBe('TAKEN');
    expect(await store.consents.takeUse(id, use(), NOW + REPEAT_MS - 1)).toBe('REPEATED');
    expect(await store.consents.takeUse(id, use('other'), NOW + 1)).toBe('USED_UP');
    expect(await store.consents.takeUse(id, use('d', 'other grant'), NOW + 1)).toBe('USED_UP');
    expect(await store.consents.takeUse(id, use(), NOW + REPEAT_MS)).toBe('USED_UP');
    store.set.now = NOW + REPEAT_MS;
    await store.consents.sweepExpired();
    expect((await store.consents.read(id))?.state).toBe('USED_UP');
    expect(await store.consents.takeUse(id, use(), NOW + REPEAT_MS)).toBe('USED_UP');
  });

  it('takes another slot for the same use after its ten minutes', async () => {
    const id = await giveFor('test.thrice');
    const taken: string[] = [];
    for (const at of [0, 1, REPEAT_MS, REPEAT_MS + 1, 2 * REPEAT_MS, 3 * REPEAT_MS])
      taken.push(await store.consents.takeUse(id, use(), NOW + at));
    expect(taken).toEqual(['TAKEN', 'REPEATED', 'TAKEN', 'REPEATED', 'TAKEN', 'USED_UP']);
    expect((await store.consents.read(id))?.uses.length).toBe(3);
  });

  it('takes none from a consent that is withdrawn, ended or unknown', async () => {
    const id = await giveFor('test.thrice');
    expect(await store.consents.takeUse(id, use(), NOW + 400 * DAY)).toBe('NOT_ACTIVE');
    expect(await store.consents.takeUse('nobody', use(), NOW)).toBe('NOT_ACTIVE');
    await store.consents.withdraw(hers(id));
    expect(await store.consents.takeUse(id, use(), NOW)).toBe('NOT_ACTIVE');
    expect((await store.consents.read(id))?.uses).toEqual([]);
  });
});

describe('amending', () => {
  it('narrows under the same id, and widens by a new consent that takes the place of the old', async () => {
    const old = await store.give({ ...AID, 'moi.person': ['name'] });
    await store.consents.narrow({ ...hers(old), drop: { 'moi.person': ['name'] } });
    expect(await open(old)).toEqual(AID);
    store.set.now = NOW + 1000;
    const wider = await store.give({ ...AID, 'moi.person': ['birthDate', 'name'] });
    await store.consents.close();
    expect(await open(wider)).toEqual({ ...AID, 'moi.person': ['birthDate', 'name'] });
    expect((await store.consents.read(old))?.state).toBe('SUPERSEDED');
    expect(await open(old)).toEqual({});
  });

  it('steps up: a dataset that became stricter opens again, and nothing else', async () => {
    const id = await store.give(AID, EVERYTHING, { method: 'multi-factor' });
    const leaf = { methods: ['citizen-certificate'] };
    store.set.contract = smallContract((all) =>
      all.map((one) => ({ ...one, leaves: one.leaves.map((each) => (each.dataset === 'mohw.aid' ? { ...each, ...leaf } : each)) })),
    );
    expect(await open(id)).toEqual({});
    expect(await store.consents.stepUp({ ...hers(id), proof: proof('citizen-certificate') })).toMatchObject({ kind: 'CHANGED' });
    expect(await open(id)).toEqual(AID);
    const after = await store.consents.read(id);
    expect(after === null ? null : agreedFields(after)).toEqual(AID);
  });

  it('shortens, and is over then', async () => {
    const id = await store.give(AID);
    await store.consents.shorten({ ...hers(id), notAfter: NOW + DAY });
    store.set.now = NOW + DAY;
    expect(await open(id)).toEqual({});
    await store.consents.sweepExpired();
    expect((await store.consents.read(id))?.state).toBe('EXPIRED');
  });
});

describe('what is kept', () => {
  it('lists hers alone, newest first, page by page', async () => {
    const subject = 'bGlzdC1zdWJqZWN0LTEyMw';
    const ids: string[] = [];
    for (const at of [0, 0, 0, 5, 7]) {
      store.set.now = NOW + at;
      ids.push(await store.give({ 'mohw.aid': ['category'] }, { 'mohw.aid': ['category'] }, { subject }));
    }
    await store.consents.close();
    const seen: string[] = [];
    for (let after: string | null | undefined; ;) {
      const page = await store.consents.listForSubject(subject, { first: 2, after });
      seen.push(...page.consents.map(({ _id }) => _id));
      after = page.endCursor;
      if (after === null) break;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(seen.slice(0, 2)).toEqual([ids[4], ids[3]]);
    for (const page of [{ first: 0 }, { first: 101 }, { first: 2, after: '{"$gt":""}' }]) {
      await expect(store.consents.listForSubject(subject, page)).rejects.toMatchObject({ code: 'REQUEST_MALFORMED' });
    }
  });

  it('signs a receipt for her, and for nobody else', async () => {
    const id = await store.give(AID);
    expect(await store.consents.receipt(id, HER)).toContain(`"dct:identifier":"${id}:3"`);
    expect(await store.consents.receipt(id, HIM)).toBeNull();
    expect(await store.consents.receipt(await store.ask(AID), HER)).toBeNull();
  });

  it('erases what ended long ago with its screens, but nothing whose events are not in the audit log', async () => {
    const [gone, kept] = [await store.give(AID), await store.give(AID)];
    for (const id of [gone, kept]) await store.consents.withdraw(hers(id));
    await store.consents.close();
    const screen = (await store.consents.read(gone))?.screen as string;
    const late = await store.give(AID);
    store.set.auditDown = true;
    await store.consents.withdraw(hers(late));
    await store.consents.close();
    expect(await store.consents.erase(NOW + 4000 * DAY)).toBeGreaterThanOrEqual(2);
    expect([await store.consents.read(gone), await store.consents.shownScreen(screen)]).toEqual([null, null]);
    expect(await store.consents.read(late)).not.toBeNull();
    store.set.auditDown = false;
    await store.consents.publishOutbox();
  });
});
