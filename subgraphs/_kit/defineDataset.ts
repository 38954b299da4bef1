import type { RegisterKey } from '../../schema/warrant.ts';
import type { RegisterFormat } from './registerFormat.ts';

/** One record as the register keeps it: plain JSON in the shape of the dataset's SDL. */
export type RegisterRecord = Readonly<Record<string, unknown>>;

/** One subject's entry of one dataset. Null: the register has none. */
export type ReadEntry = (dataset: string, key: string) => Promise<readonly RegisterRecord[] | null>;

/** What a load may use; one per request. */
export interface Reading {
  /** Dataset id. */
  readonly dataset: string;
  /** The register's key of the warrant's subject. */
  readonly nid: RegisterKey;
  /** Batched and kept for one request (DataLoader). */
  readonly read: ReadEntry;
}

/** Finds one subject's records, in a stable order; none is an empty list. */
export type Load = (reading: Reading) => Promise<readonly RegisterRecord[]>;

/** A dataset's code; its SDL and records lie beside it in the same folder. */
export interface DatasetDefinition {
  /** The root type in `schema.graphql`, which carries `@dataset`. */
  readonly type: string;
  readonly load: Load;
  /** Paths that no record may lack (the catalogue's `!`): a contract-test rule, never a non-null type (docs/contract.md §1). */
  readonly required?: readonly string[];
  /** Paths whose values have a national format with a check digit. */
  readonly formats?: Readonly<Record<string, RegisterFormat>>;
  /** Whether a record is current on the register's date, YYYY-MM-DD; others are not held. Default: every record is. */
  readonly isCurrent?: (record: RegisterRecord, registerDate: string) => boolean;
}

/** Defines a dataset. Gives back what it got, typed. */
export function defineDataset(definition: DatasetDefinition): DatasetDefinition {
  return definition;
}
