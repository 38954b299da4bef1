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

/** Every path below a record of the SDL: `listedMembers.name`. A list's elements are below the list. */
type PathOf<Shape> = {
  [Name in Exclude<keyof Shape, '__typename'> & string]: Name | `${Name}.${BelowOf<NonNullable<Shape[Name]>>}`;
}[Exclude<keyof Shape, '__typename'> & string];
type BelowOf<Value> = Value extends readonly (infer Element)[]
  ? BelowOf<NonNullable<Element>>
  : Value extends object
    ? PathOf<Value>
    : never;

/** A definition in the words of its SDL: `Shape` is the generated type of one record, so that a path that is none is a type error. */
interface TypedDefinition<Shape> extends Omit<DatasetDefinition, 'required' | 'formats' | 'isCurrent'> {
  readonly required: readonly PathOf<Shape>[];
  readonly formats?: { readonly [Path in PathOf<Shape>]?: RegisterFormat };
  isCurrent?(record: Shape, registerDate: string): boolean;
}

/** Defines a dataset whose records have the shape that codegen made of `schema.graphql`. Gives back what it got. */
export function defineDataset<Shape extends object>(definition: TypedDefinition<Shape>): DatasetDefinition {
  // A register's records are checked against their SDL by the contract tests; from here on they are records like any other.
  return definition as DatasetDefinition;
}
