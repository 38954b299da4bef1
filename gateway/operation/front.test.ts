import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLError, parse } from 'graphql';
import { sha256 } from '../../schema/canonical.ts';
import { HubError } from '../../schema/errors.ts';
import { SUPERGRAPH } from '../../test/fixtures/smallContract.ts';
import { WrittenAnswer, type Answer } from './answer.ts';
import { startApollo, type Front, type FrontOptions } from './apolloFront.ts';
import { InvalidDocument } from './compiledOperation.ts';
import { createFront } from './front.ts';
import { loadGraph } from './graph.ts';
import type { HttpRequest } from './httpRequest.ts';
import { plainRequest } from './plainRequest.ts';

const graph = loadGraph(SUPERGRAPH);
const GOOD = '{ me { person { name } } }';
const documents = new Map(
  [GOOD, 'query A { me { __typename } }', 'mutation { addNote(text: "x") { id } }'].map((text) => [sha256(text), parse(text)]),
);
const location = { source: undefined, positions: [0] };

/** What the pipeline may answer, by a header of the test's own. */
const ANSWERS: Readonly<Record<string, () => Answer>> = {
  data: () => ({ data: { me: { person: { name: '名"\u2028' } } } }),
  written: () =>
    new WrittenAnswer(
      '{"me":null}',
      [new GraphQLError('gone', { path: ['me', 0], extensions: { code: 'CONSENT_MISSING', fields: ['a'] } })],
      {
        datasets: {},
      },
    ),
  'no data': () => ({ status: 403, errors: [new GraphQLError('refused', { extensions: { code: 'REFUSED' } })] }),
  challenge: () => ({
    status: 401,
    headers: { 'www-authenticate': 'DPoP' },
    errors: [new GraphQLError('weak', { extensions: { code: 'ASSURANCE_TOO_LOW' } })],
  }),
  'an error of nobody': () => ({
    data: null,
    errors: [new GraphQLError('secret'), new GraphQLError('secret', { extensions: { code: 'ELSE' } })],
  }),
  unavailable: () => {
    throw new HubError('UNAVAILABLE', 'secret');
  },
  broken: () => {
    throw new TypeError('secret');
  },
};

/** What may be wrong before. */
const ADMISSIONS: Readonly<Record<string, () => void>> = {
  good: () => {},
  'no token': () => {
    throw new HubError('TOKEN_MISSING');
  },
  'no document': () => {
    throw new InvalidDocument([new GraphQLError('Cannot query.', location)]);
  },
  large: () => {
    throw new HubError('OPERATION_TOO_LARGE', 'More than 16 levels.');
  },
};

function options(statusForLegacyClients: 200 | 400): FrontOptions<string> & { told: unknown[]; ran: unknown[] } {
  const told: unknown[] = [];
  const ran: unknown[] = [];
  return {
    graph,
    told,
    ran,
    async admit({ headers }, text, operationName) {
      ran.push(['admit', text, operationName]);
      ADMISSIONS[String(headers['x-admission'])]?.();
      if (operationName !== null && !text?.includes(`query ${operationName} `)) throw new HubError('OPERATION_INVALID');
      return text === null ? null : String(headers['x-answer']);
    },
    async answer(admitted, request, asked) {
      ran.push(['answer', request, { ...asked.variables }, asked.refuse]);
      return ANSWERS[admitted]?.() ?? { data: null };
    },
    document: (hash) => documents.get(hash) ?? parse(GOOD),
    failure: (_request, cause) => told.push(cause),
    statusForLegacyClients,
  };
}

const fronts: Front[] = [];
const pairs: { ours: Front; apollo: Front; mine: ReturnType<typeof options>; theirs: ReturnType<typeof options> }[] = [];
beforeAll(async () => {
  for (const status of [200, 400] as const) {
    const [mine, theirs] = [options(status), options(status)];
    const [ours, apollo] = [await createFront(mine), await startApollo(theirs)];
    fronts.push(ours, apollo);
    pairs.push({ ours, apollo, mine, theirs });
  }
});
afterAll(async () => {
  for (const front of fronts) await front.stop();
});

/** The same request both ways: the same answer to the byte, the same calls of the pipeline, the same told to the operator. */
async function isTheSameBothWays(http: HttpRequest): Promise<void> {
  for (const { ours, apollo, mine, theirs } of pairs) {
    for (const heard of [mine.ran, mine.told, theirs.ran, theirs.told]) heard.length = 0;
    const [one, other] = [await ours.handle(http, 'request'), await apollo.handle(http, 'request')];
    expect(one).toEqual(other);
    expect(mine.ran).toEqual(theirs.ran);
    expect(mine.told.map(String)).toEqual(theirs.told.map(String));
    expect(one.body).not.toContain('secret');
    expect(one.headers['cache-control']).toBe('no-store');
  }
}

const post = (body: unknown, headers: Record<string, string> = {}): HttpRequest => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  search: '',
  body,
});

describe('a plain request', () => {
  it.each(Object.keys(ANSWERS))('is answered as Apollo Server would have it: %s', async (answer) => {
    expect(plainRequest(post({ query: GOOD }))).not.toBeNull();
    for (const accept of ['application/json', 'application/graphql-response+json'])
      await isTheSameBothWays(post({ query: GOOD }, { accept, 'x-answer': answer }));
  });

  it.each(Object.keys(ADMISSIONS))('is refused as Apollo Server would have it: %s', async (admission) => {
    for (const accept of ['*/*', 'application/graphql-response+json'])
      await isTheSameBothWays(post({ query: GOOD }, { accept, 'x-admission': admission, 'x-answer': 'data' }));
  });

  it('is one of a JSON type, of an answer that its client reads, with members of the right kinds', () => {
    const isPlain = (body: unknown, headers: Record<string, string> = {}) => plainRequest(post(body, headers)) !== null;
    expect(isPlain({ query: GOOD, variables: null, operationName: null, extensions: {} })).toBe(true);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', ''])
      expect(isPlain({ query: GOOD }, { 'content-type': type })).toBe(false);
    for (const accept of ['text/html', 'application/xml', 'multipart/mixed', '']) expect(isPlain({ query: GOOD }, { accept })).toBe(false);
    for (const body of [
      null,
      [],
      [{ query: GOOD }],
      {},
      { query: '' },
      { query: 1 },
      { query: GOOD, variables: [] },
      { query: GOOD, variables: '{}' },
    ])
      expect(isPlain(body)).toBe(false);
    for (const more of [{ operationName: '' }, { operationName: 1 }, { extensions: 'x' }, { extensions: { persistedQuery: {} } }])
      expect(isPlain({ query: GOOD, ...more })).toBe(false);
    expect(plainRequest({ ...post({ query: GOOD }), method: 'GET' })).toBeNull();
  });

  it('is answered the same both ways, whatever is sent', async () => {
    const query = fc.constantFrom<unknown>(
      GOOD,
      'query A { me { __typename } }',
      '',
      null,
      undefined,
      7,
      {},
      'mutation { addNote(text: "x") { id } }',
    );
    const body = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record(
          {
            query,
            operationName: fc.constantFrom<unknown>(null, 'A', 'B', '', 3),
            variables: fc.constantFrom<unknown>(null, {}, { n: 1 }, [], 'x', 5),
            extensions: fc.constantFrom<unknown>(null, {}, { refuse: 'all' }, { persistedQuery: { version: 1 } }, [], 'x'),
          },
          { requiredKeys: [] },
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(null, [], [{ query: GOOD }], 'text', 7) },
    );
    const types = [
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset=utf-8',
      'application/json; charset=latin1',
    ];
    const headers = fc.record(
      {
        'content-type': fc.constantFrom(...types, 'text/plain', 'APPLICATION/JSON', 'text/plain; x="application/json"', 'nonsense'),
        accept: fc.constantFrom(
          '*/*',
          'application/json',
          'application/json, */*',
          'application/json, text/plain, */*',
          'application/graphql-response+json',
          'application/graphql-response+json, application/json',
          'application/graphql-response+json,application/json;q=0.9',
          'application/graphql-response+json, application/json;q=0.9',
          'text/html',
          'application/json;q=0',
          'multipart/mixed;deferSpec=20220824, application/json',
          '',
        ),
        'x-answer': fc.constantFrom(...Object.keys(ANSWERS)),
        'x-admission': fc.constantFrom(...Object.keys(ADMISSIONS)),
        'apollo-require-preflight': fc.constantFrom('', '1'),
      },
      { requiredKeys: [] },
    );
    const method = fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT');
    const search = fc.constantFrom('', `?query=${encodeURIComponent(GOOD)}`, '?query=a&query=b', '?variables=x');
    await fc.assert(
      fc.asyncProperty(fc.record({ method, headers, search, body }), (http) => isTheSameBothWays(http as HttpRequest)),
      { numRuns: 1_000 },
    );
  });
});

describe('a client that reads none of our media types', () => {
  it('is told so before anything runs', async () => {
    const [pair] = pairs;
    if (pair !== undefined) pair.mine.ran.length = 0;
    const answer = await pair?.ours.handle(post({ query: GOOD }, { accept: 'text/html' }), 'request');
    expect(answer?.status).toBe(406);
    expect(pair?.mine.ran).toEqual([]);
  });
});
