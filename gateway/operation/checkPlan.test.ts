import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { CONTRACT, EVERYTHING, SUPERGRAPH } from '../../test/fixtures/smallContract.ts';
import { checkPlan } from './checkPlan.ts';
import { loadGraph } from './graph.ts';
import type { PlannedFetch, PlannedOperation } from './plannedOperation.ts';
import { planOperation } from './planOperation.ts';

const graph = loadGraph(SUPERGRAPH);
const plan = (text: string) => planOperation(graph, parse(text), { askIds: true });

/** The plan of `text` with its last fetch changed. */
function tampered(text: string, change: (fetch: PlannedFetch) => Partial<PlannedFetch>): PlannedOperation {
  const planned = plan(text);
  const fetches = planned.fetches.map((fetch, index) => (index < planned.fetches.length - 1 ? fetch : { ...fetch, ...change(fetch) }));
  return { ...planned, fetches };
}

function refusal(planned: PlannedOperation, permitted: FieldSet = EVERYTHING): string | null {
  try {
    checkPlan(CONTRACT, graph.whole, planned, permitted);
    return null;
  } catch (error) {
    if (error instanceof HubError && error.code === 'PLAN_OUTSIDE_CONSENT') return error.detail ?? '';
    throw error;
  }
}

const PERSON = '{ me { person { name address { city } } } }';
const asking = (selection: string) => (fetch: PlannedFetch) => ({
  document: parse(fetch.query.replace(/\.\.\.on DataSubject\{.*\}\}\}$/, () => `...on DataSubject{${selection}}}}`)),
});

describe('the check of every fetch', () => {
  it('says what each agency is asked, and asks ids with entities', () => {
    const planned = plan(
      'query ($p: String) { a: me { person { name } c: cars(plate: $p) { records { model } } income { year } } notes { id } }',
    );
    const checked = checkPlan(CONTRACT, graph.whole, planned, EVERYTHING);
    const byGraph = planned.fetches.map(({ subgraph, index }) => [subgraph, checked[index]?.fields, [...(checked[index]?.datasets ?? [])]]);
    expect(byGraph.sort()).toEqual([
      ['hub', undefined, []],
      [
        'moa',
        { 'moa.cars': ['model', 'plate'], 'moa.person': ['name'] },
        [
          ['person', 'moa.person'],
          ['c', 'moa.cars'],
        ],
      ],
      ['mob', { 'mob.income': ['year'] }, [['income', 'mob.income']]],
    ]);
    for (const { query, entities } of planned.fetches) if (entities) expect(query).toContain('...on DataSubject{id ');
  });

  it('refuses a leaf, at any depth, that is not permitted', () => {
    expect(refusal(plan(PERSON), { 'moa.person': ['name', 'address.city'] })).toBeNull();
    expect(refusal(plan(PERSON), { 'moa.person': ['name'] })).toBe('Address.city: not permitted.');
    expect(refusal(plan(PERSON), {})).toBe('Person.name: not permitted.');
  });

  it.each([
    ['a field of another agency', 'id income{year}', 'DataSubject.income: asked of moa.'],
    ['an object without a leaf', 'id person{__typename}', 'DataSubject.person: an object without a permitted leaf.'],
    ['an inner object without a leaf', 'id person{name relatives{__typename}}', 'Person.relatives: an object without a permitted leaf.'],
    ['a leaf under the key’s name', 'id:person{name}', 'DataSubject.person: answered as id.'],
    ['a fragment', 'id ...on DataSubject{person{name}}', 'moa: a fragment.'],
    ['a condition', 'id person @include(if: true){name}', 'moa: a directive.'],
    ['a field nobody knows', 'id person{secret}', 'Person.secret: unknown.'],
    ['an argument that is no key', 'id person(plate: "x"){name}', 'DataSubject.person(plate:): not permitted.'],
  ])('refuses %s', (_what, selection, detail) => {
    expect(refusal(tampered(PERSON, asking(selection)))).toBe(detail);
  });

  it.each<[string, (fetch: PlannedFetch) => Partial<PlannedFetch>, string]>([
    ['a mutation', () => ({ kind: 'MUTATION' }), 'moa: only entities are asked of an agency.'],
    ['a root field', () => ({ entities: false, document: parse('{ notes { id } }') }), 'moa: only entities are asked of an agency.'],
    [
      'another entity',
      () => ({ document: parse('query($representations:[_Any!]!){_entities(representations:$representations){...on Person{name}}}') }),
      'moa: only DataSubject is asked.',
    ],
    [
      'another root beside entities',
      () => ({ document: parse('query($representations:[_Any!]!){_service{sdl}}') }),
      'moa: only _entities is asked.',
    ],
    [
      'representations written out',
      () => ({ document: parse('{_entities(representations:[{__typename:"DataSubject",id:"bob"}]){...on DataSubject{person{name}}}}') }),
      'moa: other entities.',
    ],
    [
      'more of an entity than its key',
      ({ requires }) => ({ requires: [...(requires ?? []), { kind: 'Field', name: 'person' }] }),
      'moa: only __typename and id are sent of an entity.',
    ],
    ['two operations', () => ({ document: parse('query A{x} query B{x}') }), 'moa: more than one operation.'],
    [
      'an agency’s field asked of the hub',
      () => ({ subgraph: 'hub', entities: false, document: parse('{me{person{name}}}') }),
      'DataSubject.person: asked of the hub.',
    ],
    ['an entity asked of the hub', () => ({ subgraph: 'hub' }), 'hub: entities.'],
  ])('refuses %s', (_what, change, detail) => {
    expect(refusal(tampered(PERSON, change))).toBe(detail);
  });
});
