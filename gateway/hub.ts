import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { CompactSign, importJWK } from 'jose';
import type { AgencyTransport } from '../schema/agencyTransport.ts';
import { readContract, type Contract } from '../schema/contract.ts';
import { randomPool } from '../schema/randomPool.ts';
import type { Store } from '../store/openStore.ts';
import { openAuditLog } from './audit/auditLog.ts';
import { KEEP, type Keep } from './configuration.ts';
import { openConsents, type Consents } from './consent/consents.ts';
import { createHubSchema } from './consent/hubSchema.ts';
import { createTokenVerifier } from './identity/accessToken.ts';
import { PROOF_SPAN } from './identity/dpopProof.ts';
import { openIdentity, type Identity } from './identity/openIdentity.ts';
import { pairwiseSub } from './identity/pairwise.ts';
import { memoryReplayCache, storeReplayCache, type ReplayCache } from './identity/replayCache.ts';
import type { SmsGateway } from './identity/smsGateway.ts';
import type { TrustList } from './identity/trustList.ts';
import type { HubKeys } from './keyRing.ts';
import { createAuthorizationServer } from './oidc/authorizationServer.ts';
import type { RegisteredClient } from './oidc/registeredClient.ts';
import { createPipeline } from './operation/createPipeline.ts';
import { publicPages } from './publicPages.ts';
import { registerCheck } from './registerCheck.ts';
import { dailyErasure } from './retention.ts';

/** Told to the operator: which request, where, and what went wrong. Never a value, a token or a subject. */
export type HubLog = (entry: {
  readonly where: string;
  readonly request?: string;
  readonly error?: unknown;
  readonly note?: string;
}) => void;

export interface HubOptions {
  readonly publicUrl: URL;
  readonly store: Store;
  readonly keys: HubKeys;
  readonly clients: readonly RegisteredClient[];
  readonly supergraphSdl: string;
  /** One for each agency. */
  readonly transports: readonly AgencyTransport[];
  readonly trust: TrustList;
  /** Null: one-time codes by SMS are not offered. */
  readonly sms: SmsGateway | null;
  /** Signed tree heads of the audit log, outside the store. */
  readonly headsFile: string;
  /** Uses of DPoP proofs across replicas; without it the store's, or memory's where this process owns all writes. */
  readonly replay?: ReplayCache;
  /** Left out: as long as the settings' defaults say. */
  readonly keep?: Keep;
  readonly demonstration: boolean;
  readonly introspection: boolean;
  readonly log: HubLog;
}

/** What runs until it is told to stop; it stops taking requests, then writes what waits. */
export interface Running {
  close(): Promise<void>;
}

export interface Hub extends Running {
  readonly app: FastifyInstance;
  readonly contract: Contract;
  readonly identity: Identity;
  readonly consents: Consents;
}

const key = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');
const SWEEP_MS = 60_000;

/**
 * Builds the hub from its rooms: the one place that knows them all. Order: audit first (nothing happens unrecorded), then who people are, what
 * they agreed to, the authorization server, and the query pipeline.
 */
export async function openHub(options: HubOptions): Promise<Hub> {
  const { publicUrl, store, keys, clients, supergraphSdl, transports, log, demonstration } = options;
  const now = Date.now;
  const random = randomPool(randomBytes);
  const randomId = (): string => random(16).toString('base64url');
  const contract = readContract(supergraphSdl);
  const [connection, auditConnection] = [await store.database('hub'), await store.database('audit')];
  const audit = await openAuditLog({
    connection: auditConnection,
    now,
    randomId,
    randomBytes,
    pseudonymKey: key(keys.pseudonym),
    headKey: keys.heads,
    headFile: options.headsFile,
    alone: store.ownsAllWrites,
    alarm: (note, error) => log({ where: 'audit', note, error }),
  });
  const identity = await openIdentity({
    connection,
    keys: { index: key(keys.index), seal: keys.seal.map(({ kid, key: text }) => ({ kid, key: key(text) })) },
    now,
    randomId,
    randomBytes,
    audit,
    check: registerCheck({ transports, audit, now, randomId }),
    sms: options.sms,
    ...(demonstration && { cardsUrl: '/dev/cards' }),
    trust: options.trust,
    publicUrl,
    log: ({ request, method, code, reason }) => log({ where: `login by ${method}`, request, note: `${code}: ${reason}` }),
  });
  const receiptKey = await importJWK(keys.receipts, 'ES256');
  const pairwise = (subject: string, client: string): string => pairwiseSub(subject, client, key(keys.pairwise));
  const consents = await openConsents({
    connection,
    contract: () => contract,
    now,
    randomId,
    publish: audit.publishConsentChange,
    issuer: publicUrl.href,
    manageAt: new URL('/me/consents', publicUrl).href,
    alarm: (note, error) => log({ where: 'consent', note, error }),
    signReceipt: (receipt) =>
      new CompactSign(Buffer.from(JSON.stringify(receipt)))
        .setProtectedHeader({ alg: 'ES256', kid: keys.receipts.kid, typ: 'mydata-receipt+jwt' })
        .sign(receiptKey),
  });
  await consents.services.register();
  await consents.publishOutbox();

  const authorization = await createAuthorizationServer({
    connection,
    publicUrl,
    clients,
    tokenKeys: keys.tokens,
    cookieKeys: keys.cookies,
    contract: () => contract,
    identity: { methods: identity.methods, prove: identity.prove },
    consents,
    pairwiseSub: pairwise,
    now,
    randomId,
    demonstration,
    log: ({ request, where, error }) => log({ where, request, error }),
  });
  const stored = store.ownsAllWrites ? null : await storeReplayCache(connection);
  const replay = options.replay ?? stored ?? memoryReplayCache({ span: PROOF_SPAN, now });
  const endpoint = new URL('/graphql', publicUrl).href;
  const verifier = createTokenVerifier({
    issuer: authorization.issuer,
    audience: endpoint,
    keys: authorization.publicJwks,
    now,
    replay,
    pairwiseKey: key(keys.pairwise),
    notBeforeStart: options.replay === undefined && store.ownsAllWrites ? now() : 0,
  });
  const pipeline = await createPipeline({
    supergraphSdl,
    contract,
    hubSchema: createHubSchema({ consents, contract: () => contract, accessLog: audit.forSubject }),
    transports,
    authenticate: ({ authorization: token, proof, method }) => verifier.verify({ authorization: token, proof, method, url: endpoint }),
    readConsent: consents.read,
    readService: consents.services.read,
    readSubject: identity.readSubject,
    takeUse: consents.takeUse,
    audit,
    now,
    randomId,
    introspection: options.introspection,
    alarm: (alarm) => log({ where: 'operation', note: JSON.stringify(alarm) }),
    failure: (request, error) => log({ where: 'operation', request, error }),
  });

  const app = fastify({
    bodyLimit: 256 * 1024,
    // What is the provider's is given to it before anything reads its body.
    serverFactory: (handle) =>
      createServer((request, response) =>
        authorization.owns(request.url ?? '') ? authorization.callback(request, response) : handle(request, response),
      ),
    trustProxy: demonstration ? false : 'loopback, linklocal, uniquelocal',
  });
  onlyPublicHost(app, publicUrl);
  app.get('/health', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  // First: routes keep the error handler that they were registered under.
  publicPages(app, { demonstration, requestId: randomId, log });
  await app.register(authorization.routes);
  await app.register(pipeline.routes);

  const closing = new AbortController();
  const eraseDaily = dailyErasure({
    keep: options.keep ?? KEEP,
    consents,
    connection: auditConnection,
    append: audit.append,
    now,
    randomId,
    signal: closing.signal,
  });
  const sweep = setInterval(() => {
    const jobs = [
      identity.sweep(),
      authorization.sweep(),
      consents.sweepExpired(),
      consents.publishOutbox(),
      stored?.sweep(now()),
      eraseDaily(),
    ];
    for (const job of jobs) job?.catch((error: unknown) => log({ where: 'sweep', error }));
  }, SWEEP_MS);
  sweep.unref();
  return {
    app,
    contract,
    identity,
    consents,
    async close() {
      clearInterval(sweep);
      closing.abort();
      await app.close();
      await pipeline.stop();
      await consents.close();
      await audit.close();
    },
  };
}

/** A page asked for under another name of this host (DNS rebinding, or just 127.0.0.1) is given at the public URL. */
function onlyPublicHost(app: FastifyInstance, publicUrl: URL): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.host === publicUrl.host || request.url === '/health') return;
    if (request.method === 'GET') await reply.redirect(new URL(request.url.replace(/^\/+/, '/'), publicUrl).href, 302);
  });
}
