import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { ASKED, relyingParty, walk } from './oidcCitizen.ts';
import { openOidcHub, subjectNamed, type OidcHub } from './oidcHub.ts';

let hub: OidcHub;
beforeAll(async () => {
  hub = await openOidcHub();
});
afterAll(() => hub.close());

describe('a service asks, a citizen agrees', () => {
  it('gives a token that names the consent, and tells beside it what was agreed', async () => {
    const party = await relyingParty(hub);
    const { pending, returned } = await walk(hub, party, {}, 'anna', ['moi.household.personal:name']).catch((e) => { console.log(e.cause, hub.logged); throw e; });
    expect(returned.searchParams.get('iss')).toBe(hub.issuer);
    const given = await party.finish(pending, returned.href);
    expect(given.agreed).toEqual({ 'mohw.low-income': ASKED['mohw.low-income'], 'moi.household.personal': ['name'] });
    const claims = decodeJwt(given.accessToken);
    expect(decodeProtectedHeader(given.accessToken)).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: 'tokens' });
    expect(Object.keys(claims).sort()).toEqual(['acr', 'aud', 'auth_time', 'client_id', 'cnf', 'consent_id', 'exp', 'grant_id', 'iat', 'iss', 'jti', 'sub']);
    expect(claims).toMatchObject({ iss: hub.issuer, aud: new URL('/graphql', hub.url).href, client_id: 'rp-one', acr: 'urn:mydata:acr:citizen-certificate', consent_id: given.consent });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(hub.subjectOf(String(claims.sub), 'rp-one')).toBe(subjectNamed('anna'));
    const again = await party.refresh(given);
    expect(decodeJwt(again.accessToken)).toMatchObject({ consent_id: given.consent, grant_id: claims['grant_id'], acr: claims['acr'], auth_time: claims['auth_time'] });
    expect(hub.logged).toEqual([]);
  });
});
