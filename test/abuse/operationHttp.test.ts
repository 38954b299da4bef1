import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consentOf, recordsOf } from '../fixtures/smallContract.ts';
import { openWorld, type World } from './operationWorld.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({
    records: new Map([['alice', recordsOf('alice')]]),
    consents: [consentOf('alice', { 'moa.person': ['name'] })],
  });
});
afterAll(() => world.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const ALICE = { authorization: 'DPoP alice' };
const QUERY = '{ me { person { name } } }';
const post = (headers: Record<string, string>, body: string) => world.send('/graphql', { method: 'POST', headers, body });
const get = (search: string, headers: Record<string, string> = {}) => world.send(`/graphql${search}`, { method: 'GET', headers });
const code = (answer: Awaited<ReturnType<typeof get>>) => answer.body.errors?.[0]?.extensions['code'];

describe('HTTP', () => {
  it('answers 401 with a challenge to who shows no token, or a bad one', async () => {
    const none = await post(JSON_TYPE, JSON.stringify({ query: QUERY }));
    expect([none.status, code(none), none.headers['www-authenticate']]).toEqual([401, 'TOKEN_MISSING', 'DPoP algs="ES256"']);
    const bad = await post({ ...JSON_TYPE, authorization: 'DPoP mallory' }, JSON.stringify({ query: QUERY }));
    expect([bad.status, code(bad), bad.headers['www-authenticate']]).toEqual([
      401,
      'TOKEN_INVALID',
      'DPoP error="invalid_token", algs="ES256"',
    ]);
  });

  it('asks for the token before it looks at the document', async () => {
    expect((await post(JSON_TYPE, JSON.stringify({ query: '{ nonsense' }))).status).toBe(401);
  });

  it.each([
    ['a document with a wrong field', { query: '{ nope }' }, 'OPERATION_INVALID'],
    ['a document that does not parse', { query: '{ me' }, 'OPERATION_INVALID'],
    [
      'a variable that does not fit',
      { query: 'query ($n: Int!) { me { visits { records(first: $n) { day } } } }', variables: { n: 'A123456789' } },
      'OPERATION_INVALID',
    ],
    ['an unknown operation name', { query: QUERY, operationName: 'Q' }, 'OPERATION_INVALID'],
    ['a subscription', { query: 'subscription { x }' }, 'OPERATION_INVALID'],
    ['no document', { variables: {} }, 'REQUEST_MALFORMED'],
    ['a document that is no text', { query: { kind: 'Document' } }, 'REQUEST_MALFORMED'],
    ['variables that are no map', { query: QUERY, variables: [1] }, 'REQUEST_MALFORMED'],
    ['a persisted query', { extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }, 'REQUEST_MALFORMED'],
    ['a batch', [{ query: QUERY }, { query: QUERY }], 'REQUEST_MALFORMED'],
  ])('answers 400 to %s', async (_what, body, expected) => {
    const answer = await post({ ...JSON_TYPE, ...ALICE }, JSON.stringify(body));
    expect([answer.status, code(answer)]).toEqual([400, expected]);
    expect(answer.body).not.toHaveProperty('data');
    expect(answer.text).not.toMatch(/A123456789|\bat .*\.[jt]s/);
  });

  it('answers 400 to a body that is no JSON, 415 to one of another type', async () => {
    const broken = await post({ ...JSON_TYPE, ...ALICE }, '{"query"');
    expect([broken.status, code(broken)]).toEqual([400, 'REQUEST_MALFORMED']);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await post({ 'content-type': type, ...ALICE }, JSON.stringify({ query: QUERY }));
      expect([answer.status, code(answer)]).toEqual([415, 'REQUEST_MALFORMED']);
    }
  });

  it('takes a GET only from who could not be another site’s page (CSRF, GHSA fixed in server 5.5.0)', async () => {
    const search = `?query=${encodeURIComponent(QUERY)}`;
    expect((await get(search, ALICE)).status).toBe(400);
    expect((await get(search, { ...ALICE, 'content-type': 'text/plain' })).status).toBe(400);
    expect((await get(search, { ...ALICE, 'content-type': 'message/http' })).status).toBe(415);
    expect((await get(search, { ...ALICE, 'apollo-require-preflight': '1' })).body.data).toEqual({
      me: { person: { name: 'name of alice' } },
    });
  });

  it('changes nothing by GET', async () => {
    const answer = await get(`?query=${encodeURIComponent('mutation { addNote(text: "x") { id } }')}`, {
      ...ALICE,
      'apollo-require-preflight': '1',
    });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });

  it('has no other methods', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH'] as const) {
      const answer = await world.send('/graphql', { method, headers: { ...ALICE, ...JSON_TYPE }, body: '{}' });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, POST']);
    }
  });

  it('answers in the media type that is asked for', async () => {
    const accept = async (value: string) =>
      (await post({ ...JSON_TYPE, ...ALICE, accept: value }, JSON.stringify({ query: QUERY }))).headers['content-type'];
    expect(await accept('application/graphql-response+json')).toBe('application/graphql-response+json; charset=utf-8');
    expect(await accept('*/*')).toBe('application/json; charset=utf-8');
    expect((await post({ ...JSON_TYPE, ...ALICE, accept: 'text/html' }, JSON.stringify({ query: QUERY }))).status).toBe(406);
  });

  it('has no landing page', async () => {
    expect((await get('', { accept: 'text/html' })).text).not.toContain('<html');
  });

  it('lets nobody store an answer, whatever it is, and names every request', async () => {
    const answers = [
      await post({ ...JSON_TYPE, ...ALICE }, JSON.stringify({ query: QUERY })),
      await post(JSON_TYPE, JSON.stringify({ query: QUERY })),
      await post({ ...JSON_TYPE, ...ALICE }, '{'),
      await get(''),
      await world.send('/schema.graphql', { method: 'GET' }),
    ];
    expect(answers.map(({ headers }) => headers['cache-control'])).toEqual(answers.map(() => 'no-store'));
    expect(answers[0]?.headers['x-request-id']).toMatch(/^[a-z0-9]+-[A0-9]{22}$/);
  });
});
