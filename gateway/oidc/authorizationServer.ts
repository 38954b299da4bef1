import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Connection } from 'mongoose';
import { errors, type JWK, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import type { Contract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import type { Clock, RandomId } from '../domain/clock.ts';
import { sweepArtifacts } from './adapter.ts';
import type { ConsentPort } from './consentPort.ts';
import type { IdentityPort, Proved } from './identityPort.ts';
import { interactionRoutes, type OidcLog } from './interaction.ts';
import { openOidcArtifacts } from './oidcArtifact.ts';
import { openPages } from './openPage.ts';
import { createProvider } from './provider.ts';
import { providerPages } from './providerPages.ts';
import type { RegisteredClient } from './registeredClient.ts';

export interface AuthorizationServerOptions<P extends Proved> {
  /** To the `hub` database. */
  readonly connection: Connection;
  /** Where citizens and clients reach the hub; issuer and resource follow from it. */
  readonly publicUrl: URL;
  readonly clients: readonly RegisteredClient[];
  /** Private ES256 keys with `kid`; the first signs. */
  readonly tokenKeys: readonly JWK[];
  /** The first signs cookies. */
  readonly cookieKeys: readonly string[];
  /** Today's contract: a supergraph may change while the hub runs. */
  readonly contract: () => Contract;
  readonly identity: IdentityPort<P>;
  readonly consents: ConsentPort;
  readonly pairwiseSub: (subject: string, client: string) => string;
  readonly now: Clock;
  readonly randomId: RandomId;
  /** Whether pages say that this is the demonstration. */
  readonly demonstration: boolean;
  readonly log: OidcLog;
}

/** The public half of a signing key, as JWK. */
export type PublicKey = {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'ES256';
};

export interface AuthorizationServer {
  readonly issuer: string;
  /** Whether a request's URL is the provider's to answer: below /oidc, and where RFC 8414 §3.1 looks for an issuer with a path. */
  owns(url: string): boolean;
  /** Answers what it owns; give it the request before anything reads its body. */
  callback(request: IncomingMessage, response: ServerResponse): void;
  /** The pages of login and consent, as a fastify plugin of its own (forms are parsed here only). */
  routes(app: FastifyInstance): Promise<void>;
  /** What tokens are verified with. */
  readonly publicJwks: { readonly keys: readonly PublicKey[] };
  sweep(): Promise<void>;
}

/** Where the provider is mounted on the hub's origin. */
const MOUNT = '/oidc';
const OWN = /^\/oidc(?:[/?]|$)/;
const METADATA = '/.well-known/oauth-authorization-server';

/** The hub's authorization server (docs/design.md §6). Throws CONFIGURATION on a client whose registration the profile does not allow. */
export async function createAuthorizationServer<P extends Proved>(options: AuthorizationServerOptions<P>): Promise<AuthorizationServer> {
  const { connection, publicUrl, now, randomId, identity, log, demonstration } = options;
  const [artifacts, pages] = await Promise.all([openOidcArtifacts(connection), openPages(connection, randomId)]);
  const provider = createProvider({ ...options, artifacts, methods: [...identity.methods.values()], pages: providerPages(demonstration) });
  const report = (ctx: KoaContextWithOIDC, error: unknown): void => log({ request: randomId(), where: ctx.path, error });
  provider.on('server_error', report);
  await checkClients(provider, options.clients);
  const handle = provider.callback();
  const secure = publicUrl.protocol === 'https:';
  return {
    issuer: provider.issuer,
    owns: (url) => OWN.test(url) || url === `${METADATA}${MOUNT}`,
    callback(request, response) {
      // The public URL decides what the provider's URLs look like, never a header that anybody may send.
      request.headers.host = publicUrl.host;
      request.headers['x-forwarded-proto'] = secure ? 'https' : 'http';
      delete request.headers['x-forwarded-host'];
      const { url = MOUNT } = request;
      const inside = OWN.test(url) ? url.slice(MOUNT.length) || '/' : METADATA;
      Object.assign(request, { originalUrl: `${MOUNT}${inside}` });
      request.url = inside;
      void handle(request, response);
    },
    routes: (app) => interactionRoutes(app, { ...options, provider, pages, resource: new URL('/graphql', publicUrl).href }),
    publicJwks: {
      keys: options.tokenKeys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' }) as PublicKey),
    },
    async sweep() {
      await sweepArtifacts(artifacts, now());
      await pages.sweep(now());
    },
  };
}

/** The library reads a registration at its client's first request; a wrong one is the operator's to know at the start. */
async function checkClients(provider: Provider, clients: readonly RegisteredClient[]): Promise<void> {
  for (const { client_id } of clients)
    try {
      await provider.Client.find(client_id);
    } catch (cause) {
      if (!(cause instanceof errors.OIDCProviderError)) throw cause;
      throw new HubError('CONFIGURATION', `Client ${client_id}: ${cause.error_description ?? cause.message}.`, { cause });
    }
}
