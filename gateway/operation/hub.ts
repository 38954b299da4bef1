import type { GraphQLSchema } from 'graphql';
import type { AgencyTransport } from '../../schema/agencyTransport.ts';
import type { Contract } from '../../schema/contract.ts';
import type { RegisterKey } from '../../schema/warrant.ts';
import type { AuditBody, RefusalEntry } from '../domain/auditEntry.ts';
import type { Caller } from '../domain/caller.ts';
import type { Clock, RandomId } from '../domain/clock.ts';
import type { Consent, Service, SubjectStanding } from '../domain/consent.ts';
import type { Alarm } from './agencyFetch.ts';
import type { Compiler } from './compiledOperation.ts';
import type { Limits } from './limits.ts';
import type { PlanExecutor } from './planExecutor.ts';
import type { OperationCache } from './preparedOperation.ts';
import type { ServedGraph } from './servedGraph.ts';
import type { Deadlines } from './transport/deadlines.ts';

/** What one HTTP request shows of its sender. */
export interface Presented {
  readonly authorization: string | undefined;
  /** The DPoP header. */
  readonly proof: string | undefined;
  readonly method: string;
}

/** What the store knows of a data subject, read with each request. */
export interface LiveSubject extends SubjectStanding {
  readonly nid: RegisterKey;
}

export type UseOutcome = 'TAKEN' | 'REPEATED' | 'USED_UP' | 'NOT_ACTIVE';

/** Everything the pipeline needs of other rooms, as functions. */
export interface Hub {
  readonly graph: ServedGraph;
  readonly contract: Contract;
  readonly limits: Limits;
  readonly compiler: Compiler;
  readonly operations: OperationCache;
  readonly executor: PlanExecutor;
  /** The hub's own subgraph, guarded by its own rules; run with a HubContext. */
  readonly hubSchema: GraphQLSchema;
  readonly transports: ReadonlyMap<string, AgencyTransport>;
  /** `iss` of warrants. */
  readonly issuer: string;
  /** How long any agency is waited for. */
  readonly deadlines: Deadlines;
  readonly now: Clock;
  readonly randomId: RandomId;
  readonly authenticate: (presented: Presented) => Promise<Caller>;
  /** Live: never from a cache that another process could make stale. */
  readonly readConsent: (id: string) => Promise<Consent | null>;
  readonly readService: (id: string) => Promise<Service | null>;
  readonly readSubject: (id: string) => Promise<LiveSubject | null>;
  readonly takeUse: (
    consent: string,
    use: { readonly grant: string; readonly documentHash: string; readonly variablesHash: string },
    now: number,
  ) => Promise<UseOutcome>;
  readonly audit: {
    /** Resolves when the entry is durable. */
    append(body: AuditBody): Promise<void>;
    note(body: AuditBody): void;
    refuse(body: RefusalEntry): void;
  };
  readonly alarm: (alarm: Alarm) => void;
  /** Told what a client is not told. */
  readonly failure: (request: string, cause: unknown) => void;
}
