import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  createRelyingParty,
  Declined,
  type Authorization,
  type Pending,
  type RelyingParty,
  type RelyingPartyOptions,
} from '../sdk/relyingParty.ts';

interface Session {
  pending?: Pending;
  authorization?: Authorization;
  /** Where to go after login: a path below the mount, never another site. */
  wanted?: string;
  seen: number;
}

export interface CitizenOptions extends Omit<RelyingPartyOptions, 'redirectUri'> {
  /** Folder of the built web client. */
  readonly web: string;
  readonly now: () => number;
}

/** Where the client is mounted on the hub's origin. */
const MOUNT = '/me';
const COOKIE = 'citizen';
/** Sessions end after half an hour without a request. */
const IDLE_MS = 30 * 60_000;
const MOST_SESSIONS = 10_000;
const MOST_BODY = 64 * 1024;

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * The citizen's backend-for-frontend: it holds the session and the token, so that the browser holds neither.
 * A fastify plugin for `/me`: the web client, login, logout, and a proxy of GraphQL to the hub over HTTP.
 */
export function citizen(options: CitizenOptions): (app: FastifyInstance) => Promise<void> {
  const redirectUri = new URL(`${MOUNT}/callback`, options.hub).href;
  const secure = new URL(options.hub).protocol === 'https:';
  const sessions = new Map<string, Session>();
  let party: Promise<RelyingParty> | undefined;
  const connect = (): Promise<RelyingParty> => {
    party ??= createRelyingParty({ ...options, redirectUri });
    // A hub that was not up yet is asked again at the next login.
    party.catch(() => (party = undefined));
    return party;
  };

  const find = (request: FastifyRequest): Session | undefined => {
    const id = request.cookies[COOKIE];
    const session = id === undefined ? undefined : sessions.get(id);
    if (id === undefined || session === undefined) return undefined;
    if (options.now() - session.seen > IDLE_MS) {
      sessions.delete(id);
      return undefined;
    }
    session.seen = options.now();
    return session;
  };
  /** A new session under a new id: an id from before login is never one after it. */
  const begin = (request: FastifyRequest, reply: FastifyReply, session: Session): void => {
    const before = request.cookies[COOKIE];
    if (before !== undefined) sessions.delete(before);
    for (const [old, { seen }] of sessions) {
      if (sessions.size < MOST_SESSIONS && options.now() - seen <= IDLE_MS) break;
      sessions.delete(old);
    }
    const id = randomBytes(24).toString('base64url');
    sessions.set(id, session);
    // Lax, not strict: the callback comes from a redirect of the authorization server.
    reply.setCookie(COOKIE, id, { httpOnly: true, sameSite: 'lax', path: MOUNT, secure });
  };

  return async (app) => {
    await app.register(cookie);
    app.addHook('onSend', async (_request, reply) => {
      reply
        .header('cache-control', reply.getHeader('cache-control') ?? 'no-store')
        .header('content-security-policy', CONTENT_SECURITY_POLICY);
      reply
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .header('cross-origin-opener-policy', 'same-origin');
    });
    await app.register(fastifyStatic, {
      root: options.web,
      prefix: `${MOUNT}/`,
      index: false,
      cacheControl: false,
      redirect: false,
      wildcard: false,
    });
    const index = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      reply.sendFile('index.html', join(options.web));
    app.get(MOUNT, index);
    for (const page of ['consents', 'log']) app.get(`${MOUNT}/${page}`, index);

    app.get(`${MOUNT}/session`, async (request, reply) => {
      const authorization = find(request)?.authorization;
      return reply.send({ signedIn: authorization !== undefined && authorization.expiresAt * 1000 > options.now() });
    });

    app.get(`${MOUNT}/login`, async (request, reply) => {
      const { to } = request.query as { to?: unknown };
      const pending = await (await connect()).beginOwn();
      begin(request, reply, { pending, wanted: to === 'log' ? `${MOUNT}/log` : `${MOUNT}/consents`, seen: options.now() });
      return reply.redirect(pending.url, 303);
    });

    app.get(`${MOUNT}/callback`, async (request, reply) => {
      const session = find(request);
      if (session?.pending === undefined) return reply.redirect(MOUNT, 303);
      const { pending, wanted } = session;
      try {
        const authorization = await (await connect()).finish(pending, new URL(request.url, options.hub).href);
        begin(request, reply, { authorization, seen: options.now() });
      } catch (error) {
        if (!(error instanceof Declined))
          request.log.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'login of the citizen client failed');
        begin(request, reply, { seen: options.now() });
        return reply.redirect(`${MOUNT}?login=failed`, 303);
      }
      return reply.redirect(wanted ?? MOUNT, 303);
    });

    app.post(`${MOUNT}/logout`, { preHandler: sameOrigin(options.hub) }, async (request, reply) => {
      sessions.delete(request.cookies[COOKIE] ?? '');
      reply.clearCookie(COOKIE, { path: MOUNT });
      return reply.status(204).send();
    });

    app.post(`${MOUNT}/graphql`, { preHandler: sameOrigin(options.hub), bodyLimit: MOST_BODY }, async (request, reply) => {
      const authorization = find(request)?.authorization;
      if (authorization === undefined || authorization.expiresAt * 1000 <= options.now()) {
        return reply.status(401).send({ errors: [{ message: 'Please sign in.', extensions: { code: 'TOKEN_MISSING' } }] });
      }
      const body = request.body as { query?: unknown; variables?: unknown } | null;
      if (typeof body?.query !== 'string')
        return reply.status(400).send({ errors: [{ message: 'No query.', extensions: { code: 'REQUEST_MALFORMED' } }] });
      const { status, ...answer } = await (
        await connect()
      ).query(authorization, body.query, (body.variables ?? {}) as Record<string, unknown>);
      return reply.status(status).send(answer);
    });
  };
}

/** Refuses a request that another site made the browser send. */
function sameOrigin(hub: string) {
  const { origin } = new URL(hub);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.headers.origin !== origin)
      await reply.status(403).send({ errors: [{ message: 'Not from this site.', extensions: { code: 'FORBIDDEN' } }] });
  };
}
