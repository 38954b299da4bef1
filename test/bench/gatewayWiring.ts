import type { AgencyAddresses } from './agencyProcess.ts';

/** What one gateway process needs to know. */
export interface WiringInput {
  readonly folder: string;
  readonly addresses: AgencyAddresses;
}

/** What the audit log holds, counted after the gateway has closed. */
export interface AuditCounts {
  readonly intents: number;
  readonly outcomes: number;
  /** Warrants named in the intents. */
  readonly warrants: number;
  /** Durable writes that these entries shared. */
  readonly commits: number;
}

/** A gateway that answers `POST /graphql`. */
export interface Wiring {
  readonly port: number;
  /** Calls made to agencies so far; null where nobody counts. */
  readonly calls: () => number | null;
  /** Closes it; with what its audit log holds, where it has one. */
  close(): Promise<AuditCounts | null>;
}
