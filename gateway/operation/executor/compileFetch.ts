import type { FetchNode } from '@apollo/query-planner';
import { GraphQLError, isObjectType, type GraphQLSchema } from 'graphql';
import type { FetchAnswer } from '../planExecutor.ts';
import type { PlannedFetch } from '../plannedOperation.ts';
import type { Path } from './compilePath.ts';
import { compileRepresentation } from './compileRepresentation.ts';
import { compileRewrites } from './compileRewrites.ts';
import { gatherEntities, type Gathered } from './gatherEntities.ts';
import { copyData, getOwn, isObject, mergeData, type Data } from './mergeData.ts';
import type { Running, Step } from './step.ts';
import { subgraphError } from './subgraphError.ts';

/** Compiles one fetch at one path. It ends well whatever happens: what goes wrong is an error of the run. */
export function compileFetch(whole: GraphQLSchema, node: FetchNode, fetch: PlannedFetch, path: Path): Step {
  const output = compileRewrites(whole, node.outputRewrites);
  const asked = { whole, fetch, path, output };
  if (node.requires === undefined) return fetchAt(asked);
  const represent = compileRepresentation(whole, node.requires);
  return fetchEntities(asked, represent, compileRewrites(whole, node.inputRewrites));
}

interface Asked {
  readonly whole: GraphQLSchema;
  readonly fetch: PlannedFetch;
  readonly path: Path;
  readonly output: ReturnType<typeof compileRewrites>;
}

/** What is not an entity's: root fields, at the root or below a field that returns the root type. */
function fetchAt({ fetch, path, output }: Asked): Step {
  return (running, done) => {
    const targets = path.find(running.data);
    if (targets.length === 0) return done();
    send(running, fetch, variablesOf(running, fetch), done, ({ data, errors = [] }) => {
      for (const error of errors) {
        const below = output === null || error.path === undefined ? error.path : output.rename(error.path);
        const places = path.placesOf(running.data, targets[0] as Data);
        running.errors.push(subgraphError(error, below && [...(places[0] ?? path.start), ...below]));
      }
      if (!isObject(data)) return;
      output?.apply(data);
      for (const [index, target] of targets.entries()) mergeData(target, index === 0 ? data : copyData(data));
    });
  };
}

/** Entities that earlier fetches found, each asked once however often it stands in the answer. */
function fetchEntities(asked: Asked, represent: (entity: Data) => Data | null, input: ReturnType<typeof compileRewrites>): Step {
  const { fetch, path } = asked;
  return (running, done) => {
    const gathered = gatherEntities(path.find(running.data), represent, input);
    if (gathered.representations.length === 0) return done();
    const variables = variablesOf(running, fetch);
    variables['representations'] = gathered.representations;
    send(running, fetch, variables, done, (answer) => absorbEntities(running, asked, gathered, answer));
  };
}

function absorbEntities(running: Running, { whole, path, output }: Asked, { targets }: Gathered, { data, errors = [] }: FetchAnswer): void {
  for (const error of errors) {
    const [root, index, ...rest] = error.path ?? [];
    const below = output === null ? rest : output.rename(rest);
    const entities = root !== '_entities' || typeof index !== 'number' ? [] : (targets[index] ?? []);
    const places = entities.flatMap((entity) => path.placesOf(running.data, entity).map((place) => [...place, ...below]));
    // Of no entity, or of one that another fetch's null has displaced since: the answer's path as far as it is certain.
    if (places.length === 0 && error.path !== undefined) places.push([...path.start]);
    for (const place of places) running.errors.push(subgraphError(error, place));
    if (error.path === undefined) running.errors.push(subgraphError(error, undefined));
  }
  if (!isObject(data)) return;
  const received = getOwn(data, '_entities');
  if (!Array.isArray(received) || received.length !== targets.length) {
    if (errors.length === 0) throw new GraphQLError(`A subgraph did not answer for each of ${targets.length} entities.`);
    return;
  }
  for (const [index, entity] of received.entries()) {
    if (!isObject(entity)) continue;
    const [first, ...others] = targets[index] as readonly [Data, ...Data[]];
    // An @interfaceObject calls an entity by its interface, where what it is may be known already.
    if (!isObjectType(whole.getType(String(getOwn(entity, '__typename'))))) entity['__typename'] = getOwn(first, '__typename');
    output?.apply(entity);
    for (const other of others) mergeData(other, copyData(entity));
    mergeData(first, entity);
  }
}

/** Sends, and goes on with what came: at once where nothing had to be waited for. */
function send(running: Running, fetch: PlannedFetch, variables: Data, done: () => void, absorb: (answer: FetchAnswer) => void): void {
  const fail = (cause: unknown) => {
    running.errors.push(errorOf(cause));
    done();
  };
  const take = (answer: FetchAnswer) => {
    try {
      absorb(answer);
    } catch (cause) {
      running.errors.push(errorOf(cause));
    }
    done();
  };
  let sent: FetchAnswer | Promise<FetchAnswer>;
  try {
    sent = running.fetch(fetch, variables);
  } catch (cause) {
    return fail(cause);
  }
  if ('then' in sent) void sent.then(take, fail);
  else take(sent);
}

function variablesOf({ variables }: Running, { variables: used }: PlannedFetch): Data {
  const given: Data = {};
  for (const name of used) {
    if (!Object.hasOwn(variables, name) || variables[name] === undefined) continue;
    given[name] = variables[name];
  }
  return given;
}

function errorOf(cause: unknown): GraphQLError {
  if (cause instanceof GraphQLError) return cause;
  return new GraphQLError('A part of the answer failed.', { originalError: cause instanceof Error ? cause : null });
}
