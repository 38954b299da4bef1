import { afterEach, describe, expect, it } from '@jest/globals';
import type { Consent } from '../../gateway/domain/consent.ts';
import { consentOf, EVERYTHING, NOW, recordsOf, SERVICE } from '../fixtures/smallContract.ts';
import { openWorld, type World, type WorldOptions } from './operationWorld.ts';

let world: World;
afterEach(() => world.close());

async function open(consent: Consent, options: WorldOptions = {}): Promise<void> {
  world = await openWorld({ records: new Map([['alice', recordsOf('alice')]]), consents: [consent], ...options });
}

const NAME = { 'moa.person': ['name'] };
const codes = (answer: Awaited<ReturnType<World['ask']>>) => (answer.body.errors ?? []).map(({ extensions }) => extensions['code']);

describe('a consent that opens nothing', () => {
  it.each<[string, Partial<Consent>, string]>([
    ['withdrawn', { state: 'WITHDRAWN' }, 'CONSENT_WITHDRAWN'],
    ['over', { notAfter: NOW }, 'CONSENT_EXPIRED'],
    ['used up', { state: 'USED_UP' }, 'CONSENT_USED_UP'],
    ['suspended', { state: 'SUSPENDED' }, 'CONSENT_SUSPENDED'],
    ['not yet given', { state: 'REQUESTED' }, 'CONSENT_MISSING'],
    ['another client’s', { client: 'other' }, 'CONSENT_MISSING'],
  ])('because it is %s: null, one typed error, no agency asked', async (_what, changes, code) => {
    await open(consentOf('alice', EVERYTHING, changes));
    const answer = await world.ask('alice', '{ me { person { name diagnosis } income { year } } }');
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ me: { person: null, income: null } });
    expect(answer.body.errors?.map(({ path, extensions }) => [path, extensions['code'], extensions['fields']])).toEqual([
      [['me', 'person'], code, ['diagnosis', 'name']],
      [['me', 'income'], code, ['year']],
    ]);
    expect(answer.body.extensions).toBeUndefined();
    expect(world.asked).toEqual([]);
  });

  it('does not name the service of a consent that is another client’s', async () => {
    await open(consentOf('alice', EVERYTHING, { client: 'other' }));
    const answer = await world.ask('alice', '{ me { person { name } } }');
    expect(answer.text).not.toContain(SERVICE._id);
    expect(world.audited).toEqual([]);
  });

  it('is recorded as a refusal, without values', async () => {
    await open(consentOf('alice', EVERYTHING, { state: 'WITHDRAWN' }));
    await world.ask('alice', '{ me { person { name } } }');
    expect(world.audited).toMatchObject([
      {
        how: 'refuse',
        body: {
          kind: 'REFUSAL',
          subject: 'alice',
          service: SERVICE._id,
          refused: [{ dataset: 'moa.person', fields: ['name'], reason: 'WITHDRAWN' }],
          count: 1,
        },
      },
    ]);
  });
});

describe('a partial consent', () => {
  it('tells what to ask the authorization server for, no more than the service is registered for', async () => {
    await open(consentOf('alice', NAME), {
      readService: async () => ({ ...SERVICE, datasets: SERVICE.datasets.map((entry) => ({ ...entry, thirdPartyFields: [] })) }),
    });
    const answer = await world.ask('alice', '{ me { person { name diagnosis relatives { name } } } }');
    expect(answer.body.errors?.[0]?.extensions).toEqual({
      code: 'CONSENT_MISSING',
      reason: 'NOT_CONSENTED',
      dataset: 'moa.person',
      fields: ['diagnosis', 'relatives.name'],
      authorizationDetails: [{ type: 'urn:mydata:consent', service: SERVICE._id, datasets: { 'moa.person': ['diagnosis'] } }],
    });
  });

  it('says where permitted datasets stand, and nothing of the others', async () => {
    await open(consentOf('alice', { ...NAME, 'mob.visits': ['day'] }), { records: new Map([['alice', { person: { name: 'A' } }]]) });
    const answer = await world.ask('alice', '{ me { person { name } visits { records { day } } income { year } } }');
    expect(answer.body.data).toEqual({ me: { person: { name: 'A' }, visits: null, income: null } });
    expect(answer.body.extensions?.datasets).toEqual({
      'moa.person': { agency: 'moa', unit: 'moa.unit', state: 'AVAILABLE', asOf: '2026-01-15' },
      'mob.visits': { agency: 'mob', unit: 'mob.unit', state: 'NOT_HELD', asOf: '2026-01-15' },
    });
    expect(codes(answer)).toEqual(['CONSENT_MISSING']);
  });

  it.each([
    '{ me { person { __typename } } }',
    '{ me { person { ... @include(if: false) { name } } } }',
    '{ me { cars { records { __typename } } } }',
  ])('does not open bare presence, whatever it names: %s', async (query) => {
    await open(consentOf('alice', EVERYTHING));
    const answer = await world.ask('alice', query);
    expect(Object.values(answer.body.data?.['me'] as object)).toEqual([null]);
    expect(answer.body.errors?.map(({ extensions }) => [extensions['code'], extensions['fields']])).toEqual([['CONSENT_MISSING', []]]);
    expect(world.asked).toEqual([]);
  });

  it('names who she is to nobody', async () => {
    await open(consentOf('alice', EVERYTHING));
    const answer = await world.ask('alice', '{ me { __typename id } }');
    expect(answer.status).toBe(400);
    expect(codes(answer)).toEqual(['OPERATION_INVALID']);
    expect(answer.text).not.toContain('alice');
  });
});

describe('proofs that are too weak', () => {
  const weak = (fields: typeof EVERYTHING) => {
    const consent = consentOf('alice', fields);
    return {
      ...consent,
      statements: consent.statements.map((statement) => ({ ...statement, proof: { ...statement.proof, method: 'multi-factor' } })),
    };
  };

  it('for everything: HTTP 401 with the challenge of RFC 9470, and no data', async () => {
    await open(weak(EVERYTHING));
    const answer = await world.ask('alice', '{ me { person { name } income { year } } }');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(
      'DPoP error="insufficient_user_authentication", error_description="A stronger proof of identity is needed", acr_values="urn:mydata:acr:citizen-certificate"',
    );
    expect(answer.body).not.toHaveProperty('data');
    expect(answer.body.errors?.map(({ extensions }) => [extensions['reason'], extensions['acrValues']])).toEqual([
      ['ASSURANCE_TOO_LOW', ['urn:mydata:acr:citizen-certificate']],
      ['ASSURANCE_TOO_LOW', ['urn:mydata:acr:citizen-certificate']],
    ]);
    expect(world.asked).toEqual([]);
    expect(world.audited.map(({ how }) => how)).toEqual(['refuse']);
  });

  it('for some: those fields alone, with 200', async () => {
    const strong = consentOf('alice', NAME).statements;
    await open({ ...consentOf('alice', NAME), statements: [...strong, ...weak({ 'mob.income': ['year'] }).statements] });
    const answer = await world.ask('alice', '{ me { person { name } income { year } } }');
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ me: { person: { name: 'name of alice' }, income: null } });
    expect(codes(answer)).toEqual(['ASSURANCE_TOO_LOW']);
  });
});

describe('all or nothing', () => {
  it('is 403 without data, without a fetch and without a use, when one field is refused', async () => {
    let uses = 0;
    await open(consentOf('alice', NAME, { maxUses: 3 }), { takeUse: async () => ((uses += 1), 'TAKEN') });
    const answer = await world.ask('alice', '{ me { person { name diagnosis } } }', { extensions: { refuse: 'all' } });
    expect(answer.status).toBe(403);
    expect(answer.body).not.toHaveProperty('data');
    expect(codes(answer)).toEqual(['REFUSED', 'CONSENT_MISSING']);
    expect([world.asked, uses]).toEqual([[], 0]);
    expect(world.audited).toMatchObject([{ how: 'refuse' }]);
  });

  it('is the whole answer when nothing is refused', async () => {
    await open(consentOf('alice', EVERYTHING));
    const answer = await world.ask('alice', '{ me { person { name } } }', { extensions: { refuse: 'all' } });
    expect([answer.status, answer.body.data]).toEqual([200, { me: { person: { name: 'name of alice' } } }]);
  });

  it('is 503 without data when an agency is down', async () => {
    await open(consentOf('alice', EVERYTHING), { meddle: () => Promise.reject(new Error('down')) });
    const answer = await world.ask('alice', '{ me { person { name } } }', { extensions: { refuse: 'all' } });
    expect([answer.status, codes(answer)]).toEqual([503, ['SOURCE_UNAVAILABLE']]);
    expect(answer.body).not.toHaveProperty('data');
  });
});

describe('a use of a consent', () => {
  it('is taken before the intent is recorded, for the document and the variables it is made of', async () => {
    const uses: unknown[] = [];
    await open(consentOf('alice', NAME, { maxUses: 1 }), {
      takeUse: async (...taken) => (uses.push([...taken, world.audited.length]), 'TAKEN'),
    });
    const query = 'query ($x: Boolean!) { me { person { name @include(if: $x) } } }';
    await world.ask('alice', query, { variables: { x: true, unknown: 1 } });
    await world.ask('alice', query, { variables: { unknown: 2, x: true } });
    const [first, second] = uses as [string, { grant: string; documentHash: string; variablesHash: string }, number, number][];
    expect(first).toEqual([
      'consent-of-alice',
      { grant: 'grant-alice', documentHash: expect.any(String), variablesHash: expect.any(String) },
      NOW,
      0,
    ]);
    expect(second?.[1]).toEqual(first?.[1]);
  });

  it('is not taken by a consent without a cap, nor by an operation of which everything is refused', async () => {
    await open(consentOf('alice', NAME, { maxUses: 1 }), { takeUse: () => Promise.reject(new Error('taken')) });
    expect((await world.ask('alice', '{ me { income { year } } }')).status).toBe(200);
  });

  it('that is not left refuses everything, and asks nobody', async () => {
    await open(consentOf('alice', NAME, { maxUses: 1 }), { takeUse: async () => 'USED_UP' });
    const answer = await world.ask('alice', '{ me { person { name diagnosis } } }');
    expect(answer.body.data).toEqual({ me: { person: null } });
    expect(codes(answer)).toEqual(['CONSENT_MISSING', 'CONSENT_USED_UP']);
    expect(world.asked).toEqual([]);
    expect(world.audited.map(({ how }) => how)).toEqual(['refuse']);
  });

  it('that comes after a withdrawal is decided again', async () => {
    let consent = consentOf('alice', NAME, { maxUses: 1 });
    await open(consent, {
      readConsent: async () => consent,
      takeUse: async () => ((consent = { ...consent, state: 'WITHDRAWN' }), 'NOT_ACTIVE'),
    });
    const answer = await world.ask('alice', '{ me { person { name } } }');
    expect(codes(answer)).toEqual(['CONSENT_WITHDRAWN']);
    expect(world.asked).toEqual([]);
  });
});

describe('no record, no data', () => {
  it('asks nobody when the intent cannot be recorded', async () => {
    await open(consentOf('alice', EVERYTHING), { audit: { append: () => Promise.reject(new Error('disk full')), note() {}, refuse() {} } });
    const answer = await world.ask('alice', '{ me { person { name } } }');
    expect([answer.status, codes(answer)]).toEqual([503, ['AUDIT_UNAVAILABLE']]);
    expect(answer.body).not.toHaveProperty('data');
    expect(answer.text).not.toContain('disk');
    expect(world.asked).toEqual([]);
  });

  it('waits until the intent is durable, and commits to every warrant', async () => {
    const order: string[] = [];
    let intent: unknown;
    await open(consentOf('alice', EVERYTHING), {
      audit: {
        append: async (body) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          intent = body;
          order.push('intent');
        },
        note: ({ kind }) => void order.push(kind),
        refuse() {},
      },
      meddle: (agency, answer) => (order.push(agency), answer),
    });
    await world.ask('alice', '{ me { person { name } income { year } } }');
    expect([order[0], order.slice(1, 3).sort(), order[3]]).toEqual(['intent', ['moa', 'mob'], 'DISCLOSURE_OUTCOME']);
    expect(intent).toMatchObject({
      permitted: { 'moa.person': ['name'], 'mob.income': ['year'] },
      warrants: [{ agency: expect.any(String) }, { agency: expect.any(String) }],
    });
  });
});

describe('a store that cannot be read', () => {
  it.each<[string, WorldOptions]>([
    ['the consent', { readConsent: () => Promise.reject(new Error('connection to db.internal lost')) }],
    ['the subject', { readSubject: () => Promise.reject(new Error('connection to db.internal lost')) }],
    ['the service', { readService: () => Promise.reject(new Error('connection to db.internal lost')) }],
    ['a use', { takeUse: () => Promise.reject(new Error('connection to db.internal lost')) }],
  ])('is a refusal: %s', async (_what, options) => {
    await open(consentOf('alice', NAME, { maxUses: 1 }), options);
    const answer = await world.ask('alice', '{ me { person { name } } }');
    expect([answer.status, codes(answer)]).toEqual([503, ['UNAVAILABLE']]);
    expect(answer.body.errors?.[0]?.extensions['request']).toBe(answer.headers['x-request-id']);
    expect(answer.text).not.toContain('internal');
    expect(world.failures).toHaveLength(1);
    expect(world.asked).toEqual([]);
  });
});

describe('an agency that is down', () => {
  it('costs only its own permitted fields, and its words reach nobody', async () => {
    await open(consentOf('alice', { ...NAME, 'mob.income': ['year'] }), {
      meddle: (agency, answer) => (agency === 'mob' ? Promise.reject(new Error('secret words at db.internal')) : answer),
    });
    const answer = await world.ask('alice', '{ me { person { name } income { year amount } visits { records { day } } } }');
    expect(answer.body.data).toEqual({ me: { person: { name: 'name of alice' }, income: null, visits: null } });
    expect(answer.body.errors?.map(({ path, extensions }) => [path, extensions['code'], extensions['fields']])).toEqual([
      [['me', 'income'], 'CONSENT_MISSING', ['amount']],
      [['me', 'visits'], 'CONSENT_MISSING', ['day']],
      [['me', 'income'], 'SOURCE_UNAVAILABLE', ['year']],
    ]);
    expect(answer.body.extensions?.datasets?.['mob.income']).toMatchObject({ state: 'UNAVAILABLE' });
    expect(answer.text).not.toContain('secret');
    expect(world.audited.at(-1)).toMatchObject({ how: 'note', body: { counts: { 'moa.person': 1 }, failed: ['mob'] } });
  });

  it('or answers about somebody else costs the same, with an alarm', async () => {
    await open(consentOf('alice', NAME), {
      meddle: (_agency, answer) => ({ ...answer, data: { _entities: [{ id: 'bob', person: { name: 'B' } }] } }),
    });
    const answer = await world.ask('alice', '{ me { person { name } } }');
    expect([answer.body.data, codes(answer)]).toEqual([{ me: { person: null } }, ['SOURCE_UNAVAILABLE']]);
    expect(world.alarms).toMatchObject([{ kind: 'FOREIGN_ENTITY', agency: 'moa' }]);
  });

  it('or sends what does not fit the schema: null there, and it is said', async () => {
    await open(consentOf('alice', { 'mob.income': ['year'] }), {
      meddle: (_agency, answer) => ({ ...answer, data: { _entities: [{ id: 'alice', income: { year: 'soon' } }] } }),
    });
    const answer = await world.ask('alice', '{ me { income { year } } }');
    expect([answer.body.data, codes(answer)]).toEqual([{ me: { income: { year: null } } }, ['SOURCE_UNAVAILABLE']]);
  });

  it('or sends more than it was asked: the rest goes nowhere', async () => {
    await open(consentOf('alice', NAME), {
      meddle: (_agency, answer) => ({
        ...answer,
        data: { _entities: [{ id: 'alice', person: { name: 'A', diagnosis: 'secret' }, cars: { records: ['secret'] } }] },
      }),
    });
    const answer = await world.ask('alice', '{ me { person { name diagnosis } cars { records { plate } } } }');
    expect(answer.body.data).toEqual({ me: { person: { name: 'A', diagnosis: null }, cars: null } });
    expect(answer.text).not.toContain('secret');
  });
});

describe('a citizen in the hub’s own client', () => {
  it('reads what is hers in the hub, and no dataset', async () => {
    await open(consentOf('bob', EVERYTHING), { citizens: ['alice'] });
    const answer = await world.ask('alice', '{ notes { text } me { person { name } } }');
    expect(answer.body.data).toEqual({ notes: [{ text: 'note of alice' }], me: { person: null } });
    expect(codes(answer)).toEqual(['CONSENT_MISSING']);
    expect(world.asked).toEqual([]);
  });

  it('changes what is hers, one after the other', async () => {
    await open(consentOf('bob', EVERYTHING), { citizens: ['alice'] });
    const answer = await world.ask('alice', 'mutation ($t: String!) { addNote(text: $t) { id text } b: addOther(text: "b") { id } }', {
      variables: { t: 'a' },
    });
    expect(answer.body).toEqual({ data: { addNote: { id: '2', text: 'a' }, b: { id: '3' } } });
  });

  it('hears the table’s codes from the hub’s own fields, and of a fault only that there was one', async () => {
    await open(consentOf('bob', EVERYTHING), { citizens: ['alice'] });
    const answer = await world.ask('alice', '{ forbidden fault notes { id } }');
    expect(answer.body.data).toEqual({ forbidden: null, fault: null, notes: [{ id: '1' }] });
    expect(codes(answer).sort()).toEqual(['FORBIDDEN', 'INTERNAL']);
    expect(answer.text).not.toContain('secrets');
    expect(world.failures).toHaveLength(1);
  });
});
