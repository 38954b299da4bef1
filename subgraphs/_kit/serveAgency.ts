import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ERRORS, HubError, type ErrorCode } from '../../schema/errors.ts';
import { isLoopback } from '../../schema/loopback.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';
import type { WarrantOpener } from '../../schema/warrantOpener.ts';
import type { AgencyContext } from './agencyContext.ts';
import { answerSockets } from './agencySocket.ts';
import type { Admitted, Agency } from './createAgency.ts';
import { neutralError } from './neutralErrors.ts';
import { BODY_BYTES, isObject, readCheck, readQuery, readRequestId } from './presented.ts';

/** What serving needs of a log: pino is one. */
export interface AgencyLogger {
  info(members: object, message: string): void;
  warn(members: object, message: string): void;
  error(members: object, message: string): void;
}

export interface ServeAgencyOptions {
  readonly agency: Agency;
  readonly opener: WarrantOpener;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Mutual TLS, PEM texts: the CA of gateways' certificates, and the agency's own certificate (with its id as a DNS name) and key. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly logger: AgencyLogger;
}

export interface ServedAgency {
  readonly port: number;
  close(): Promise<void>;
}

/** What a request carries between hooks. */
interface Carried {
  claims?: WarrantClaims;
  admitted?: Admitted;
  variables?: Readonly<Record<string, unknown>>;
}

/**
 * Serves one agency alone over HTTP: POST `/graphql` and POST `/check`, both under a sealed warrant in the header `Warrant`, and GraphQL over
 * WebSocket at `/graphql`. Without a warrant that opens, every path answers 401 before a body is read. Throws CONFIGURATION outside the loopback without mutual TLS, PORT_IN_USE.
 */
export async function serveAgency({ agency, opener, host, port, tls, logger }: ServeAgencyOptions): Promise<ServedAgency> {
  if (tls === undefined && !isLoopback(host)) {
    throw new HubError(
      'CONFIGURATION',
      `Agency "${agency.id}" would listen on ${host}, outside the loopback: it needs mutual TLS (docs/agency.md).`,
    );
  }
  const apollo = new ApolloServer<AgencyContext>({
    schema: agency.schema,
    introspection: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    formatError: neutralError,
    plugins: [standings, ...QUIET],
    stopOnTerminationSignals: false,
  });
  await apollo.start();

  const carried = new WeakMap<FastifyRequest, Carried>();
  const app = instance(tls);
  app.addHook('onRequest', async (request) => {
    const { warrant } = request.headers;
    if (typeof warrant !== 'string' || warrant === '') throw new HubError('WARRANT_MISSING');
    const opened = opener(warrant);
    if ('refused' in opened) throw new HubError(opened.refused);
    carried.set(request, { claims: opened.claims });
  });
  const admittedOf = (request: FastifyRequest): Admitted => {
    const { admitted } = carried.get(request) ?? {};
    if (admitted === undefined) throw new HubError('WARRANT_MISSING');
    return admitted;
  };
  const negotiate = fastifyApolloHandler(apollo, { context: async (request) => admittedOf(request).context });
  app.post('/graphql', {
    preHandler: async (request) => {
      const { claims } = carried.get(request) ?? {};
      if (claims === undefined) throw new HubError('WARRANT_MISSING');
      const { query, variables } = readQuery(request.body);
      const admission = agency.admit(claims, query, variables);
      if ('refused' in admission) throw new HubError(admission.refused);
      carried.set(request, { admitted: admission, variables });
    },
    /** What a gateway sends was parsed, validated and admitted, and has one form of answer. Apollo Server takes whatever differs. */
    async handler(request, reply) {
      const admitted = admittedOf(request);
      const plain = admitted.operation.kind === 'ENTITIES' && request.headers.accept === 'application/json';
      if (!plain) return negotiate.call(this, request, reply);
      const answer = await agency.run(admitted, carried.get(request)?.variables ?? {});
      return reply.type('application/json; charset=utf-8').header('cache-control', 'no-store').send(JSON.stringify(answer));
    },
  });
  app.post('/check', async (request) => {
    const { claims } = carried.get(request) ?? {};
    if (claims === undefined) throw new HubError('WARRANT_MISSING');
    return {
      answer: await agency.check({ ...readCheck(request.body), warrant: claims, request: readRequestId(request.headers['x-request-id']) }),
    };
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(refusalBody('NOT_FOUND')));
  const refused = (code: ErrorCode, request: string): void => {
    const members = { agency: agency.id, request, code };
    if (code === 'INTERNAL') logger.error(members, 'An agency request failed.');
    else logger.warn(members, 'An agency request was refused.');
  };
  app.setErrorHandler((error, request, reply) => {
    const code = codeOf(error);
    refused(code, readRequestId(request.headers['x-request-id']));
    return reply.code(ERRORS[code].status).header('cache-control', 'no-store').send(refusalBody(code));
  });
  const endSockets = answerSockets({ server: app.server, agency, opener, refused });
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await Promise.all([app.close(), apollo.stop()]);
    const inUse = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new HubError(inUse ? 'PORT_IN_USE' : 'CONFIGURATION', `Agency "${agency.id}": ${host}, port ${port}.`, { cause });
  }
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      await Promise.all([endSockets(), app.close()]);
      await apollo.stop();
    },
  };
}

/** Nothing of a request goes to anybody else: no traces in answers, no reports. */
const QUIET = [
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginLandingPageDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
];

/** Adds where the datasets stand to an answer. */
const standings: ApolloServerPlugin<AgencyContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response, contextValue }) => {
      response.http.headers.set('cache-control', 'no-store');
      if (response.body.kind === 'single')
        response.body.singleResult.extensions = { datasets: Object.fromEntries(contextValue.request.standings) };
    },
  }),
};

function instance(tls: ServeAgencyOptions['tls']): FastifyInstance {
  const options = { bodyLimit: BODY_BYTES, logger: false, forceCloseConnections: 'idle' as const, requestTimeout: 10_000 };
  if (tls === undefined) return fastify(options);
  const https = { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const };
  return fastify({ ...options, https });
}

/** A HubError's own code; a client's mistake that fastify found (size, type, JSON); else INTERNAL. */
function codeOf(error: unknown): ErrorCode {
  if (error instanceof HubError) return error.code;
  const status = isObject(error) || error instanceof Error ? (error as { statusCode?: unknown }).statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? 'REQUEST_MALFORMED' : 'INTERNAL';
}

function refusalBody(code: ErrorCode) {
  return { errors: [{ message: ERRORS[code].en, extensions: { code } }] };
}
