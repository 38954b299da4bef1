import type { DatasetStanding } from '../../schema/agencyTransport.ts';
import type { RegisterRecord } from './defineDataset.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';

/** One admitted request inside an agency. Only {@link admit} makes one that the shield accepts. */
export interface AgencyContext {
  readonly claims: WarrantClaims;
  /** Where each dataset stands that was touched: goes out in `extensions.datasets`. */
  readonly standings: Map<string, DatasetStanding>;
  /** Current records of the warrant's subject in one dataset. Rejects when the register cannot be read. */
  readonly records: (dataset: string) => Promise<readonly RegisterRecord[]>;
}

const admitted = new WeakSet<object>();

/** Marks a context whose warrant has passed every check. */
export function admit(context: AgencyContext): AgencyContext {
  admitted.add(context);
  return context;
}

/** Whether a context came through {@link admit}. */
export function isAdmitted(context: unknown): context is AgencyContext {
  return typeof context === 'object' && context !== null && admitted.has(context);
}
