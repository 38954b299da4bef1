import { Schema, type Connection } from 'mongoose';

/** Remembers what may be used once. */
export interface ReplayCache {
  /** True the first time, false when `key` was taken before. `until`: from when it may be forgotten, ms since the epoch. */
  take(key: string, until: number): Promise<boolean>;
}

/**
 * A replay cache in the memory of this process, for a hub that is one process: bounded by time. Keys live in two generations of `span` ms; one
 * is dropped when both are over. Throws RangeError for an `until` further ahead than `span`, which it could not keep.
 * Nothing outlives a restart: who uses it must refuse what was made before the process began (`notBeforeStart`).
 */
export function memoryReplayCache({ span, now }: { readonly span: number; readonly now: () => number }): ReplayCache {
  let recent = new Set<string>();
  let older = new Set<string>();
  let began = now();
  return {
    async take(key, until) {
      const at = now();
      if (until > at + span) throw new RangeError('A memory replay cache keeps a key no longer than its span.');
      if (at - began >= span) {
        older = at - began >= 2 * span ? new Set() : recent;
        recent = new Set();
        began = at;
      }
      if (recent.has(key) || older.has(key)) return false;
      recent.add(key);
      return true;
    },
  };
}

interface StoredReplay {
  readonly _id: string;
  readonly v: 1;
  readonly until: number;
}

/** Retention: until `until`; `sweep` deletes. A change of `v` needs no migration: the entries live for minutes. */
const replaySchema = new Schema<StoredReplay>(
  { _id: { type: String, required: true }, v: { type: Number, required: true }, until: { type: Number, required: true, index: true } },
  { versionKey: false, strict: 'throw' },
);

/** A replay cache in the store, for several replicas: insert-only on the unique key, so that of any number at once exactly one succeeds. */
export async function storeReplayCache(connection: Connection): Promise<ReplayCache & { sweep(now: number): Promise<void> }> {
  const Replay = connection.model<StoredReplay>('ProofReplay', replaySchema, 'proof_replays');
  await Replay.init();
  return {
    async take(key, until) {
      try {
        await Replay.insertMany([{ _id: key, v: 1, until }]);
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    async sweep(now) {
      await Replay.deleteMany({ until: { $lte: now } });
    },
  };
}

/** Whether a write was refused because its unique key exists (MongoDB's code 11000, on both engines). */
export function isDuplicate(error: unknown): boolean {
  return error !== null && typeof error === 'object' && 'code' in error && error.code === 11000;
}
