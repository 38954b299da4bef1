import { ApolloServer, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { GraphQLError, type DocumentNode } from 'graphql';
import type { Answer } from './answer.ts';
import { failedAnswer, httpAnswer, neutral, type HttpAnswer } from './httpAnswer.ts';
import type { HttpRequest } from './httpRequest.ts';
import type { Asked } from './pipeline.ts';
import type { ServedGraph } from './servedGraph.ts';

export interface FrontOptions<Admitted> {
  readonly graph: ServedGraph;
  /** Who calls, and a sound document; throws HubError or InvalidDocument. `text` null: there is no document, and Apollo Server says so. */
  readonly admit: (http: HttpRequest, text: string | null, operationName: string | null) => Promise<Admitted | null>;
  readonly answer: (admitted: Admitted, request: string, asked: Asked) => Promise<Answer>;
  /** The parsed document of a text's hash (SHA-256, base64url) that was admitted. */
  readonly document: (documentHash: string) => DocumentNode | undefined;
  /** Told what a client is not told. */
  readonly failure: (request: string, cause: unknown) => void;
  /** Status of a document that does not fit, for clients that take `application/json`: GraphQL over HTTP §6.4.1 says 200, ours 400. */
  readonly statusForLegacyClients: 200 | 400;
}

export interface Front {
  readonly handle: (http: HttpRequest, request: string) => Promise<HttpAnswer>;
  readonly stop: () => Promise<void>;
}

/** What one request carries through Apollo Server; `outcome` is where our own answer waits for its media type. */
interface Context<Admitted> {
  readonly request: string;
  readonly admitted: Admitted | null;
  readonly outcome: { answer: ((type: string) => HttpAnswer) | null };
}

/**
 * Apollo Server in front of the pipeline, without its parsing, validation and caches, which know nothing of our limits: it judges a request, and our
 * answer takes its media type from it. Telemetry, landing pages, batching and persisted queries are off.
 */
export async function startApollo<Admitted>(options: FrontOptions<Admitted>): Promise<Front> {
  const server = new ApolloServer<Context<Admitted>>({
    gateway: gatewayOf(options),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
    ],
    documentStore: documentStore(options),
    // Switched by our compiler.
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    logger: SILENT,
    formatError: neutral,
  });
  await server.start();

  async function handle(http: HttpRequest, request: string): Promise<HttpAnswer> {
    const outcome: Context<Admitted>['outcome'] = { answer: null };
    const context = async (): Promise<Context<Admitted>> => {
      refuseUnreadable(http);
      try {
        const { text, operationName } = documentOf(http);
        return { request, outcome, admitted: await options.admit(http, text, operationName) };
      } catch (error) {
        outcome.answer = (type) => failedAnswer(options, error, request, type);
        throw new GraphQLError('Not admitted.');
      }
    };
    const response = await server.executeHTTPGraphQLRequest({ httpGraphQLRequest: apolloRequest(http), context });
    const type = response.headers.get('content-type') ?? 'application/json; charset=utf-8';
    if (outcome.answer !== null && response.status !== NOT_ACCEPTABLE) return outcome.answer(type);
    // Without an answer of ours, Apollo Server has refused the request: never 200, as its protocol for persisted queries has it.
    const status = response.status === undefined || response.status < 400 ? 400 : response.status;
    const headers = { ...Object.fromEntries(response.headers), 'content-type': type, 'cache-control': 'no-store' };
    return { status, headers, body: response.body.kind === 'complete' ? response.body.string : '' };
  }

  return { handle, stop: () => server.stop() };
}

const NOT_ACCEPTABLE = 406;

/** Apollo Server would run the operation first, and then say that its answer cannot be read. */
function refuseUnreadable({ headers }: HttpRequest): void {
  const accept = headers['accept'];
  if (typeof accept !== 'string' || /application\/(?:json|graphql-response\+json|\*)|\*\/\*/i.test(accept)) return;
  throw new GraphQLError('Accept application/json or application/graphql-response+json.', {
    extensions: { code: 'BAD_REQUEST', http: { status: NOT_ACCEPTABLE, headers: new HeaderMap() } },
  });
}

/** What Apollo Server takes for a gateway. What it is given is not what the client gets: only the media type is taken from its answer. */
function gatewayOf<Admitted>(options: FrontOptions<Admitted>): GatewayInterface {
  const { graph } = options;
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema: graph.api, coreSupergraphSdl: graph.supergraphSdl });
      return () => {};
    },
    load: async () => ({
      async executor({ request: { variables = {}, extensions }, context }) {
        const { admitted, request, outcome } = context as Context<Admitted>;
        try {
          if (admitted === null) throw new TypeError('A request without a document was run.');
          const answer = await options.answer(admitted, request, { variables, refuse: extensions?.['refuse'] === 'all' ? 'ALL' : 'SOME' });
          outcome.answer = (type) => httpAnswer(answer, type);
        } catch (error) {
          outcome.answer = (type) => failedAnswer(options, error, request, type);
        }
        return { data: null };
      },
    }),
    stop: async () => {},
  };
}

/** Apollo Server's key is a prefix and the text's SHA-256 in hexadecimal. What it asks for is there: `admit` has just compiled it. */
function documentStore<Admitted>({ document }: FrontOptions<Admitted>) {
  return {
    get: async (key: string) => document(Buffer.from(key.slice(-64), 'hex').toString('base64url')),
    set: async () => {},
    delete: async () => false,
  };
}

/** Text and operation name, wherever they are; anything but texts is left for Apollo Server to refuse. */
function documentOf({ method, search, body }: HttpRequest): { text: string | null; operationName: string | null } {
  if (method === 'GET') {
    const given = new URLSearchParams(search);
    return { text: given.get('query') || null, operationName: given.get('operationName') || null };
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { text: null, operationName: null };
  const { query, operationName } = body as Record<string, unknown>;
  return {
    text: typeof query === 'string' && query !== '' ? query : null,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : null,
  };
}

function apolloRequest({ method, headers, search, body }: HttpRequest): HTTPGraphQLRequest {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  return { method, headers: map, search, body };
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
