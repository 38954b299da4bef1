import type { FastifyInstance } from 'fastify';
import { GraphQLError, Kind, parse, print, visit, type DocumentNode } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import { WrittenAnswer, type Answer } from './answer.ts';
import { createCompiler, type CompiledOperation } from './compiledOperation.ts';
import { compileExecutor } from './executor/compileExecutor.ts';
import { createFront } from './front.ts';
import { httpSubgraph, type HttpSubgraph } from './httpSubgraph.ts';
import { LIMITS, NO_LIMITS } from './limits.ts';
import { readPlan, type PlannedOperation } from './plannedOperation.ts';
import { startThreadPlanner } from './planner/threadPlanner.ts';
import { graphqlRoutes } from './routes.ts';
import { fitVariables } from './variables.ts';

export interface DoorOptions {
  /** A plain federation supergraph; its subgraphs are reached at the URLs written in it. */
  readonly supergraphSdl: string;
  readonly introspection: boolean;
  readonly limited: boolean;
  readonly requestId: () => string;
  readonly failure: (request: string, cause: unknown) => void;
}

export interface Door {
  readonly routes: (fastify: FastifyInstance) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * The conformance door: the hub's own way from a document to an answer (compiler, limits, planner, executor, front) for a supergraph that has
 * no datasets, so that public federation suites can run against it. It knows no caller and no consent, and therefore refuses a supergraph
 * that carries a contract. Throws CONFIGURATION or CONTRACT_BROKEN.
 */
export async function createDoor({ supergraphSdl, introspection, limited, requestId, failure }: DoorOptions): Promise<Door> {
  refuseContract(supergraphSdl);
  const limits = limited ? LIMITS : NO_LIMITS;
  const { planner, graph } = await startThreadPlanner({
    supergraphSdl,
    maxEvaluatedPlans: 10_000,
    deadlineMs: limited ? 2_000 : 20_000,
    failure: (cause) => failure('', cause),
  });
  const subgraphs = new Map(graph.subgraphs.map(({ name, url }) => [name, httpSubgraph(name, url)]));
  const compiler = createCompiler({ limits, introspection, planner });
  const executor = compileExecutor(graph);
  // A plan lives as long as its compiled operation, whose cache is bounded.
  const plans = new WeakMap<CompiledOperation, PlannedOperation | null>();

  /** Null: nobody can answer it. */
  async function plan(compiled: CompiledOperation): Promise<PlannedOperation | null> {
    const { document, operationName } = compiled;
    const built = await planner.turn(NOBODY, (desk) => desk.plan(print(document), operationName)).catch(orNull);
    const planned = built === null ? null : readPlan(built, document, { askIds: false, operationName });
    plans.set(compiled, planned);
    return planned;
  }

  async function answer(compiled: CompiledOperation, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { sent } = fitVariables(graph.api, compiled, variables, limits);
    const planned = plans.has(compiled) ? plans.get(compiled) : await plan(compiled);
    if (planned === null || planned === undefined) return { data: null, errors: [UNANSWERABLE] };
    const { text, errors } = await executor.run(planned, {
      variables: sent,
      fetch: (fetch, given) => send(subgraphs, fetch.subgraph, fetch.query, given),
    });
    return new WrittenAnswer(text, errors.map(plainError), null);
  }

  const front = await createFront<CompiledOperation>({
    graph,
    admit: async (_http, text, operationName) => (text === null ? null : compiler.compile(text, operationName, NOBODY)),
    answer: (compiled, _request, { variables }) => answer(compiled, variables),
    document: compiler.document,
    failure,
    statusForLegacyClients: 200,
  });
  const routes = graphqlRoutes({ front, paths: ['/graphql', '/'], bodyBytes: limits.bodyBytes, publicSdl: graph.publicSdl, requestId });
  return {
    routes,
    async stop() {
      await front.stop();
      await planner.close();
      await Promise.all([...subgraphs.values()].map((subgraph) => subgraph.close()));
    },
  };
}

const UNANSWERABLE = new GraphQLError('No subgraph can answer what is asked.', { extensions: { code: 'OPERATION_INVALID' } });

function orNull(error: unknown): null {
  if (error instanceof HubError && error.code === 'OPERATION_INVALID') return null;
  throw error;
}

/** The door knows no clients: all share one account. */
const NOBODY = '';

async function send(subgraphs: ReadonlyMap<string, HttpSubgraph>, name: string, query: string, variables: Record<string, unknown>) {
  const subgraph = subgraphs.get(name);
  if (subgraph === undefined) throw new HubError('SOURCE_UNAVAILABLE', `Subgraph "${name}" is not in the supergraph.`);
  return subgraph.call(query, variables);
}

/** A subgraph's words and places, without its address. */
function plainError({ message, path, originalError }: GraphQLError): GraphQLError {
  const said =
    originalError !== undefined && originalError !== null && !('message' in originalError && originalError.message === message)
      ? originalError.message
      : message;
  return new GraphQLError(said, { ...(path === undefined ? {} : { path }), extensions: { code: 'SOURCE_UNAVAILABLE' } });
}

/** Refuses whatever looks like a contract: our directives under any name, a link to our specification, an entity that nobody may address. */
function refuseContract(supergraphSdl: string): void {
  const found = signOfContract(parseSupergraph(supergraphSdl));
  if (found === null) return;
  throw new HubError(
    'CONFIGURATION',
    `This supergraph carries datasets (${found}): they are served with consent by the hub alone (npm start).`,
  );
}

function parseSupergraph(supergraphSdl: string): DocumentNode {
  try {
    return parse(supergraphSdl, { noLocation: true });
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof Error ? cause.message : 'not SDL', { cause });
  }
}

function signOfContract(document: DocumentNode): string | null {
  let found: string | null = null;
  visit(document, {
    [Kind.DIRECTIVE]({ name, arguments: args = [] }) {
      const given = args.map((argument) => argument.name.value);
      const url = args.find((argument) => argument.name.value === 'url')?.value;
      if (name.value === 'dataset' || given.includes('legalBasis')) found ??= `@${name.value}`;
      if (url?.kind === Kind.STRING && /mydata\.example|\/contract\//.test(url.value)) found ??= `@link(url: "${url.value}")`;
    },
    [Kind.DIRECTIVE_DEFINITION]({ name, arguments: args = [] }) {
      if (name.value === 'dataset' || args.some((argument) => argument.name.value === 'legalBasis')) found ??= `directive @${name.value}`;
    },
  });
  return found;
}
