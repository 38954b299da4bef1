import Provider, { errors, type ClientMetadata, type Configuration, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import type { Model } from 'mongoose';
import type { Contract } from '../../schema/contract.ts';
import type { Clock } from '../domain/clock.ts';
import { createAdapter, SeenBefore } from './adapter.ts';
import { CONSENT_DETAILS } from './consentDetails.ts';
import type { ConsentPort } from './consentPort.ts';
import { loginPolicy } from './loginPolicy.ts';
import type { OidcArtifact } from './oidcArtifact.ts';
import { clientMetadata, HUB_SCOPE, isFirstParty, type RegisteredClient } from './registeredClient.ts';
import { helpfulMethods } from './requestedMethods.ts';
import { accessTokenClaims, liveDetails } from './tokenClaims.ts';

/** Any request below the mount, recognized or not. */
export type PageRequest = Parameters<Parameters<Provider['use']>[0]>[0];

export interface ProviderOptions {
  readonly publicUrl: URL;
  readonly clients: readonly RegisteredClient[];
  /** Private ES256 keys; the first signs, all are published. */
  readonly tokenKeys: readonly JWK[];
  /** Sign cookies; the first signs, all verify. */
  readonly cookieKeys: readonly string[];
  readonly artifacts: Model<OidcArtifact>;
  readonly methods: readonly { readonly id: string; readonly acr: string }[];
  /** Today's contract: a supergraph may change while the hub runs. */
  readonly contract: () => Contract;
  readonly consents: Pick<ConsentPort, 'validateRequest' | 'read'>;
  readonly pairwiseSub: (subject: string, client: string) => string;
  readonly now: Clock;
  /** Pages of the provider's own, by what they say. */
  readonly pages: {
    error(ctx: KoaContextWithOIDC, out: { readonly error: string }, cause: unknown): void;
    signOut(ctx: KoaContextWithOIDC, form: string): void;
    signedOut(ctx: KoaContextWithOIDC): void;
    missing(ctx: PageRequest): void;
  };
}

/** Lifetimes, seconds. Codes ≤ 60 s and access tokens ≤ 10 min (FAPI 2.0 §5.3.2); a refresh token lives no longer than its consent anyway. */
const TTL = {
  AccessToken: 600,
  AuthorizationCode: 60,
  IdToken: 600,
  Interaction: 1800,
  Session: 3600,
  Grant: 366 * 86_400,
  RefreshToken: 366 * 86_400,
} as const;

/** A DPoP proof may be dated ahead by this much (seconds), and is good for as long again: a used jti is kept for both. */
const PROOF_WINDOW = 300;

const ALG = ['ES256'] as const;

/** The authorization server: oidc-provider in the FAPI 2.0 profile. Issuer `<publicUrl>/oidc`, resource `<publicUrl>/graphql`. */
export function createProvider(options: ProviderOptions): Provider {
  const { publicUrl, consents, contract, methods, pairwiseSub, now, pages } = options;
  const issuer = new URL('/oidc', publicUrl).href;
  const resource = new URL('/graphql', publicUrl).href;
  const secure = publicUrl.protocol === 'https:';
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure } as const;
  const provider = new Provider(issuer, {
    adapter: createAdapter(options.artifacts, now),
    clients: options.clients.map((client): ClientMetadata => clientMetadata(client, CONSENT_DETAILS)),
    jwks: { keys: options.tokenKeys.map((key) => ({ ...key, alg: 'ES256', use: 'sig' })) },
    acrValues: methods.map(({ acr }) => acr),
    scopes: ['openid', 'offline_access', HUB_SCOPE],
    claims: { openid: ['sub'], acr: null, amr: null, auth_time: null },
    responseTypes: ['code'],
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_ctx, subject, client) => pairwiseSub(subject, client.clientId),
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...ALG],
      idTokenSigningAlgValues: [...ALG],
      dPoPSigningAlgValues: [...ALG],
    },
    clockTolerance: 5,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    acceptQueryParamAccessTokens: false,
    clientBasedCORS: () => false,
    cookies: {
      keys: [...options.cookieKeys],
      // The session cookie is read beside the provider's own paths: a new identity ends the old one's session.
      names: { session: secure ? '__Host-session' : 'hub-session', interaction: 'hub-interaction', resume: 'hub-resume' },
      long: { ...cookie, path: '/' },
      short: cookie,
    },
    ttl: TTL,
    interactions: { policy: loginPolicy(methods, contract), url: (_ctx, { uid }) => new URL(`/interaction/${uid}`, publicUrl).pathname },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    loadExistingGrant: (ctx) => existingGrant(ctx, resource),
    extraTokenClaims: accessTokenClaims,
    formats: {
      customizers: {
        jwt(_ctx, _token, { payload }) {
          // The token names a consent, never the list: consents change, tokens do not.
          delete payload['authorization_details'];
        },
      },
    },
    expiresWithSession: () => false,
    async issueRefreshToken(_ctx, client, source) {
      if (!client.grantTypeAllowed('refresh_token')) return false;
      const [details] = (await liveDetails('rar' in source ? source.rar : undefined, (id) => consents.read(id), now())) ?? [];
      const id = (details as { consent_id?: string } | undefined)?.consent_id;
      return id !== undefined && (await consents.read(id))?.mode === 'PERIOD';
    },
    // Sender-constrained: rotation would only lose tokens (FAPI 2.0 §5.3.2.1).
    rotateRefreshToken: false,
    renderError: async (ctx, out, error) => pages.error(ctx, out, error),
    extraParams: {
      authorization_details: requireDetails,
      acr_values: (ctx) => {
        if (helpfulMethods(ctx.oidc.params ?? {}, methods, contract()).length === 0)
          throw new errors.UnmetAuthenticationRequirements('no identity method here meets acr_values and opens what is asked for');
      },
    },
    features: {
      devInteractions: { enabled: false },
      fapi: { enabled: true, profile: '2.0' },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true },
      claimsParameter: { enabled: true },
      revocation: { enabled: true },
      userinfo: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx, form) => pages.signOut(ctx, form),
        postLogoutSuccessSource: async (ctx) => pages.signedOut(ctx),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, indicator, client) {
          if (indicator !== resource) throw new errors.InvalidTarget();
          const scope = isFirstParty(client) ? HUB_SCOPE : '';
          return { scope, audience: resource, accessTokenTTL: TTL.AccessToken, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } };
        },
      },
      richAuthorizationRequests: {
        enabled: true,
        types: {
          [CONSENT_DETAILS]: {
            async validate(ctx, _detail, client) {
              const all: unknown = JSON.parse(String(ctx.oidc.params?.['authorization_details']));
              const verdict = await consents.validateRequest(client.clientId, all);
              if (verdict.kind === 'REFUSED')
                throw new errors.InvalidAuthorizationDetails(`${verdict.code}${verdict.detail === undefined ? '' : `: ${verdict.detail}`}`);
            },
          },
        },
        authorizationDetailsForGrantSource: (ctx) => ctx.oidc.entities.Grant?.rar,
        authorizationDetailsForAccessToken: (_ctx, _token, source) =>
          liveDetails(source !== undefined && 'rar' in source ? source.rar : undefined, (id) => consents.read(id), now()),
      },
    },
  } satisfies Configuration);
  // Behind a proxy the public URL decides, never a header that a client may send.
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    ctx.set('x-content-type-options', 'nosniff');
    await next();
    if (ctx.status === 404 && ctx.body === undefined) pages.missing(ctx);
    // The library says so of its tokens, not of every refusal.
    if (ctx.status >= 400 && !ctx.response.get('cache-control')) ctx.set('cache-control', 'no-store');
  });
  insertOnce(provider);
  return provider;
}

/** A relying party asks under a consent, the hub's own client never. */
function requireDetails(ctx: KoaContextWithOIDC, value: string | undefined): void {
  const { client } = ctx.oidc;
  if (client === undefined) return;
  if (isFirstParty(client)) {
    if (!String(ctx.oidc.params?.['scope']).split(' ').includes(HUB_SCOPE))
      throw new errors.InvalidScope('the scope hub is needed', HUB_SCOPE);
  } else if (value === undefined) throw new errors.InvalidRequest('authorization_details is required: say which service and datasets');
}

/** A relying party's grant is the one just agreed to, never an older one. The hub's own client needs no agreement. */
async function existingGrant(ctx: KoaContextWithOIDC, resource: string) {
  const { client, session, result, provider } = ctx.oidc;
  const granted = result?.consent?.grantId;
  if (granted !== undefined) return provider.Grant.find(granted);
  const accountId = session?.accountId;
  if (client === undefined || accountId === undefined || !isFirstParty(client)) return undefined;
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope(`openid ${HUB_SCOPE}`);
  grant.addResourceScope(resource, HUB_SCOPE);
  await grant.save();
  return grant;
}

/** Makes a used jti count once under any number of requests at a time: the library asks and then writes, the store's unique key decides. */
function insertOnce({ ReplayDetection }: Provider): void {
  const unique = ReplayDetection.unique.bind(ReplayDetection);
  ReplayDetection.unique = async (issuer, jti, exp) => {
    try {
      return await unique(issuer, jti, exp + PROOF_WINDOW);
    } catch (error) {
      if (error instanceof SeenBefore) return false;
      throw error;
    }
  };
}
