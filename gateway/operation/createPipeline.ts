import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { AgencyTransport } from '../../schema/agencyTransport.ts';
import type { Contract } from '../../schema/contract.ts';
import { WARRANT_ISSUER } from '../../schema/warrant.ts';
import { createCompiler } from './compiledOperation.ts';
import { compileExecutor } from './executor/compileExecutor.ts';
import { createFront } from './front.ts';
import type { Hub } from './hub.ts';
import { LIMITS, type Limits } from './limits.ts';
import { admit, disclose } from './pipeline.ts';
import { startThreadPlanner, type Planning } from './planner/threadPlanner.ts';
import { createOperationCache } from './preparedOperation.ts';
import { requestIds } from './requestId.ts';
import { graphqlRoutes } from './routes.ts';
import { deadlines } from './transport/deadlines.ts';

/** What main passes: functions of other rooms, and what they were made with. */
export interface PipelineOptions extends Pick<
  Hub,
  'authenticate' | 'readConsent' | 'readService' | 'readSubject' | 'takeUse' | 'audit' | 'now' | 'randomId' | 'alarm' | 'failure'
> {
  readonly supergraphSdl: string;
  /** Read from the same supergraph. */
  readonly contract: Contract;
  /** The hub's own executable subgraph under its guards; resolvers get a HubContext. */
  readonly hubSchema: GraphQLSchema;
  /** One for each agency of the supergraph. An agency without one is unavailable. */
  readonly transports: readonly AgencyTransport[];
  /** `iss` of warrants. */
  readonly issuer?: string;
  readonly introspection?: boolean;
  readonly limits?: Limits;
  /** How long one agency may take. */
  readonly agencyTimeoutMs?: number;
  /** Who validates and plans; without it, a thread of its own. Whoever gave it closes it. */
  readonly planning?: Planning;
}

export interface Pipeline {
  /** Registers GET and POST /graphql, and GET /schema.graphql. */
  readonly routes: (fastify: FastifyInstance) => Promise<void>;
  /** Ends the front; transports are whoever made them's to close. */
  readonly stop: () => Promise<void>;
}

/** Builds the hub's query pipeline: everything between an HTTP request to /graphql and the agencies. */
export async function createPipeline(options: PipelineOptions): Promise<Pipeline> {
  const {
    supergraphSdl,
    contract,
    transports,
    introspection = false,
    limits = LIMITS,
    issuer = WARRANT_ISSUER,
    agencyTimeoutMs = 5_000,
    ...rooms
  } = options;
  const failure = (cause: unknown) => rooms.failure('', cause);
  const { graph, planner } = options.planning ?? (await startThreadPlanner({ supergraphSdl, failure }));
  const compiler = createCompiler({ limits, introspection, planner });
  const hub: Hub = {
    ...rooms,
    graph,
    contract,
    limits,
    compiler,
    operations: createOperationCache({ graph, contract, planner }),
    executor: compileExecutor(graph),
    transports: new Map(transports.map((transport) => [transport.agency, transport])),
    issuer,
    deadlines: deadlines(agencyTimeoutMs),
  };
  const front = await createFront({
    graph,
    admit: ({ method, headers }, text, operationName) =>
      admit(hub, { authorization: oneOf(headers['authorization']), proof: oneOf(headers['dpop']), method }, text, operationName),
    answer: (admitted, request, asked) => disclose(hub, { ...admitted, request }, asked),
    document: compiler.document,
    failure: hub.failure,
    statusForLegacyClients: 400,
  });
  const routes = graphqlRoutes({
    front,
    paths: ['/graphql'],
    bodyBytes: limits.bodyBytes,
    publicSdl: graph.publicSdl,
    requestId: requestIds(hub.now, hub.randomId),
  });
  return {
    routes,
    async stop() {
      await front.stop();
      if (options.planning === undefined) await planner.close();
    },
  };
}

/** A header that must be there once (RFC 9449 §4.3: one proof). Node joins repeated ones by commas, which no token or proof has. */
function oneOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
