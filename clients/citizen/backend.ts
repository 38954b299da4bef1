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

/** What a session holds: a login under way (and where it goes then: a page below the mount, never another site), or a citizen signed in. */
type Session = { readonly pending: Pending; readonly wanted: string } | { readonly authorization: Authorization };

/** Where sessions are kept, each under a random id for a time (milliseconds since the epoch); gateways that share it share their citizens. */
export interface Sessions {
  begin(session: string, until: number): Promise<string>;
  read(id: string): Promise<string | null>;
  end(id: string): Promise<void>;
}

export interface CitizenOptions extends Omit<RelyingPartyOptions, 'redirectUri'> {
  readonly sessions: Sessions;
  /** Folder of the built web client. */
  readonly web: string;
  readonly now: () => number;
  /** For the operator: a login that failed for another reason than the citizen's no. */
  readonly alarm: (error: unknown) => void;
}

/** Where the client is mounted on the hub's origin. */
const MOUNT = '/me';
/** How long a citizen may take to sign in, ms: as long as the hub's pages wait for her. */
const LOGIN_MS = 30 * 60_000;
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
  // The prefix keeps a neighbour below the same domain from setting it; it asks for the path /.
  const [cookieName, path] = secure ? ['__Host-citizen', '/'] : ['citizen', MOUNT];
  const { sessions, now } = options;
  let party: Promise<RelyingParty> | undefined;
  const connect = (): Promise<RelyingParty> => {
    party ??= createRelyingParty({ ...options, redirectUri });
    // A hub that was not up yet is asked again at the next login.
    party.catch(() => (party = undefined));
    return party;
  };

  const find = async (request: FastifyRequest): Promise<Session | null> => {
    const kept = await sessions.read(request.cookies[cookieName] ?? '');
    return kept === null ? null : (JSON.parse(kept) as Session);
  };
  const signedIn = async (request: FastifyRequest): Promise<Authorization | null> => {
    const session = await find(request);
    return session !== null && 'authorization' in session ? session.authorization : null;
  };
  const end = (request: FastifyRequest): Promise<void> => sessions.end(request.cookies[cookieName] ?? '');
  /** A new session under a new id: an id from before login is never one after it. */
  const begin = async (request: FastifyRequest, reply: FastifyReply, session: Session, until: number): Promise<void> => {
    await end(request);
    const id = await sessions.begin(JSON.stringify(session), until);
    // Lax, not strict: the callback comes from a redirect of the authorization server.
    reply.setCookie(cookieName, id, { httpOnly: true, sameSite: 'lax', path, secure });
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

    app.get(`${MOUNT}/session`, async (request, reply) => reply.send({ signedIn: (await signedIn(request)) !== null }));

    app.get(`${MOUNT}/login`, async (request, reply) => {
      const { to } = request.query as { to?: unknown };
      const pending = await (await connect()).beginOwn();
      const wanted = to === 'log' ? `${MOUNT}/log` : `${MOUNT}/consents`;
      await begin(request, reply, { pending, wanted }, now() + LOGIN_MS);
      return reply.redirect(pending.url, 303);
    });

    app.get(`${MOUNT}/callback`, async (request, reply) => {
      const session = await find(request);
      if (session === null || !('pending' in session)) return reply.redirect(MOUNT, 303);
      const { pending, wanted } = session;
      try {
        const authorization = await (await connect()).finish(pending, new URL(request.url, options.hub).href);
        // A session is over with its token; who proved her identity within the hour is not asked again for the next one.
        await begin(request, reply, { authorization }, authorization.expiresAt * 1000);
      } catch (error) {
        if (!(error instanceof Declined)) options.alarm(error);
        await end(request);
        return reply.redirect(`${MOUNT}?login=failed`, 303);
      }
      return reply.redirect(wanted, 303);
    });

    app.post(`${MOUNT}/logout`, { preHandler: sameOrigin(options.hub) }, async (request, reply) => {
      await end(request);
      reply.clearCookie(cookieName, { path, secure });
      return reply.status(204).send();
    });

    app.post(`${MOUNT}/graphql`, { preHandler: sameOrigin(options.hub), bodyLimit: MOST_BODY }, async (request, reply) => {
      const authorization = await signedIn(request);
      if (authorization === null) {
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
