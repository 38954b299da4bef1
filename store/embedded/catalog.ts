import type Database from 'libsql';
import mongoose from 'mongoose';
import { HubError } from '../../schema/errors.ts';
import type { DocumentWatch } from './heldDocuments.ts';
import type { Index } from './indexes.ts';
import { indexName, readIndexFields } from './indexes.ts';
import { DuplicateKey, Table } from './table.ts';
import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';

/** The collections and indexes of one database file, as the file says. */
export class Catalog {
  readonly #db: Database.Database;
  readonly #tables = new Map<string, { id: number; table: Table }>();
  readonly #watches: { readonly name: string; readonly watch: DocumentWatch }[] = [];

  #closed = false;

  constructor(db: Database.Database) {
    this.#db = db;
    this.reload();
  }

  /** Reads the file's own account again: at start, and when a transaction was rolled back. */
  reload(): void {
    this.#tables.clear();
    const collections = this.#db.prepare('SELECT id, name FROM collections').all([]) as { id: number; name: string }[];
    const indexes = this.#db.prepare('SELECT * FROM indexes ORDER BY id').all([]) as {
      id: number;
      collection: number;
      name: string;
      fields: string;
      is_unique: number;
      is_sparse: number;
      is_multikey: number;
    }[];
    for (const { id, name } of collections) {
      const own = indexes.filter(({ collection }) => collection === id);
      const read = own.map((row): Index => ({
        id: row.id,
        name: row.name,
        fields: readIndexFields(JSON.parse(row.fields) as Doc),
        unique: row.is_unique === 1,
        sparse: row.is_sparse === 1,
        multikey: row.is_multikey === 1,
      }));
      this.#tables.set(name, { id, table: this.#tableOf(name, id, read) });
    }
  }

  #tableOf(name: string, id: number, indexes: readonly Index[]): Table {
    return new Table(this.#db, id, indexes, (document) => {
      for (const each of this.#watches) if (each.name === name) each.watch.changed(document);
    });
  }

  /** Tells `watch` of every change in the collection from now on. */
  watch(name: string, watch: DocumentWatch): void {
    this.#watches.push({ name, watch });
  }

  /** All transactions so far are on the disk, or were undone. */
  settled(): void {
    for (const { watch } of this.#watches) watch.settled();
  }

  /** From now on nothing is read here. */
  close(): void {
    this.#closed = true;
  }

  /** Null where nothing was ever stored. Throws UNAVAILABLE once the store is closed. */
  table(name: string): Table | null {
    if (this.#closed) throw new HubError('UNAVAILABLE', 'the store is closed');
    return this.#tables.get(name)?.table ?? null;
  }

  /** Makes the collection where it is missing. Inside a transaction only, like what follows. */
  ensure(name: string): { id: number; table: Table } {
    const present = this.#tables.get(name);
    if (present) return present;
    const id = Number(this.#db.prepare('INSERT INTO collections (name) VALUES (?)').run([name]).lastInsertRowid);
    Table.create(this.#db, id);
    const made = { id, table: this.#tableOf(name, id, []) };
    this.#tables.set(name, made);
    return made;
  }

  /** Makes an index and fills it; the same index again changes nothing. Throws MongoServerError 85 or 86 when another of its name or its fields is there. */
  createIndex(collection: string, spec: Doc, options: { name?: string; unique: boolean; sparse: boolean }): string {
    const fields = readIndexFields(spec);
    const name = options.name ?? indexName(fields);
    const { id: owner, table } = this.ensure(collection);
    if (indexName(fields) === '_id_1') return '_id_';
    const sameFields = table.indexes.find((index) => indexName(index.fields) === indexName(fields));
    const sameName = table.indexes.find((index) => index.name === name);
    if (sameName && sameName === sameFields && sameName.unique === options.unique && sameName.sparse === options.sparse) return name;
    if (sameName && sameName !== sameFields)
      throw new mongoose.mongo.MongoServerError({ message: `Another index is named ${name}`, code: 86 });
    if (sameFields)
      throw new mongoose.mongo.MongoServerError({ message: `Index ${sameFields.name} has the same fields and other options`, code: 85 });
    if (fields.length === 0) throw unsupported('index without fields');
    this.#db.exec('SAVEPOINT create_index');
    try {
      const row = [owner, name, JSON.stringify(spec), options.unique ? 1 : 0, options.sparse ? 1 : 0];
      const id = Number(
        this.#db
          .prepare('INSERT INTO indexes (collection, name, fields, is_unique, is_sparse, is_multikey) VALUES (?, ?, ?, ?, ?, 0)')
          .run(row).lastInsertRowid,
      );
      table.build({ id, name, fields, unique: options.unique, sparse: options.sparse, multikey: false });
      this.#db.exec('RELEASE create_index');
    } catch (error) {
      if (error instanceof DuplicateKey) this.#db.exec('ROLLBACK TO create_index; RELEASE create_index');
      throw error;
    }
    return name;
  }

  /** Drops one collection. */
  drop(name: string): void {
    const present = this.#tables.get(name);
    if (!present) return;
    this.#db.exec(`DROP TABLE d${present.id}`);
    for (const { id } of present.table.indexes.slice(1)) this.#db.exec(`DROP TABLE i${id}`);
    this.#db.prepare('DELETE FROM indexes WHERE collection = ?').run([present.id]);
    this.#db.prepare('DELETE FROM collections WHERE id = ?').run([present.id]);
    this.#tables.delete(name);
    for (const each of this.#watches) if (each.name === name) each.watch.dropped();
  }

  names(): string[] {
    return [...this.#tables.keys()];
  }
}
