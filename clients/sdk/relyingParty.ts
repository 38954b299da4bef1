import { exportJWK, importJWK, type JWK } from 'jose';
import * as openid from 'openid-client';

/** Dataset id → leaf paths (docs/contract.md §1). */
export type Fields = Readonly<Record<string, readonly string[]>>;

export interface RelyingPartyOptions {
  /** The hub's public URL, `http://localhost:4000`. Plain http is taken for a loopback address only. */
  readonly hub: string;
  readonly clientId: string;
  /** The client's private key (ES256 JWK with `kid`), whose public half the hub has registered. */
  readonly privateJwk: JWK;
  /** One of the client's registered redirect URIs. */
  readonly redirectUri: string;
  /** Where a URL of the hub is really asked; left out: there. Tokens and proofs name the public URL either way. */
  readonly address?: (url: URL) => URL;
}

/** What to ask a citizen for: never more than the service is registered for. */
export interface ConsentRequest {
  readonly service: string;
  readonly datasets: Fields;
  /** ISO 8601; at most the service's longest. */
  readonly duration?: string;
  /** Identity methods that must be used, strongest wish first (RFC 9470 step-up). */
  readonly acrValues?: readonly string[];
  /** Seconds since identity was proved, at most. */
  readonly maxAge?: number;
}

/** An authorization under way: keep it with the citizen's session until she comes back. */
export interface Pending {
  readonly url: string;
  readonly state: string;
  readonly codeVerifier: string;
  readonly dpop: JWK;
}

/** A token and the key it is bound to. A relying party's secret: never sent to a browser. */
export interface Authorization {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  readonly consent: string | null;
  readonly agreed: Fields;
  readonly dpop: JWK;
}

/** A refusal, as a value (docs/contract.md §2). */
export interface Refused {
  readonly code: string;
  readonly reason?: string;
  readonly dataset?: string;
  readonly fields?: readonly string[];
  readonly acrValues?: readonly string[];
  readonly authorizationDetails?: readonly Record<string, unknown>[];
}

export interface Answer<Data> {
  readonly status: number;
  readonly data: Data | null;
  readonly errors: readonly { readonly message: string; readonly path?: readonly (string | number)[]; readonly extensions: Refused }[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface RelyingParty {
  /** Pushes the request (PAR, RFC 9126) and says where to send the citizen. */
  begin(request: ConsentRequest): Promise<Pending>;
  /** The same for the citizen's own client: no datasets, the hub's own fields only. */
  beginOwn(options?: { readonly acrValues?: readonly string[] }): Promise<Pending>;
  /** Exchanges the code the citizen came back with. Throws {@link Declined} when she said no. */
  finish(pending: Pending, returnedTo: string): Promise<Authorization>;
  refresh(authorization: Authorization): Promise<Authorization>;
  /** Sends one GraphQL operation with a fresh DPoP proof. Refusals are values in `errors`, not exceptions. */
  query<Data>(
    authorization: Authorization,
    document: string,
    variables?: Record<string, unknown>,
    options?: { readonly refuse?: 'all' },
  ): Promise<Answer<Data>>;
}

/** The citizen refused, or the hub did; `error` is OAuth's word (`access_denied`). */
export class Declined extends Error {
  override readonly name = 'Declined';
  readonly error: string;
  constructor(error: string, description: string | undefined) {
    super(description ?? error);
    this.error = error;
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

async function keyPair(jwk: JWK): Promise<openid.CryptoKeyPair> {
  const { d: _secret, ...publicJwk } = jwk;
  const [privateKey, publicKey] = await Promise.all([
    importJWK(jwk, 'ES256', { extractable: true }),
    importJWK(publicJwk, 'ES256', { extractable: true }),
  ]);
  return { privateKey, publicKey } as openid.CryptoKeyPair;
}

/**
 * A relying party of the hub: FAPI 2.0 (PAR, PKCE, private_key_jwt, DPoP, RAR) by openid-client, then GraphQL.
 * Everything it keeps is JSON, so that a caller may store it.
 */
export async function createRelyingParty(options: RelyingPartyOptions): Promise<RelyingParty> {
  const hub = new URL(options.hub);
  const { address } = options;
  const execute = hub.protocol === 'http:' && LOOPBACK.has(hub.hostname) ? [openid.allowInsecureRequests] : [];
  const key = await importJWK(options.privateJwk, 'ES256');
  const authentication = openid.PrivateKeyJwt({
    key: key as openid.CryptoKey,
    ...(options.privateJwk.kid && { kid: options.privateJwk.kid }),
  });
  const issuer = new URL('/oidc', hub);
  const metadata = { id_token_signed_response_alg: 'ES256', dpop_bound_access_tokens: true };
  const config = await openid.discovery(issuer, options.clientId, metadata, authentication, {
    execute,
    ...(address && { [openid.customFetch]: (url, init) => fetch(address(new URL(url)), init as RequestInit) }),
  });
  const endpoint = new URL('/graphql', hub);
  const handle = async (jwk: JWK): Promise<openid.DPoPHandle> => openid.getDPoPHandle(config, await keyPair(jwk));

  const push = async (parameters: Record<string, string>): Promise<Pending> => {
    const codeVerifier = openid.randomPKCECodeVerifier();
    const state = openid.randomState();
    const pair = await openid.randomDPoPKeyPair('ES256', { extractable: true });
    const dpop = await exportJWK(pair.privateKey);
    const url = await openid.buildAuthorizationUrlWithPAR(
      config,
      {
        redirect_uri: options.redirectUri,
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state,
        resource: endpoint.href,
        ...parameters,
      },
      { DPoP: await handle(dpop) },
    );
    return { url: url.href, state, codeVerifier, dpop };
  };

  const authorized = (tokens: openid.TokenEndpointResponse, dpop: JWK, before?: Authorization): Authorization => {
    const details = (tokens['authorization_details'] ?? []) as readonly { consent_id?: string; datasets?: Fields }[];
    return {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token ?? before?.refreshToken ?? null,
      expiresAt: Math.floor(Date.now() / 1000) + (tokens.expires_in ?? 0),
      consent: details[0]?.consent_id ?? before?.consent ?? null,
      agreed: details[0]?.datasets ?? before?.agreed ?? {},
      dpop,
    };
  };

  return {
    begin: ({ service, datasets, duration, acrValues, maxAge }) =>
      push({
        scope: 'openid offline_access',
        authorization_details: JSON.stringify([{ type: 'urn:mydata:consent', service, datasets, ...(duration && { duration }) }]),
        ...(acrValues && { acr_values: acrValues.join(' ') }),
        ...(maxAge !== undefined && { max_age: String(maxAge) }),
      }),

    beginOwn: ({ acrValues } = {}) => push({ scope: 'openid hub', ...(acrValues && { acr_values: acrValues.join(' ') }) }),

    async finish(pending, returnedTo) {
      const url = new URL(returnedTo);
      const error = url.searchParams.get('error');
      if (error !== null && url.searchParams.get('state') === pending.state)
        throw new Declined(error, url.searchParams.get('error_description') ?? undefined);
      const checks = { pkceCodeVerifier: pending.codeVerifier, expectedState: pending.state, idTokenExpected: true };
      const tokens = await openid.authorizationCodeGrant(
        config,
        url,
        checks,
        { resource: endpoint.href },
        { DPoP: await handle(pending.dpop) },
      );
      return authorized(tokens, pending.dpop);
    },

    async refresh(authorization) {
      if (authorization.refreshToken === null)
        throw new Declined('invalid_grant', 'This consent gives no refresh token. Ask the citizen again.');
      const DPoP = await handle(authorization.dpop);
      const tokens = await openid.refreshTokenGrant(config, authorization.refreshToken, { resource: endpoint.href }, { DPoP });
      return authorized(tokens, authorization.dpop, authorization);
    },

    async query<Data>(
      authorization: Authorization,
      document: string,
      variables: Record<string, unknown> = {},
      { refuse }: { readonly refuse?: 'all' } = {},
    ) {
      const body = JSON.stringify({ query: document, variables, ...(refuse && { extensions: { refuse } }) });
      const headers = new Headers({
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
      });
      const response = await openid
        .fetchProtectedResource(config, authorization.accessToken, endpoint, 'POST', body, headers, {
          DPoP: await handle(authorization.dpop),
        })
        .catch((error: unknown) => {
          if (error instanceof openid.WWWAuthenticateChallengeError) return error.response;
          throw error;
        });
      const answer = (await response.json()) as Partial<Answer<Data>>;
      return { status: response.status, data: answer.data ?? null, errors: answer.errors ?? [], extensions: answer.extensions ?? {} };
    },
  };
}
