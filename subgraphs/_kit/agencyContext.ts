import type { DatasetStanding } from '../../schema/agencyTransport.ts';
import type { RegisterRecord } from './defineDataset.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';

/** One request whose warrant has passed every check. Only {@link admit} makes one that the shield accepts. */
export interface AdmittedRequest {
  readonly claims: WarrantClaims;
  /** Where each dataset stands that was touched: goes out in `extensions.datasets`. */
  readonly standings: Map<string, DatasetStanding>;
  /** Current records of the warrant's subject in one dataset. Rejects when the register cannot be read. */
  readonly records: (dataset: string) => Promise<readonly RegisterRecord[]>;
}

/** The GraphQL context of one request. Apollo Server hands resolvers a copy of it, so the mark is on what it holds. */
export interface AgencyContext {
  readonly request: AdmittedRequest;
}

const admitted = new WeakSet<object>();

/** Marks a request whose warrant has passed every check. */
export function admit(request: AdmittedRequest): AgencyContext {
  admitted.add(request);
  return { request };
}

/** The request of a context that came through {@link admit}, else null. */
export function admittedRequest(context: unknown): AdmittedRequest | null {
  const request = typeof context === 'object' && context !== null && 'request' in context ? context.request : null;
  return typeof request === 'object' && request !== null && admitted.has(request) ? (request as AdmittedRequest) : null;
}
