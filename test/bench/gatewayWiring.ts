import type { AgencyAddresses } from './agencyProcess.ts';
import type { Way } from './agencyTransports.ts';

/** What one gateway process needs to know. */
export interface WiringInput {
  /** The bench's own folder. */
  readonly folder: string;
  /** How it reaches the agencies. */
  readonly way: Way;
  readonly addresses: AgencyAddresses;
  /** A seeded store: its name below `folder`, or on MONGODB_URI the prefix of its databases. */
  readonly data: string;
  /** Whether `data` is on MONGODB_URI. */
  readonly mongo?: boolean;
  /** Path of another supergraph than the product's. */
  readonly supergraph?: string;
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
  /** Calls made to agencies under a warrant so far. */
  readonly calls: () => number;
  /** Before a load of that many requests: what is made beforehand. */
  prepare?(requests: number): void;
  /** Withdraws the consent of a citizen of the bench; resolves when that is acknowledged. */
  withdraw?(number: number): Promise<void>;
  /** Closes it; with what its audit log holds, where it has one. */
  close(): Promise<AuditCounts | null>;
}
