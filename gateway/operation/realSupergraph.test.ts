import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { getNamedType, isObjectType, type GraphQLObjectType } from 'graphql';
import { readContract } from '../../schema/contract.ts';
import { fieldSet, type FieldSet } from '../../schema/fieldSet.ts';
import { createCompiler } from './compiledOperation.ts';
import { loadGraph } from './graph.ts';
import { LIMITS } from './limits.ts';
import { inThreadPlanner } from './planner/inThreadPlanner.ts';
import { createOperationCache } from './preparedOperation.ts';

const supergraphSdl = readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8');
const contract = readContract(supergraphSdl);
const graph = loadGraph(supergraphSdl);
const planner = inThreadPlanner(graph);
const compiler = createCompiler({ limits: LIMITS, introspection: false, planner });
const operations = createOperationCache({ graph, contract, planner });

/** Every leaf of a type, to be asked at once. */
function everything(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields()).map((field) => {
    const below = getNamedType(field.type);
    return isObjectType(below) ? `${field.name} ${everything(below)}` : field.name;
  });
  return `{ __typename ${fields.join(' ')} }`;
}

const subject = graph.api.getType('DataSubject') as GraphQLObjectType;
const query = `{ me ${everything(subject)} }`;
const selected = operations.select(await compiler.compile(query, null, 'client'), {}, 'client');
const prepare = async (permitted: FieldSet) => operations.prepare(selected, permitted, 'client');

describe('the committed supergraph', () => {
  it('can be asked for every leaf of every dataset in one operation, within the limits', async () => {
    const all = fieldSet([...contract.datasets.values()].map(({ id, leaves }) => [id, leaves.map(({ path }) => path)]));
    expect(selected.closure.asked).toEqual(all);
    const { pruned, checked } = await prepare(all);
    expect(pruned.whole).toBe(true);
    expect(fieldSet(checked.flatMap((fetch) => Object.entries(fetch?.fields ?? {})))).toEqual(all);
  });

  it.each([...contract.datasets.keys()])('asks for nothing else than one leaf of %s where only that is permitted', async (id) => {
    for (const { path } of contract.datasets.get(id)?.leaves ?? []) {
      const { planned, checked, pruned } = await prepare({ [id]: [path] });
      expect(checked.map((fetch) => fetch?.fields)).toEqual([undefined, { [id]: [path] }]);
      expect(planned?.fetches.map(({ subgraph }) => subgraph)).toEqual(['hub', contract.datasets.get(id)?.agency]);
      expect(pruned.released).toEqual({ [id]: [path] });
    }
  });

  it('asks each agency once for all of it, so that there is nothing to batch', async () => {
    const all = fieldSet([...contract.datasets.values()].map(({ id, leaves }) => [id, leaves.map(({ path }) => path)]));
    const asked = (await prepare(all)).planned?.fetches.map(({ subgraph }) => subgraph) ?? [];
    expect([...asked].sort()).toEqual(['hub', ...new Set([...contract.datasets.values()].map(({ agency }) => agency))].sort());
  });

  it('asks nobody where nothing is permitted', async () => {
    expect(await prepare({})).toMatchObject({ planned: null, checked: [] });
  });

  it('shows clients neither the key of a data subject nor federation’s machinery', () => {
    expect(Object.keys(subject.getFields())).not.toContain('id');
    expect(graph.publicSdl).not.toMatch(/join__|_entities|_Any|inaccessible/);
  });
});
