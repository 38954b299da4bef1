import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { RegisterKey, WarrantClaims } from '../../schema/warrant.ts';
import { plaintextOf, warrantWriter } from '../../schema/warrantWriter.ts';
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

/** Issues the warrants of one request: each for one fetch, with its own text, variables and fields, whatever else the consent allows. */
export function warrantIssuer({ issuer, caller, consent, nid, variables, now, randomId }: Issue) {
  const iat = Math.floor(now / 1000);
  const actor = consent.grantedBy?.subject ?? caller.subject;
  const write = warrantWriter({
    iss: issuer,
    iat,
    exp: iat + LIFE,
    sub: caller.subject,
    act: actor === caller.subject ? undefined : actor,
    nid,
    cid: consent._id,
    cv: consent.version,
    svc: consent.service.id,
    pur: consent.purpose.code,
  });
  return (fetch: PlannedFetch, checked: CheckedFetch): Warranted => {
    const args = fetch.variables.filter((name) => Object.hasOwn(variables, name) && variables[name] !== undefined);
    const claims = write({
      aud: fetch.subgraph,
      jti: randomId(),
      op: operationHash(fetch),
      args: args.length === 0 ? undefined : sha256(canonicalJson(Object.fromEntries(args.map((name) => [name, variables[name]])))),
      fld: checked.fields,
    });
    return { fetch, checked, claims, digest: sha256(plaintextOf(claims)) };
  };
}

/** Known at compile: a plan's fetches are few and live as long as the plan. */
const hashes = new WeakMap<PlannedFetch, string>();

function operationHash(fetch: PlannedFetch): string {
  const known = hashes.get(fetch) ?? sha256(fetch.query);
  hashes.set(fetch, known);
  return known;
}
