import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { readContract } from '../../schema/contract.ts';
import { IDENTITY_METHODS } from '../../schema/identityMethods.ts';
import { loginPolicy } from './loginPolicy.ts';

const contract = readContract(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'));
const policy = loginPolicy(IDENTITY_METHODS, () => contract);
const CERTIFICATE = 'urn:mydata:acr:citizen-certificate';

/** What the check of this name says to a session proved `age` seconds ago. */
async function asks(check: string, { age = 10, acr = CERTIFICATE, params = {}, login = false }): Promise<boolean | undefined> {
  const session = { accountId: 'subject', acr, past: (seconds: number) => age > seconds };
  const ctx = { oidc: { session, params, result: login ? { login: { accountId: 'subject' } } : undefined } };
  return policy
    .get('login')
    ?.checks.get(check)
    ?.check(ctx as unknown as KoaContextWithOIDC);
}

describe('a session', () => {
  it('carries a proof for an hour', async () => {
    expect(await asks('proof_too_old', { age: 3600 })).toBe(false);
    expect(await asks('proof_too_old', { age: 3601 })).toBe(true);
    expect(await asks('proof_too_old', { age: 3601, login: true })).toBe(false);
  });

  it('is enough only if its method is one that the request wants', async () => {
    expect(await asks('method_unhelpful', { params: { acr_values: CERTIFICATE } })).toBe(false);
    expect(await asks('method_unhelpful', { params: { acr_values: 'urn:mydata:acr:otp-sms' } })).toBe(true);
  });
});
