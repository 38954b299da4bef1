import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import { warrantDigest } from '../../schema/warrant.ts';
import { consentOf, CONTRACT, EVERYTHING, NOW, SUPERGRAPH } from '../../test/fixtures/smallContract.ts';
import { checkPlan } from './checkPlan.ts';
import { loadGraph } from './graph.ts';
import { planOperation } from './planOperation.ts';
import { warrantIssuer, type Issue } from './warrants.ts';

const graph = loadGraph(SUPERGRAPH);

function warrantFor(query: string, changes: Partial<Issue> = {}) {
  const planned = planOperation(graph, parse(query), { askIds: true });
  const fetch = planned.fetches[1];
  const checked = checkPlan(CONTRACT, graph.whole, planned, EVERYTHING)[1];
  if (fetch === undefined || checked === null || checked === undefined) throw new Error('no agency fetch');
  const caller = {
    kind: 'RELYING_PARTY',
    client: 'client',
    subject: 'alice',
    consent: 'consent-of-alice',
    grant: 'g',
    acr: 'a',
    authTime: 1,
  } as const;
  const issue = {
    issuer: 'gateway',
    caller,
    consent: consentOf('alice', EVERYTHING),
    nid: { kind: 'NATIONAL_ID', value: 'A123456789' },
    variables: {},
    now: NOW + 999,
    randomId: () => 'R'.repeat(22),
  } as const;
  return warrantIssuer({ ...issue, ...changes })(fetch, checked);
}

describe('a warrant', () => {
  it('is for one agency, one text, one minute, and the fields of that fetch alone', () => {
    const { claims, digest, fetch } = warrantFor('{ me { person { name } cars { records { plate } } } }');
    expect(claims).toEqual({
      iss: 'gateway',
      aud: 'moa',
      iat: NOW / 1000,
      exp: NOW / 1000 + 60,
      jti: 'R'.repeat(22),
      sub: 'alice',
      nid: { kind: 'NATIONAL_ID', value: 'A123456789' },
      cid: 'consent-of-alice',
      cv: 2,
      svc: 'online.test.service',
      pur: 'dpv:ServiceProvision',
      op: sha256(fetch.query),
      fld: { 'moa.cars': ['plate'], 'moa.person': ['name'] },
    });
    expect(digest).toBe(warrantDigest(claims));
  });

  it('binds the variables that this fetch uses and that were sent, and no others', () => {
    const query =
      'query ($n: Int, $m: Int, $p: String) { me { cars(plate: $p) { records(first: $n) { plate } } visits { records(first: $m) { day } } } }';
    const { claims } = warrantFor(query, { variables: { n: 5, m: 6, x: 7 } });
    expect(claims.args).toBe(sha256(canonicalJson(claims.aud === 'moa' ? { n: 5 } : { m: 6 })));
    expect(warrantFor(query, { variables: {} }).claims).not.toHaveProperty('args');
  });

  it('says who acts for the data subject, if another', () => {
    const consent = consentOf('alice', EVERYTHING, { grantedBy: { subject: 'mother', capacity: 'PARENT', evidence: 'e' } });
    expect(warrantFor('{ me { person { name } } }', { consent }).claims.act).toBe('mother');
  });
});
