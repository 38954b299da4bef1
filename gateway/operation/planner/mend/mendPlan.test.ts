import { describe, expect, it } from '@jest/globals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse, type GraphQLSchema } from 'graphql';
import { composeSupergraph } from '../../../../schema/compose.ts';
import { compileExecutor } from '../../executor/compileExecutor.ts';
import { loadGraph } from '../../graph.ts';
import { planOperation } from '../../planOperation.ts';

/**
 * The cases of the public federation audit that the stock gateway fails (docs/facts.md), told again: the names of the tests are the audit's.
 */
const link = (...names: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [${names.map((name) => `"@${name}"`).join(', ')}])`;

interface Part {
  readonly sdl: string;
  readonly resolvers: object;
}

/** Runs one operation over subgraphs in memory. */
function worldOf(parts: Readonly<Record<string, Part>>) {
  const subgraphs = Object.entries(parts).map(([name, { sdl }]) => ({ name, sdl }));
  const graph = loadGraph(composeSupergraph(subgraphs).supergraphSdl);
  const executor = compileExecutor(graph);
  const schemas = new Map(
    Object.entries(parts).map(([name, { sdl, resolvers }]): [string, GraphQLSchema] => [
      name,
      buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never }),
    ]),
  );
  return async (query: string, variables: Record<string, unknown> = {}) => {
    const planned = planOperation(graph, parse(query), { askIds: false });
    const { text, errors } = await executor.run(planned, {
      variables,
      async fetch({ subgraph, query: source }, given) {
        const schema = schemas.get(subgraph);
        if (schema === undefined) throw new Error(`No subgraph ${subgraph}.`);
        const { data, errors: wrong } = await graphql({ schema, source, variableValues: given });
        return { data: data ?? null, ...(wrong && { errors: wrong.map((error) => error.toJSON()) }) };
      },
    });
    return { data: JSON.parse(text) as unknown, errors: errors.map(({ message }) => message) };
  };
}

describe('keys-mashup', () => {
  const place = { region: 'r', shelf: 's', slot: 't' };
  const ask = worldOf({
    stock: {
      sdl: `${link('key')}
        type Crate @key(fields: "code") @key(fields: "place { region shelf }", resolvable: false) @key(fields: "code place { shelf slot }", resolvable: false) {
          code: ID!  place: Place!  label: String!
        }
        type Place { region: ID!  shelf: ID!  slot: ID! }`,
      resolvers: { Crate: { __resolveReference: ({ code }: { code: string }) => ({ code, place, label: `crate ${code}` }) } },
    },
    loading: {
      sdl: `${link('key', 'requires', 'external')}
        type Query { lorry: Lorry }
        type Lorry @key(fields: "plate") { plate: ID!  crates: [Crate!]! }
        type Crate @key(fields: "place { region shelf }", resolvable: false) @key(fields: "code place { shelf slot }") @key(fields: "code", resolvable: false) {
          code: ID!  place: Place!  label: String! @external  sticker: String! @requires(fields: "label")
        }
        type Place { region: ID!  shelf: ID!  slot: ID! }`,
      resolvers: {
        Query: { lorry: () => ({ plate: 'L1', crates: [{ code: 'c1', place }] }) },
        Crate: {
          __resolveReference(given: { code?: string; place?: { shelf?: string; slot?: string }; label?: string }) {
            return given.code !== undefined && given.place?.shelf === 's' && given.place.slot === 't' ? given : null;
          },
          sticker: ({ label }: { label: string }) => `handle with care: ${label}`,
        },
      },
    },
  });

  it('goes back to a subgraph by a key that finds something there', async () => {
    expect(await ask('{ lorry { plate crates { code label sticker } } }')).toEqual({
      data: { lorry: { plate: 'L1', crates: [{ code: 'c1', label: 'crate c1', sticker: 'handle with care: crate c1' }] } },
      errors: [],
    });
  });

  it('does not mend where a client’s alias stands for another field of the key: no value is ever another’s', async () => {
    expect(await ask('{ lorry { crates { place { slot: region } } } }')).toMatchObject({
      data: { lorry: { crates: [{ place: { slot: 'r' } }] } },
    });
    expect((await ask('{ lorry { crates { place { slot: region } sticker } } }')).data).toEqual({ lorry: null });
  });
});

describe('requires-with-argument', () => {
  const authors = ['a', 'b', 'c', 'd'];
  const notesOf = (page: string) => authors.map((author) => ({ id: `${page}${author}`, author }));
  const ask = worldOf({
    pages: {
      sdl: `${link('key', 'requires', 'external')}
        type Query { pages: [Page] }
        type Page @key(fields: "id") { id: ID!  notes(most: Int!): [Note] @external }
        type Note @key(fields: "id") { id: ID!  author: ID  twins: [Page] @external  copied: Boolean @requires(fields: "twins { notes(most: 50) { id } }") }`,
      resolvers: {
        Query: { pages: () => [{ id: '1' }, { id: '2' }] },
        Page: { notes: ({ id }: { id: string }, { most }: { most: number }) => notesOf(id).slice(0, most) },
        Note: {
          __resolveReference: (note: object) => note,
          author: ({ id }: { id: string }) => id.slice(1),
          copied: ({ twins }: { twins: { notes: unknown[] }[] }) => twins.length > 0 && twins.every(({ notes }) => notes.length === 4),
        },
      },
    },
    editors: {
      sdl: `${link('key', 'requires', 'external')}
        type Page @key(fields: "id") { id: ID!  editor: Editor @requires(fields: "notes(most: 3) { author }")  notes(most: Int!): [Note] }
        type Note @key(fields: "id") { id: ID!  author: ID @external  twins: [Page] }
        type Editor { id: ID! }`,
      resolvers: {
        Page: {
          __resolveReference: (page: object) => page,
          editor({ notes = [] }: { notes?: { author: string }[] }) {
            if (notes.length !== 3) throw new Error('Three notes are needed.');
            return { id: notes[2]?.author };
          },
          notes: ({ id }: { id: string }, { most }: { most: number }) => notesOf(id).slice(0, most),
        },
        Note: {
          __resolveReference: (note: object) => note,
          twins: ({ id }: { id: string }) => (id.endsWith('c') ? [{ id: '1' }, { id: '2' }] : []),
        },
      },
    },
  });
  const both = [
    { editor: { id: 'c' }, notes: [{ id: '1a' }] },
    { editor: { id: 'c' }, notes: [{ id: '2a' }] },
  ];

  it('answers the client’s own argument beside a required one', async () => {
    expect(await ask('{ pages { editor { id } notes(most: 1) { id } } }')).toEqual({ data: { pages: both }, errors: [] });
  });

  it('answers it as a variable', async () => {
    const query = 'query ($most: Int! = 1) { pages { editor { id } notes(most: $most) { id } } }';
    expect(await ask(query)).toEqual({ data: { pages: both }, errors: [] });
    expect(await ask(query, { most: 1 })).toEqual({ data: { pages: both }, errors: [] });
    expect((await ask(query, { most: 4 })).data).toMatchObject({ pages: [{ editor: { id: 'c' }, notes: [{}, {}, {}, {}] }, {}] });
  });

  it('answers it in fragments', async () => {
    const query = `query ($most: Int! = 1) { pages { editor { id } ...F ...G } }
      fragment F on Page { notes(most: $most) { id } }  fragment G on Page { notes(most: $most) { id } }`;
    expect(await ask(query)).toEqual({ data: { pages: both }, errors: [] });
  });

  it('answers what is required alone, or with the same argument', async () => {
    expect((await ask('{ pages { editor { id } } }')).data).toEqual({ pages: [{ editor: { id: 'c' } }, { editor: { id: 'c' } }] });
    expect((await ask('{ pages { editor { id } notes(most: 3) { id } } }')).data).toMatchObject({
      pages: [{ notes: [{ id: '1a' }, {}, {}] }, {}],
    });
    expect((await ask('{ pages { notes(most: 3) { copied } } }')).data).toMatchObject({
      pages: [{ notes: [{ copied: false }, { copied: false }, { copied: true }] }, {}],
    });
  });
});

describe('requires-with-argument-conflict', () => {
  const ask = worldOf({
    posting: {
      sdl: `${link('key', 'requires', 'external')}
        type Parcel @key(fields: "id") {
          id: ID!  grams: Int @external  worth(in: String!): Int @external  kind: Kind @external
          fee: Int @requires(fields: "worth(in: \\"TWD\\") grams")
          feeAbroad: Int @requires(fields: "worth(in: \\"USD\\") grams")
          valuable: Boolean @requires(fields: "kind { usual(in: \\"TWD\\") }")
        }
        type Kind @external { usual(in: String!): Int }`,
      resolvers: {
        Parcel: {
          __resolveReference: (parcel: object) => parcel,
          fee: ({ worth, grams }: { worth: number; grams: number }) => worth * grams,
          feeAbroad: ({ worth, grams }: { worth: number; grams: number }) => worth * grams * 2,
          valuable: ({ kind }: { kind: { usual: number } }) => kind.usual > 100,
        },
      },
    },
    parcels: {
      sdl: `${link('key')}
        type Query { parcels: [Parcel] }
        type Parcel @key(fields: "id") { id: ID!  grams: Int  worth(in: String!): Int  kind: Kind }
        type Kind { usual(in: String!): Int }`,
      resolvers: {
        Query: { parcels: () => [{ id: 'p', grams: 10, kind: {} }] },
        Parcel: { worth: (_parcel: unknown, given: { in: string }) => (given.in === 'TWD' ? 300 : 9) },
        Kind: { usual: (_kind: unknown, given: { in: string }) => (given.in === 'TWD' ? 200 : 6) },
      },
    },
  });

  it('sends each field what it requires', async () => {
    expect(await ask('{ parcels { id fee feeAbroad valuable } }')).toEqual({
      data: { parcels: [{ id: 'p', fee: 3000, feeAbroad: 180, valuable: true }] },
      errors: [],
    });
  });

  it('does so beside the client’s own argument, and under the client’s names', async () => {
    expect(await ask('{ parcels { a: fee worth(in: "USD") b: feeAbroad } }')).toEqual({
      data: { parcels: [{ a: 3000, worth: 9, b: 180 }] },
      errors: [],
    });
    expect((await ask('{ parcels { fee worth(in: "EUR") kind { usual(in: "USD") } valuable } }')).data).toEqual({
      parcels: [{ fee: 3000, worth: 9, kind: { usual: 6 }, valuable: true }],
    });
  });
});

describe('non-resolvable-interface-object', () => {
  const ask = worldOf({
    nodes: {
      sdl: `${link('key', 'interfaceObject')}
        type Query { a: Node  product: Product }
        interface Node @key(fields: "id") { id: ID! }
        type Product @key(fields: "id") @interfaceObject { id: ID! }`,
      resolvers: { Query: { a: () => ({ id: 'n1' }), product: () => ({ id: 'p1' }) }, Node: { __resolveType: () => 'Nothing' } },
    },
    fields: {
      sdl: `${link('key', 'interfaceObject')}
        type Query { b: Node }
        type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID!  field: String }
        interface Product @key(fields: "id") { id: ID! }
        type Bread implements Product @key(fields: "id") { id: ID!  name: String! }`,
      resolvers: {
        Query: { b: () => ({ id: 'n1' }) },
        Node: { field: () => 'foo' },
        Product: {
          __resolveReference: ({ id }: object & { id: string }) => ({ __typename: 'Bread', id, name: 'rye' }),
          __resolveType: () => 'Bread',
        },
        Bread: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'rye' }) },
      },
    },
  });

  it.each([
    ['{ b { id field } }', { b: { id: 'n1', field: 'foo' } }],
    ['{ b { id } }', { b: { id: 'n1' } }],
    ['{ product { id } }', { product: { id: 'p1' } }],
    ['{ product { ... on Bread { id } } }', { product: { id: 'p1' } }],
  ])('%s', async (query, data) => {
    expect(await ask(query)).toEqual({ data, errors: [] });
  });

  it('says so where nobody can answer, instead of null without a word', async () => {
    await expect(ask('{ a { field } }')).rejects.toMatchObject({ code: 'OPERATION_INVALID' });
    expect((await ask('{ a { id } }')).errors).toHaveLength(1);
  });
});
