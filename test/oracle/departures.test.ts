import { describe, expect, it } from '@jest/globals';
import type { FetchAnswer, PlanResult } from '../../gateway/operation/planExecutor.ts';
import { runCanned } from './cannedRun.ts';

const dataOf = (result: PlanResult | Error): unknown =>
  result instanceof Error ? result.message : (JSON.parse(JSON.stringify(result.data)) as unknown);
const placesOf = (result: PlanResult | Error): unknown =>
  result instanceof Error ? result.message : result.errors.map(({ path }) => path);
const answer = (data: Record<string, unknown>, errors?: FetchAnswer['errors']): FetchAnswer => ({ data, ...(errors && { errors }) });
const entities = (...list: unknown[]): FetchAnswer => answer({ _entities: list });

const REVIEWED = {
  a: 'type Query { items: [[P]] one: P } type P @key(fields: "id") { id: ID! }',
  b: 'type P @key(fields: "id") { id: ID! name: String stars: Int }',
};

// Each case: what the specification says and ours does, and what the stock executor makes of it.
describe('where the stock executor departs from the specification, ours follows it:', () => {
  it('a value that is zero, false or empty survives when a subgraph knows it under another name', async () => {
    const keyed = {
      a: 'type Query { any: [U] } union U = A | B type A @key(fields: "id") { id: Int! } type B @key(fields: "id") { id: String! }',
      b: 'type A @key(fields: "id") { id: Int! v: Int } type B @key(fields: "id") { id: String! v: Int }',
    };
    const came = await runCanned(keyed, '{ any { ... on A { v } ... on B { v } } }', {
      a: [
        answer({
          any: [
            { __typename: 'A', id: 0 },
            { __typename: 'B', id__alias_0: '' },
          ],
        }),
      ],
      b: [entities({ v: 1 }, { v: 2 })],
    });
    expect(came.fetches[0]?.query).toContain('id__alias_0:id');
    expect(dataOf(came.ours)).toEqual({ any: [{ v: 1 }, { v: 2 }] });
    expect(dataOf(came.stock)).not.toEqual(dataOf(came.ours));
  });

  it('parts of one list of lists come together', async () => {
    const part = (field: string) => `type Query { grid: [[Cell]] @shareable } type Cell @shareable { ${field}: Int both: Int }`;
    const { stock, ours } = await runCanned({ a: part('x'), b: part('y') }, '{ grid { x y } }', {
      a: [answer({ grid: [[{ x: 1 }, null]] })],
      b: [answer({ grid: [[{ y: 2 }, null]] })],
    });
    expect(dataOf(ours)).toEqual({ grid: [[{ x: 1, y: 2 }, null]] });
    expect(dataOf(stock)).not.toEqual(dataOf(ours));
  });

  it('objects in lists of lists are sent with the entity that needs them', async () => {
    const sdls = {
      a: 'type Query { box: Box } type Box @key(fields: "id") { id: ID! sides: [[Side]] } type Side { width: Int }',
      b: 'type Box @key(fields: "id") { id: ID! sides: [[Side]] @external area: Int @requires(fields: "sides { width }") } type Side { width: Int @external }',
    };
    const { ours, sent } = await runCanned(sdls, '{ box { area } }', {
      a: [answer({ box: { __typename: 'Box', id: '1', sides: [[{ width: 3 }], null] } })],
      b: [entities({ area: 9 })],
    });
    // The stock executor sends `[null, null]`.
    expect(sent[1]).toEqual({ representations: [{ __typename: 'Box', id: '1', sides: [[{ width: 3 }], null] }] });
    expect(dataOf(ours)).toEqual({ box: { area: 9 } });
  });

  it('a fragment on an interface around one on the object’s own type finds the object', async () => {
    const sdls = { a: 'type Query { v: V } interface I { size: Int } type V implements I { size: Int n: Int }' };
    const { stock, ours } = await runCanned(sdls, '{ v { ... on I { ... on V { n } } } }', { a: [answer({ v: { n: 1, size: 2 } })] });
    expect(dataOf(ours)).toEqual({ v: { n: 1 } });
    expect(dataOf(stock)).toEqual({ v: {} });
  });

  it('fields stand in the order of the query, whatever fragments they come from', async () => {
    const sdls = { a: 'type Query { v: V } interface I { x: Int } type V implements I { x: Int y: Int z: Int }' };
    const { stock, ours } = await runCanned(sdls, '{ v { ... on I @include(if: true) { x } y ... on V { z x } } }', {
      a: [answer({ v: { z: 3, y: 2, x: 1 } })],
    });
    expect(ours.text).toBe('{"v":{"x":1,"y":2,"z":3}}');
    expect(dataOf(stock)).toEqual(dataOf(ours));
  });

  it('an error is at the element that failed, though another before it could not be asked for', async () => {
    const { stock, ours } = await runCanned(REVIEWED, '{ items { name } }', {
      a: [answer({ items: [[{ __typename: 'P' }, { __typename: 'P', id: '2' }]] })],
      b: [{ data: { _entities: [{ name: null }] }, errors: [{ message: 'x', path: ['_entities', 0, 'name'] }] }],
    });
    expect(placesOf(ours)).toEqual([['items', 0, 1, 'name']]);
    expect(placesOf(stock)).toEqual([['items', 0, 0, 'name']]);
  });

  it('an error has a place of the answer, not of a subgraph’s question', async () => {
    const { stock, ours } = await runCanned(REVIEWED, '{ one { name } }', {
      a: [answer({ one: { __typename: 'P', id: '1' } })],
      b: [{ data: null, errors: [{ message: 'x', path: ['_entities'] }] }],
    });
    expect(placesOf(ours)).toEqual([['one']]);
    expect(placesOf(stock)).toEqual([['one', '_entities']]);
  });

  it('a value that is no list costs its own field, not the whole answer', async () => {
    const { stock, ours } = await runCanned({ a: 'type Query { list: [Int] n: Int }' }, '{ list n }', { a: [answer({ list: 7, n: 1 })] });
    expect(dataOf(ours)).toEqual({ list: null, n: 1 });
    expect(ours.unfit).toEqual([['list']]);
    expect(dataOf(stock)).toBeNull();
  });

  it('a path of one type does not stumble over another type’s value of the same name', async () => {
    const sdls = {
      a: 'type Query { any: [U] } union U = A | B type A { g: [P] } type B @key(fields: "g") { g: Int! } type P @key(fields: "id") { id: ID! }',
      b: 'type B @key(fields: "g") { g: Int! v: Int } type P @key(fields: "id") { id: ID! name: String }',
    };
    const { stock, ours } = await runCanned(sdls, '{ any { ... on A { g { name } } ... on B { v } } }', {
      a: [
        answer({
          any: [
            { __typename: 'A', g: [{ __typename: 'P', id: '1' }] },
            { __typename: 'B', g__alias_0: 7, g: 7 },
          ],
        }),
      ],
      b: [entities({ name: 'x', v: 1 }), entities({ name: 'x', v: 1 })],
    });
    expect(dataOf(ours)).toEqual({ any: [{ g: [{ name: 'x' }] }, { v: 1 }] });
    expect(stock).toBeInstanceOf(TypeError);
  });

  it('a value that is no object costs its own field, not the whole answer', async () => {
    const { stock, ours } = await runCanned({ a: 'type Query { v: V n: Int } type V { x: Int }' }, '{ v { x } n }', {
      a: [answer({ v: 'text', n: 1 })],
    });
    expect(dataOf(ours)).toEqual({ v: null, n: 1 });
    expect(dataOf(stock)).toBeNull();
  });

  it('what an object is called does not change a type that is known without it', async () => {
    const { stock, ours } = await runCanned({ a: 'type Query { v: V } type V { x: Int }' }, '{ v { __typename x } }', {
      a: [answer({ v: { __typename: 'Secret', x: 1 } })],
    });
    expect(dataOf(ours)).toEqual({ v: { __typename: 'V', x: 1 } });
    expect(dataOf(stock)).toEqual({ v: null });
  });

  it('an object that does not belong to the union does not stand in it', async () => {
    const sdls = { a: 'type Query { u: U other: C } union U = A | B type A { x: Int } type B { x: Int } type C { x: Int }' };
    const { stock, ours } = await runCanned(sdls, '{ u { __typename } }', { a: [answer({ u: { __typename: 'C' } })] });
    expect(dataOf(ours)).toEqual({ u: null });
    expect(ours.unfit).toEqual([['u']]);
    expect(dataOf(stock)).toEqual({ u: { __typename: 'C' } });
  });

  it('an ID is a text, and an Int has 32 bits', async () => {
    const { stock, ours } = await runCanned({ a: 'type Query { id: ID n: Int m: Int }' }, '{ id n m }', {
      a: [answer({ id: 7, n: 2_147_483_648, m: -2_147_483_648 })],
    });
    expect(ours.text).toBe('{"id":"7","n":null,"m":-2147483648}');
    expect(dataOf(stock)).toEqual({ id: 7, n: 2_147_483_648, m: -2_147_483_648 });
  });

  it('a field is as non-null as the object’s own type has it, though it was asked through an interface', async () => {
    const sdls = { a: 'type Query { i: I } interface I { x: Int } type V implements I { x: Int! }' };
    const { stock, ours } = await runCanned(sdls, '{ i { x } }', { a: [answer({ i: { __typename: 'V', x: null } })] });
    expect(dataOf(ours)).toEqual({ i: null });
    expect(dataOf(stock)).toEqual({ i: { x: null } });
  });

  it('an interface’s name from an @interfaceObject does not take the place of what the entity is', async () => {
    const sdls = {
      a: 'type Query { m: M } interface M @key(fields: "id") { id: ID! } type Book implements M @key(fields: "id") { id: ID! pages: Int }',
      b: 'type M @key(fields: "id") @interfaceObject { id: ID! stars: Int }',
    };
    const { stock, ours } = await runCanned(sdls, '{ m { __typename stars ... on Book { pages } } }', {
      a: [answer({ m: { __typename: 'Book', id: '1', pages: 3 } })],
      b: [entities({ __typename: 'M', stars: 5 })],
    });
    expect(dataOf(ours)).toEqual({ m: { __typename: 'Book', stars: 5, pages: 3 } });
    expect(dataOf(stock)).toEqual({ m: null });
  });
});
