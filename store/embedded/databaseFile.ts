import { closeSync, fdatasync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'libsql';
import { HubError } from '../../schema/errors.ts';
import { holdFile } from './fileLock.ts';
import { codeOf, storeError } from './storeError.ts';

/** `myda`: marks the file as one of ours. */
const APPLICATION_ID = 0x6d796461;
/** Form of the tables below; a later form needs a migration here. */
const FORMAT = 2;
/** Files up to this size are checked page by page when opened (about 0.1 s); larger ones as they are read. */
const CHECKED_BYTES = 64 * 1024 * 1024;

export interface DatabaseFile {
  readonly path: string;
  readonly db: Database.Database;
  /** Resolves when everything committed so far is on the disk. */
  readonly sync: () => Promise<void>;
  close(): void;
}

const syncFile = promisify(fdatasync);

/**
 * Opens (or makes) one database file under an exclusive lock. Throws STORE_LOCKED naming the holder's pid, STORE_CORRUPT naming the file (which stays as it is),
 * STORE_UNWRITABLE naming what cannot be written.
 */
export function openDatabaseFile(dataDir: string, name: string): DatabaseFile {
  const path = join(dataDir, `${name}.db`);
  let release: (() => void) | undefined;
  let db: Database.Database | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    release = holdFile(path);
    // Made by us, so that neither it nor the files SQLite puts beside it are readable by others.
    closeSync(openSync(path, 'a', 0o600));
    refuseForeignFile(path);
    db = new Database(path, { timeout: 0.02 });
    prepareTables(db, path);
    const opened = db;
    const unlock = release;
    const log = openSync(`${path}-wal`, 'a', 0o600);
    return {
      path,
      db,
      sync: () => syncFile(log),
      close: () => {
        // Statements that still wait for the garbage collector keep SQLite's handle: move the log into the file ourselves.
        opened.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        opened.close();
        closeSync(log);
        unlock();
      },
    };
  } catch (error) {
    db?.close();
    release?.();
    throw storeError(error, error instanceof HubError ? path : codeOf(error).startsWith('E') ? dataDir : path);
  }
}

/** A file with other content is refused before SQLite could touch it. */
function refuseForeignFile(path: string): void {
  const head = Buffer.alloc(16);
  const file = openSync(path, 'r');
  const length = readSync(file, head);
  closeSync(file);
  if (length > 0 && head.toString('latin1') !== 'SQLite format 3\0') throw new HubError('STORE_CORRUPT', path);
}

function prepareTables(db: Database.Database, path: string): void {
  const read = (pragma: string): unknown => Object.values(db.prepare(`PRAGMA ${pragma}`).get([]) as object)[0];
  const bytes = Number(read('page_count')) * Number(read('page_size'));
  const format = Number(read('user_version'));
  const tables = Number(Object.values(db.prepare('SELECT count(*) FROM sqlite_master').get([]) as object)[0]);
  if (Number(read('application_id')) !== (format === 0 ? 0 : APPLICATION_ID) || (format === 0 && tables > 0))
    throw new HubError('STORE_CORRUPT', `${path} belongs to another program.`);
  if (format !== 0 && format !== FORMAT) throw new HubError('STORE_CORRUPT', `${path} has form ${format}; this version reads ${FORMAT}.`);
  if (bytes <= CHECKED_BYTES && read('quick_check(1)') !== 'ok') throw new HubError('STORE_CORRUPT', path);
  db.exec('PRAGMA journal_mode = WAL');
  // NORMAL keeps the file whole whatever happens; that the log is on the disk before a write is acknowledged is groupCommit's part (FULL would do the same, but stop the event loop for it).
  db.exec('PRAGMA synchronous = NORMAL');
  db.exec('PRAGMA busy_timeout = 20');
  db.exec('PRAGMA secure_delete = ON');
  db.exec('PRAGMA cache_size = -32768');
  if (format === FORMAT) return;
  db.exec(`BEGIN IMMEDIATE;
    CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE indexes (id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, name TEXT NOT NULL, fields TEXT NOT NULL, is_unique INTEGER NOT NULL, is_sparse INTEGER NOT NULL, is_multikey INTEGER NOT NULL, UNIQUE (collection, name));
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${FORMAT};
    COMMIT;`);
}
