import type { ClientMetadata } from 'oidc-provider';
import { HubError } from '../../schema/errors.ts';

/** A public P-256 key as JWK. */
export interface ClientKey {
  readonly kty: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly kid?: string;
}

/** A relying party, or the hub's own client, as registered. */
export interface RegisteredClient {
  readonly client_id: string;
  readonly name: string;
  /** `openid` for relying parties, `openid hub` for the citizen's own client. */
  readonly scope: string;
  readonly redirect_uris: readonly string[];
  readonly jwks: { readonly keys: readonly ClientKey[] };
}

/** Scope of the citizen's own first-party client: her consents and log, never a dataset. */
export const HUB_SCOPE = 'hub';

/** Whether a client is the hub's own. */
export function isFirstParty({ scope }: { readonly scope?: string | undefined }): boolean {
  return scope?.split(' ').includes(HUB_SCOPE) ?? false;
}

/** The client's metadata in the FAPI 2.0 profile. Throws CONFIGURATION on a key that is not public, or a redirect URI that browsers block. */
export function clientMetadata(client: RegisteredClient, detailsType: string): ClientMetadata {
  const { client_id, name, scope, redirect_uris, jwks } = client;
  for (const key of jwks.keys) {
    if (key.kty !== 'EC' || key.crv !== 'P-256') throw new HubError('CONFIGURATION', `Client ${client_id}: keys must be EC P-256.`);
    if ('d' in key) throw new HubError('CONFIGURATION', `Client ${client_id}: its private key is in the registration.`);
  }
  const firstParty = isFirstParty(client);
  return {
    client_id,
    client_name: name,
    scope: scope.includes('offline_access') || firstParty ? scope : `${scope} offline_access`,
    redirect_uris: [...redirect_uris],
    jwks: {
      keys: jwks.keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' })),
    },
    grant_types: firstParty ? ['authorization_code'] : ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    subject_type: 'pairwise',
    dpop_bound_access_tokens: true,
    require_pushed_authorization_requests: true,
    authorization_details_types: firstParty ? [] : [detailsType],
  };
}

/** Origins to which an answer of this client's pages may redirect. */
export function redirectOrigins({ redirect_uris }: Pick<RegisteredClient, 'redirect_uris'>): readonly string[] {
  return [...new Set(redirect_uris.map((uri) => new URL(uri).origin))];
}
