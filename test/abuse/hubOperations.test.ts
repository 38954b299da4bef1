import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agree, ask, citizen, send, signIn, WAIVER_QUERY, type Given, type Received } from '../fixtures/hubClient.ts';
import { cleanUp, runHub, type RunningHub } from '../fixtures/runHub.ts';

let hub: RunningHub;
let student: Given;
let adult: Given;
/** The adult's own client. */
let own: Given;

beforeAll(async () => {
  hub = await runHub();
  student = await agree(hub, await citizen(hub, 'low-income-student'));
  const she = await citizen(hub, 'adult-student');
  adult = await agree(hub, she);
  own = await signIn(hub, she);
}, 120_000);
afterAll(async () => {
  await hub.stop();
  expect(hub.output()).not.toMatch(/\n\s+at |"level":50/);
  await cleanUp();
});

/** A client's mistake: a 4xx with codes of the table, not a word of how we are made, nothing to keep. */
function isRefused(received: Received, status: number | readonly number[], ...codes: readonly string[]): void {
  const { text } = received;
  expect({ codes: [...new Set(received.codes)], text }).toEqual({ codes, text });
  expect([status].flat()).toContain(received.status);
  expect(received.headers.get('cache-control')).toBe('no-store');
  expect(received.text).not.toMatch(/\bat [^ ]+ \(|node_modules|\.[jt]s:\d|Did you mean "(?!me \{)/i);
  expect(received.body.data).toBeUndefined();
}

const query = (text: string, more: object = {}): Promise<Received> => ask(hub, student.authorization, { body: { query: text, ...more } });

describe('a document that is not good', () => {
  it.each([
    ['a syntax error', '{ me {'],
    ['no document in it', '# nothing'],
    ['an unknown field', '{ me { lowIncome { shoeSize } } }'],
    ['an unknown dataset', '{ me { taxReturns { total } } }'],
    ['an unknown root field', '{ everybody { id } }'],
    ['the inaccessible id', '{ me { id } }'],
    ['the entities of federation', '{ _entities(representations: []) { __typename } }'],
    ['the service of federation', '{ _service { sdl } }'],
    ['a field without its selection', '{ me }'],
    ['an unknown argument', '{ me { lowIncome(of: "B199999025") { category } } }'],
    ['an unknown directive', '{ me { lowIncome { category @public } } }'],
    ['a fragment on another type', '{ me { ... on Consent { id } } }'],
    ['a fragment that spreads itself', '{ me { ...A } } fragment A on DataSubject { ...A }'],
    ['a subscription', 'subscription { me { lowIncome { category } } }'],
    ['a definition of types', 'type Query { me: String }'],
  ])('is refused: %s', async (_what, text) => {
    isRefused(await query(text), 400, 'OPERATION_INVALID');
  });

  it('is refused with variables that do not fit', async () => {
    const text = 'query Q($first: Int!) { me { seniorHighEnrolment { records(first: $first) { __typename } } } }';
    for (const variables of [{}, { first: 'ten' }, { first: 1.5 }, { first: null }, { first: { $gt: 0 } }, { first: [[1]] }])
      isRefused(await query(text, { variables }), 400, 'OPERATION_INVALID');
    isRefused(await query(text, { variables: 'all' }), 400, 'REQUEST_MALFORMED');
  });

  it('is refused with more than one operation, or a name that is not there', async () => {
    isRefused(
      await query('query A { me { __typename } } query B { me { __typename } }', { operationName: 'A' }),
      400,
      'OPERATION_TOO_LARGE',
    );
    isRefused(await query('query A { me { __typename } }', { operationName: 'B' }), 400, 'OPERATION_INVALID');
  });
});

describe('a request that is not GraphQL', () => {
  it.each<[string, string]>([
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['a batch', JSON.stringify([{ query: '{ me { __typename } }' }, { query: '{ me { __typename } }' }])],
    ['no query', '{}'],
    ['an empty query', '{"query":""}'],
    ['a query that is no text', '{"query":{"$ne":null}}'],
    ['a name of the prototype', '{"query":"{ me { __typename } }","variables":{"__proto__":{"admin":true}}}'],
    ['a name of the prototype at the top', '{"__proto__":{"query":"{ me { __typename } }"},"query":"{ me { __typename } }"}'],
    ['a constructor', '{"query":"{ me { __typename } }","variables":{"constructor":{"prototype":{"admin":true}}}}'],
  ])('is refused: %s', async (_what, body) => {
    isRefused(await ask(hub, student.authorization, { body }), 400, 'REQUEST_MALFORMED');
  });

  it('is told that nothing is persisted here: a refusal, never 200', async () => {
    const body = { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } };
    isRefused(await ask(hub, student.authorization, { body }), 400, 'REQUEST_MALFORMED');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/graphql', 'text/json'])(
    'is refused as %s: a page of another site could send that',
    async (type) => {
      const body = JSON.stringify({ query: WAIVER_QUERY });
      isRefused(await ask(hub, student.authorization, { body, headers: { 'content-type': type } }), [400, 415], 'REQUEST_MALFORMED');
    },
  );

  it('is refused as GET without a header that no page of another site can set, and never changes anything', async () => {
    const path = (text: string): string => `/graphql?${new URLSearchParams({ query: text }).toString()}`;
    isRefused(await ask(hub, student.authorization, { method: 'GET', path: path(WAIVER_QUERY) }), 400, 'REQUEST_MALFORMED');
    const headers = { 'apollo-require-preflight': '1' };
    const read = await ask(hub, student.authorization, { method: 'GET', path: path('{ me { lowIncome { category } } }'), headers });
    expect(read).toMatchObject({ status: 200, body: { data: { me: { lowIncome: { category: 'LOW_INCOME' } } } } });
    const mutation = `mutation { withdrawConsent(id: "${adult.authorization.consent}") { state } }`;
    isRefused(await ask(hub, own.authorization, { method: 'GET', path: path(mutation), headers }), 405, 'REQUEST_MALFORMED');
    const still = await ask(hub, own.authorization, { body: { query: `{ consent(id: "${adult.authorization.consent}") { state } }` } });
    expect(still.body.data).toEqual({ consent: { state: 'ACTIVE' } });
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('is refused by %s', async (method) => {
    isRefused(await ask(hub, student.authorization, { method, body: { query: WAIVER_QUERY } }), 405, 'REQUEST_MALFORMED');
  });

  it('is refused compressed, since its size is not known before', async () => {
    const body = gzipSync(JSON.stringify({ query: WAIVER_QUERY }));
    isRefused(await ask(hub, student.authorization, { body, headers: { 'content-encoding': 'gzip' } }), 415, 'REQUEST_MALFORMED');
  });
});

describe('while somebody sends bombs, others are answered', () => {
  const nested = (levels: number): string => `{ me ${'{ lowIncome '.repeat(levels)}{ category }${' }'.repeat(levels)} }`;
  const spreads = (levels: number): string =>
    `query { ...F0 } ${Array.from({ length: levels }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(' ')} fragment F${levels} on Query { me { lowIncome { category } } }`;
  const aliases = (count: number): string =>
    `{ me { ${Array.from({ length: count }, (_, i) => `a${i}: lowIncome { category }`).join(' ')} } }`;
  const values = (levels: number): unknown => Array.from({ length: levels }).reduce((inner: unknown) => [inner], 1);

  const bombs: readonly (readonly [string, () => Promise<Received>, number | readonly number[], string])[] = [
    ['10 MB', () => query(`{ me { lowIncome { category } } } #${'x'.repeat(10 * 1024 * 1024)}`), 413, 'OPERATION_TOO_LARGE'],
    ['depth 300', () => query(nested(300)), 400, 'OPERATION_TOO_LARGE'],
    ['30 fragments that each spread the next twice', () => query(spreads(30)), 400, 'OPERATION_TOO_LARGE'],
    ['1,000 aliases', () => query(aliases(1000)), 400, 'OPERATION_TOO_LARGE'],
    ['10,000 directives', () => query(`{ me ${'@skip(if: false) '.repeat(6000)} { lowIncome { category } } }`), 400, 'OPERATION_TOO_LARGE'],
    ['60,000 tokens', () => query(`{ me { lowIncome { ${'category '.repeat(12_000)} } } }`), 400, 'OPERATION_TOO_LARGE'],
    [
      '300 root fields',
      () => query(`{ ${Array.from({ length: 50 }, (_, i) => `a${i}: me { lowIncome { category } }`).join(' ')} }`),
      400,
      'OPERATION_TOO_LARGE',
    ],
    [
      'JSON 20,000 deep',
      () =>
        ask(hub, student.authorization, {
          body: `{"query":"{ me { __typename } }","variables":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
        }),
      400,
      'OPERATION_TOO_LARGE',
    ],
    ['variables 300 deep', () => query('{ me { lowIncome { category } } }', { variables: { a: values(300) } }), 400, 'OPERATION_TOO_LARGE'],
    ['100,000 characters of a name', () => query(`{ me { ${'a'.repeat(100_000)} } }`), 400, 'OPERATION_INVALID'],
    ['an alias of the prototype', () => query('{ __proto__: me { lowIncome { category } } }'), 400, 'OPERATION_INVALID'],
    [
      'a variable of the prototype',
      () => query('query($__proto__: Int) { me { seniorHighEnrolment { records(first: $__proto__) { __typename } } } }'),
      400,
      'OPERATION_INVALID',
    ],
  ];

  it.each(bombs)('%s', async (_what, bomb, status, code) => {
    const [received, answer] = await Promise.all([bomb(), ask(hub, adult.authorization, { body: { query: WAIVER_QUERY } })]);
    isRefused(received, status, code);
    expect(answer).toMatchObject({ status: 200, body: { data: { me: { lowIncome: { certificateNumber: 'LI-108-009913' } } } } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('all of them at once, five times each', async () => {
    const thrown = Array.from({ length: 5 }, () => bombs.map(([, bomb]) => bomb())).flat();
    for (let i = 0; i < 10; i++) {
      const answer = await ask(hub, adult.authorization, { body: { query: WAIVER_QUERY } });
      expect(answer.body.errors).toBeUndefined();
    }
    for (const received of await Promise.all(thrown)) {
      expect(received.status).toBeGreaterThanOrEqual(400);
      expect(received.status).toBeLessThan(500);
    }
    expect((await send(hub, { method: 'GET', path: '/health' })).status).toBe(200);
  });
});

describe('every other address', () => {
  it.each([
    '/nothing',
    '/graphql/',
    '/graphql/..%2f..%2fetc%2fpasswd',
    '/oidc/nothing',
    '/interaction/x',
    '/me/nothing',
    '/dev/cards/__proto__.json',
    '/dev/clients/%00.json',
    '/%',
  ])('answers %s with a 4xx and a sentence', async (path) => {
    const { status, text } = await send(hub, { method: 'GET', path, headers: { accept: 'text/html', 'accept-language': 'en' } });
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/\bat [^ ]+ \(|node_modules|\.[jt]s:\d/);
    expect(text.length).toBeGreaterThan(10);
  });
});
