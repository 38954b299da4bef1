import { parse, type GraphQLError } from 'graphql';
import { composeSupergraph, type Subgraph } from '../../schema/compose.ts';
import { compileExecutor } from '../../gateway/operation/executor/compileExecutor.ts';
import { loadGraph, type Graph } from '../../gateway/operation/graph.ts';
import type { FetchAnswer, PlanExecutor, PlanRun } from '../../gateway/operation/planExecutor.ts';
import { planOperation } from '../../gateway/operation/planOperation.ts';
import type { PlannedFetch, PlannedOperation } from '../../gateway/operation/plannedOperation.ts';
import { hash } from './hash.ts';
import { inTurn } from './inTurn.ts';
import { memorySubgraph, type Ask, type SubgraphAnswer, type Weather } from './memorySubgraph.ts';
import { stockExecutor } from './stockExecutor.ts';

/** A supergraph with its subgraphs in memory and both executors. */
export interface World {
  readonly subgraphs: readonly Subgraph[];
  readonly graph: Graph;
  readonly ask: ReadonlyMap<string, Ask>;
  readonly stock: PlanExecutor;
  readonly ours: PlanExecutor;
}

export function worldOf(subgraphs: readonly Subgraph[]): World {
  const graph = loadGraph(composeSupergraph(subgraphs).supergraphSdl);
  return {
    subgraphs,
    graph,
    ask: new Map(subgraphs.map((subgraph) => [subgraph.name, memorySubgraph(subgraph)])),
    stock: stockExecutor(graph),
    ours: compileExecutor(graph),
  };
}

export function plan(world: World, text: string): PlannedOperation {
  return planOperation(world.graph, parse(text), { askIds: false });
}

/** What an executor answered, in a form that can be compared: errors sorted, since which is first is nobody's promise. */
export interface Said {
  readonly data: unknown;
  readonly errors: readonly string[];
  readonly unfit: readonly string[];
  /** Representations that were asked for. */
  readonly asked: number;
}

/** Runs one plan by one executor in a world whose answers follow from the seed. */
export async function runIn(
  world: World,
  executor: PlanExecutor,
  planned: PlannedOperation,
  variables: Readonly<Record<string, unknown>>,
  weather: Weather,
): Promise<Said> {
  const { seed, faults } = weather;
  const wait = inTurn();
  let asked = 0;
  const fetch: PlanRun['fetch'] = (fetching, given) => {
    const turn = hash(`${seed} turn ${fetching.index}`);
    if (faults.error > 0 && hash(`${seed} down ${fetching.index}`) % 1000 < faults.error)
      return wait(turn).then(() => Promise.reject(new Error(`fetch ${fetching.index} failed`)));
    const ask = world.ask.get(fetching.subgraph);
    if (ask === undefined) throw new Error(`No subgraph ${fetching.subgraph}.`);
    if (Array.isArray(given['representations'])) asked += given['representations'].length;
    return wait(turn).then(() => askOnce(ask, fetching, given, weather));
  };
  const { data, errors, unfit } = await executor.run(planned, { variables, fetch });
  return {
    data,
    errors: errors.map(errorText).sort(),
    unfit: [...new Set(unfit.map((path) => JSON.stringify(path)))].sort(),
    asked,
  };
}

/** Equal representations are one question to the world, so that an answer is the same whether or not the executor asks twice. */
async function askOnce(ask: Ask, { document }: PlannedFetch, given: Record<string, unknown>, weather: Weather): Promise<FetchAnswer> {
  const { representations } = given;
  if (!Array.isArray(representations)) return ask(document, given, weather);
  const texts = representations.map((each) => JSON.stringify(each));
  const unique = [...new Set(texts)];
  const once = { ...given, representations: unique.map((text) => JSON.parse(text) as unknown) };
  const { data, errors = [] } = await ask(document, once, weather);
  const entities = data?.['_entities'];
  const spread = texts.map((text) => unique.indexOf(text));
  return {
    data: Array.isArray(entities)
      ? { ...data, _entities: spread.map((index) => certainType(structuredClone<unknown>(entities[index]))) }
      : data,
    ...(errors.length > 0 && { errors: spreadErrors(errors, spread) }),
  };
}

/** An @interfaceObject's name for an entity would take the place of what it is, in the stock executor alone (departures.test.ts). */
function certainType(entity: unknown): unknown {
  if (typeof entity !== 'object' || entity === null || !('__typename' in entity) || entity.__typename !== 'Media') return entity;
  const { __typename: _name, ...rest } = entity;
  return rest;
}

type Errors = NonNullable<SubgraphAnswer['errors']>;

function spreadErrors(errors: Errors, spread: readonly number[]): Errors {
  return errors.flatMap((error) => {
    const [root, index, ...rest] = error.path ?? [];
    if (root !== '_entities' || typeof index !== 'number') return [error];
    return spread.flatMap((unique, place) => (unique === index ? [{ ...error, path: [root, place, ...rest] }] : []));
  });
}

function errorText({ message, path, extensions, originalError }: GraphQLError): string {
  const said = originalError instanceof Error && !('path' in originalError) ? originalError.message : message;
  return JSON.stringify([
    said,
    path === undefined ? null : certain(path),
    extensions['code'] === UNNAMED ? null : (extensions['code'] ?? null),
  ]);
}

/** What the stock executor calls an error without a code. */
const UNNAMED = 'DOWNSTREAM_SERVICE_ERROR';

/** A path as far as it is one of the answer: the stock executor's may go on with the subgraph's own or the plan's steps. */
function certain(path: readonly (string | number)[]): readonly (string | number)[] {
  const end = path.findIndex((step) => step === '@' || step === '_entities');
  return end < 0 ? path : path.slice(0, end);
}
