import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { readContract } from '../../schema/contract.ts';
import { pairwiseSub, subjectOf } from '../../gateway/identity/pairwise.ts';
import { openConsents, type Consents } from '../../gateway/consent/consents.ts';
import { createAuthorizationServer, type AuthorizationServer } from '../../gateway/oidc/authorizationServer.ts';
import type { IdentityPort, LoginMethod, Proved } from '../../gateway/oidc/identityPort.ts';
import type { RegisteredClient } from '../../gateway/oidc/registeredClient.ts';
import { identityMethod } from '../../schema/identityMethods.ts';
import { openHubDatabase } from '../fixtures/hubDatabase.ts';

/** Jest's realm has no structuredClone of its own: the outer one's objects are foreign to the library's `constructor === Object`. */
function cloneHere<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneHere) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cloneHere(member as unknown)])) as T;
}

export const SERVICE = 'test.tuition-waiver';
export const OTHER_SERVICE = 'test.credit-card';

export const contract = readContract(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'));

/** In the tests a person proves identity by typing her subject's name; the ways to do it are those of the catalogue. */
interface TestProof extends Proved {
  readonly who: string;
  readonly authTime: number;
}

function typedMethod(id: string, now: () => number): LoginMethod<TestProof> {
  const method = identityMethod(id);
  if (method === undefined) throw new Error(id);
  const step = {
    step: 'name',
    fields: [{ name: 'who', label: { 'zh-TW': '您是誰', en: 'Who are you' }, kind: 'text', required: true } as const],
  };
  return {
    id,
    acr: method.acr,
    label: method.name,
    assurance: method.assurance,
    begin: async () => ({ ...step, state: 'open' }),
    async submit(_state, form) {
      const who = form['who'] ?? '';
      if (who === 'again') return { kind: 'CONTINUE', step: { ...step, message: { 'zh-TW': '再一次', en: 'Once more' } }, state: 'open' };
      if (who === 'wrong') return { kind: 'REFUSED', code: 'IDENTITY_NOT_PROVED' };
      return { kind: 'PROVED', method: id, who, authTime: Math.floor(now() / 1000) };
    },
  };
}

/** A subject's id from a name. */
export const subjectNamed = (name: string): string => createHash('sha256').update(name).digest().subarray(0, 16).toString('base64url');

const both = (text: string) => ({ 'zh-TW': `${text}（中文）`, en: text });

const row = (id: string, mode: 'PERIOD' | 'ONE_TIME', client: string) => ({
  id,
  channel: 'ONLINE',
  provider: 'moe.k12ea',
  providerName: { 'zh-TW': '國民及學前教育署', en: 'K-12 Education Administration' },
  ministry: 'moe',
  name: { 'zh-TW': '學雜費減免', en: 'Tuition waiver' },
  purpose: { 'zh-TW': '辦理學雜費減免', en: 'Waive tuition and fees' },
  pdpaPurpose: '109',
  legalBasis: { 'zh-TW': '個資法第15條第2款', en: 'PDPA art. 15(2)' },
  mode,
  longest: 'P6M',
  datasets: [
    { dataset: 'mohw.low-income', necessity: 'REQUIRED', fields: ['certificateNumber', 'category', 'validFrom', 'validTo'], why: both('Category and validity') },
    { dataset: 'moi.household.personal', necessity: 'OPTIONAL', fields: ['name', 'birthDate', 'spouseName'], thirdPartyFields: ['spouseName'], why: both('Legal representative') },
  ],
  clients: [client],
}); // prettier-ignore

export interface OidcHub {
  readonly url: URL;
  readonly issuer: string;
  readonly server: AuthorizationServer;
  readonly consents: Consents;
  readonly keys: Readonly<Record<string, JWK>>;
  readonly logged: { readonly where: string; readonly error: unknown }[];
  /** The subject behind a token's `sub`. */
  readonly subjectOf: (sub: string, client: string) => string | null;
  close(): Promise<void>;
}

async function privateKey(kid: string): Promise<JWK> {
  const { privateKey: key } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(key)), kid, alg: 'ES256' };
}

const publicHalf = ({ kty, crv, x, y, kid }: JWK) => ({ kty, crv, x, y, kid }) as RegisteredClient['jwks']['keys'][number];

export const CALLBACK = 'http://127.0.0.1:9/callback';

/** The authorization server over HTTP on a free port, with the consent room in memory and identity by name. */
export async function openOidcHub(callback = CALLBACK): Promise<OidcHub> {
  if (structuredClone({}).constructor !== Object) globalThis.structuredClone = cloneHere;
  const database = await openHubDatabase();
  const now = Date.now;
  const consents = await openConsents({
    connection: database.connection,
    contract: () => contract,
    now,
    randomId: () => randomBytes(16).toString('base64url'),
    publish: async () => undefined,
    signReceipt: async () => 'receipt',
    issuer: 'http://localhost/oidc',
    manageAt: 'http://localhost/me/consents',
  });
  await consents.services.register([row(SERVICE, 'PERIOD', 'rp-one'), row(OTHER_SERVICE, 'ONE_TIME', 'rp-two')]);
  const keys = Object.fromEntries(
    await Promise.all(['rp-one', 'rp-two', 'citizen-web', 'tokens'].map(async (name) => [name, await privateKey(name)] as const)),
  );
  const key = (name: string): JWK => keys[name] as JWK;
  const pairwiseKey = randomBytes(32);

  // The port must be known before the issuer's name is.
  let handle: (
    request: Parameters<Parameters<typeof createServer>[1] & object>[0],
    response: Parameters<Parameters<typeof createServer>[1] & object>[1],
  ) => void = (_request, response) => response.end();
  const http: Server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://localhost:${(http.address() as AddressInfo).port}`);

  const client = (id: string, scope: string, redirect: string): RegisteredClient => ({
    client_id: id,
    name: `Client ${id}`,
    scope,
    redirect_uris: [redirect],
    jwks: { keys: [publicHalf(key(id))] },
  });
  const identity: IdentityPort<TestProof> = {
    methods: new Map(['multi-factor', 'otp-sms', 'citizen-certificate'].map((id) => [id, typedMethod(id, now)])),
    async prove({ who, method, authTime }) {
      return { subject: subjectNamed(who), proof: { method, assurance: identityMethod(method)?.assurance ?? 'LOW', authTime } };
    },
  };
  const logged: OidcHub['logged'] = [];
  const server = await createAuthorizationServer({
    connection: database.connection,
    publicUrl: url,
    clients: [
      client('rp-one', 'openid', callback),
      client('rp-two', 'openid', callback),
      client('citizen-web', 'openid hub', new URL('/me/callback', url).href),
    ],
    tokenKeys: [key('tokens')],
    cookieKeys: [randomBytes(32).toString('base64url')],
    contract: () => contract,
    identity,
    consents,
    pairwiseSub: (subject, name) => pairwiseSub(subject, name, pairwiseKey),
    now,
    randomId: () => randomBytes(16).toString('base64url'),
    demonstration: true,
    log: (entry) => void logged.push(entry),
  });
  const app = fastify({
    serverFactory: (handler) => {
      handle = (request, response) =>
        (request.url ?? '').startsWith('/oidc') ? server.callback(request, response) : handler(request, response);
      return http;
    },
  });
  await app.register(async (scope) => server.routes(scope));
  const style = readFileSync(new URL('../../gateway/pages/assets/hub.css', import.meta.url), 'utf8');
  app.get('/assets/hub.css', (_request, reply) => reply.type('text/css').send(style));
  await app.ready();
  return {
    url,
    issuer: server.issuer,
    server,
    consents,
    keys,
    logged,
    subjectOf: (sub, name) => subjectOf(sub, name, pairwiseKey),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await consents.close();
      await database.close();
    },
  };
}
