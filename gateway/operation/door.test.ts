import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import fastify, { type FastifyInstance } from 'fastify';
import { graphql, parse } from 'graphql';
import { request } from 'undici';
import { composeSupergraph } from '../../schema/compose.ts';
import { createDoor, type Door } from './door.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])';

interface Product {
  readonly id: string;
  readonly name: string;
  readonly grams: number;
}

const CATALOGUE: readonly Product[] = [
  { id: '1', name: 'Chair', grams: 4000 },
  { id: '2', name: 'Lamp', grams: 900 },
];
const found = (id: string) => CATALOGUE.find((product) => product.id === id);

/** Two plain subgraphs: an interface, an entity, a field that requires another subgraph's, a list in a list, errors and non-null chains. */
const SUBGRAPHS = [
  {
    name: 'products',
    sdl: `${LINK}
      type Query { products: [Product!]!  node(id: ID!): Node  echo(n: Int = 4): Int  grid: [[Product]] }
      type Mutation { rename(id: ID!, name: String!): Product  touch: String }
      interface Node { id: ID! }
      type Product implements Node @key(fields: "id") { id: ID!  name: String!  grams: Int  fault: String }`,
    resolvers: {
      Query: {
        products: () => CATALOGUE,
        node: (_source: unknown, { id }: { id: string }) => found(id),
        echo: (_source: unknown, { n }: { n: number }) => n,
        grid: () => [[found('1'), null], [], null],
      },
      Mutation: { rename: (_source: unknown, { id, name }: Product) => ({ ...found(id), name }), touch: () => 'touched' },
      Node: { __resolveType: () => 'Product' },
      Product: {
        __resolveReference: ({ id }: Product) => found(id),
        fault: () => {
          throw new Error('a fault');
        },
      },
    },
  },
  {
    name: 'shipping',
    sdl: `${LINK}
      type Product @key(fields: "id") { id: ID!  grams: Int @external  postage: Int @requires(fields: "grams")  stars: Int! }`,
    resolvers: {
      Product: {
        __resolveReference: (product: Product) => product,
        postage: ({ grams }: Product) => grams / 100,
        stars: ({ id }: Product) => (id === '2' ? null : 5),
      },
    },
  },
];

let servers: Server[];
let supergraphSdl: string;
let app: FastifyInstance;
let door: Door;
let origin: string;

beforeAll(async () => {
  servers = await Promise.all(SUBGRAPHS.map(({ sdl, resolvers }) => serve(sdl, resolvers)));
  const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  supergraphSdl = composeSupergraph(SUBGRAPHS)
    .supergraphSdl.replace('agency:products', urls[0] ?? '')
    .replace('agency:shipping', urls[1] ?? '');
  ({ app, door, origin } = await openDoor(true));
});
afterAll(async () => {
  await app.close();
  await door.stop();
  for (const server of servers) server.close();
});

async function openDoor(limited: boolean) {
  const opened = await createDoor({ supergraphSdl, introspection: !limited, limited, requestId: () => 'request-1', failure: () => {} });
  const server = fastify({ forceCloseConnections: true });
  await server.register(opened.routes);
  return { door: opened, app: server, origin: await server.listen({ port: 0, host: '127.0.0.1' }) };
}

function serve(sdl: string, resolvers: unknown): Promise<Server> {
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: Record<string, unknown> };
      outgoing.setHeader('content-type', 'application/json');
      void graphql({ schema, source: query, variableValues: variables }).then((answer) => outgoing.end(JSON.stringify(answer)));
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

interface Answered {
  readonly status: number;
  readonly data: unknown;
  readonly errors: readonly { readonly message: string; readonly path?: unknown }[] | undefined;
}

async function ask(query: string, more: object = {}, at = origin, accept = 'application/json'): Promise<Answered> {
  const { statusCode, body } = await request(`${at}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query, ...more }),
  });
  return { status: statusCode, ...((await body.json()) as Pick<Answered, 'data' | 'errors'>) };
}

describe('the conformance door', () => {
  it('is ready when it says so', async () => {
    expect(await ask('{ __typename }')).toEqual({ status: 200, data: { __typename: 'Query' } });
  });

  it('joins subgraphs, with what one requires of another', async () => {
    expect((await ask('{ products { postage n: name } }')).data).toEqual({
      products: [
        { postage: 40, n: 'Chair' },
        { postage: 9, n: 'Lamp' },
      ],
    });
  });

  it('answers interfaces, lists of lists, conditions and defaults', async () => {
    const query =
      'query ($x: Boolean!, $n: Int) { node(id: 1) { id ... on Product @include(if: $x) { __typename postage } } grid { id } echo(n: $n) d: echo }';
    expect((await ask(query, { variables: { x: true, n: 7 } })).data).toEqual({
      node: { id: '1', __typename: 'Product', postage: 40 },
      grid: [[{ id: '1' }, null], [], null],
      echo: 7,
      d: 4,
    });
    expect((await ask(query, { variables: { x: false } })).data).toMatchObject({ node: { id: '1' }, echo: 4 });
  });

  it('runs a mutation, and what is asked of its result', async () => {
    expect((await ask('mutation { rename(id: 2, name: "Torch") { name postage } touch }')).data).toEqual({
      rename: { name: 'Torch', postage: 9 },
      touch: 'touched',
    });
  });

  it('puts a null where a field failed, and lets it go up through non-null fields', async () => {
    const failed = await ask('{ node(id: 1) { ... on Product { name fault } } }');
    expect(failed).toMatchObject({
      status: 200,
      data: { node: { name: 'Chair', fault: null } },
      errors: [{ message: 'a fault', path: ['node', 'fault'] }],
    });
    const upward = await ask('{ products { stars } }');
    expect(upward).toMatchObject({ status: 200, data: null, errors: [{ path: ['products', 1, 'stars'] }] });
  });

  it('tells a document that does not fit by the status that its client understands', async () => {
    expect(await ask('{ nope }')).toMatchObject({ status: 200, errors: [{ message: 'Cannot query field "nope" on type "Query".' }] });
    expect((await ask('{ nope }', {}, origin, 'application/graphql-response+json')).status).toBe(400);
    expect((await ask('{ products ')).status).toBe(200);
    expect(await ask('{ nope }')).not.toHaveProperty('data');
  });

  it('has the hub’s limits and its introspection switch, unless they are lifted', async () => {
    const two = ['query A { echo } query B { d: echo }', { operationName: 'B' }] as const;
    expect((await ask(...two)).status).toBe(400);
    expect((await ask('{ __schema { queryType { name } } }')).status).toBe(400);
    const free = await openDoor(false);
    expect((await ask(...two, free.origin)).data).toEqual({ d: 4 });
    expect((await ask('{ __schema { queryType { name } } }', {}, free.origin)).data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
    await free.app.close();
    await free.door.stop();
  });

  it('says which part is missing when a subgraph is down', async () => {
    const down = supergraphSdl.replace(/(shipping", url: ")[^"]*/, '$1http://127.0.0.1:1/');
    const opened = await createDoor({ supergraphSdl: down, introspection: false, limited: true, requestId: () => 'r', failure: () => {} });
    const server = fastify({ forceCloseConnections: true });
    await server.register(opened.routes);
    const at = await server.listen({ port: 0, host: '127.0.0.1' });
    const answer = await ask('{ products { name postage } }', {}, at);
    expect(answer.data).toEqual({
      products: [
        { name: 'Chair', postage: null },
        { name: 'Lamp', postage: null },
      ],
    });
    expect(answer.errors).toHaveLength(1);
    await server.close();
    await opened.stop();
  });
});

describe('the door as a command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'door-'));
  const fileOf = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  /** Runs it to its end, or until it says it is ready. */
  function run(...args: string[]): Promise<{ said: string; code: number | null; stop: () => Promise<number | null> }> {
    const child = spawn(process.execPath, ['--import', 'tsx', new URL('./doorMain.ts', import.meta.url).pathname, ...args], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const stop = () => (child.kill('SIGTERM'), ended);
    let said = '';
    return new Promise((resolve) => {
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Ready at')) resolve({ said, code: null, stop });
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      void ended.then((code) => resolve({ said, code, stop }));
    });
  }

  it('serves until SIGTERM, and then ends by itself', async () => {
    const { said, stop } = await run('--supergraph', fileOf('plain.graphql', supergraphSdl), '--port', '0');
    const at = /Ready at (\S+)\/graphql/.exec(said)?.[1] ?? '';
    expect((await ask('{ __typename }', {}, at)).status).toBe(200);
    expect(await stop()).toBe(0);
  }, 60_000);

  it.each([
    ['a file that is not there', () => ['--supergraph', join(folder, 'none'), '--port', '0'], 'CONFIGURATION'],
    [
      'a file that is no supergraph',
      () => ['--supergraph', fileOf('bad.graphql', 'type Query { a: Int }'), '--port', '0'],
      'CONTRACT_BROKEN',
    ],
    ['no port', () => ['--supergraph', fileOf('plain.graphql', supergraphSdl)], '--port'],
    ['an option it does not know', () => ['--supergraf', 'x'], 'Usage'],
  ])(
    'ends with a message on %s',
    async (_what, args, message) => {
      const { said, code } = await run(...args());
      expect(code).toBe(1);
      expect(said).toContain(message);
      expect(said).not.toMatch(/\n\s+at /);
    },
    60_000,
  );
});
