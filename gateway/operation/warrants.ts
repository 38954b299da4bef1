import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import { warrantDigest, type RegisterKey, type WarrantClaims } from '../../schema/warrant.ts';
import type { Caller } from '../domain/caller.ts';
import type { RandomId } from '../domain/clock.ts';
import type { Consent } from '../domain/consent.ts';
import type { CheckedFetch } from './checkPlan.ts';
import type { PlannedFetch } from './plannedOperation.ts';

/** A warrant's life, in seconds (docs/contract.md §4: at most 60). */
const LIFE = 60;

export interface Issue {
  readonly issuer: string;
  readonly caller: Caller;
  readonly consent: Consent;
  readonly nid: RegisterKey;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly randomId: RandomId;
}

/** One agency fetch with the claims under which it may be made. */
export interface Warranted {
  readonly fetch: PlannedFetch;
  readonly checked: CheckedFetch;
  readonly claims: WarrantClaims;
  /** SHA-256 of the claims' plaintext: what the intent commits to before anything is asked. */
  readonly digest: string;
}

/** The claims for one fetch: its own text, variables and fields, whatever else the consent allows. */
export function issueWarrant(
  { issuer, caller, consent, nid, variables, now, randomId }: Issue,
  fetch: PlannedFetch,
  checked: CheckedFetch,
): Warranted {
  const iat = Math.floor(now / 1000);
  const actor = consent.grantedBy?.subject ?? caller.subject;
  const args = fetch.variables.filter((name) => Object.hasOwn(variables, name) && variables[name] !== undefined);
  const claims: WarrantClaims = {
    iss: issuer,
    aud: fetch.subgraph,
    iat,
    exp: iat + LIFE,
    jti: randomId(),
    sub: caller.subject,
    ...(actor === caller.subject ? {} : { act: actor }),
    nid,
    cid: consent._id,
    cv: consent.version,
    svc: consent.service.id,
    pur: consent.purpose.code,
    op: operationHash(fetch),
    ...(args.length === 0 ? {} : { args: sha256(canonicalJson(Object.fromEntries(args.map((name) => [name, variables[name]])))) }),
    fld: checked.fields,
  };
  return { fetch, checked, claims, digest: warrantDigest(claims) };
}

/** Known at compile: a plan's fetches are few and live as long as the plan. */
const hashes = new WeakMap<PlannedFetch, string>();

function operationHash(fetch: PlannedFetch): string {
  const known = hashes.get(fetch) ?? sha256(fetch.query);
  hashes.set(fetch, known);
  return known;
}
