import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AgencyAnswer, AgencyTransport } from '../../schema/agencyTransport.ts';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { RegisterKey } from '../../schema/warrant.ts';
import type { Agency } from '../../subgraphs/_kit/createAgency.ts';
import { AGENCIES, AGENCY_FOLDERS } from '../../subgraphs/agencies.ts';
import {
  ADULT,
  checkWarrant,
  everyField,
  nationalId,
  NOW,
  openAgencies,
  queryFor,
  readWarrant,
  representing,
  STUDENT,
  transportsTo,
  WAYS,
  type TestAgencies,
  type Way,
} from '../fixtures/agencies.ts';

const ALL: FieldSet = { 'mohw.low-income': ['category', 'validTo'] };

let opened: TestAgencies;
let registerDate = '2019-12-20';
const ways = new Map<string, Awaited<ReturnType<typeof transportsTo>>>();

beforeAll(async () => {
  opened = await openAgencies(AGENCIES, { now: () => NOW, registerDate: () => registerDate });
  for (const [id, agency] of opened.agencies) ways.set(id, await transportsTo(agency, () => NOW));
});
afterAll(async () => {
  for (const way of ways.values()) await way.close();
  await opened.close();
});

function agencyOf(id: string): Agency {
  const agency = opened.agencies.get(id);
  if (agency === undefined) throw new Error(`no agency ${id}`);
  return agency;
}

function transport(way: Way, agency: string): AgencyTransport {
  const found = ways.get(agency)?.[way];
  if (found === undefined) throw new Error(`no way to ${agency}`);
  return found;
}

/** Asks an agency for fields of one person. */
async function ask(way: Way, agency: string, fields: FieldSet, nid: RegisterKey): Promise<AgencyAnswer> {
  const query = queryFor(agencyOf(agency).shapes, fields);
  return transport(way, agency).call({
    query,
    variables: representing(),
    warrant: readWarrant(agency, query, { fld: fields, nid }),
    request: 'request-1',
  });
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const entity = (answer: AgencyAnswer) => (answer.data?.['_entities'] as Record<string, unknown>[] | undefined)?.[0];

describe.each(WAYS)('an agency reached %s', (way) => {
  it.each(AGENCIES.map((id) => [id]))('%s answers with the records of its folders, whole, for everybody in them', async (id) => {
    const { shapes } = agencyOf(id);
    const people = new Set(AGENCY_FOLDERS.get(id)?.datasets.flatMap(({ records }) => [...records.keys()]));
    for (const person of people) {
      const kind = /^[A-Z][89]/.test(person) ? 'UI_NUMBER' : 'NATIONAL_ID';
      const answer = await ask(way, id, everyField(shapes), { kind, value: person });
      expect(answer.errors).toBeUndefined();
      for (const shape of shapes) {
        const records = AGENCY_FOLDERS.get(id)
          ?.datasets.find(({ type }) => type === shape.type)
          ?.records.get(person);
        const root = entity(answer)?.[shape.field] as Record<string, unknown> | null;
        const held = shape.many ? (root?.['records'] as unknown[] | undefined) : root === null ? undefined : [root];
        expect(withoutNulls(held)).toEqual(records);
        expect(answer.extensions?.datasets?.[shape.id]).toEqual({
          state: records === undefined ? 'NOT_HELD' : 'AVAILABLE',
          asOf: '2019-12-20',
        });
      }
    }
  });

  it('says "no record" by a plain null without an error, and says where only that dataset stands', async () => {
    const answer = await ask(way, 'mof', { 'mof.property': ['totalValue'] }, nationalId(STUDENT));
    expect(plain(answer)).toEqual({
      data: { _entities: [{ __typename: 'DataSubject', id: representing().representations[0]?.id, property: null }] },
      extensions: { datasets: { 'mof.property': { state: 'NOT_HELD', asOf: '2019-12-20' } } },
    });
  });

  it('finds nothing under a number of a kind that its register does not keep', async () => {
    const answer = await ask(
      way,
      'moi',
      { 'moi.household.personal': ['name'], 'moi.land.cadastre-price': ['landNumber'] },
      { kind: 'UI_NUMBER', value: ADULT },
    );
    expect(entity(answer)).toMatchObject({ householdPersonal: null });
    expect(answer.extensions?.datasets?.['moi.household.personal']?.state).toBe('NOT_HELD');
  });

  it('finds nothing for a business', async () => {
    const answer = await ask(way, 'mof', { 'mof.property': ['totalValue'] }, { kind: 'BUSINESS_NUMBER', value: '99999997' });
    expect(entity(answer)?.['property']).toBeNull();
  });

  it('holds the student’s certificate on the register’s date and no longer a month later, when the adult’s goes on', async () => {
    expect(entity(await ask(way, 'mohw', ALL, nationalId(STUDENT)))?.['lowIncome']).toEqual({
      category: 'LOW_INCOME',
      validTo: '2019-12-31',
    });
    registerDate = '2020-01-20';
    try {
      const later = await ask(way, 'mohw', ALL, nationalId(STUDENT));
      expect(entity(later)?.['lowIncome']).toBeNull();
      expect(later.extensions?.datasets).toEqual({ 'mohw.low-income': { state: 'NOT_HELD', asOf: '2020-01-20' } });
      expect(entity(await ask(way, 'mohw', ALL, nationalId(ADULT)))?.['lowIncome']).toEqual({
        category: 'LOW_INCOME',
        validTo: '2020-12-31',
      });
    } finally {
      registerDate = '2019-12-20';
    }
  });

  it.each(['2019-10-25', '2019-12-31'])('counts the first and the last day of a certificate (%s)', async (date) => {
    registerDate = date;
    try {
      expect(entity(await ask(way, 'mohw', ALL, nationalId(STUDENT)))?.['lowIncome']).not.toBeNull();
    } finally {
      registerDate = '2019-12-20';
    }
  });

  it('gives many records page by page, in one order, and the cursor beside the data', async () => {
    const query =
      'query($representations:[_Any!]!,$n:Int,$c:String){_entities(representations:$representations){...on DataSubject{__typename id nhiPremiumPayments{records(first:$n,after:$c){billingMonth}}}}}';
    const turn = async (n: number, c: string | null) => {
      const warrant = readWarrant('mohw', query, {
        args: sha256(canonicalJson({ n, c })),
        fld: { 'mohw.nhi.premium-payments': ['billingMonth'] },
      });
      return transport(way, 'mohw').call({ query, variables: { ...representing(), n, c }, warrant, request: 'request-1' });
    };
    const first = await turn(1, null);
    expect(entity(first)?.['nhiPremiumPayments']).toEqual({ records: [{ billingMonth: '2019-09' }] });
    const cursor = first.extensions?.datasets?.['mohw.nhi.premium-payments']?.endCursor ?? '';
    const second = await turn(1, cursor);
    expect(entity(second)?.['nhiPremiumPayments']).toEqual({ records: [{ billingMonth: '2019-10' }] });
    expect(second.extensions?.datasets?.['mohw.nhi.premium-payments']).toEqual({ state: 'AVAILABLE', asOf: '2019-12-20' });
    for (const [n, c] of [
      [-1, null],
      [1, 'nonsense'],
      [1, Buffer.from('mohw.low-income:1').toString('base64url')],
    ] as const) {
      const wrong = await turn(n, c);
      expect(wrong.errors).toEqual([
        {
          message: 'The request is not a GraphQL request.',
          path: ['_entities', 0, 'nhiPremiumPayments', 'records'],
          extensions: { code: 'REQUEST_MALFORMED' },
        },
      ]);
    }
  });

  it('refuses a variable that does not fit its type', async () => {
    const query =
      'query($representations:[_Any!]!,$n:Int){_entities(representations:$representations){...on DataSubject{__typename id nhiPremiumPayments{records(first:$n){billingMonth}}}}}';
    const warrant = readWarrant('mohw', query, {
      args: sha256(canonicalJson({ n: 'many' })),
      fld: { 'mohw.nhi.premium-payments': ['billingMonth'] },
    });
    const call = transport(way, 'mohw').call({ query, variables: { ...representing(), n: 'many' }, warrant, request: 'request-1' });
    await expect(call).rejects.toMatchObject({ code: 'REQUEST_MALFORMED' });
  });

  it.each([
    ['mohw', 'nhi-card-number', '000000000002', '000000000003'],
    ['moi', 'household-number', 'F9999902', 'F9999903'],
    ['moi', 'id-card-issue-date', '2017-05-15', '2017-05-16'],
  ])('%s answers whether %s is right, and no more', async (agency, predicate, right, wrong) => {
    const check = (value: string, nid: string) => {
      const warrant = checkWarrant(agency, predicate, { value }, { nid: nationalId(nid) });
      return transport(way, agency).check({ predicate, arguments: { value }, warrant, request: 'request-1' });
    };
    expect(await check(right, STUDENT)).toBe(true);
    expect(await check(wrong, STUDENT)).toBe(false);
    expect(await check('', STUDENT)).toBe(false);
    expect(await check('', 'A123456789')).toBe(false);
    expect(await check(right, 'A123456789')).toBe(false);
  });

  it('gives the gateway its SDL, under a warrant that names nobody', async () => {
    const query = '{_service{sdl}}';
    const { sub: _sub, nid: _nid, cid: _cid, cv: _cv, svc: _svc, fld: _fld, ...rest } = readWarrant('moe', query);
    const answer = await transport(way, 'moe').call({ query, variables: {}, warrant: { ...rest, pur: 'schema' }, request: 'request-1' });
    expect((answer.data?.['_service'] as { sdl: string }).sdl).toContain('@dataset(id: "moe.student-aid"');
  });
});

describe('the three ways', () => {
  it('give the same answers for every dataset, every person and a few sets of fields', async () => {
    for (const id of AGENCIES) {
      const { shapes } = agencyOf(id);
      const whole = everyField(shapes);
      const halves = Object.fromEntries(
        Object.entries(whole).map(([dataset, paths]) => [dataset, paths.filter((_path, index) => index % 2 === 0)]),
      );
      for (const person of [STUDENT, ADULT, 'A199999033', 'A899999108', 'Z999999999']) {
        for (const fields of [whole, halves]) {
          const nid: RegisterKey = { kind: person.startsWith('A8') ? 'UI_NUMBER' : 'NATIONAL_ID', value: person };
          const here = plain(await ask('inProcess', id, fields, nid));
          expect(plain(await ask('http', id, fields, nid))).toEqual(here);
          expect(plain(await ask('webSocket', id, fields, nid))).toEqual(here);
        }
      }
    }
  });

  it('keep two people apart under load', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, turn) =>
        ask(WAYS[turn % 3] ?? 'http', 'moi', { 'moi.household.personal': ['nationalId'] }, nationalId(turn % 2 === 0 ? STUDENT : ADULT)),
      ),
    );
    answers.forEach((answer, turn) =>
      expect(entity(answer)?.['householdPersonal']).toEqual({ nationalId: turn % 2 === 0 ? STUDENT : ADULT }),
    );
  });
});

/** An answer writes null where a record has nothing; a record leaves it out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}
