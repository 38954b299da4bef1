import mongoose from 'mongoose';
import type { Catalog } from './catalog.ts';
import { Cursor } from './cursor.ts';
import type { Hit } from './find.ts';
import { count, find, findNow } from './find.ts';
import type { GroupCommit } from './groupCommit.ts';
import { HeldDocuments } from './heldDocuments.ts';
import { checkOptions, readQuery } from './options.ts';
import { readProjection } from './projection.ts';
import { received, seal } from './sealedDocument.ts';
import { storeError } from './storeError.ts';
import type { Table } from './table.ts';
import { DuplicateKey } from './table.ts';
import { applyUpdate, readUpdate, upsertSeed } from './update.ts';
import type { Update } from './update.ts';
import type { Doc } from './value.ts';
import { fromBson, plain } from './value.ts';
import { duplicateError, insertManyResult } from './writeErrors.ts';

/** What a collection works on: one open database file. */
export interface Opened {
  readonly name: string;
  readonly path: string;
  readonly catalog: Catalog;
  readonly commits: GroupCommit;
}

type Options = Doc | undefined;

const newId = (): unknown => new mongoose.mongo.ObjectId();

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

  async #write<T>(work: (table: Table) => T): Promise<T> {
    try {
      return await this.#in.commits.write(() => work(this.#in.catalog.ensure(this.collectionName).table));
    } catch (error) {
      throw error instanceof DuplicateKey ? duplicateError(this.namespace, error.index) : error;
    }
  }

  find(filter: Doc = {}, options?: Options): Cursor {
    checkOptions('find', options);
    const query = readQuery(filter, options);
    const project = readProjection(options?.['projection'] as Doc | undefined);
    const table = this.#in.catalog.table(this.collectionName);
    return new Cursor(table ? projected(find(table, query), project) : [].values(), (error) => storeError(error, this.#in.path));
  }

  async findOne(filter: Doc = {}, options?: Options): Promise<Doc | null> {
    return this.find(filter, { ...options, limit: 1 }).next();
  }

  /**
   * Reads single documents by their `_id` as `read` makes them, from memory where they are held: the same as `findOne`, at any moment. `maxBytes`
   * of memory. Not of the native driver: our own way past it (store/freshRead.ts).
   */
  reader<Stored, Read extends object>(read: (stored: Stored) => Read, maxBytes: number): (id: string) => Read | null {
    const held = new HeldDocuments<Read>(maxBytes);
    this.#in.catalog.watch(this.collectionName, held);
    return (id) => {
      const table = this.#in.catalog.table(this.collectionName);
      const known = held.get(id);
      if (known !== undefined) return known;
      const bytes = this.#document(table, id);
      if (bytes === null) return null;
      const document = read(fromBson(bytes) as Stored);
      held.hold(id, document, bytes.length);
      return document;
    };
  }

  #document(table: Table | null, id: string): Uint8Array | null {
    try {
      return table?.document(id) ?? null;
    } catch (error) {
      throw storeError(error, this.#in.path);
    }
  }

  async countDocuments(filter: Doc = {}, options?: Options): Promise<number> {
    checkOptions('count', options);
    const query = readQuery(filter, options);
    const table = this.#in.catalog.table(this.collectionName);
    if (!table) return 0;
    const counting = count(table, query);
    try {
      for (let step = counting.next(); ; step = counting.next()) {
        if (step.done) return step.value;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      throw storeError(error, this.#in.path);
    }
  }

  async estimatedDocumentCount(options?: Options): Promise<number> {
    return this.countDocuments({}, options);
  }

  async insertOne(document: Doc, options?: Options): Promise<Doc> {
    checkOptions('insert', options);
    document['_id'] ??= newId();
    const { doc, bytes } = received(document);
    await this.#write((table) => table.insert(doc, bytes));
    return { acknowledged: true, insertedId: document['_id'] };
  }

  async insertMany(documents: Doc[], options?: Options): Promise<Doc> {
    checkOptions('insert', options);
    const ordered = options?.['ordered'] !== false;
    for (const document of documents) document['_id'] ??= newId();
    const all = documents.map(received);
    const errors: { index: number; error: mongoose.mongo.MongoServerError }[] = [];
    await this.#write((table) => {
      for (const [index, { doc, bytes }] of all.entries()) {
        try {
          table.insert(doc, bytes);
        } catch (error) {
          if (!(error instanceof DuplicateKey)) throw error;
          errors.push({ index, error: duplicateError(this.namespace, error.index) });
          if (ordered) return;
        }
      }
    });
    const ids = documents.map(({ _id }) => _id);
    return insertManyResult(ids, errors, ordered);
  }

  async updateOne(filter: Doc, update: Doc, options?: Options): Promise<Doc> {
    return this.#update(filter, update, options, 1);
  }

  async updateMany(filter: Doc, update: Doc, options?: Options): Promise<Doc> {
    return this.#update(filter, update, options, 0);
  }

  async #update(filter: Doc, update: Doc, options: Options, limit: 0 | 1): Promise<Doc> {
    checkOptions('update', options);
    const query = readQuery(filter, { limit });
    const changes = readUpdate(plain(update));
    return this.#write((table) => {
      const hits = findNow(table, query);
      if (hits.length === 0 && options?.['upsert']) {
        const upsertedId = upsert(table, query.asked, changes)['_id'];
        return { acknowledged: true, matchedCount: 0, modifiedCount: 0, upsertedCount: 1, upsertedId };
      }
      const modifiedCount = hits.filter((hit) => change(table, hit, changes).changed).length;
      return { acknowledged: true, matchedCount: hits.length, modifiedCount, upsertedCount: 0, upsertedId: null };
    });
  }

  async findOneAndUpdate(filter: Doc, update: Doc, options?: Options): Promise<Doc | null> {
    checkOptions('modify', options);
    const query = readQuery(filter, { sort: options?.['sort'], limit: 1 });
    const changes = readUpdate(plain(update));
    const project = readProjection(options?.['projection'] as Doc | undefined);
    return this.#write((table) => {
      const hit = findNow(table, query)[0];
      const made = !hit && options?.['upsert'] ? upsert(table, query.asked, changes) : null;
      const after = hit ? change(table, hit, changes).after : made;
      const value = options?.['returnDocument'] === 'after' ? after : (hit?.doc ?? null);
      const metadata = { updatedExisting: hit !== undefined, n: after ? 1 : 0, ...(made ? { upserted: made['_id'] } : {}) };
      return answer(value && project(value), metadata, options);
    });
  }

  async findOneAndDelete(filter: Doc, options?: Options): Promise<Doc | null> {
    checkOptions('modify', options);
    const query = readQuery(filter, { sort: options?.['sort'], limit: 1 });
    const project = readProjection(options?.['projection'] as Doc | undefined);
    return this.#write((table) => {
      const hit = findNow(table, query)[0];
      if (hit) table.remove(hit.rid, hit.doc);
      return answer(hit ? project(hit.doc) : null, { n: hit ? 1 : 0 }, options);
    });
  }

  async deleteOne(filter: Doc, options?: Options): Promise<Doc> {
    return this.#delete(filter, options, 1);
  }

  async deleteMany(filter: Doc, options?: Options): Promise<Doc> {
    return this.#delete(filter, options, 0);
  }

  async #delete(filter: Doc, options: Options, limit: 0 | 1): Promise<Doc> {
    checkOptions('delete', options);
    const query = readQuery(filter, { limit });
    return this.#write((table) => {
      const hits = findNow(table, query);
      for (const { rid, doc } of hits) table.remove(rid, doc);
      return { acknowledged: true, deletedCount: hits.length };
    });
  }

  async createIndex(spec: Doc, options?: Options): Promise<string> {
    checkOptions('createIndex', options);
    const name = options?.['name'] as string | undefined;
    const kind = { ...(name === undefined ? {} : { name }), unique: options?.['unique'] === true, sparse: options?.['sparse'] === true };
    return this.#write(() => this.#in.catalog.createIndex(this.collectionName, spec, kind));
  }

  async drop(): Promise<boolean> {
    await this.#in.commits.write(() => this.#in.catalog.drop(this.collectionName));
    return true;
  }
}

function* projected(hits: Generator<Hit | null>, project: (doc: Doc) => Doc): Generator<Doc | null> {
  for (const hit of hits) yield hit && project(hit.doc);
}

const answer = (value: Doc | null, lastErrorObject: Doc, options: Options): Doc | null =>
  options?.['includeResultMetadata'] ? { value, lastErrorObject, ok: 1 } : value;

/** Inserts what the filter's equalities and the update make together. */
function upsert(table: Table, filter: Doc, changes: Update): Doc {
  const made = upsertSeed(filter);
  applyUpdate(changes, made, true);
  const { _id, ...rest } = made;
  const { doc, bytes } = seal({ _id: _id ?? newId(), ...rest });
  table.insert(doc, bytes);
  return doc;
}

/** Applies an update to a found document and stores it, if anything changed. */
function change(table: Table, hit: Hit, changes: Update): { after: Doc; changed: boolean } {
  const after = fromBson(hit.bytes);
  applyUpdate(changes, after, false);
  const { doc, bytes } = seal(after);
  const changed = Buffer.compare(bytes, hit.bytes) !== 0;
  if (changed) table.replace(hit.rid, hit.doc, doc, bytes);
  return { after: doc, changed };
}
