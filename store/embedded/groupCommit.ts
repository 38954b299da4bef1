import type Database from 'libsql';
import { HubError } from '../../schema/errors.ts';
import { storeError } from './databaseFile.ts';

/** Runs writes so that those that come together share one durable commit. */
export interface GroupCommit {
  /** Runs `work` inside the next transaction, alone in time; resolves when that transaction is durable. What `work` throws undoes nothing, so it must throw before it writes. */
  write<T>(work: () => T): Promise<T>;
  /** Resolves when everything queued so far has been answered; later writes are refused. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly run: () => void;
  readonly acknowledge: () => void;
  readonly reject: (error: unknown) => void;
}

/** How long a write waits for somebody else's lock on the file (an operator's sqlite3, say), in tries of 20 ms and a pause of 5 ms. */
const BUSY_TRIES = 200;

const isBusy = (error: unknown): boolean => error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

/** One queue per database file. `rolledBack` is told when a group was undone, before its writers are. */
export function openGroupCommit(db: Database.Database, path: string, rolledBack: () => void): GroupCommit {
  let queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  const begin = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        db.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || tries === BUSY_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };

  /** Commits a group. Where SQLite itself fails, nothing of the group stays. */
  const commit = async (group: readonly Waiting[]): Promise<void> => {
    await begin();
    try {
      for (const { run } of group) run();
      db.exec('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      rolledBack();
      throw error;
    }
  };

  const work = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const group = queue;
      queue = [];
      try {
        await commit(group);
        for (const { acknowledge } of group) acknowledge();
      } catch (error) {
        for (const { reject } of group) reject(storeError(error, path));
      }
      if (queue.length === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    running = null;
  };

  return {
    write: (task) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new HubError('UNAVAILABLE', 'the store is closed'));
        let answer: () => void;
        const run = (): void => {
          try {
            const result = task();
            answer = () => resolve(result);
          } catch (error) {
            // SQLite's own failures end the group; a refusal (duplicate key, bad update) is this write's alone.
            if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE')) throw error;
            answer = () => reject(error instanceof Error ? error : new Error('thrown', { cause: error }));
          }
        };
        queue.push({ run, acknowledge: () => answer(), reject });
        running ??= work();
      }),
    drain: async () => {
      closed = true;
      await running;
    },
  };
}
