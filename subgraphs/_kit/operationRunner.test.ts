import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from 'graphql';
import {
  everyField,
  nationalId,
  NOW,
  openAgencies,
  queryFor,
  readWarrant,
  representing,
  SUBJECT,
  type TestAgencies,
} from '../../test/fixtures/agencies.ts';
import { AGENCIES, AGENCY_FOLDERS } from '../agencies.ts';
import { admit, type AdmittedRequest, type AgencyContext } from './agencyContext.ts';
import { readAgencyOperation } from './agencyOperation.ts';
import type { Agency } from './createAgency.ts';
import type { RegisterRecord } from './defineDataset.ts';
import { neutralError } from './neutralErrors.ts';
import { operationRunner } from './operationRunner.ts';

let opened: TestAgencies;
beforeAll(async () => {
  opened = await openAgencies(AGENCIES, { now: () => NOW, registerDate: () => '2019-12-20' });
});
afterAll(() => opened.close());

function agencyOf(id: string): Agency {
  const agency = opened.agencies.get(id);
  if (agency === undefined) throw new Error(`no agency ${id}`);
  return agency;
}

/** A request that every check has let through, about records made up by the test. */
function contextOf(agency: Agency, records: AdmittedRequest['records']): AgencyContext {
  return admit({ claims: readWarrant(agency.id, 'x'), standings: new Map(), records });
}

/** What graphql-js and the compiled operation say: data, errors with their codes and paths. */
async function both(agency: Agency, query: string, records: AdmittedRequest['records'], variables: Record<string, unknown>) {
  const operation = readAgencyOperation(query, agency.schema, agency.shapes);
  if (operation === null) throw new Error(`no operation: ${query}`);
  const answers = [];
  for (const runsBefore of [Infinity, 0]) {
    const run = operationRunner(agency.schema, runsBefore);
    await run(operation, contextOf(agency, records), variables);
    const { data, errors } = await run(operation, contextOf(agency, records), variables);
    const sorted = errors?.map(neutralError).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    answers.push(JSON.parse(JSON.stringify({ data, errors: sorted })) as unknown);
  }
  return answers;
}

const everybody = (id: string) => [...new Set(AGENCY_FOLDERS.get(id)?.datasets.flatMap(({ records }) => [...records.keys()]))];

/** One record's values changed into ones that do not fit their types. */
function distorted(record: RegisterRecord, with_: unknown): RegisterRecord {
  return Object.fromEntries(Object.keys(record).map((name, index) => [name, index % 2 === 0 ? with_ : record[name]]));
}

describe.each(AGENCIES.map((id) => [id]))('%s, compiled', (id) => {
  const stored =
    (person: string): AdmittedRequest['records'] =>
    async (dataset) => {
      const shape = agencyOf(id).shapes.find((each) => each.id === dataset);
      return (
        AGENCY_FOLDERS.get(id)
          ?.datasets.find(({ type }) => type === shape?.type)
          ?.records.get(person) ?? []
      );
    };
  const whole = () => queryFor(agencyOf(id).shapes, everyField(agencyOf(id).shapes));

  it('answers as graphql-js does, about everybody and nobody', async () => {
    for (const person of [...everybody(id), 'Z999999999']) {
      const [interpreted, compiled] = await both(agencyOf(id), whole(), stored(person), representing());
      expect(compiled).toEqual(interpreted);
    }
  });

  it.each([
    ['a list', []],
    ['an object', { secret: 'value' }],
    ['a text', '!'],
    // Not NaN, which no JSON record holds: a scalar of our own lets graphql-js say null, and graphql-jit an error.
    ['a number', 1.5],
    ['true', true],
    ['an error', new Error('secret')],
    ['null', null],
    ['undefined', undefined],
  ])('answers as graphql-js does where records hold %s instead of what they should', async (_name, value) => {
    for (const person of everybody(id)) {
      const broken: AdmittedRequest['records'] = async (dataset) =>
        (await stored(person)(dataset)).map((record) => distorted(record, value));
      const [interpreted, compiled] = await both(agencyOf(id), whole(), broken, representing());
      expect(compiled).toEqual(interpreted);
    }
  });

  it('answers as graphql-js does when no register can be read', async () => {
    const [interpreted, compiled] = await both(agencyOf(id), whole(), () => Promise.reject(new Error('secret')), representing());
    expect(compiled).toEqual(interpreted);
    expect(JSON.stringify(compiled)).toContain('SOURCE_UNAVAILABLE');
  });

  it('answers as graphql-js does to variables that do not fit', async () => {
    for (const variables of [{}, { representations: 'x' }, { representations: null }, { representations: [null] }]) {
      const [interpreted, compiled] = await both(agencyOf(id), whole(), stored('Z999999999'), variables);
      expect(compiled).toEqual(interpreted);
    }
  });
});

describe('a compiled operation', () => {
  const FORMS = [
    'query($representations:[_Any!]!,$first:Int,$after:String){_entities(representations:$representations){...on DataSubject{id a:cadastrePrice{records(first:$first,after:$after){landNumber}} cadastrePrice{records{...F landNumber}}}}} fragment F on CadastrePriceRecord{again:landNumber}',
    'query($representations:[_Any!]!,$skip:Boolean!){_entities(representations:$representations){__typename ...on DataSubject{cadastrePrice @skip(if:$skip){__typename} other:householdPersonal @include(if:$skip){__typename name @skip(if:$skip) again:name}}}}',
    'query($representations:[_Any!]!){_entities(representations:$representations){...on DataSubject{__proto__:id constructor:id toString:householdPersonal{valueOf:name}}}}',
  ];

  it('answers as graphql-js does whatever its aliases, fragments, conditions and pages', async () => {
    for (const query of FORMS) {
      for (const more of [{ skip: true }, { skip: false, first: 1 }, { skip: false, first: -1, after: 'nonsense' }]) {
        const variables = { ...representing(), ...more };
        const [interpreted, compiled] = await both(
          agencyOf('moi'),
          query,
          async () => [{ landNumber: '1', name: '甲' }, { landNumber: '2' }],
          variables,
        );
        expect(compiled).toEqual(interpreted);
      }
    }
  });

  it('stands behind the shield: nobody who did not pass the checks gets anything', async () => {
    const moi = agencyOf('moi');
    const query = queryFor(moi.shapes, { 'moi.household.personal': ['name'] });
    const operation = readAgencyOperation(query, moi.schema, moi.shapes);
    if (operation === null) throw new Error('no operation');
    const run = operationRunner(moi.schema, 0);
    const records = async () => [{ name: '測試者' }];
    const request = { claims: readWarrant('moi', query), standings: new Map(), records };
    const others = admit({ ...request, claims: readWarrant('moi', query, { sub: 'AAAAAAAAAAAAAAAAAAAAAA' }) });
    for (let turn = 0; turn < 3; turn += 1) {
      for (const context of [{ request: { ...request } }, others, {} as AgencyContext]) {
        const { data, errors } = await run(operation, context, representing());
        expect(data ?? null).toBeNull();
        expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['WARRANT_SUBJECT']);
      }
      const { data } = await run(operation, admit(request), representing());
      expect(JSON.parse(JSON.stringify(data))).toMatchObject({ _entities: [{ id: SUBJECT, householdPersonal: { name: '測試者' } }] });
    }
    expect((await graphql({ schema: moi.schema, source: '{_service{sdl}}', contextValue: admit(request) })).errors).toHaveLength(1);
  });

  it('is asked about one person, by number', async () => {
    const answer = async (turn: number) => {
      const moi = agencyOf('moi');
      const fields = { 'moi.household.personal': ['nationalId'] };
      const query = queryFor(moi.shapes, fields);
      const nid = nationalId(turn % 2 === 0 ? 'B199999025' : 'T299999139');
      const { data } = await moi.answer({
        query,
        variables: representing(),
        warrant: readWarrant('moi', query, { fld: fields, nid }),
        request: 'r',
      });
      return (data?.['_entities'] as { householdPersonal: { nationalId: string } }[])[0]?.householdPersonal.nationalId;
    };
    const answers = await Promise.all(Array.from({ length: 100 }, (_, turn) => answer(turn)));
    expect(answers).toEqual(answers.map((_, turn) => (turn % 2 === 0 ? 'B199999025' : 'T299999139')));
  });
});
