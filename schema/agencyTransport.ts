import type { WarrantClaims } from './warrant.ts';

/** Where a dataset stands for one subject (docs/contract.md §1): in an answer's `extensions.datasets[id]`, never a field. */
export interface DatasetStanding {
  /** NOT_HELD: the register has no record of this subject. PENDING: the register itself still awaits its data. */
  readonly state: 'AVAILABLE' | 'NOT_HELD' | 'PENDING' | 'UNAVAILABLE';
  /** As of when the register answers: a date (`2019-12-20`) or an RFC 3339 time. */
  readonly asOf: string;
  /** Cursor of the last record sent, when more follow: the next `after`. */
  readonly endCursor?: string;
}

/** One operation for one agency under one warrant. `warrant.op` and `warrant.args` are digests of `query` and of the other variables. */
export interface AgencyRequest {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly warrant: WarrantClaims;
  /** The request id, the same through gateway, agencies and audit. */
  readonly request: string;
  readonly signal?: AbortSignal;
}

export interface AgencyError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A GraphQL answer of an agency. */
export interface AgencyAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly AgencyError[];
  readonly extensions?: { readonly datasets?: Readonly<Record<string, DatasetStanding>> };
}

/**
 * A yes/no predicate under a warrant with `pur: "check"`, whose `op` is the SHA-256 of the predicate's name and whose `args` is
 * the SHA-256 of the arguments' canonical JSON. `nid` in the warrant says who. Known predicates, each with `{ value }`:
 * `nhi-card-number` (mohw), `household-number` and `id-card-issue-date` (moi).
 */
export interface CheckRequest {
  readonly predicate: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly warrant: WarrantClaims;
  readonly request: string;
  readonly signal?: AbortSignal;
}

/** What an agency does with an opened warrant: it checks it, then answers. Rejects with a HubError naming the check that refused. */
export interface AnsweringAgency {
  readonly id: string;
  answer(request: AgencyRequest): Promise<AgencyAnswer>;
  check(request: CheckRequest): Promise<boolean>;
}

/** Whether calls go to an agency: all of them, none until a time (ms of a clock that never goes back), or one that tries. */
export type AgencyHealth =
  | { readonly state: 'CLOSED'; readonly failures: number }
  | { readonly state: 'OPEN'; readonly until: number }
  | { readonly state: 'HALF_OPEN' };

/**
 * The one seam between the gateway and an agency, in process, over HTTP or over WebSocket: the same answers and the same checks.
 * An agency that refuses or cannot be reached: the promise is rejected with a HubError (WARRANT_…, CHECK_UNKNOWN, SOURCE_UNAVAILABLE).
 */
export interface AgencyTransport {
  readonly agency: string;
  call(request: AgencyRequest): Promise<AgencyAnswer>;
  check(request: CheckRequest): Promise<boolean>;
  /** The circuit breaker's state. Absent where there is none: in process. */
  health?(): AgencyHealth;
  close(): Promise<void>;
}
