import { ApolloServer, HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayExecutionResult, GatewayInterface } from '@apollo/server-gateway-interface';
import { GraphQLError, type DocumentNode, type GraphQLFormattedError } from 'graphql';
import { ERRORS } from '../../schema/errors.ts';
import { failed, type Answer } from './answer.ts';
import { InvalidDocument } from './compiledOperation.ts';
import type { Asked } from './pipeline.ts';
import type { ServedGraph } from './servedGraph.ts';

/** One HTTP request, as any HTTP server has it. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** From the question mark on, or empty. */
  readonly search: string;
  /** The parsed JSON body. */
  readonly body: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

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

/** What one request carries through Apollo Server; `outcome` is where our own answer waits for its HTTP head. */
interface Context<Admitted> {
  readonly request: string;
  readonly admitted: Admitted | null;
  readonly outcome: { answer: Answer | null };
}

/**
 * Apollo Server between HTTP and the pipeline: its HTTP semantics, its error shape and its CSRF prevention, without its parsing, validation
 * and caches, which know nothing of our limits. Telemetry, landing pages, batching and persisted queries are off.
 */
export async function createFront<Admitted>(options: FrontOptions<Admitted>): Promise<Front> {
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
    let early: { readonly answer: Answer; readonly document: boolean } | null = null;
    const context = async (): Promise<Context<Admitted>> => {
      try {
        const { text, operationName } = documentOf(http);
        return { request, outcome, admitted: await options.admit(http, text, operationName) };
      } catch (error) {
        early = { answer: failed(error, request, (cause) => options.failure(request, cause)), document: error instanceof InvalidDocument };
        throw new GraphQLError('Not admitted.');
      }
    };
    const response = await server.executeHTTPGraphQLRequest({ httpGraphQLRequest: apolloRequest(http), context });
    return httpAnswer(response, early ?? { answer: outcome.answer, document: false }, early !== null, options.statusForLegacyClients);
  }

  return { handle, stop: () => server.stop() };
}

/** What Apollo Server takes for a gateway. */
function gatewayOf<Admitted>({ graph, answer, failure }: FrontOptions<Admitted>): GatewayInterface {
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema: graph.api, coreSupergraphSdl: graph.supergraphSdl });
      return () => {};
    },
    load: async () => ({
      async executor({ request: { variables, extensions }, context }): Promise<GatewayExecutionResult> {
        const { admitted, request, outcome } = context as Context<Admitted>;
        const asked: Asked = { variables: variables ?? {}, refuse: extensions?.['refuse'] === 'all' ? 'ALL' : 'SOME' };
        try {
          if (admitted === null) throw new TypeError('A request without a document was run.');
          outcome.answer = await answer(admitted, request, asked);
        } catch (error) {
          outcome.answer = failed(error, request, (cause) => failure(request, cause));
        }
        const { data, errors, extensions: more } = outcome.answer;
        return {
          ...(data === undefined ? {} : { data }),
          ...(errors === undefined ? {} : { errors }),
          ...(more === undefined ? {} : { extensions: { ...more } }),
        };
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

function httpAnswer(
  response: HTTPGraphQLResponse,
  { answer, document }: { answer: Answer | null; document: boolean },
  early: boolean,
  legacy: 200 | 400,
): HttpAnswer {
  const type = response.headers.get('content-type') ?? 'application/json; charset=utf-8';
  // Without an answer of ours, Apollo Server has refused the request: never 200, as its protocol for persisted queries has it.
  const ours = answer === null ? refusalOf(response.status) : (answer.status ?? 200);
  const status = document && type.startsWith('application/json') ? legacy : ours;
  const text = response.body.kind === 'complete' ? response.body.string : '';
  return {
    status: response.status === 406 ? 406 : status,
    headers: { ...Object.fromEntries(response.headers), ...answer?.headers, 'content-type': type, 'cache-control': 'no-store' },
    body: early ? `${JSON.stringify({ errors: answer?.errors })}\n` : text,
  };
}

function refusalOf(status: number | undefined): number {
  return status === undefined || status < 400 ? 400 : status;
}

/** Apollo Server's own errors, under codes of our table. */
function neutral(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const code = formatted.extensions?.['code'];
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) return formatted;
  if (code === 'BAD_REQUEST' || code === 'PERSISTED_QUERY_NOT_SUPPORTED')
    return { message: formatted.message.trim(), extensions: { code: 'REQUEST_MALFORMED' } };
  return { message: ERRORS.INTERNAL.en, extensions: { code: 'INTERNAL' } };
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
