import { Schema, type Connection } from 'mongoose';
import { canonicalJson } from '../../schema/canonical.ts';
import type { RegisterRecord } from './defineDataset.ts';

/** One subject's entry of one dataset, in the agency's own database. */
interface StoredEntry {
  /** `<dataset>:<key>`. */
  readonly _id: string;
  readonly v: 1;
  readonly dataset: string;
  /** The register's own key: national ID, UI number or business number. It is the agency's register, not the hub's. */
  readonly key: string;
  readonly records: readonly RegisterRecord[];
}

/** One subject's entry of a register that only answers yes or no: `<register>:<key>` → the value that is compared. */
interface StoredFactor {
  readonly _id: string;
  readonly v: 1;
  readonly register: string;
  readonly key: string;
  readonly value: string;
}

/** Retention: as the agency's law says; synthetic records are replaced at each demonstration start. A change of `v` re-seeds. */
const entrySchema = new Schema<StoredEntry>(
  {
    _id: { type: String, required: true },
    v: { type: Number, required: true },
    dataset: { type: String, required: true },
    key: { type: String, required: true },
    records: { type: [Schema.Types.Mixed], required: true } as never,
  },
  { versionKey: false, strict: 'throw', minimize: false },
);

/** Retention and migration as above. */
const factorSchema = new Schema<StoredFactor>(
  {
    _id: { type: String, required: true },
    v: { type: Number, required: true },
    register: { type: String, required: true },
    key: { type: String, required: true },
    value: { type: String, required: true },
  },
  { versionKey: false, strict: 'throw' },
);

/** Dataset → key → records. */
export type RegisterContent = ReadonlyMap<string, ReadonlyMap<string, readonly RegisterRecord[]>>;
/** Register → key → value. */
export type FactorContent = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** An agency's registers. */
export interface Register {
  /** The entries of `<dataset>:<key>` ids, in their order; null where there is none. */
  readonly entries: (ids: readonly string[]) => Promise<(readonly RegisterRecord[] | null)[]>;
  readonly factor: (register: string, key: string) => Promise<string | null>;
  /** Writes what differs; running it again changes nothing. */
  readonly seed: (records: RegisterContent, factors: FactorContent) => Promise<void>;
}

/** Opens an agency's registers on its own database. */
export async function openRegister(connection: Connection): Promise<Register> {
  const Entry = connection.model<StoredEntry>('RegisterEntry', entrySchema, 'records');
  const Factor = connection.model<StoredFactor>('RegisterFactor', factorSchema, 'factors');
  await Promise.all([Entry.init(), Factor.init()]);
  return {
    async entries(ids) {
      const [only] = ids;
      if (ids.length === 1 && only !== undefined) return [(await Entry.findOne({ _id: only }).lean())?.records ?? null];
      const found = new Map((await Entry.find({ _id: { $in: [...ids] } }).lean()).map((entry) => [entry._id, entry.records]));
      return ids.map((id) => found.get(id) ?? null);
    },
    async factor(register, key) {
      return (await Factor.findOne({ _id: `${register}:${key}` }).lean())?.value ?? null;
    },
    async seed(records, factors) {
      const entries = rows(records, (dataset, key, list): StoredEntry => ({ _id: `${dataset}:${key}`, v: 1, dataset, key, records: list }));
      const values = rows(factors, (register, key, value): StoredFactor => ({ _id: `${register}:${key}`, v: 1, register, key, value }));
      const [oldEntries, oldValues] = await Promise.all([Entry.find({}).lean(), Factor.find({}).lean()]);
      await Promise.all([
        ...different(entries, oldEntries).map(({ _id, ...rest }) => Entry.updateOne({ _id }, { $set: rest }, { upsert: true })),
        ...different(values, oldValues).map(({ _id, ...rest }) => Factor.updateOne({ _id }, { $set: rest }, { upsert: true })),
      ]);
    },
  };
}

function rows<Value, Row>(
  content: ReadonlyMap<string, ReadonlyMap<string, Value>>,
  row: (outer: string, key: string, value: Value) => Row,
): Row[] {
  return [...content].flatMap(([outer, inner]) => [...inner].map(([key, value]) => row(outer, key, value)));
}

function different<Row extends { readonly _id: string }>(wanted: readonly Row[], stored: readonly Row[]): Row[] {
  const texts = new Map(stored.map((row) => [row._id, canonicalJson(row)]));
  return wanted.filter((row) => texts.get(row._id) !== canonicalJson(row));
}
