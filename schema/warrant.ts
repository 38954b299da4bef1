import { sha256 } from './canonical.ts';
import type { FieldSet } from './fieldSet.ts';

/** `iss` of every warrant unless a deployment agrees on another: it is bound into the key (docs/warrant.md). */
export const WARRANT_ISSUER = 'mydata-gateway';

/** `pur` of a yes/no check, where no consent exists yet. */
export const CHECK_PURPOSE = 'check';
/** `pur` of the gateway reading an agency's SDL through `_service`; names nobody and no field. */
export const SCHEMA_PURPOSE = 'schema';

/** The register's own key of a subject. */
export interface RegisterKey {
  readonly kind: 'NATIONAL_ID' | 'UI_NUMBER' | 'BUSINESS_NUMBER';
  readonly value: string;
}

/** What the gateway seals and an agency opens (docs/contract.md §4). Times in seconds since the epoch. */
export interface WarrantClaims {
  readonly iss: string;
  /** One agency. */
  readonly aud: string;
  readonly iat: number;
  /** At most `iat` + 60. */
  readonly exp: number;
  /** 128 random bits, base64url. */
  readonly jti: string;
  /** DataSubject.id whose records. Absent only under `pur: "schema"`. */
  readonly sub?: string;
  /** DataSubject.id of who acts for `sub`, if another. */
  readonly act?: string;
  /** Absent only under `pur: "schema"`. */
  readonly nid?: RegisterKey;
  /** Consent id and its version; service id. Absent from a check. */
  readonly cid?: string;
  readonly cv?: number;
  readonly svc?: string;
  /** Purpose code. */
  readonly pur: string;
  /** SHA-256 of the agency query's text (of a check's predicate), base64url. */
  readonly op: string;
  /** SHA-256 of the canonical JSON of the variables other than `representations`, if any (of a check's arguments). */
  readonly args?: string;
  /** Permitted fields. Absent from a check. */
  readonly fld?: FieldSet;
}

/** The members in the order of the contract's table: the order of the plaintext, hence of its digest. */
const MEMBERS = [
  'iss',
  'aud',
  'iat',
  'exp',
  'jti',
  'sub',
  'act',
  'nid',
  'cid',
  'cv',
  'svc',
  'pur',
  'op',
  'args',
  'fld',
] as const satisfies readonly (keyof WarrantClaims)[];

/** The text that is sealed: JSON without white space, members in the contract's order, absent ones left out. */
export function warrantPlaintext(claims: WarrantClaims): string {
  const ordered: Record<string, unknown> = {};
  for (const member of MEMBERS) {
    if (member === 'nid' && claims.nid !== undefined) ordered['nid'] = { kind: claims.nid.kind, value: claims.nid.value };
    else if (claims[member] !== undefined) ordered[member] = claims[member];
  }
  return JSON.stringify(ordered);
}

/** SHA-256 of the plaintext, base64url: what the audit log keeps of a warrant. */
export function warrantDigest(claims: WarrantClaims): string {
  return sha256(warrantPlaintext(claims));
}

const TEXT_MEMBERS = ['iss', 'aud', 'jti', 'sub', 'act', 'cid', 'svc', 'pur', 'op', 'args'] as const;
const KNOWN: ReadonlySet<string> = new Set(MEMBERS);
const KINDS: ReadonlySet<unknown> = new Set(['NATIONAL_ID', 'UI_NUMBER', 'BUSINESS_NUMBER']);
const JTI = /^[A-Za-z0-9_-]{22}$/;

/** The claims if they have exactly the agreed form, else null. A member that nobody agreed on is refused: its sender meant something by it. */
export function readWarrantClaims(value: unknown): WarrantClaims | null {
  if (!isObject(value)) return null;
  for (const member in value) if (!KNOWN.has(member)) return null;
  for (const member of TEXT_MEMBERS) if (value[member] !== undefined && !isText(value[member])) return null;
  const { iss, aud, iat, exp, jti, sub, nid, cid, cv, svc, pur, op, fld } = value;
  if (iss === undefined || aud === undefined || pur === undefined || op === undefined) return null;
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp) || typeof jti !== 'string' || !JTI.test(jti)) return null;
  if (cv !== undefined && !(Number.isSafeInteger(cv) && (cv as number) >= 0)) return null;
  if (fld !== undefined && !isFieldSet(fld)) return null;
  if (pur === SCHEMA_PURPOSE) {
    if (sub !== undefined || nid !== undefined || fld !== undefined) return null;
  } else {
    if (sub === undefined || !isRegisterKey(nid)) return null;
    const consented = [cid, cv, svc, fld].filter((member) => member !== undefined).length;
    if (consented !== (pur === CHECK_PURPOSE ? 0 : 4)) return null;
  }
  return value as unknown as WarrantClaims;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 512;
}

function isRegisterKey(value: unknown): boolean {
  return (
    isObject(value) &&
    KINDS.has(value['kind']) &&
    typeof value['value'] === 'string' &&
    /^[A-Z0-9]{1,32}$/.test(value['value']) &&
    Object.keys(value).length === 2
  );
}

function isFieldSet(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((paths) => Array.isArray(paths) && paths.every((path) => typeof path === 'string'));
}
