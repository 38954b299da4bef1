import { crc32 } from 'node:zlib';
import type Database from 'libsql';
import type { Index } from './indexes.ts';
import { keysOf } from './indexes.ts';
import { encodeValue } from './keyEncoding.ts';
import type { Plan, Scan } from './plan.ts';
import type { Doc } from './value.ts';
import { fromBson } from './value.ts';

/** A stored document before it is decoded. `rid` is its row, which it keeps for life. */
export interface Row {
  readonly rid: number;
  readonly doc: Uint8Array;
}

/** libsql gives a blob as a Buffer from `get`, as an ArrayBuffer from `all`. */
interface RawRow {
  readonly rid: number;
  readonly doc: ArrayBuffer;
  readonly sum: number;
  readonly key: ArrayBuffer;
}

type Statement = Database.Statement;

const PAGE = 256;
const BATCH = 64;
/** Index entries that one statement inserts, where there are so many: a call of SQLite costs as much as one of them. */
const ROWS = 16;

/** A second document has a key of a unique index. The key itself stays out of the error: it may be personal. */
export class DuplicateKey extends Error {
  readonly index: Index;
  constructor(index: Index) {
    super(`duplicate key in index ${index.name}`);
    this.index = index;
  }
}

/** The tables of one collection: `d<id>` (rid, encoded _id, BSON and its sum) and `i<id>` (key, rid) for each further index. `indexes[0]` is on `_id`. */
export class Table {
  readonly indexes: Index[];
  readonly #id: number;
  readonly #db: Database.Database;
  readonly #changed: (id: unknown) => void;
  readonly #statements = new Map<string, Statement>();

  /** `changed` is told the `_id` of every document that a write touches, before the write's transaction ends. */
  constructor(db: Database.Database, id: number, indexes: readonly Index[], changed: (id: unknown) => void) {
    this.#db = db;
    this.#id = id;
    this.#changed = changed;
    const onId: Index = {
      id: 0,
      name: '_id_',
      fields: [{ path: '_id', parts: ['_id'], descending: false }],
      unique: true,
      sparse: false,
      multikey: false,
    };
    this.indexes = [onId, ...indexes];
  }

  static create(db: Database.Database, id: number): void {
    db.exec(`CREATE TABLE d${id} (rid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, doc BLOB NOT NULL, sum INTEGER NOT NULL)`);
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  #source(index: Index): { key: string; from: string } {
    return index.id === 0
      ? { key: 'd.id', from: `d${this.#id} d` }
      : { key: 'i.key', from: `i${index.id} i CROSS JOIN d${this.#id} d ON d.rid = i.rid` };
  }

  /** The candidates of a plan, each once, in the plan's order, read page by page: nothing stays open between two of them. `first` is the expected number. */
  *rows(plan: Plan, first = PAGE): Generator<Row> {
    const seen = plan.scans.length > 1 || plan.scans.some(({ index }) => index.multikey) ? new Set<number>() : null;
    const scans = plan.scans.length > 0 ? plan.scans.map((scan) => this.#scan(scan, plan.reverse, first)) : [this.#everything(first)];
    for (const scan of scans) {
      for (const row of scan) {
        if (seen?.has(row.rid)) continue;
        seen?.add(row.rid);
        yield row;
      }
    }
  }

  *#everything(first: number): Generator<Row> {
    const statement = this.#prepare(`SELECT rid, doc, sum FROM d${this.#id} WHERE rid > ? ORDER BY rid LIMIT ?`);
    yield* pages(
      first,
      -1,
      (last, limit) => statement.all([last, limit]) as RawRow[],
      ({ rid }) => rid,
    );
  }

  *#scan({ index, ranges, points }: Scan, reverse: boolean, first: number): Generator<Row> {
    const { key, from } = this.#source(index);
    const rid = index.id === 0 ? 'd.rid' : 'i.rid';
    const columns = 'd.rid AS rid, d.doc AS doc, d.sum AS sum';
    if (points) {
      yield* this.#points(
        key,
        `SELECT ${columns} FROM ${from}`,
        ranges.map(({ low }) => low),
        reverse,
      );
      return;
    }
    const statement = reverse
      ? this.#prepare(
          `SELECT ${key} AS key, ${columns} FROM ${from} WHERE (${key}, ${rid}) < (?, ?) AND ${key} >= ? ORDER BY ${key} DESC, ${rid} DESC LIMIT ?`,
        )
      : this.#prepare(
          `SELECT ${key} AS key, ${columns} FROM ${from} WHERE (${key}, ${rid}) > (?, ?) AND ${key} < ? ORDER BY ${key}, ${rid} LIMIT ?`,
        );
    for (const { low, high } of reverse ? [...ranges].reverse() : ranges) {
      const [start, end] = reverse ? [high, low] : [low, high];
      yield* pages(
        first,
        { key: start, rid: -1 },
        (last, limit) => statement.all([last.key, last.rid, end, limit]) as RawRow[],
        ({ key: at, rid: row }) => ({ key: Buffer.from(at), rid: row }),
      );
    }
  }

  /** Single keys of a unique index, in their order: few by one look-up each, many by {@link BATCH} at a time. */
  *#points(key: string, select: string, keys: readonly Buffer[], reverse: boolean): Generator<Row> {
    const asked = reverse ? [...keys].reverse() : keys;
    if (keys.length < BATCH / 8) {
      const one = this.#prepare(`${select} WHERE ${key} = ?`);
      for (const each of asked) {
        const row = one.get([each]) as (Row & { readonly sum: number }) | undefined;
        if (row) yield sound(row.rid, row.doc, row.sum);
      }
      return;
    }
    const many = this.#prepare(`${select} WHERE ${key} IN (${Array(BATCH).fill('?').join()}) ORDER BY ${key}${reverse ? ' DESC' : ''}`);
    for (let at = 0; at < asked.length; at += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, n) => asked[Math.min(at + n, asked.length - 1)]);
      for (const { rid, doc, sum } of many.all(batch) as RawRow[]) yield sound(rid, Buffer.from(doc), sum);
    }
  }

  /** The bytes of one document by its `_id`; null: none. */
  document(id: string): Uint8Array | null {
    const statement = this.#prepare(`SELECT rid, doc, sum FROM d${this.#id} WHERE id = ?`);
    const row = statement.get([encodeValue(id)]) as (Row & { readonly sum: number }) | undefined;
    return row === undefined ? null : sound(row.rid, row.doc, row.sum).doc;
  }

  /** How many entries an exact plan reaches, without reading a document. */
  count(plan: Plan): number {
    const scan = plan.scans[0];
    if (!scan) return (this.#prepare(`SELECT count(*) AS n FROM d${this.#id}`).get([]) as { n: number }).n;
    const statement = this.#prepare(
      scan.index.id === 0
        ? `SELECT count(*) AS n FROM d${this.#id} WHERE id >= ? AND id < ?`
        : `SELECT count(*) AS n FROM i${scan.index.id} WHERE key >= ? AND key < ?`,
    );
    return scan.ranges.reduce((sum, { low, high }) => sum + (statement.get([low, high]) as { n: number }).n, 0);
  }

  #holderOf(index: Index, key: Buffer): number | null {
    const sql = index.id === 0 ? `SELECT rid FROM d${this.#id} WHERE id = ?` : `SELECT rid FROM i${index.id} WHERE key = ? LIMIT 1`;
    return (this.#prepare(sql).get([key]) as { rid: number } | undefined)?.rid ?? null;
  }

  /** All keys of a document, by index. Throws {@link DuplicateKey} when another row has one of a unique index; nothing is written before that. */
  #checkedKeys(doc: Doc, own: number | null): Map<Index, { keys: Buffer[]; multikey: boolean }> {
    const all = new Map<Index, { keys: Buffer[]; multikey: boolean }>();
    for (const index of this.indexes.slice(1)) {
      const entry = keysOf(index, doc);
      for (const key of index.unique ? entry.keys : []) {
        const holder = this.#holderOf(index, key);
        if (holder !== null && holder !== own) throw new DuplicateKey(index);
      }
      all.set(index, entry);
    }
    return all;
  }

  /** Must run inside a transaction, as do all writes. */
  insert(doc: Doc, bytes: Uint8Array): void {
    const id = encodeValue(doc['_id']);
    if (this.#holderOf(this.indexes[0] as Index, id) !== null) throw new DuplicateKey(this.indexes[0] as Index);
    const keys = this.#checkedKeys(doc, null);
    this.#changed(doc['_id']);
    const rid = Number(
      this.#prepare(`INSERT INTO d${this.#id} (id, doc, sum) VALUES (?, ?, ?)`).run([id, bytes, crc32(bytes)]).lastInsertRowid,
    );
    for (const [index, entry] of keys) this.#addKeys(index, rid, entry.keys, entry.multikey);
  }

  /** Puts a changed document in place of the old one; its `_id` is the same. */
  replace(rid: number, before: Doc, after: Doc, bytes: Uint8Array): void {
    const keys = this.#checkedKeys(after, rid);
    this.#changed(before['_id']);
    this.#prepare(`UPDATE d${this.#id} SET doc = ?, sum = ? WHERE rid = ?`).run([bytes, crc32(bytes), rid]);
    for (const [index, entry] of keys) {
      const old = keysOf(index, before).keys;
      this.#removeKeys(
        index,
        rid,
        old.filter((key) => !entry.keys.some((kept) => kept.equals(key))),
      );
      this.#addKeys(
        index,
        rid,
        entry.keys.filter((key) => !old.some((kept) => kept.equals(key))),
        entry.multikey,
      );
    }
  }

  remove(rid: number, doc: Doc): void {
    this.#changed(doc['_id']);
    this.#prepare(`DELETE FROM d${this.#id} WHERE rid = ?`).run([rid]);
    for (const index of this.indexes.slice(1)) this.#removeKeys(index, rid, keysOf(index, doc).keys);
  }

  #addKeys(index: Index, rid: number, keys: readonly Buffer[], multikey: boolean): void {
    if (multikey && !index.multikey) {
      this.#prepare('UPDATE indexes SET is_multikey = 1 WHERE id = ?').run([index.id]);
      index.multikey = true;
    }
    for (let at = 0; at < keys.length;) {
      const rows = keys.length - at >= ROWS ? ROWS : 1;
      const statement = this.#prepare(`INSERT INTO i${index.id} (key, rid) VALUES ${Array(rows).fill('(?, ?)').join()}`);
      statement.run(keys.slice(at, at + rows).flatMap((key) => [key, rid]));
      at += rows;
    }
  }

  #removeKeys(index: Index, rid: number, keys: readonly Buffer[]): void {
    for (const key of keys) this.#prepare(`DELETE FROM i${index.id} WHERE key = ? AND rid = ?`).run([key, rid]);
  }

  /** Makes an index's table and fills it from the documents that are there. Throws {@link DuplicateKey}. */
  build(index: Index): void {
    this.#db.exec(`CREATE TABLE i${index.id} (key BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (key, rid)) WITHOUT ROWID`);
    for (const { rid, doc } of this.rows({ scans: [], sorted: true, reverse: false, exact: true })) {
      const { keys, multikey } = keysOf(index, fromBson(doc));
      if (index.unique && keys.some((key) => this.#holderOf(index, key) !== null)) throw new DuplicateKey(index);
      this.#addKeys(index, rid, keys, multikey);
    }
    this.indexes.push(index);
  }
}

/** A row whose document still has the sum it was stored with. Throws an error with SQLite's code for damage, which is ours too. */
function sound(rid: number, doc: Uint8Array, sum: number): Row {
  if (crc32(doc) !== sum) throw Object.assign(new Error('a document is damaged'), { code: 'SQLITE_CORRUPT' });
  return { rid, doc };
}

/** Reads page after page, each from where the one before ended. */
function* pages<P>(first: number, start: P, read: (last: P, limit: number) => RawRow[], placeOf: (row: RawRow) => P): Generator<Row> {
  let last = start;
  for (let limit = Math.min(Math.max(first, 1), PAGE); ; limit = PAGE) {
    const page = read(last, limit);
    for (const { rid, doc, sum } of page) yield sound(rid, Buffer.from(doc), sum);
    if (page.length < limit) return;
    last = placeOf(page[page.length - 1] as RawRow);
  }
}
