import mongoose from 'mongoose';
import type { Catalog } from './catalog.ts';
import { Cursor } from './cursor.ts';
import type { Hit, Query } from './find.ts';
import { count, find, findNow } from './find.ts';
import type { GroupCommit } from './groupCommit.ts';
import { readFilter } from './match.ts';
import { native } from './native.ts';
import { readProjection } from './projection.ts';
import { readSort } from './sortRows.ts';
import { storeError } from './storeError.ts';
import type { Table } from './table.ts';
import { DuplicateKey } from './table.ts';
import { checkOptions, unsupported } from './unsupported.ts';
import type { Update } from './update.ts';
import { applyUpdate, readUpdate, upsertSeed } from './update.ts';
import type { Doc } from './value.ts';
import { checkTypes, fromBson, plain, toBson } from './value.ts';

const { MongoServerError, ObjectId } = mongoose.mongo;

/** The native error, with the constructor that its declarations hide. */
const MongoBulkWriteError = mongoose.mongo.MongoBulkWriteError as unknown as new (
  error: Doc,
  result: mongoose.mongo.BulkWriteResult,
) => Error;

export interface Opened {
  readonly name: string;
  readonly path: string;
  readonly catalog: Catalog;
  readonly commits: GroupCommit;
}

type Options = Doc | undefined;

/** Every write here is durable and every read fresh, so these are granted as they stand. */
const CONCERNS = ['readPreference', 'readConcern', 'writeConcern', 'w', 'j', 'journal', 'wtimeout', 'maxTimeMS', 'comment', 'ordered'];
const allow = (...names: string[]): ReadonlySet<string> => new Set([...CONCERNS, ...names]);
const FIND = allow('projection', 'sort', 'skip', 'limit', 'batchSize');
const INSERT = allow();
const UPDATE = allow('upsert');
const MODIFY = allow('upsert', 'projection', 'sort', 'returnDocument', 'includeResultMetadata');
const COUNT = allow('skip', 'limit');
const INDEX = allow('name', 'unique', 'sparse', 'background');
/** MongoDB's bound on one document. */
const MAX_DOCUMENT = 16 * 1024 * 1024;

/** One collection as the native driver's `Collection`, in the subset of docs/store.md. What is missing throws STORE_UNSUPPORTED (driver.ts). */
export class EmbeddedCollection {
  readonly collectionName: string;
  readonly #in: Opened;

  constructor(opened: Opened, name: string) {
    this.#in = opened;
    this.collectionName = name;
  }

  get namespace(): string {
    return `${this.#in.name}.${this.collectionName}`;
  }

  #write<T>(work: (table: Table) => T): Promise<T> {
    return this.#in.commits.write(() => work(this.#in.catalog.ensure(this.collectionName).table));
  }

  /** MongoDB's code and shape, without the key's value. */
  #refused(error: unknown): unknown {
    if (!(error instanceof DuplicateKey)) return error;
    const { name, fields } = error.index;
    const keyPattern = Object.fromEntries(fields.map(({ path, descending }) => [path, descending ? -1 : 1]));
    return new MongoServerError({
      message: `E11000 duplicate key error collection: ${this.namespace} index: ${name}`,
      code: 11000,
      index: 0,
      keyPattern,
    });
  }

  async #writing<T>(work: (table: Table) => T): Promise<T> {
    try {
      return await this.#write(work);
    } catch (error) {
      throw this.#refused(error);
    }
  }

  #insertInto(table: Table, document: Doc): unknown {
    const { doc, bytes } = encoded(document);
    table.insert(doc, bytes);
    return doc['_id'];
  }

  async insertOne(document: Doc, options?: Options): Promise<Doc> {
    checkOptions(options, INSERT);
    document['_id'] ??= new ObjectId();
    const { doc, bytes } = encoded(document);
    await this.#writing((table) => table.insert(doc, bytes));
    return { acknowledged: true, insertedId: document['_id'] };
  }

  async insertMany(documents: Doc[], options?: Options): Promise<Doc> {
    checkOptions(options, INSERT);
    const ordered = options?.['ordered'] !== false;
    for (const document of documents) document['_id'] ??= new ObjectId();
    const all = documents.map(encoded);
    const errors: Doc[] = [];
    await this.#write((table) => {
      for (const [index, { doc, bytes }] of all.entries()) {
        try {
          table.insert(doc, bytes);
        } catch (error) {
          if (!(error instanceof DuplicateKey)) throw error;
          const { code, message } = this.#refused(error) as { code: number; message: string };
          errors.push({ index, code, errmsg: message, op: documents[index] });
          if (ordered) return;
        }
      }
    });
    const insertedIds = documents.map(({ _id }, index) => ({ index, _id }));
    const nInserted = ordered && errors[0] ? (errors[0]['index'] as number) : documents.length - errors.length;
    const writeErrors = errors.map((error) => ({ ...error, err: error }));
    const shape = {
      ok: 1,
      nInserted,
      nMatched: 0,
      nModified: 0,
      nRemoved: 0,
      nUpserted: 0,
      upserted: [],
      insertedIds,
      writeErrors,
      writeConcernErrors: [],
    };
    if (errors[0])
      throw new MongoBulkWriteError(
        { message: errors[0]['errmsg'], code: errors[0]['code'], writeErrors },
        new native.BulkWriteResult(shape, ordered),
      );
    return {
      acknowledged: true,
      insertedCount: nInserted,
      insertedIds: Object.fromEntries(insertedIds.map(({ index, _id }) => [index, _id])),
    };
  }

  find(filter: Doc = {}, options?: Options): Cursor {
    checkOptions(options, FIND);
    const query = readQuery(filter, options);
    const project = readProjection(options?.['projection'] as Doc | undefined);
    const table = this.#in.catalog.table(this.collectionName);
    return new Cursor(table ? projected(find(table, query), project) : [].values(), (error) => storeError(error, this.#in.path));
  }

  async findOne(filter: Doc = {}, options?: Options): Promise<Doc | null> {
    return this.find(filter, { ...options, limit: 1 }).next();
  }

  async countDocuments(filter: Doc = {}, options?: Options): Promise<number> {
    checkOptions(options, COUNT);
    const query = readQuery(filter, options);
    const table = this.#in.catalog.table(this.collectionName);
    if (!table) return 0;
    const counting = count(table, query);
    for (;;) {
      const step = counting.next();
      if (step.done) return step.value;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async estimatedDocumentCount(options?: Options): Promise<number> {
    return this.countDocuments({}, options);
  }

  async updateOne(filter: Doc, update: Doc, options?: Options): Promise<Doc> {
    return this.#update(filter, update, options, 1);
  }

  async updateMany(filter: Doc, update: Doc, options?: Options): Promise<Doc> {
    return this.#update(filter, update, options, 0);
  }

  async #update(filter: Doc, update: Doc, options: Options, limit: 0 | 1): Promise<Doc> {
    checkOptions(options, UPDATE);
    const query = readQuery(filter, { limit });
    const changes = readUpdate(plain(update));
    return this.#writing((table) => {
      const hits = findNow(table, query);
      if (hits.length === 0 && options?.['upsert']) {
        return {
          acknowledged: true,
          matchedCount: 0,
          modifiedCount: 0,
          upsertedCount: 1,
          upsertedId: this.#upsert(table, filter, changes)['_id'],
        };
      }
      const modifiedCount = hits.filter((hit) => change(table, hit, changes).changed).length;
      return { acknowledged: true, matchedCount: hits.length, modifiedCount, upsertedCount: 0, upsertedId: null };
    });
  }

  #upsert(table: Table, filter: Doc, changes: Update): Doc {
    const doc = upsertSeed(plain(filter));
    applyUpdate(changes, doc, true);
    doc['_id'] ??= new ObjectId();
    this.#insertInto(table, doc);
    return doc;
  }

  async findOneAndUpdate(filter: Doc, update: Doc, options?: Options): Promise<Doc | null> {
    checkOptions(options, MODIFY);
    const query = readQuery(filter, { sort: options?.['sort'], limit: 1 });
    const changes = readUpdate(plain(update));
    const project = readProjection(options?.['projection'] as Doc | undefined);
    const wantsAfter = options?.['returnDocument'] === 'after';
    return this.#writing((table) => {
      const hit = findNow(table, query)[0];
      let value: Doc | null = hit?.doc ?? null;
      let upserted: unknown;
      if (hit) {
        const { after } = change(table, hit, changes);
        if (wantsAfter) value = after;
      } else if (options?.['upsert']) {
        const made = this.#upsert(table, filter, changes);
        upserted = made['_id'];
        if (wantsAfter) value = made;
      }
      value &&= project(value);
      if (!options?.['includeResultMetadata']) return value;
      const lastErrorObject = {
        updatedExisting: hit !== undefined,
        n: hit || upserted !== undefined ? 1 : 0,
        ...(upserted === undefined ? {} : { upserted }),
      };
      return { value, lastErrorObject, ok: 1 };
    });
  }

  async findOneAndDelete(filter: Doc, options?: Options): Promise<Doc | null> {
    checkOptions(options, MODIFY);
    const query = readQuery(filter, { sort: options?.['sort'], limit: 1 });
    const project = readProjection(options?.['projection'] as Doc | undefined);
    return this.#writing((table) => {
      const hit = findNow(table, query)[0];
      if (hit) table.remove(hit.rid, hit.doc);
      const value = hit ? project(hit.doc) : null;
      return options?.['includeResultMetadata'] ? { value, lastErrorObject: { n: hit ? 1 : 0 }, ok: 1 } : value;
    });
  }

  async deleteOne(filter: Doc, options?: Options): Promise<Doc> {
    return this.#delete(filter, options, 1);
  }

  async deleteMany(filter: Doc, options?: Options): Promise<Doc> {
    return this.#delete(filter, options, 0);
  }

  async #delete(filter: Doc, options: Options, limit: 0 | 1): Promise<Doc> {
    checkOptions(options, INSERT);
    const query = readQuery(filter, { limit });
    return this.#writing((table) => {
      const hits = findNow(table, query);
      for (const { rid, doc } of hits) table.remove(rid, doc);
      return { acknowledged: true, deletedCount: hits.length };
    });
  }

  async createIndex(spec: Doc, options?: Options): Promise<string> {
    checkOptions(options, INDEX);
    const name = options?.['name'] as string | undefined;
    const kind = { ...(name === undefined ? {} : { name }), unique: options?.['unique'] === true, sparse: options?.['sparse'] === true };
    return this.#writing(() => this.#in.catalog.createIndex(this.collectionName, spec, kind));
  }

  async drop(): Promise<boolean> {
    await this.#in.commits.write(() => this.#in.catalog.drop(this.collectionName));
    return true;
  }
}

function readQuery(filter: Doc, options: Options): Query {
  const skip = Number(options?.['skip'] ?? 0);
  // A negative limit asks for one batch only, which is the same here.
  const limit = Math.abs(Number(options?.['limit'] ?? 0));
  if (!Number.isInteger(skip) || skip < 0 || !Number.isInteger(limit)) throw unsupported('skip or limit that is no whole number');
  return { filter: readFilter(plain(filter)), sort: readSort(options?.['sort']), skip, limit };
}

function* projected(hits: Generator<Hit | null>, project: (doc: Doc) => Doc): Generator<Doc | null> {
  for (const hit of hits) yield hit && project(hit.doc);
}

/** A document as it will be stored: `_id` first, of a type that can be an id. */
function encoded(document: Doc): { doc: Doc; bytes: Uint8Array } {
  let bytes = toBson(document);
  let doc = fromBson(bytes);
  checkTypes(doc);
  if (Object.keys(doc)[0] !== '_id') {
    const { _id, ...rest } = doc;
    doc = { _id, ...rest };
    bytes = toBson(doc);
  }
  if (Array.isArray(doc['_id']) || doc['_id'] === undefined)
    throw new MongoServerError({ message: "The '_id' value cannot be of type array or missing", code: 53 });
  if (bytes.length > MAX_DOCUMENT) throw new MongoServerError({ message: 'Document exceeds 16777216 bytes', code: 10334 });
  return { doc, bytes };
}

/** Applies an update to a found document and stores it, if anything changed. */
function change(table: Table, hit: Hit, changes: Update): { after: Doc; changed: boolean } {
  const after = fromBson(hit.bytes);
  applyUpdate(changes, after, false);
  const { doc, bytes } = encoded(after);
  const changed = Buffer.compare(bytes, hit.bytes) !== 0;
  if (changed) table.replace(hit.rid, hit.doc, doc, bytes);
  return { after: doc, changed };
}
