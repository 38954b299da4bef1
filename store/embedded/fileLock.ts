import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'libsql';
import { HubError } from '../../schema/errors.ts';
import { codeOf } from './storeError.ts';

/**
 * Takes the exclusive lock of a database file and returns its release. Throws STORE_LOCKED naming the holder's pid.
 * The lock is the kernel's, on the empty file beside it (`hub.db.lock`, an SQLite database that never gets a page): it ends with its process, however that dies,
 * so there is no stale lock to judge. `hub.db.pid` only tells a second opener whom to look for. The lock is not on the database file itself, because a process
 * that opens and closes that file for another reason, a copy say, would lose its own lock (POSIX advisory locks).
 */
export function holdFile(path: string): () => void {
  const lockPath = `${path}.lock`;
  const pidPath = `${path}.pid`;
  closeSync(openSync(lockPath, 'a', 0o600));
  const lock = new Database(lockPath, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (codeOf(error) === 'SQLITE_BUSY') throw new HubError('STORE_LOCKED', `${path} is held by process ${holder(pidPath)}.`);
    throw error;
  }
  const release = (): void => {
    rmSync(pidPath, { force: true });
    lock.exec('ROLLBACK');
    lock.close();
  };
  try {
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function holder(pidPath: string): string {
  try {
    return readFileSync(pidPath, 'utf8').trim();
  } catch {
    return 'unknown (just starting or ending)';
  }
}
