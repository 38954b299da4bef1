import type { FieldSet } from '../../schema/fieldSet.ts';
import type { ConsentEvent } from './consent.ts';
import type { RefusalReason } from './disclosure.ts';

interface Common {
  /** One id through gateway, agencies and audit. */
  readonly request: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** DataSubject.id; the log stores a keyed pseudonym instead. Null where no subject is known. */
  readonly subject: string | null;
}

interface Disclosing {
  readonly client: string;
  readonly provider: string;
  readonly service: string;
  readonly purpose: string;
  readonly consent: string;
  readonly consentVersion: number;
  readonly documentHash: string;
}

/** Durable before any agency is asked. */
export interface DisclosureIntent extends Common, Disclosing {
  readonly kind: 'DISCLOSURE_INTENT';
  readonly channel: 'ONLINE' | 'COUNTER' | 'DOWNLOAD';
  readonly permitted: FieldSet;
  readonly refused: readonly { readonly dataset: string; readonly fields: readonly string[]; readonly reason: RefusalReason }[];
  /** SHA-256 of each warrant's plaintext, base64url. */
  readonly warrants: readonly { readonly agency: string; readonly digest: string }[];
}

/** In the next group commit, not awaited. A missing outcome counts as disclosed. */
export interface DisclosureOutcome extends Common {
  readonly kind: 'DISCLOSURE_OUTCOME';
  /** Records that came back, per dataset. */
  readonly counts: Readonly<Record<string, number>>;
  /** Agencies that failed. */
  readonly failed: readonly string[];
  /** Place for an agency's signature over its answer. */
  readonly signatures: Readonly<Record<string, string>>;
}

/** A request of which every field was refused: no agency was asked. Identical ones fold per minute. */
export interface RefusalEntry extends Common, Disclosing {
  readonly kind: 'REFUSAL';
  readonly refused: DisclosureIntent['refused'];
  /** How many identical requests this entry stands for. */
  readonly count: number;
}

/** From a consent's outbox; idempotent on (consent, version). */
export interface ConsentChange extends Common {
  readonly kind: 'CONSENT';
  readonly event: ConsentEvent['kind'];
  readonly consent: string;
  readonly consentVersion: number;
  readonly client: string;
  readonly provider: string;
  readonly service: string;
  readonly purpose: string;
  /** Fields of the consent after the change. */
  readonly fields: FieldSet;
}

/** A person proved (or failed to prove) who she is. */
export interface LoginEntry extends Common {
  readonly kind: 'LOGIN';
  readonly method: string;
  readonly outcome: 'PROVED' | 'FAILED' | 'LOCKED' | 'BOUND';
}

/** A yes/no check at an agency, under a warrant with purpose `check`; no field leaves. */
export interface CheckEntry extends Common {
  readonly kind: 'CHECK';
  readonly agency: string;
  readonly predicate: string;
  readonly warrant: string;
}

/** First entry of a shard: names the shard that this process start follows. */
export interface ShardOpened extends Common {
  readonly kind: 'SHARD_OPENED';
  readonly follows: string | null;
}

/** What is appended to the log. Paths, purposes, counts and ids only: never a value, a token or a national ID. */
export type AuditBody = DisclosureIntent | DisclosureOutcome | RefusalEntry | ConsentChange | LoginEntry | CheckEntry | ShardOpened;
