import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { composeSupergraph } from '../../../schema/compose.ts';
import { loadGraph } from '../graph.ts';
import type { FetchAnswer, PlanRun } from '../planExecutor.ts';
import { planOperation } from '../planOperation.ts';
import type { Shape } from '../prune.ts';
import { compileExecutor } from './compileExecutor.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@inaccessible"])';
const graph = loadGraph(
  composeSupergraph([
    {
      name: 'a',
      sdl: `${LINK}
        scalar Any
        enum Color { RED SECRET @inaccessible }
        type Query { people: [Person!]! me: Person any: Any color: Color count: Int! }
        type Person @key(fields: "id") { id: ID! name: String }`,
    },
    {
      name: 'b',
      sdl: `${LINK} type Person @key(fields: "id") { id: ID! age: Int town: Town friends: [[Person!]] } type Town { name: String! }`,
    },
  ]).supergraphSdl,
);
const executor = compileExecutor(graph);

interface Options {
  readonly variables?: PlanRun['variables'];
  readonly shape?: readonly Shape[];
}

async function run(text: string, fetch: PlanRun['fetch'], { variables = {}, shape }: Options = {}) {
  const planned = planOperation(graph, parse(text), { askIds: false });
  const { text: written, errors, unfit } = await executor.run(planned, { variables, fetch, ...(shape && { shape }) });
  return { written, errors: errors.map(({ message, path }) => ({ message, path })), unfit };
}
const json = (text: string): FetchAnswer => ({ data: JSON.parse(text) as Record<string, unknown> });
const bySubgraph =
  (answers: Record<string, FetchAnswer>) =>
  ({ subgraph }: { subgraph: string }) =>
    answers[subgraph] ?? { data: null };

describe('running a plan', () => {
  it('asks equal entities once and gives each place an object of its own', async () => {
    const asked: unknown[] = [];
    const { written } = await run('{ people { age town { name } } }', ({ subgraph }, variables) => {
      asked.push(variables['representations']);
      if (subgraph === 'a')
        return json('{"people":[{"__typename":"Person","id":"1"},{"__typename":"Person","id":"2"},{"__typename":"Person","id":"1"}]}');
      return json('{"_entities":[{"age":40,"town":{"name":"x"}},{"age":50,"town":null}]}');
    });
    const person = (id: string) => ({ __typename: 'Person', id });
    expect(asked).toEqual([undefined, [person('1'), person('2')]]);
    const first = '{"age":40,"town":{"name":"x"}}';
    expect(written).toBe(`{"people":[${first},{"age":50,"town":null},${first}]}`);
  });

  it('tells an error of one entity at each place where it stands', async () => {
    const { errors } = await run(
      '{ people { age } }',
      bySubgraph({
        a: json('{"people":[{"__typename":"Person","id":"1"},{"__typename":"Person","id":"1"}]}'),
        b: { ...json('{"_entities":[{"age":null}]}'), errors: [{ message: 'x', path: ['_entities', 0, 'age'] }] },
      }),
    );
    expect(errors).toEqual([0, 1].map((index) => ({ message: 'x', path: ['people', index, 'age'] })));
  });

  it.each<[string, PlanRun['fetch']]>([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
  ])('ends with an error in neutral words when a fetch %s', async (_how, fetch) => {
    const { written, errors } = await run('{ me { age } }', fetch);
    expect(written).toBe('{"me":null}');
    expect(errors).toEqual([{ message: 'A part of the answer failed.', path: undefined }]);
  });

  it.each([
    ['fewer entities', '{"_entities":[]}'],
    ['more entities', '{"_entities":[{"age":1},{"age":2}]}'],
    ['no list', '{"_entities":{"0":{"age":1}}}'],
    ['nothing', '{}'],
  ])('takes nothing from a subgraph that answers with %s', async (_what, answer) => {
    const { written, errors } = await run(
      '{ me { name age } }',
      bySubgraph({ a: json('{"me":{"__typename":"Person","id":"1","name":"n"}}'), b: json(answer) }),
    );
    expect(written).toBe('{"me":{"name":"n","age":null}}');
    expect(errors).toHaveLength(1);
  });

  it('reads nothing from a prototype and changes none', async () => {
    const { written } = await run(
      '{ __proto__: me { __proto__: name constructor: name toString: age hasOwnProperty: name } me { valueOf: name } }',
      bySubgraph({
        a: json('{"__proto__":{"__typename":"Person","id":"1","__proto__":"n"},"me":{"__proto__":{"valueOf":"x","name":"x"}}}'),
        b: json('{"_entities":[{"__proto__":{"polluted":true},"toString":7,"constructor":{"prototype":{"polluted":true}}}]}'),
      }),
    );
    const found = '{"__proto__":null,"constructor":null,"toString":7,"hasOwnProperty":null}';
    expect(written).toBe(`{"__proto__":${found},"me":{"valueOf":null}}`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses a subscription', () => {
    const planned = planOperation(graph, parse('{ me { name } }'), { askIds: false });
    const subscription = {
      ...planned,
      plan: { kind: 'QueryPlan' as const, node: { kind: 'Subscription' as const, primary: {} as never } },
    };
    expect(() => executor.run(subscription, { variables: {}, fetch: () => ({ data: null }) })).toThrow(
      expect.objectContaining({ code: 'OPERATION_INVALID' }),
    );
  });
});

describe('writing an answer', () => {
  const answering = (text: string, query: string) => run(query, () => json(text));

  it('writes null for what does not fit, and says where', async () => {
    const { written, unfit } = await answering(
      '{"people":[{"name":7},{"name":{"a":1}},{"name":"n"}],"color":"SECRET"}',
      '{ people { name } color }',
    );
    expect(written).toBe('{"people":[{"name":null},{"name":null},{"name":"n"}],"color":null}');
    expect(unfit).toEqual([['people', 0, 'name'], ['people', 1, 'name'], ['color']]);
  });

  it('lets null go up as far as it must, and tells the innermost place alone', async () => {
    const { written, unfit } = await answering('{"people":[{"name":"n"},null]}', '{ people { name } }');
    expect([written, unfit]).toEqual(['null', [['people', 1]]]);
  });

  it('writes any JSON of a custom scalar, however it is made, and null where there is none', async () => {
    expect((await answering('{"any":{"a":[1,"\\u2028\\ud800",null]}}', '{ any }')).written).toBe('{"any":{"a":[1,"\u2028\\ud800",null]}}');
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(await answering(`{"any":${deep}}`, '{ any }')).toMatchObject({ written: '{"any":null}', unfit: [['any']] });
    expect((await run('{ any }', () => ({ data: { any: 7n } }))).written).toBe('{"any":null}');
  });

  it('holds few writers, whatever a client does with its conditions', async () => {
    const text = 'query ($a: Boolean!, $b: Boolean = true) { me @include(if: $a) { name @skip(if: $b) id } }';
    const fetch = () => json('{"me":{"name":"n","id":"1"}}');
    expect((await run(text, fetch, { variables: { a: true } })).written).toBe('{"me":{"id":"1"}}');
    expect((await run(text, fetch, { variables: { a: true, b: false } })).written).toBe('{"me":{"name":"n","id":"1"}}');
    expect((await run(text, fetch, { variables: { a: false } })).written).toBe('{}');
  });

  it('writes what was refused as null on the way, whatever a subgraph says there', async () => {
    const shape: Shape[] = [
      { kind: 'REFUSED', key: 'color' },
      {
        kind: 'OBJECT',
        key: 'me',
        present: true,
        fields: [
          { kind: 'TYPENAME', key: 't', value: 'Person' },
          { kind: 'REFUSED', key: 'id' },
          { kind: 'COPY', key: 'name' },
        ],
      },
    ];
    const written = async (text: string) => (await run('{ me { name } }', () => json(text), { shape })).written;
    expect(await written('{"me":{"name":"n","id":"secret","t":"x"},"color":"RED"}')).toBe(
      '{"color":null,"me":{"t":"Person","id":null,"name":"n"}}',
    );
    expect(await written('{"me":null}')).toBe('{"color":null,"me":{"t":"Person","id":null,"name":null}}');
  });

  it('answers introspection from what clients see alone', async () => {
    const { written } = await run('{ __schema { queryType { name } } c: __type(name: "Color") { enumValues { name } } }', () => ({
      data: null,
    }));
    expect(written).toBe('{"__schema":{"queryType":{"name":"Query"}},"c":{"enumValues":[{"name":"RED"}]}}');
  });
});
