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
  /** Last batch of that shard when this one began: the shard reaches at least so far. */
  readonly tail?: { readonly seq: number; readonly size: number; readonly hash: string } | null;
}

/** Bodies whose retention period is over are about to be erased; their leaves stay. `from` and `to` are inclusive indexes in the shard. */
export interface ErasureEntry extends Common {
  readonly kind: 'ERASURE';
  readonly reason: string;
  readonly erased: readonly { readonly shard: string; readonly from: number; readonly to: number }[];
}

/** What is appended to the log. Paths, purposes, counts and ids only: never a value, a token or a national ID. */
export type AuditBody =
  DisclosureIntent | DisclosureOutcome | RefusalEntry | ConsentChange | LoginEntry | CheckEntry | ShardOpened | ErasureEntry;

/** One line of the data subject's view: who saw (or was refused, or agreed on) what, when and why. */
export interface AccessEntry {
  /** Stable, opaque; given back as `after` it continues the list. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'DISCLOSURE' | 'REFUSAL' | 'CONSENT' | 'LOGIN' | 'CHECK';
  /** Request id. */
  readonly request: string;
  /** Null for a login or a check, which no relying party makes. */
  readonly client: string | null;
  readonly provider: string | null;
  readonly service: string | null;
  readonly purpose: string | null;
  readonly consent: string | null;
  readonly consentVersion: number | null;
  /** Fields released; for a consent change, the consent's fields after it. */
  readonly permitted: FieldSet;
  readonly refused: DisclosureIntent['refused'];
  /** How many identical requests this line stands for; 1 but for folded refusals. */
  readonly count: number;
  readonly channel?: DisclosureIntent['channel'];
  /** Records that came back, per dataset. Absent: the outcome was not recorded, which counts as disclosed. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly failedAgencies?: readonly string[];
  /** Only with CONSENT. */
  readonly event?: ConsentChange['event'];
  /** Only with LOGIN. */
  readonly login?: { readonly method: string; readonly outcome: LoginEntry['outcome'] };
  /** Only with CHECK. */
  readonly check?: { readonly agency: string; readonly predicate: string };
}

/** A page of the view, newest first. `first` is 1 to 100; `after` is the id of the last line seen. */
export interface AccessPage {
  readonly first: number;
  readonly after?: string | undefined;
  /** Only these kinds; all when absent. */
  readonly kinds?: readonly AccessEntry['kind'][] | undefined;
  /** Only what concerns this consent. */
  readonly consent?: string | undefined;
}
