import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readContract } from '../../schema/contract.ts';
import { details, openConsentStore, type ConsentStore } from '../../test/abuse/consentStore.ts';
import { both, CONTRACT, ROW } from '../../test/abuse/consentWorld.ts';
import { readServiceRows, seededRows } from './serviceRows.ts';

let store: ConsentStore;
beforeAll(async () => {
  const [first] = ROW.datasets;
  store = await openConsentStore([
    ROW,
    {
      ...ROW,
      id: 'test.once',
      mode: 'ONE_TIME',
      longest: 'P1D',
      datasets: [{ ...first, fields: ['category'], thirdPartyFields: [] } as never],
    },
  ]);
});
afterAll(() => store.close());

const AID = { 'mohw.aid': ['category'] };
const [asked] = details(AID);
const validate = (given: unknown, client = 'aid-system') => store.consents.validateRequest(client, given);

describe('authorization details', () => {
  it('are valid within the registration, with its longest time and mode unless less is asked', async () => {
    expect(await validate(details(AID))).toMatchObject({ kind: 'VALID', fields: AID, duration: 'P6M', mode: 'PERIOD', maxUses: null });
    expect(await validate(details(AID, { duration: 'P1D', mode: 'ONE_TIME' }))).toMatchObject({
      duration: 'P1D',
      mode: 'ONE_TIME',
      maxUses: 1,
    });
    expect(await validate(details({ 'mohw.aid': ['until', 'category', 'until'] }))).toMatchObject({
      fields: { 'mohw.aid': ['category', 'until'] },
    });
  });

  it.each<[string, unknown, string, string | undefined]>([
    ['an unknown service', details(AID, { service: 'no.such' }), 'SERVICE_UNKNOWN', 'no.such'],
    ['an unknown dataset', details({ 'no.such': ['x'] }), 'DATASET_UNKNOWN', 'no.such'],
    ['a dataset named like a member of every object', details({ constructor: ['name'] }), 'DATASET_UNKNOWN', 'constructor'],
    ['an unknown field', details({ 'mohw.aid': ['category', 'no'] }), 'FIELD_UNKNOWN', 'mohw.aid:no'],
    [
      'a field beyond the registration',
      details({ 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] }, { service: 'test.once' }),
      'REQUEST_EXCEEDS_SERVICE',
      'mohw.aid:until moi.person:name',
    ],
    ['a longer time than registered', details(AID, { duration: 'P1Y' }), 'REQUEST_EXCEEDS_SERVICE', 'duration: at most P6M'],
    [
      'many uses of a one-time service',
      details(AID, { service: 'test.once', mode: 'PERIOD' }),
      'REQUEST_EXCEEDS_SERVICE',
      'mode: ONE_TIME only',
    ],
    ['a duration that is none', details(AID, { duration: 'long' }), 'REQUEST_MALFORMED', 'authorization_details.duration'],
    ['control characters, which it does not give back', details({ 'mohw.aid': ['a\n\u001b[31m'] }), 'FIELD_UNKNOWN', 'mohw.aid:a??[31m'],
    ['nothing', undefined, 'REQUEST_MALFORMED', 'authorization_details'],
    ['a text', JSON.stringify(details(AID)), 'REQUEST_MALFORMED', 'authorization_details'],
    ['no element', [], 'REQUEST_MALFORMED', 'authorization_details'],
    ['two elements', [asked, asked], 'REQUEST_MALFORMED', 'authorization_details'],
    ['another type', [{ ...asked, type: 'urn:other' }], 'REQUEST_MALFORMED', 'authorization_details'],
    ['an unknown member', [{ ...asked, consent: 'x' }], 'REQUEST_MALFORMED', 'authorization_details'],
    ['a filter for a service', [{ ...asked, service: { $ne: '' } }], 'REQUEST_MALFORMED', 'authorization_details'],
    ['an empty list of fields', details({ 'mohw.aid': [] }), 'REQUEST_MALFORMED', 'authorization_details'],
    ['no dataset', details({}), 'REQUEST_MALFORMED', 'authorization_details.datasets'],
    [
      'more fields than anybody needs',
      details({ 'mohw.aid': Array.from({ length: 501 }, () => 'category') }),
      'REQUEST_MALFORMED',
      'authorization_details',
    ],
  ])('refuse %s, and say what', async (_name, given, code, detail) => {
    expect(await validate(given)).toEqual({ kind: 'REFUSED', code, detail });
    expect(await store.consents.request('aid-system', given)).toEqual({ kind: 'REFUSED', code, detail });
  });

  it('refuse a dataset called __proto__ as sent on the wire', async () => {
    const sent: unknown = JSON.parse(
      `[{"type":"urn:mydata:consent","service":"test.aid","datasets":{"__proto__":["x"],"mohw.aid":["category"]}}]`,
    );
    const verdict = await validate(sent);
    expect(verdict.kind === 'VALID' ? Object.keys(verdict.fields) : verdict.code).not.toContain('__proto__');
  });

  it('treat another client’s service as unknown', async () => {
    expect(await validate(details(AID), 'bank')).toMatchObject({ code: 'SERVICE_UNKNOWN' });
  });
});

describe('service rows', () => {
  it('that are seeded fit the hub’s own contract, named as in the catalogue', () => {
    const contract = readContract(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'));
    const services = readServiceRows(seededRows(), contract);
    const waiver = services.find(({ _id }) => _id === 'online.moe.low-income-tuition-waiver');
    expect(waiver).toMatchObject({
      provider: 'moe.k12ea',
      providerName: { 'zh-TW': '國民及學前教育署' },
      mode: 'PERIOD',
      longest: 'P6M',
      clients: ['student-aid'],
    });
    expect(waiver?.datasets.map(({ dataset, necessity }) => [dataset, necessity])).toEqual([
      ['mohw.low-income', 'REQUIRED'],
      ['moi.household.personal', 'OPTIONAL'],
    ]);
    expect(services.find(({ clients }) => clients.includes('bank'))).toMatchObject({
      mode: 'ONE_TIME',
      maxUses: 1,
      purpose: { pdpa: '067' },
    });
  });

  const withFields = (fields: string[], members = {}) => ({
    ...ROW,
    datasets: [{ dataset: 'mohw.aid', necessity: 'REQUIRED', fields, why: both('x') }],
    ...members,
  });
  it.each<[string, unknown, RegExp]>([
    ['an unknown field', withFields(['no']), /mohw\.aid has no field no/],
    ['a third-party field not named as one', withFields(['head']), /mohw\.aid:head tells about somebody else/],
    ['all of a dataset', withFields(['*']), /for one's own download only/],
    [
      'a third-party field that is none',
      { ...ROW, datasets: [{ ...ROW.datasets[0], thirdPartyFields: ['head', 'category'] }] },
      /category is no third-party field/,
    ],
    ['an unknown dataset', { ...ROW, datasets: [{ ...ROW.datasets[0], dataset: 'no.such' }] }, /dataset no\.such is not offered/],
    ['a dataset named twice', { ...ROW, datasets: [ROW.datasets[0], ROW.datasets[0]] }, /named twice/],
    ['an unknown purpose', { ...ROW, pdpaPurpose: '999' }, /purpose 999/],
    ['a duration that is none', { ...ROW, longest: 'P' }, /not an ISO 8601 duration/],
    ['an unknown member', { ...ROW, admin: true }, /admin/],
  ])('with %s are refused by name', (_name, row, message) => {
    expect(() => readServiceRows([row], CONTRACT)).toThrow(message);
  });

  it('for one’s own download may name all of a dataset, its third-party leaves included', () => {
    const [own] = readServiceRows([withFields(['*'], { provider: 'self', clients: [] })], CONTRACT);
    expect(own?.datasets[0]).toMatchObject({ fields: ['category', 'until', 'illness', 'head'], thirdPartyFields: ['head'] });
  });

  it('registered anew go up by a version only when something changed, and stay suspended', async () => {
    const register = async (row: unknown) => (await store.consents.services.register([row]))[0];
    const first = await register({ ...ROW, id: 'test.again' });
    expect((await register({ ...ROW, id: 'test.again' }))?.version).toBe(first?.version);
    await store.consents.services.setState('test.again', 'SUSPENDED');
    expect(await register({ ...ROW, id: 'test.again', longest: 'P1M' })).toMatchObject({ version: 3, state: 'SUSPENDED' });
    await expect(store.consents.services.setState('no.such', 'LIVE')).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' });
    expect(
      (await Promise.all(Array.from({ length: 20 }, () => register({ ...ROW, id: 'test.raced' })))).map((one) => one?.version),
    ).toEqual(Array.from({ length: 20 }, () => 1));
  });
});
