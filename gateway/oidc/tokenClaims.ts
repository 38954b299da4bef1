import { errors, type AccessToken, type AuthorizationDetail, type ClientCredentials, type KoaContextWithOIDC } from 'oidc-provider';
import { sha256 } from '../../schema/canonical.ts';
import { union, type FieldSet } from '../../schema/fieldSet.ts';
import type { Consent } from '../domain/consent.ts';
import { CONSENT_DETAILS } from './consentDetails.ts';

/** What the client is told of a consent beside the token (RFC 9396 §7): its id and the fields agreed. */
export function grantedDetails(consent: Consent): AuthorizationDetail {
  const datasets = consent.statements.map(({ fields }) => fields).reduce<FieldSet>(union, {});
  return {
    type: CONSENT_DETAILS,
    consent_id: consent._id,
    service: consent.service.id,
    datasets,
    not_after: Math.floor(consent.notAfter / 1000),
  };
}

/** Id of the consent that details granted here name. */
export function consentOf(details: readonly AuthorizationDetail[] | undefined): string | null {
  const id = (details?.[0] as { readonly consent_id?: unknown } | undefined)?.consent_id;
  return typeof id === 'string' ? id : null;
}

/**
 * Claims of an access token besides the standard ones. The token names a consent and its grant, never the fields. Method and time of the proof
 * are those of the code or refresh token it comes from: a refreshed token inherits them.
 */
export function accessTokenClaims(ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials): Record<string, unknown> {
  const source = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.RefreshToken;
  const consent = 'rar' in token ? consentOf(token.rar) : null;
  if (source?.grantId === undefined || source.acr === undefined || source.authTime === undefined)
    throw new errors.InvalidGrant('no proof of identity');
  return {
    grant_id: sha256(`grant\0${source.grantId}`),
    acr: source.acr,
    auth_time: source.authTime,
    ...(consent !== null && { consent_id: consent }),
  };
}

/**
 * The details of a token: the consent as it is now, narrowed or not. Throws invalid_grant where it is not active any more.
 */
export async function liveDetails(
  granted: readonly AuthorizationDetail[] | undefined,
  read: (id: string) => Promise<Consent | null>,
  now: number,
): Promise<AuthorizationDetail[] | undefined> {
  const id = consentOf(granted);
  if (id === null) return undefined;
  const consent = await read(id);
  if (consent === null || consent.state !== 'ACTIVE' || consent.notAfter <= now) throw new errors.InvalidGrant('the consent is not active');
  return [grantedDetails(consent)];
}
