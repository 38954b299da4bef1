import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execute, isObjectType, parse, validate, type GraphQLSchema } from 'graphql';
import { openConsentStore, type ConsentStore } from '../../test/abuse/consentStore.ts';
import { caller, DAY, HER, HIM, NOW, ROW } from '../../test/abuse/consentWorld.ts';
import type { AccessEntry, AccessPage } from '../domain/auditEntry.ts';
import type { Caller } from '../domain/caller.ts';
import { createHubSchema, hubSdl } from './hubSchema.ts';

let store: ConsentStore;
let schema: GraphQLSchema;
let failing = false;
const entries: AccessEntry[] = [
  {
    id: 'e2', at: NOW + 2, kind: 'DISCLOSURE', request: 'r2', client: 'aid-system', provider: 'moe.unit', service: ROW.id, purpose: 'dpv:RequestedServiceProvision', consent: 'c1', consentVersion: 3,
    permitted: { 'mohw.aid': ['category'] }, refused: [{ dataset: 'moi.person', fields: ['name'], reason: 'NOT_CONSENTED' }], count: 1, channel: 'ONLINE', counts: { 'mohw.aid': 1 }, failedAgencies: [],
  },
  {
    id: 'e1', at: NOW + 1, kind: 'LOGIN', request: 'r1', client: null, provider: null, service: null, purpose: null, consent: null, consentVersion: null,
    permitted: {}, refused: [], count: 1, login: { method: 'otp-sms', outcome: 'PROVED' },
  },
]; // prettier-ignore
const pages: [string, AccessPage][] = [];

beforeAll(async () => {
  store = await openConsentStore();
  schema = createHubSchema({
    consents: store.consents,
    contract: () => store.set.contract,
    accessLog: async (subject, page) => {
      if (failing) throw new Error('a secret of the store');
      pages.push([subject, page]);
      return entries.slice(0, page.first);
    },
  });
});
afterAll(() => store.close());

const citizen = caller({ kind: 'CITIZEN', client: 'citizen-web', consent: null });

async function run(document: string, by: Caller | undefined, variableValues: Record<string, unknown> = {}) {
  const parsed = parse(document);
  expect(validate(schema, parsed)).toEqual([]);
  const { data, errors } = await execute({ schema, document: parsed, variableValues, contextValue: { caller: by, request: 'r1' } });
  const codes = (errors ?? []).map(({ extensions }) => extensions['code']);
  // Through JSON, as a client gets it: without graphql-js' null prototypes.
  return {
    data: JSON.parse(JSON.stringify(data ?? null)) as Record<string, never>,
    codes,
    messages: (errors ?? []).map(({ message }) => message),
  };
}

const CARD = `id version state provider { id name { zh en } } service { name { en } } purpose { code pdpa } mode grantedAt notBefore notAfter uses maxUses receipt
  statements { kind legalBasis { zh en } method assurance datasets { id name { en } fields { path label { zh } } } } history { kind version at }`;

describe('the hub’s own subgraph', () => {
  it('shows a citizen her consents, in the words of the schema, with a receipt', async () => {
    const id = await store.give({ 'mohw.aid': ['category', 'until'] });
    await store.give({ 'mohw.aid': ['category', 'until'] }, undefined, { subject: HIM });
    const { data, codes } = await run(`{ consents(first: 10) { consents { ${CARD} } endCursor } consent(id: "${id}") { id } }`, citizen);
    expect(codes).toEqual([]);
    expect(data).toMatchObject({
      consent: { id },
      consents: {
        endCursor: null,
        consents: [
          {
            id,
            state: 'ACTIVE',
            provider: { id: 'moe.unit', name: { zh: 'Education unit（中文）', en: 'Education unit' } },
            purpose: { code: 'dpv:RequestedServiceProvision', pdpa: '109' },
            grantedAt: '2019-12-20T00:00:00.000Z',
            uses: null,
            maxUses: null,
            receipt: expect.stringContaining('dpv:ConsentReceipt'),
            statements: [
              {
                kind: 'ORDINARY',
                method: 'citizen-certificate',
                datasets: [{ id: 'mohw.aid', fields: [{ path: 'category', label: { zh: 'category（中文）' } }, { path: 'until' }] }],
              },
            ],
            history: [{ kind: 'REQUESTED' }, { kind: 'GRANTED', version: 3 }],
          },
        ],
      },
    });
  });

  it('lets her narrow, shorten and withdraw, and tells the next reader at once', async () => {
    const id = await store.give({ 'mohw.aid': ['category', 'until'] });
    const narrowed = await run(
      `mutation($id: ID!) { narrowConsent(id: $id, drop: [{ dataset: "mohw.aid", fields: ["until"] }]) { version statements { datasets { fields { path } } } } }`,
      citizen,
      { id },
    );
    expect(narrowed.data).toEqual({ narrowConsent: { version: 4, statements: [{ datasets: [{ fields: [{ path: 'category' }] }] }] } });
    const shortened = await run(`mutation($id: ID!, $at: DateTime!) { shortenConsent(id: $id, notAfter: $at) { notAfter } }`, citizen, {
      id,
      at: '2019-12-21T08:00:00+08:00',
    });
    expect(shortened.data).toEqual({ shortenConsent: { notAfter: '2019-12-21T00:00:00.000Z' } });
    expect((await store.consents.read(id))?.notAfter).toBe(NOW + DAY);
    expect((await run(`mutation($id: ID!) { withdrawConsent(id: $id) { state } }`, citizen, { id })).data).toEqual({
      withdrawConsent: { state: 'WITHDRAWN' },
    });
    expect((await store.consents.read(id))?.state).toBe('WITHDRAWN');
    expect((await run(`mutation($id: ID!) { withdrawConsent(id: $id) { state } }`, citizen, { id })).codes).toEqual([]);
  });

  it('answers with the table’s code and sentence when it refuses', async () => {
    const id = await store.give({ 'mohw.aid': ['category', 'until'] });
    const longer = await run(`mutation($id: ID!) { shortenConsent(id: $id, notAfter: "2031-01-01T00:00:00Z") { id } }`, citizen, { id });
    expect([longer.data, longer.codes, longer.messages]).toEqual([
      { shortenConsent: null },
      ['CONSENT_WIDENS'],
      ['A consent can be narrowed, never widened. Ask for a new one.'],
    ]);
    expect((await run(`{ consents(first: 1000) { endCursor } }`, citizen)).codes).toEqual(['REQUEST_MALFORMED']);
    expect(
      (
        await run(`mutation($id: ID!, $at: DateTime!) { shortenConsent(id: $id, notAfter: $at) { id } }`, citizen, {
          id,
          at: '2019-12-21T08:00:00',
        })
      ).data,
    ).toBeNull();
  });

  it('treats another’s consent as unknown, whether it exists or not', async () => {
    const his = await store.give({ 'mohw.aid': ['category', 'until'] }, undefined, { subject: HIM });
    for (const id of [his, 'no such id']) {
      expect(await run(`query($id: ID!) { consent(id: $id) { id } }`, citizen, { id })).toMatchObject({
        data: { consent: null },
        codes: [],
      });
      for (const mutation of [
        `withdrawConsent(id: $id)`,
        `narrowConsent(id: $id, drop: [])`,
        `shortenConsent(id: $id, notAfter: "2019-12-21T00:00:00Z")`,
      ]) {
        expect((await run(`mutation($id: ID!) { ${mutation} { id } }`, citizen, { id })).codes).toEqual(['CONSENT_UNKNOWN']);
      }
    }
    expect((await store.consents.read(his))?.state).toBe('ACTIVE');
  });

  it('shows who saw what, with names, never another’s', async () => {
    const { data } = await run(
      `{ accessLog(first: 2, kinds: [DISCLOSURE, LOGIN]) { endCursor entries { id at kind provider { name { en } } service { name { en } } channel permitted { id fields { path } } refused { dataset { id } reason } count counts { dataset records } failedAgencies method outcome } } }`,
      citizen,
    );
    expect(data).toEqual({
      accessLog: {
        endCursor: 'e1',
        entries: [
          { id: 'e2', at: '2019-12-20T00:00:00.002Z', kind: 'DISCLOSURE', provider: { name: { en: 'Education unit' } }, service: { name: { en: 'Aid' } }, channel: 'ONLINE', permitted: [{ id: 'mohw.aid', fields: [{ path: 'category' }] }], refused: [{ dataset: { id: 'moi.person' }, reason: 'NOT_CONSENTED' }], count: 1, counts: [{ dataset: 'mohw.aid', records: 1 }], failedAgencies: [], method: null, outcome: null },
          { id: 'e1', at: '2019-12-20T00:00:00.001Z', kind: 'LOGIN', provider: null, service: null, channel: null, permitted: [], refused: [], count: 1, counts: null, failedAgencies: [], method: 'otp-sms', outcome: 'PROVED' },
        ],
      },
    }); // prettier-ignore
    expect(pages.at(-1)).toEqual([HER, { first: 2, after: undefined, kinds: ['DISCLOSURE', 'LOGIN'] }]);
  });

  it('says nothing of what went wrong inside', async () => {
    failing = true;
    const { codes, messages } = await run(`{ accessLog { endCursor } }`, citizen);
    failing = false;
    expect([codes, messages.join()]).toEqual([['INTERNAL'], expect.not.stringContaining('secret')]);
  });
});

describe('its guards', () => {
  const closed = ['{ consents { endCursor } }', '{ consent(id: "c1") { id } }', '{ accessLog { endCursor } }'].concat(
    ['withdrawConsent(id: "c1")', 'narrowConsent(id: "c1", drop: [])', 'shortenConsent(id: "c1", notAfter: "2019-12-21T00:00:00Z")'].map(
      (field) => `mutation { ${field} { id } }`,
    ),
  );

  it.each(closed)('close %s to a relying party and to nobody', async (document) => {
    for (const by of [caller(), undefined]) expect((await run(document, by)).codes).toEqual(['FORBIDDEN']);
  });

  it('let each caller reach the data subject of its token, and no other', async () => {
    const entity = `query($r: [_Any!]!) { _entities(representations: $r) { ... on DataSubject { id } } }`;
    for (const by of [citizen, caller()]) {
      expect((await run('{ me { id } }', by)).data).toEqual({ me: { id: HER } });
      expect((await run(entity, by, { r: [{ __typename: 'DataSubject', id: HER }] })).data).toEqual({ _entities: [{ id: HER }] });
      for (const r of [
        [{ __typename: 'DataSubject', id: HIM }],
        [
          { __typename: 'DataSubject', id: HER },
          { __typename: 'DataSubject', id: HIM },
        ],
        [{ __typename: 'Consent', id: HER }],
        [{ __typename: 'DataSubject', id: { $ne: '' } }],
      ]) {
        expect((await run(entity, by, { r })).codes).toEqual(['FORBIDDEN']);
      }
    }
    expect((await run('{ me { id } }', undefined)).codes).toEqual(['FORBIDDEN']);
    expect((await run('{ _service { sdl } }', citizen)).codes).toEqual(['FORBIDDEN']);
  });

  it('name every type of the subgraph: one that nobody thought of would be closed, and this test would say so', async () => {
    const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('_'));
    expect(types.map(({ name }) => name).sort()).toEqual([...hubSdl().matchAll(/^type (\w+)/gm)].map(([, name]) => name).sort());
    const id = await store.give({ 'mohw.aid': ['category', 'until'] });
    const everything = await run(
      `{ consent(id: "${id}") { ${CARD} purpose { text { zh } } } accessLog { entries { refused { dataset { name { zh } fields { label { en } } } } counts { records } } } }`,
      citizen,
    );
    expect(everything.codes).toEqual([]);
  });
});
