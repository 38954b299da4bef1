import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { ErrorCode } from '../../schema/errors.ts';
import { hasField } from '../../schema/fieldSet.ts';
import { CHECK_PURPOSE, SCHEMA_PURPOSE, type WarrantClaims } from '../../schema/warrant.ts';
import type { AgencyOperation } from './agencyOperation.ts';
import type { TakeOnce } from './replayWindow.ts';

/** What is presented under an opened warrant. */
export interface Presented {
  readonly claims: WarrantClaims;
  /** Null: a yes/no check, or a text that is no operation on this agency's schema. */
  readonly operation: AgencyOperation | null;
  /** SHA-256 of the query's text, or of the predicate's name. */
  readonly digest: string;
  /** All variables of the query, or the arguments of the predicate. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What an agency holds against it. */
export interface Checker {
  readonly agency: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly takeOnce: TakeOnce;
}

/** Says by code why it refuses, or null. */
export type WarrantCheck = (presented: Presented, checker: Checker) => ErrorCode | null;

/** Seconds that the clocks of gateway and agency may differ. */
const CLOCK = 30;
/** Seconds that a warrant may live. */
const LIFE = 60;
/** Entities in one call: the gateway asks for one. */
const MAX_ENTITIES = 16;

export const audience: WarrantCheck = ({ claims }, { agency }) => (claims.aud === agency ? null : 'WARRANT_AUDIENCE');

export const clock: WarrantCheck = ({ claims: { iat, exp } }, { now }) =>
  iat <= now + CLOCK && now < exp + CLOCK && exp > iat && exp - iat <= LIFE ? null : 'WARRANT_CLOCK';

export const unseen: WarrantCheck = ({ claims }, { takeOnce }) => (takeOnce(claims.jti) ? null : 'WARRANT_REPLAYED');

export const operation: WarrantCheck = ({ claims, digest }) => (claims.op === digest ? null : 'WARRANT_OPERATION');

/** `args` binds every variable but `representations`, which the entities check binds to `sub`. */
export const boundArguments: WarrantCheck = ({ claims, variables }) => {
  const { representations: _bound, ...others } = variables;
  const expected = Object.keys(others).length === 0 ? undefined : sha256(canonicalJson(others));
  return claims.args === expected ? null : 'WARRANT_ARGUMENTS';
};

/** Only `_entities`, only DataSubject, every id the warrant's subject; `_service` only for the gateway reading the SDL, and nothing else then. */
export const entities: WarrantCheck = ({ claims, operation: asked, variables }) => {
  if (claims.pur === SCHEMA_PURPOSE) return asked?.kind === 'SERVICE' ? null : 'WARRANT_SUBJECT';
  if (asked?.kind !== 'ENTITIES' || claims.pur === CHECK_PURPOSE) return 'WARRANT_SUBJECT';
  return namesOnly(claims.sub, variables['representations']) ? null : 'WARRANT_SUBJECT';
};

/** Every selected leaf is named, and no object's presence is asked for without a named leaf below it. */
export const fields: WarrantCheck = ({ claims: { fld = {} }, operation: asked }) =>
  asked !== null && !asked.bare && asked.fields.every(([dataset, path]) => hasField(fld, dataset, path)) ? null : 'WARRANT_FIELDS';

export const checkPurpose: WarrantCheck = ({ claims }) => (claims.pur === CHECK_PURPOSE ? null : 'WARRANT_OPERATION');

/** The order of docs/warrant.md; size, header, pinned keys, key and seal come before, in the opener. */
export const QUERY_CHECKS: readonly WarrantCheck[] = [audience, clock, unseen, operation, boundArguments, entities, fields];
/** For a yes/no predicate: no operation, no field. */
export const PREDICATE_CHECKS: readonly WarrantCheck[] = [audience, clock, unseen, operation, boundArguments, checkPurpose];

/** The first refusal in order, or null. */
export function firstRefusal(checks: readonly WarrantCheck[], presented: Presented, checker: Checker): ErrorCode | null {
  for (const check of checks) {
    const code = check(presented, checker);
    if (code !== null) return code;
  }
  return null;
}

/** Whether representations are DataSubjects with this one id, and say nothing else. */
export function namesOnly(subject: string | undefined, representations: unknown): boolean {
  if (subject === undefined || !Array.isArray(representations) || representations.length === 0 || representations.length > MAX_ENTITIES)
    return false;
  return representations.every((value: unknown) => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
    const { __typename, id } = value as Record<string, unknown>;
    return __typename === 'DataSubject' && id === subject;
  });
}
