import type Database from 'libsql';
import { HubError } from '../../schema/errors.ts';
import { codeOf, storeError } from './storeError.ts';

/** Runs writes so that those that come together share one durable commit. */
export interface GroupCommit {
  /**
   * Runs `work` inside the next transaction, alone in time, and resolves with its result once that transaction is on the disk.
   * When `work` throws, only this write is refused, so it must throw before it changes anything.
   */
  write<T>(work: () => T): Promise<T>;
  /** Resolves when everything queued so far has been answered; later writes are refused. */
  drain(): Promise<void>;
}

/** What a queue of writes needs of its database file. */
interface Writable {
  readonly db: Database.Database;
  readonly path: string;
  /** Resolves when what was committed is on the disk. */
  readonly sync: () => Promise<void>;
}

interface Waiting {
  readonly run: () => void;
  readonly acknowledge: () => void;
  readonly reject: (error: unknown) => void;
}

/** How often a write tries to pass somebody else's lock on the file (an operator's sqlite3, say): 20 ms inside SQLite, then a pause of 5 ms. */
const BUSY_TRIES = 200;
/** Writes in one transaction at most, so that reads get their turn. */
const GROUP = 512;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What must be known before the writers of a group know it. */
interface GroupEnd {
  /** Nothing of the group stays. */
  readonly undone: () => void;
  /** The group is on the disk. Not called again once a sync has failed. */
  readonly durable: () => void;
}

/** One queue per database file. */
export function openGroupCommit({ db, path, sync }: Writable, { undone, durable }: GroupEnd): GroupCommit {
  const queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  let closed = false;
  /** Set for good by a failed sync. */
  let failure: unknown;

  const begin = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        db.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!codeOf(error).startsWith('SQLITE_BUSY') || tries === BUSY_TRIES) throw error;
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
      undone();
      throw error;
    }
    // COMMIT has put the group into the log, in order and checked by sums; the disk is waited for off the event loop.
    await sync().catch((error: unknown) => {
      // What a disk holds after a failed sync nobody knows: no further write may build on it.
      failure = storeError(error, path);
      throw error;
    });
    durable();
  };

  const work = async (): Promise<void> => {
    await nextTurn();
    for (let group = queue.splice(0, GROUP); group.length > 0; group = queue.splice(0, GROUP)) {
      try {
        if (failure !== undefined) throw failure as Error;
        await commit(group);
        for (const { acknowledge } of group) acknowledge();
      } catch (error) {
        for (const { reject } of group) reject(storeError(error, path));
      }
      // Those whose answers this was may write again in the same turn: let them into the next group.
      await nextTurn();
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
            // SQLite's own failures end the group; a refusal (duplicate key, an update that does not fit) is this write's alone.
            if (codeOf(error).startsWith('SQLITE')) throw error;
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
