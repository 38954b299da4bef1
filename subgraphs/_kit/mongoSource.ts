import type { RegisterKey } from '../../schema/warrant.ts';
import type { Load } from './defineDataset.ts';

/** The number that finds a record, as the catalogue names it. */
type RegisterKeyName = 'nationalId' | 'uiNumber' | 'businessNumber';

const KIND: Readonly<Record<RegisterKeyName, RegisterKey['kind']>> = {
  nationalId: 'NATIONAL_ID',
  uiNumber: 'UI_NUMBER',
  businessNumber: 'BUSINESS_NUMBER',
};

/**
 * Loads a dataset from the agency's own database by the warrant's `nid`. A subject whose number is of a kind that this register does not
 * keep has no record in it.
 */
export function mongoSource(...keys: readonly RegisterKeyName[]): Load {
  const kinds = new Set(keys.map((key) => KIND[key]));
  return async ({ dataset, nid, read }) => (kinds.has(nid.kind) ? ((await read(dataset, nid.value)) ?? []) : []);
}
