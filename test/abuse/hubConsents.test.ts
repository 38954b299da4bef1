import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { walkAsCitizen } from '../../clients/journey/citizen.ts';
import { clientOf } from '../../clients/journey/person.ts';
import { createRelyingParty, Declined, type ConsentRequest } from '../../clients/sdk/relyingParty.ts';
import { agree, ask, citizen, party, signIn, WAIVER, WAIVER_QUERY, type Given, type Received } from '../fixtures/hubClient.ts';
import { cleanUp, runHub, type RunningHub } from '../fixtures/runHub.ts';

let hub: RunningHub;
beforeAll(async () => {
  hub = await runHub();
}, 120_000);
afterAll(async () => {
  await hub.stop();
  expect(hub.output()).not.toMatch(/\n\s+at |"level":50/);
  await cleanUp();
});

const CERTIFICATE = 'urn:mydata:acr:citizen-certificate';
const query = (given: Given, text = WAIVER_QUERY, more: object = {}): Promise<Received> =>
  ask(hub, given.authorization, { body: { query: text, ...more } });
const reasons = ({ body }: Received): unknown[] => (body.errors ?? []).map(({ extensions }) => extensions['reason']);

describe('a service that asks wrongly is told before any citizen sees it', () => {
  /** What the authorization server says to a pushed request. */
  async function refusal(client: string, request: ConsentRequest, redirectUri?: string) {
    const registered = await clientOf(new URL(hub.url), client);
    const options = { hub: hub.url, clientId: client, ...registered, ...(redirectUri !== undefined && { redirectUri }) };
    const error: unknown = await (await createRelyingParty(options)).begin(request).then(
      () => null,
      (cause: unknown) => cause,
    );
    const { status, error: word, error_description, response } = error as Readonly<Record<string, unknown>> & { response: Response };
    expect(response.headers.get('cache-control')).toBe('no-store');
    return { status, error: word, error_description };
  }
  const income = { 'mohw.low-income': ['category'] };

  it.each<[string, string, ConsentRequest, string]>([
    [
      'another dataset than registered',
      'student-aid',
      { service: WAIVER, datasets: { 'mof.property': ['totalValue'] } },
      'REQUEST_EXCEEDS_SERVICE',
    ],
    [
      'another field than registered',
      'student-aid',
      { service: WAIVER, datasets: { 'mohw.low-income': ['classLevel'] } },
      'REQUEST_EXCEEDS_SERVICE',
    ],
    ['a longer time than registered', 'student-aid', { service: WAIVER, datasets: income, duration: 'P1Y' }, 'REQUEST_EXCEEDS_SERVICE'],
    ['a time that is none', 'student-aid', { service: WAIVER, datasets: income, duration: 'for ever' }, 'REQUEST_MALFORMED'],
    ['an unknown dataset', 'student-aid', { service: WAIVER, datasets: { 'moi.fingerprints': ['left'] } }, 'DATASET_UNKNOWN'],
    ['a dataset of the prototype', 'student-aid', { service: WAIVER, datasets: { constructor: ['name'] } }, 'DATASET_UNKNOWN'],
    ['an unknown field', 'student-aid', { service: WAIVER, datasets: { 'mohw.low-income': ['shoeSize'] } }, 'FIELD_UNKNOWN'],
    ['an unknown service', 'student-aid', { service: 'online.moe.lottery', datasets: income }, 'SERVICE_UNKNOWN'],
    ['another client’s service', 'bank', { service: WAIVER, datasets: income }, 'SERVICE_UNKNOWN'],
    ['nothing', 'student-aid', { service: WAIVER, datasets: {} }, 'REQUEST_MALFORMED'],
  ])('%s', async (_what, client, request, code) => {
    expect(await refusal(client, request)).toEqual({
      status: 400,
      error: 'invalid_authorization_details',
      error_description: expect.stringContaining(code),
    });
  });

  it('where it wants the citizen sent that is not registered', async () => {
    const request = { service: WAIVER, datasets: income };
    expect(await refusal('student-aid', request, 'https://evil.example/callback')).toMatchObject({ status: 400, error: 'invalid_request' });
  });

  it('how identity must be proved that nobody can, or that opens nothing', async () => {
    const unmet = { status: 400, error: 'unmet_authentication_requirements' };
    expect(await refusal('student-aid', { service: WAIVER, datasets: income, acrValues: ['urn:mydata:acr:palm'] })).toMatchObject(unmet);
    const household = { 'moi.household.personal': ['name'] };
    const weak = ['urn:mydata:acr:multi-factor'];
    expect(await refusal('student-aid', { service: WAIVER, datasets: household, acrValues: weak })).toMatchObject(unmet);
  });
});

describe('a proof of identity that is too weak is no dead end', () => {
  it('401 with the challenge of RFC 9470 where a stronger one would open everything; the stronger one opens it', async () => {
    const she = await citizen(hub, 'adult-student');
    const weak = await agree(hub, she, { method: 'multi-factor' });
    expect(weak.authorization.agreed).toEqual({ 'mohw.low-income': ['category', 'certificateNumber', 'validFrom', 'validTo'] });

    const household = '{ me { householdPersonal { name birthDate } } }';
    const refused = await query(weak, household);
    expect(refused).toMatchObject({ status: 401, codes: ['ASSURANCE_TOO_LOW'] });
    expect(refused.body.data).toBeUndefined();
    expect(refused.headers.get('www-authenticate')).toMatch(
      /^DPoP error="insufficient_user_authentication".* acr_values="[^"]*citizen-certificate/,
    );
    expect(refused.headers.get('cache-control')).toBe('no-store');
    const [extensions] = (refused.body.errors ?? []).map((error) => error.extensions);
    expect(extensions).toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
      dataset: 'moi.household.personal',
      fields: ['birthDate', 'name'],
      acrValues: expect.arrayContaining([CERTIFICATE]),
      authorizationDetails: [
        { type: 'urn:mydata:consent', service: WAIVER, datasets: { 'moi.household.personal': ['birthDate', 'name'] } },
      ],
    });

    // Beside what is open it is a refusal like any other.
    const both = await query(weak);
    expect(both).toMatchObject({ status: 200, body: { data: { me: { lowIncome: { category: 'LOW_INCOME' }, householdPersonal: null } } } });
    expect(reasons(both)).toEqual(['ASSURANCE_TOO_LOW']);

    // The same browser: her session is not enough, she is asked for her card.
    const strong = await agree(hub, she, { acrValues: [CERTIFICATE] });
    expect(strong.authorization.agreed).toMatchObject({ 'moi.household.personal': ['birthDate', 'name', 'nationalId'] });
    expect(await query(strong, household)).toMatchObject({
      status: 200,
      body: { data: { me: { householdPersonal: { birthDate: '1992-09-17' } } } },
    });
    const all = await query(strong);
    expect(all.body.errors).toBeUndefined();
  });

  it('one who holds no stronger one is told which would do', async () => {
    const student = await citizen(hub, 'low-income-student');
    await expect(agree(hub, student, { acrValues: [CERTIFICATE] })).rejects.toThrow(
      'holds none of the methods offered: citizen-certificate',
    );
  });
});

describe('what a consent opens', () => {
  it('nothing at all where all or nothing was asked for and one field is refused', async () => {
    const student = await agree(hub, await citizen(hub, 'low-income-student'));
    const refused = await query(student, WAIVER_QUERY, { extensions: { refuse: 'all' } });
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.body.data).toBeUndefined();
    expect(refused.codes).toEqual(['REFUSED', 'ASSURANCE_TOO_LOW']);
    expect(refused.text).not.toContain('LI-108');
    const whole = await query(student, '{ me { lowIncome { category } } }', { extensions: { refuse: 'all' } });
    expect(whole).toMatchObject({ status: 200, body: { data: { me: { lowIncome: { category: 'LOW_INCOME' } } } } });
  });

  it('one use of a one-time consent: the same again for ten minutes, no other', async () => {
    const owner = await agree(hub, await citizen(hub, 'property-owner-card-applicant'), { service: 'example.credit-card' });
    expect(owner.authorization.refreshToken).toBeNull();
    const means = '{ me { property { totalValue } } }';
    const first = await query(owner, means);
    expect(first.body).toMatchObject({ data: { me: { property: { totalValue: 12_500_000 } } } });
    expect((await query(owner, means)).body).toEqual(first.body);
    const other = await query(owner, '{ me { property { totalValue queryDate } } }');
    expect(other).toMatchObject({ codes: ['CONSENT_USED_UP'], body: { data: { me: { property: null } } } });
  });

  it('one use of twenty different ones at a time', async () => {
    const she = await agree(hub, await citizen(hub, 'adult-student'), { service: 'example.credit-card' });
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => query(she, `{ me { property { a${i}: totalValue } } }`)));
    const open = all.filter(({ body }) => body.errors === undefined);
    expect(open).toHaveLength(1);
    expect(new Set(all.filter((one) => !open.includes(one)).flatMap(({ codes }) => codes))).toEqual(new Set(['CONSENT_USED_UP']));
  });

  it('less after it was narrowed, nothing after it was withdrawn, from the next query on and with the same token', async () => {
    const she = await citizen(hub, 'adult-student');
    const given = await agree(hub, she);
    const own = await signIn(hub, she);
    const id = given.authorization.consent;
    expect((await query(given)).body.errors).toBeUndefined();

    const narrow =
      'mutation N($id: ID!, $drop: [FieldsInput!]!) { narrowConsent(id: $id, drop: $drop) { state version statements { datasets { id fields { path } } } } }';
    const drop = [{ dataset: 'moi.household.personal', fields: ['nationalId'] }];
    const narrowed = await ask(hub, own.authorization, { body: { query: narrow, variables: { id, drop } } });
    expect(narrowed.body.data).toMatchObject({ narrowConsent: { state: 'ACTIVE' } });
    const less = await query(given);
    expect(less.body.data).toMatchObject({ me: { householdPersonal: { name: '周示晴', nationalId: null, birthDate: '1992-09-17' } } });
    expect(less.body.errors?.map(({ extensions }) => [extensions['reason'], extensions['fields']])).toEqual([
      ['NOT_CONSENTED', ['nationalId']],
    ]);

    // It takes no ids of other fields, and never widens.
    const widen = 'mutation S($id: ID!) { shortenConsent(id: $id, notAfter: "2999-01-01T00:00:00Z") { notAfter } }';
    expect(await ask(hub, own.authorization, { body: { query: widen, variables: { id } } })).toMatchObject({ codes: ['CONSENT_WIDENS'] });

    const withdraw = 'mutation W($id: ID!) { withdrawConsent(id: $id) { state } }';
    expect((await ask(hub, own.authorization, { body: { query: withdraw, variables: { id } } })).body.data).toEqual({
      withdrawConsent: { state: 'WITHDRAWN' },
    });
    const nothing = await query(given);
    expect(nothing.body.data).toEqual({ me: { lowIncome: null, householdPersonal: null } });
    expect(new Set(reasons(nothing))).toEqual(new Set(['WITHDRAWN']));
    await expect(given.party.refresh(given.authorization)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await ask(hub, own.authorization, { body: { query: withdraw, variables: { id } } })).body.data).toEqual({
      withdrawConsent: { state: 'WITHDRAWN' },
    });
  });

  it('nothing after its time is over, which she may let come sooner', async () => {
    const she = await citizen(hub, 'adult-student');
    const given = await agree(hub, she, { duration: 'PT1H' });
    const own = await signIn(hub, she);
    const variables = { id: given.authorization.consent };
    const read = await ask(hub, own.authorization, {
      body: { query: 'query T($id: ID!) { consent(id: $id) { notBefore notAfter } }', variables },
    });
    const { consent } = read.body.data as { consent: { notBefore: string; notAfter: string } };
    expect(Date.parse(consent.notAfter) - Date.parse(consent.notBefore)).toBe(3_600_000);
    expect((await query(given)).body).toMatchObject({ data: { me: { lowIncome: { category: 'LOW_INCOME' } } } });

    const shorten = 'mutation S($id: ID!, $notAfter: DateTime!) { shortenConsent(id: $id, notAfter: $notAfter) { notAfter } }';
    const notAfter = new Date().toISOString();
    const shortened = await ask(hub, own.authorization, { body: { query: shorten, variables: { ...variables, notAfter } } });
    expect(shortened.body.errors).toBeUndefined();
    const later = await query(given);
    expect(later.body.data).toEqual({ me: { lowIncome: null, householdPersonal: null } });
    expect(new Set(reasons(later))).toEqual(new Set(['EXPIRED']));
    await expect(given.party.refresh(given.authorization)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('only to its citizen: another’s consent is an unknown one', async () => {
    const student = await agree(hub, await citizen(hub, 'low-income-student'));
    const stranger = await signIn(hub, await citizen(hub, 'veteran'));
    const variables = { id: student.authorization.consent };
    const changes = [
      'mutation C($id: ID!) { withdrawConsent(id: $id) { state } }',
      'mutation C($id: ID!) { narrowConsent(id: $id, drop: [{ dataset: "mohw.low-income", fields: ["category"] }]) { state } }',
      'mutation C($id: ID!) { shortenConsent(id: $id, notAfter: "2030-01-01T00:00:00Z") { state } }',
    ];
    for (const text of changes)
      expect(await ask(hub, stranger.authorization, { body: { query: text, variables } })).toMatchObject({ codes: ['CONSENT_UNKNOWN'] });
    const read = await ask(hub, stranger.authorization, { body: { query: 'query C($id: ID!) { consent(id: $id) { state } }', variables } });
    expect(read.body).toEqual({ data: { consent: null } });
    expect((await query(student, '{ me { lowIncome { category } } }')).body.errors).toBeUndefined();
  });

  it('the citizen’s own client reads no dataset', async () => {
    const own = await signIn(hub, await citizen(hub, 'adult-student'));
    const answer = await query(own);
    expect(answer.body.data).toEqual({ me: { lowIncome: null, householdPersonal: null } });
    expect(new Set(answer.codes)).toEqual(new Set(['CONSENT_MISSING']));
  });
});

describe('who saw what', () => {
  const LOG = `{ accessLog(first: 100) { entries {
    kind request consent consentVersion count event provider { id } service { id } purpose
    permitted { id fields { path } } refused { reason dataset { id fields { path } } } counts { dataset records } failedAgencies
  } } }`;
  interface Line {
    readonly kind: string;
    readonly consent: string | null;
    readonly count: number;
    readonly event: string | null;
    readonly permitted: readonly { id: string; fields: readonly { path: string }[] }[];
  }
  const log = async (own: Given, consent: string | null): Promise<Line[]> => {
    const { body } = await ask(hub, own.authorization, { body: { query: LOG } });
    const { entries } = (body.data as { accessLog: { entries: Line[] } }).accessLog;
    return entries.filter((entry) => entry.consent === consent);
  };

  it('names every read and every refusal, refusals folded with their count, with what, for whom and why', async () => {
    const student = await citizen(hub, 'indigenous-student');
    const given = await agree(hub, student);
    const own = await signIn(hub, student);
    const { consent } = given.authorization;
    for (let i = 0; i < 3; i++) await query(given, '{ me { lowIncome { category } } }');
    for (let i = 0; i < 4; i++) await query(given, '{ me { householdPersonal { name } } }');
    await query(given);
    const who = { provider: { id: 'moe.k12ea' }, service: { id: WAIVER }, purpose: expect.stringMatching(/^dpv:/) };
    const lines = await log(own, consent);
    const reads = lines.filter(({ kind }) => kind === 'DISCLOSURE');
    expect(reads).toHaveLength(4);
    // He has no record: that, too, was told.
    for (const read of reads)
      expect(read).toMatchObject({ ...who, counts: [{ dataset: 'mohw.low-income', records: 0 }], failedAgencies: [] });
    expect(reads[0]).toMatchObject({
      permitted: [{ id: 'mohw.low-income', fields: ['category', 'certificateNumber', 'validFrom', 'validTo'].map((path) => ({ path })) }],
      refused: [{ reason: 'ASSURANCE_TOO_LOW', dataset: { id: 'moi.household.personal' } }],
    });
    const refusals = lines.filter(({ kind }) => kind === 'REFUSAL');
    expect(refusals).toMatchObject([
      { ...who, count: 4, permitted: [], refused: [{ reason: 'ASSURANCE_TOO_LOW', dataset: { fields: [{ path: 'name' }] } }] },
    ]);

    await ask(hub, own.authorization, { body: { query: `mutation { withdrawConsent(id: "${consent}") { state } }` } });
    for (let i = 0; i < 2; i++) await query(given);
    const after = await log(own, consent);
    expect(after.filter(({ kind }) => kind === 'REFUSAL')).toMatchObject([
      { count: 2, refused: [{ reason: 'WITHDRAWN' }, { reason: 'WITHDRAWN' }] },
      { count: 4 },
    ]);
    expect(after.filter(({ kind }) => kind === 'CONSENT').map(({ event }) => event)).toEqual(['WITHDRAWN', 'GRANTED', 'REQUESTED']);
  });

  it('does not name what others did', async () => {
    const own = await signIn(hub, await citizen(hub, 'merchant-seafarer'));
    const { body } = await ask(hub, own.authorization, { body: { query: LOG } });
    const { entries } = (body.data as { accessLog: { entries: Line[] } }).accessLog;
    expect(new Set(entries.map(({ kind }) => kind))).toEqual(
      new Set(['LOGIN', 'CHECK'].filter((kind) => entries.some((entry) => entry.kind === kind))),
    );
    expect(entries.every(({ consent }) => consent === null)).toBe(true);
  });
});

describe('a citizen who says no', () => {
  it('gives nothing, and her refusal is in her list', async () => {
    const she = await citizen(hub, 'adult-student');
    const aid = await party(hub, 'student-aid');
    const pending = await aid.begin({ service: WAIVER, datasets: { 'mohw.low-income': ['category'] } });
    const wishes = { method: null, fields: null, leave: [], decline: true };
    const back = await walkAsCitizen(she.browser, pending.url, { hub: new URL(hub.url), person: she.person, wishes, say: () => undefined });
    await expect(aid.finish(pending, back.href)).rejects.toBeInstanceOf(Declined);
    const own = await signIn(hub, she);
    const { body } = await ask(hub, own.authorization, { body: { query: '{ consents(first: 1) { consents { state } } }' } });
    expect(body.data).toEqual({ consents: { consents: [{ state: 'DECLINED' }] } });
  });
});
