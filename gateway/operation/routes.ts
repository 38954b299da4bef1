import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS } from '../../schema/errors.ts';
import type { Front } from './apolloFront.ts';

export interface RoutesOptions {
  readonly front: Front;
  /** Where GraphQL is served. */
  readonly paths: readonly string[];
  /** Largest body, in bytes. */
  readonly bodyBytes: number;
  readonly publicSdl: string;
  /** A fresh request id. */
  readonly requestId: () => string;
}

/**
 * Mounts a front on fastify: POST and GET on each path, GET /schema.graphql. It takes `application/json` alone, never compressed, so that the
 * limit on the body is a limit on what is parsed; JSON with `__proto__` is refused by fastify's parser.
 */
export function graphqlRoutes(options: RoutesOptions): (fastify: FastifyInstance) => Promise<void> {
  const { front, paths, bodyBytes, publicSdl } = options;
  return async (fastify) => {
    await fastify.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        'application/json',
        { parseAs: 'string', bodyLimit: bodyBytes },
        scope.getDefaultJsonParser('error', 'error'),
      );
      // fastify closes the connection on a body that it does not read: a client still sending would get a broken pipe instead of the answer. Left open,
      // node throws the rest away; how long that may take is the server's requestTimeout.
      scope.setErrorHandler((error: FastifyError, _request, reply) => refuse(reply.removeHeader('connection'), error.statusCode ?? 500));
      scope.addHook('onRequest', async (request, reply) => {
        const encoding = request.headers['content-encoding'];
        if (encoding !== undefined && encoding !== 'identity') await refuse(reply, 415);
      });
      const handle = async (request: FastifyRequest, reply: FastifyReply) => {
        const id = options.requestId();
        const mark = request.url.indexOf('?');
        const http = {
          method: request.method,
          headers: request.headers,
          search: mark < 0 ? '' : request.url.slice(mark),
          body: request.body,
        };
        const { status, headers, body } = await front.handle(http, id);
        return reply.code(status).headers(headers).header('x-request-id', id).send(body);
      };
      for (const url of paths) {
        scope.route({ method: ['GET', 'POST'], url, exposeHeadRoute: false, bodyLimit: bodyBytes, handler: handle });
        scope.route({
          method: ['PUT', 'PATCH', 'DELETE', 'HEAD'],
          url,
          handler: (_request, reply) => refuse(reply.header('allow', 'GET, POST'), 405),
        });
      }
      scope.get('/schema.graphql', (_request, reply) =>
        reply.type('application/graphql; charset=utf-8').header('cache-control', 'no-store').send(publicSdl),
      );
    });
  };
}

function refuse(reply: FastifyReply, status: number): FastifyReply {
  const code = status === 413 ? 'OPERATION_TOO_LARGE' : status < 500 ? 'REQUEST_MALFORMED' : 'INTERNAL';
  const errors = [{ message: ERRORS[code].en, extensions: { code } }];
  return reply.code(status).header('cache-control', 'no-store').type('application/json; charset=utf-8').send(JSON.stringify({ errors }));
}
